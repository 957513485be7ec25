"""Hybrid logical clock: 48 bits of milliseconds since 1970 and 16 bits of counter in one integer, never going back.

Shows what happened before what across nodes whose clocks differ. Within a log the order is `seq`, never time.
"""

from datetime import UTC, datetime
from typing import Final, NamedTuple

COUNTER_BITS: Final = 16
MAX_AHEAD_MS: Final = 60_000


def wall_time(hlc: int) -> datetime:
    """Return the wall time within a stamp, to the millisecond."""
    return datetime.fromtimestamp((hlc >> COUNTER_BITS) / 1000, UTC)


def stamp_at(wall: datetime) -> int:
    """Return the first stamp of a wall time."""
    return int(wall.timestamp() * 1000) << COUNTER_BITS


class Merged(NamedTuple):
    """The clock after a merge; `clamped` tells that the remote clock is too far ahead and must be reported."""

    hlc: int
    clamped: bool


class HybridClock:
    """The clock of one node. `last` is the newest of its own stamps on record, so that a restart does not go back."""

    def __init__(self, last: int = 0) -> None:
        self._last = last

    def tick(self, wall_ms: int) -> int:
        """A stamp for a new event, greater than every stamp before. A full counter carries into the milliseconds."""
        self._last = max(self._last + 1, wall_ms << COUNTER_BITS)
        return self._last

    def merge(self, remote: int, wall_ms: int) -> Merged:
        """Move past a stamp received from elsewhere, as far as 60 s ahead of this node's own clock and no further."""
        furthest = (wall_ms + MAX_AHEAD_MS) << COUNTER_BITS
        clamped = remote > furthest
        self._last = max(self._last, min(remote, furthest))
        return Merged(self.tick(wall_ms), clamped)
