"""How many bytes may be on their way over one line: as many as it carries in a fifth of a second.

Whatever else wants the line waits behind them at most as long: alarms, where no router gives each connection its turn.
Nobody says how fast a line is, so the time until the broker's acknowledgement is what tells: below `PATIENCE` the limit
grows, the less the nearer it is, and beyond it the limit shrinks in proportion, once for all that was on its way.

Invariants:
- No batch is admitted beyond `limit`, except one alone; one that came out larger than it was allowed counts as it is.
- `floor` <= `limit` <= `CEILING`.
- Of any number of acknowledgements for what left before a cut, none cuts again.
- What nobody waits for teaches nothing: the limit grows by batches that were full, or by a line that was.
- What is larger than the limit and travels alone, as one large record does, is awaited for as long as the line may need
  for it, and tells how much the line carries, not how long the line itself takes.
- A line whose own time is beyond `PATIENCE` (a satellite's) is used all the same: what is measured with the least on
  its way is the line's own time, and is granted.
"""

from dataclasses import dataclass
from typing import Final

PATIENCE: Final = 0.2
"""Seconds from a batch's leaving to the broker's acknowledgement that are aimed at."""
FLOOR: Final = 4 * 1024
FIRST: Final = 64 * 1024
CEILING: Final = 4 * 1024 * 1024
SHORTEST: Final = 3.0
"""Seconds for which the broker's acknowledgement is awaited at least, whatever the line."""
LONGEST: Final = 60.0
"""Seconds for which it is awaited at most; so long a line that died meanwhile may go unnoticed."""
SHARES: Final = 4
"""Batches that the limit is divided among: one alone never takes long."""
_OVER_OWN: Final = 1.5
_DEEPEST_CUT: Final = 0.125
_CUT_WHEN_LOST: Final = 0.5
_COMPRESSION: Final = 3.0
_TEACHES: Final = 16 * 1024
_SPARE: Final = 4.0
"""So many times the time that the line probably needs is granted: it may have become as much thinner."""


@dataclass(slots=True, eq=False)
class Flight:
    """A batch on its way.

    Attributes:
        size: bytes it may have, and once it has left, bytes it has.
        within: seconds for which its acknowledgement is awaited, once it has left.
    """

    size: int
    within: float = SHORTEST
    left_at: float | None = None
    is_felt: bool = False
    is_alone: bool = False
    ahead: int = 0
    cuts: int = 0

    @property
    def is_slow(self) -> bool:
        """Whether the line may be busy with it for longer than is waited otherwise."""
        return self.within > SHORTEST


class Pace:
    """All batches over one line. `now` is monotonic seconds.

    Attributes:
        limit: bytes that may be on their way.
        flying: bytes that are, or are about to be.
    """

    def __init__(self, floor: int = FLOOR, first: int = FIRST) -> None:
        """Begin with a limit of ``first``, not knowing the line; it never falls below ``floor``: `FLOOR` or more."""
        self.limit = max(first, floor)
        self.flying = 0
        self._floor = floor
        self._own: float | None = None
        self._bodies_per_byte = _COMPRESSION
        self._cuts = 0

    def admit(self) -> Flight | None:
        """Let a batch of at most the flight's `size` be made; None: wait until another has ended."""
        size = FLOOR if self._own is None else max(self.limit // SHARES, FLOOR)
        if self.flying > 0 and self.flying + size > self.limit:
            return None
        self.flying += size
        return Flight(size)

    def bodies(self, flight: Flight) -> int:
        """Return how many bytes of bodies such a batch probably has before it is compressed."""
        return int(flight.size * self._bodies_per_byte)

    def leaves(self, flight: Flight, size: int, now: float, *, bodies: int | None = None) -> None:
        """A batch of ``size`` bytes is published; ``bodies`` is what they were made of, where that is known."""
        if bodies is not None:
            self._bodies_per_byte += size / (size + _TEACHES) * (bodies / size - self._bodies_per_byte)
        flight.is_felt = 2 * size > flight.size or 2 * self.flying > self.limit
        self.flying += size - flight.size
        flight.size, flight.left_at, flight.cuts = size, now, self._cuts
        flight.is_alone, flight.ahead = self.flying == size, self.flying
        flight.within = min(max(SHORTEST, _SPARE * self._needed()), LONGEST)

    def arrived(self, flight: Flight, now: float) -> None:
        """The broker has acknowledged it."""
        self._end(flight)
        if flight.left_at is None:
            return
        took = now - flight.left_at
        if self._tells_own(flight, took):
            self._own = took
        patience = self._patience
        if took > patience:
            self._cut(flight, max(self.limit, flight.ahead) * patience / took)
        elif flight.is_felt:
            spare = (patience - took) / (patience - (self._own or 0.0))
            self._set(self.limit + flight.size * spare**2)

    def lost(self, flight: Flight) -> None:
        """It, or its acknowledgement, did not come through. Before it has left this only makes room."""
        self._end(flight)
        if flight.left_at is not None:
            self._cut(flight, self.limit * _CUT_WHEN_LOST)

    @property
    def _patience(self) -> float:
        return PATIENCE if self._own is None else max(PATIENCE, self._own * _OVER_OWN)

    def _needed(self) -> float:
        """Return how many seconds the line probably needs for all that is on its way."""
        return (self._own or 0.0) + self.flying * self._patience / self.limit

    def _tells_own(self, flight: Flight, took: float) -> bool:
        """Tell whether a flight shows the line's own time better than what is known of it."""
        if self._own is not None and took < self._own:
            return True
        is_small = flight.ahead <= max(self.limit, _TEACHES)
        return is_small and (self._own is None or (flight.is_alone and self.limit == self._floor))

    def _end(self, flight: Flight) -> None:
        self.flying -= flight.size

    def _cut(self, flight: Flight, to: float) -> None:
        if flight.cuts == self._cuts:
            self._cuts += 1
            self._set(max(self.limit * _DEEPEST_CUT, min(self.limit, to)))

    def _set(self, limit: float) -> None:
        self.limit = int(min(max(limit, self._floor), CEILING))
