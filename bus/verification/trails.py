"""Audit trails of which one node has more than the other for good: its site moved (decision 0037).

Of a trail comes to a node what passes through it: of former times another may have more, and the centre has all.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from bus.catalogue import AUDIT, UP, owner_of
from bus.replication.log import LogId
from bus.verification.differences import Side
from bus.verification.extents import Extents, newest_epochs
from bus.verification.ports import Extent, Judged
from bus.verification.rows import Unlike

Part = tuple[Side, str]
"""Of which node, and whose trail it is."""

_SIDES: Final = (Side.HERE, Side.THERE)


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
        return frozenset(owner for _, owner in self._late | self._short if owner in owners)

    def is_bound(self, side: Side, log: LogId) -> bool:
        """Tell whether a node must get to where the other is in a log."""
        if log.channel != AUDIT or side in self._centres or (side is Side.THERE and self.is_told_all):
            return True
        return log.epoch == self._newest[log.origin, log.channel] and self.concerns(log)

    def excuses(self, row: Unlike, judged: Judged | None) -> bool:
        """Tell whether a row that one node lacks is of a time of which it has less than the other.

        Where the own logs tell, it is none that they tell of; nor one that they tell of and the parent does not have.
        """
        if row.owner not in self.partial or (row.mine is not None and row.theirs is not None):
            return False
        lacking = Side.HERE if row.mine is None else Side.THERE
        if lacking in self._centres:
            return False
        if self.is_told_all and lacking is Side.THERE:
            return judged is None and (lacking, row.owner) in self._late
        if self.is_told_all and (judged is None or judged.fault is not None):
            return False
        return (lacking, row.owner) in self._late | self._short

    @cached_property
    def _newest(self) -> Mapping[tuple[str, str], int]:
        return newest_epochs(self.here, self.there)

    @cached_property
    def _centres(self) -> frozenset[Side]:
        """The centre, which owns feeds, if it is one of the nodes."""
        owners = {log.origin for log in self.here.keys() | self.there.keys() if log.channel not in UP}
        return frozenset(side for side, code in zip(_SIDES, self.codes, strict=True) if code in owners)

    @cached_property
    def _late(self) -> frozenset[Part]:
        """Who has a trail in which a log begins later than at the other node."""
        return frozenset(
            (side, owner_of(theirs.log))
            for side, mine, theirs in self._pairs()
            if mine is not None and self._begin(side, mine) > self._begin(_other(side), theirs)
        )

    @cached_property
    def _short(self) -> frozenset[Part]:
        """Who has a trail in which a log ends earlier than at the other node, or is absent, and need not get there."""
        return frozenset(
            (side, owner_of(theirs.log))
            for side, mine, theirs in self._pairs()
            if (mine is None or mine.head.seq < theirs.head.seq) and not self.is_bound(side, theirs.log)
        )

    def _begin(self, side: Side, extent: Extent) -> int:
        """Return behind which event a node shows those of a log: its own stay in the tables when they go."""
        return 0 if extent.log.origin == self.codes[_SIDES.index(side)] else extent.floor.seq

    def _pairs(self) -> Iterator[tuple[Side, Extent | None, Extent]]:
        """Yield the logs of audit trails that the other node has, each as a node has it and as the other does."""
        for side, mine, theirs in ((Side.HERE, self.here, self.there), (Side.THERE, self.there, self.here)):
            for log, extent in theirs.items():
                if log.channel == AUDIT:
                    yield side, mine.get(log), extent


def _other(side: Side) -> Side:
    return Side.THERE if side is Side.HERE else Side.HERE
