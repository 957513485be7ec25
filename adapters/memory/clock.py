"""A clock that stands still until it is told to go on."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


class SteppingClock:
    """Tells the same time until somebody steps it."""

    def __init__(self, at: datetime = START) -> None:
        """Stand at ``at``: aware, in UTC."""
        self._at = at

    def now(self) -> datetime:
        """Return the time at which the clock stands."""
        return self._at

    def step(self, by: timedelta = timedelta(seconds=1)) -> datetime:
        """Go on, or back, and return the new time."""
        self._at += by
        return self._at

    def set(self, at: datetime) -> None:
        """Stand at ``at`` from now on."""
        self._at = at
