"""A clock that can be set from outside, for nodes under chaos only."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.system import SystemClock


class SetClock(SystemClock):
    """The machine's clock, and so many seconds besides as a file says; none without the file."""

    def __init__(self, file: Path) -> None:
        """Look into ``file`` whenever the time is asked for."""
        self._file = file

    def now(self) -> datetime:
        """Return the present time as this clock has it, aware, in UTC."""
        try:
            seconds = float(self._file.read_text())
        except (FileNotFoundError, ValueError):
            seconds = 0.0
        return datetime.now(UTC) + timedelta(seconds=seconds)

    def milliseconds(self) -> int:
        """Return the time since 1970."""
        return int(self.now().timestamp() * 1000)
