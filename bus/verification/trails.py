"""Audit trails of which one node has more than the other for good: its site moved (decision 0037).

Of a trail comes to a node what passes through it: of former times another may have more, and the centre has all.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from bus.catalogue import AUDIT, UP, owner_of
from bus.replication.log import LogId
from bus.verification.differences import Side
from bus.verification.ports import Extent, Judged
from bus.verification.rows import Unlike

Extents = Mapping[LogId, Extent]


@dataclass(frozen=True, kw_only=True)
class Trails:
    """The audit trails of two nodes.

    Attributes:
        here, there: what each holds.
        codes: of the one, and of the other.
        concerns: tells of a log whether it goes on at both.
        is_told_all: the first is looked at in full, by its own logs, and the other is its parent.
    """

    here: Extents
    there: Extents
    codes: tuple[str, str]
    concerns: Callable[[LogId], bool]
    is_told_all: bool

    @cached_property
    def partial(self) -> frozenset[str]:
        """Whose trails are held in part: by one of the nodes, as far as both have of them."""
        owners = {owner_of(log) for log in self.here.keys() & self.there.keys() if log.channel == AUDIT}
        sides = (Side.HERE, Side.THERE)
        return frozenset(
            owner
            for owner in owners
            if any(self._begins_later(side, owner) or self._ends_earlier(side, owner) for side in sides)
        )

    def is_bound(self, side: Side, log: LogId, newest: int) -> bool:
        """Tell whether a node must get to where the other is in a log, of which ``newest`` is the newest epoch."""
        if log.channel != AUDIT or self._is_centre(side) or (side is Side.THERE and self.is_told_all):
            return True
        return log.epoch == newest and self.concerns(log)

    def excuses(self, row: Unlike, judged: Judged | None) -> bool:
        """Tell whether a row that one node lacks is of a time of which it has less than the other."""
        if row.owner not in self.partial or (row.mine is not None and row.theirs is not None):
            return False
        lacking = Side.HERE if row.mine is None else Side.THERE
        if self._is_centre(lacking):
            return False
        if lacking is Side.THERE and self.is_told_all:
            return judged is None and self._begins_later(lacking, row.owner)
        if judged is not None and judged.fault is not None:
            return False
        return self._begins_later(lacking, row.owner) or self._ends_earlier(lacking, row.owner)

    def _is_centre(self, side: Side) -> bool:
        """Tell whether a node owns feeds."""
        code = self.codes[0 if side is Side.HERE else 1]
        return any(log.origin == code for log in self.here.keys() | self.there.keys() if log.channel not in UP)

    def _begins_later(self, side: Side, owner: str) -> bool:
        return any(
            mine is not None and self._begin(side, mine) > self._begin(_other(side), theirs)
            for mine, theirs in self._of(side, owner)
        )

    def _begin(self, side: Side, extent: Extent) -> int:
        """Return behind which event a node shows those of a log: its own stay in the tables when they go."""
        return 0 if extent.log.origin == self.codes[0 if side is Side.HERE else 1] else extent.floor.seq

    def _ends_earlier(self, side: Side, owner: str) -> bool:
        newest = max((log.epoch for log in self.here.keys() | self.there.keys() if owner_of(log) == owner), default=0)
        return any(
            (mine is None or mine.head.seq < theirs.head.seq) and not self.is_bound(side, theirs.log, newest)
            for mine, theirs in self._of(side, owner)
        )

    def _of(self, side: Side, owner: str) -> Iterator[tuple[Extent | None, Extent]]:
        """Yield the logs of a trail that the other node has, each as a node has it and as the other does."""
        mine, theirs = (self.here, self.there) if side is Side.HERE else (self.there, self.here)
        return ((mine.get(log), extent) for log, extent in theirs.items() if owner_of(log) == owner)


def _other(side: Side) -> Side:
    return Side.THERE if side is Side.HERE else Side.HERE
