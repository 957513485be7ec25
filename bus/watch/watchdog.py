"""When a node dials its parent anew: a leaf link may stop dialling and never say so."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from bus.link.uplink import WireStatus

LONGEST_PAUSE: Final = timedelta(hours=1)


class Watchdog:
    """Decides when the parent is dialled anew. Pure: what is known and the time in, a decision out."""

    def __init__(self, after: timedelta, since: datetime) -> None:
        """Begin at ``since``. Dial anew after so long a silence; then after pauses, each twice as long, of an hour."""
        self._after = after
        self._since = since
        self._pause = after
        self._dialled_at: datetime | None = None

    def is_due(self, wires: Sequence[WireStatus], now: datetime) -> bool:
        """Tell whether to dial anew now."""
        silent = [wire for wire in wires if not wire.up]
        if not silent:
            self._pause, self._dialled_at = self._after, None
            return False
        if self._dialled_at is not None:
            return now - self._dialled_at >= self._pause
        return now - min(wire.answered_at or self._since for wire in silent) >= self._after

    def dialled(self, now: datetime) -> None:
        """The parent has been dialled anew."""
        if self._dialled_at is not None:
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
        self._dialled_at = now
