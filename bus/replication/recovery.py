"""One log whose history at the parent is not this node's: where they part, giving way, and fetching what is missing.

A node's database that was restored from a backup lacks the end of its logs, and what it has recorded since continues
from an earlier place. The parent's history then stands: it was confirmed once. What this node has beyond the place
where the two part is not lost by that: its own events are recorded anew in its present epoch, others' are set aside and
come again from their origin.
"""

from dataclasses import dataclass
from typing import Final

from bus.replication.log import Position

FETCH: Final = 500


@dataclass(frozen=True, slots=True)
class LookUp:
    """Look up the own hash at `seq` and answer with `looked_up`."""

    seq: int


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the parent for at most `limit` events from `first` on, and answer with `answered` or `failed`."""

    first: int
    limit: int


@dataclass(frozen=True, slots=True)
class GiveWay:
    """Remove what follows `seq`: in one transaction record one's own anew, set others' aside. Answer `gave_way`."""

    seq: int


@dataclass(frozen=True, slots=True)
class Take:
    """Apply the batch that was just asked for, and answer with `took` or `failed`."""


Step = LookUp | Ask | GiveWay | Take


class Recovery:
    """Brings one log to where the parent is. Inputs return what to do next, in order; nothing: it is done.

    Attributes:
        is_in_vain: all that was asked for is there, and yet the log is not what the parent said: another way was faster
            or the parent has changed its own history. It has to begin anew.

    Invariants:

    1. Only what follows the last place at which both have the same hash is ever removed.
    2. What is fetched is judged like any batch: it must chain onto what is held.
    3. It may be given up at any step and begun anew: nothing but the database remembers it.
    """

    def __init__(self, head: int, parent: Position) -> None:
        """Begin for a log that is held here up to `head`, and by the parent up to `parent`."""
        self.parent = parent
        self.head = head
        self._same = 0
        self._other = min(head, parent.seq) + 1
        self._probe = self._other - 1
        self._theirs: bytes | None = None
        self._has_parted = False
        self._own: tuple[bytes | None] | None = None
        self._is_confirming = False
        self.is_in_vain = False

    @property
    def done(self) -> bool:
        """Whether this node holds what the parent held when it was told of, place by place."""
        is_under_way = self.is_searching or self._has_parted or self._is_confirming
        return not (is_under_way or self.is_in_vain) and self.head >= self.parent.seq

    def begin(self) -> list[Step]:
        """Take the first step."""
        return self._search()

    def looked_up(self, seq: int, own: bytes | None) -> list[Step]:
        """The own hash at `seq`; None: what stands there is no longer held, so it was confirmed by the centre."""
        if self._is_confirming and seq == self.parent.seq:
            self._is_confirming = False
            self.is_in_vain = own not in (None, self.parent.hash)
            return []
        if seq == self._probe:
            self._own = (own,)
        return self._compare()

    def answered(self, first: int, before: bytes) -> list[Step]:
        """The parent's answer: a batch from `first` on, with the hash ahead of it."""
        if self.is_searching:
            if first == self._probe + 1:
                self._theirs = before
            return self._compare()
        return [Take()] if first == self.head + 1 else []

    def gave_way(self) -> list[Step]:
        """What followed the last common place is gone from the log."""
        self.head = self._same
        self._has_parted = False
        return self._fetch()

    def took(self, head: int) -> list[Step]:
        """A batch was applied: the log is held up to `head`, and maybe not by that batch: another way may be faster."""
        self.head = head
        if head < self.parent.seq:
            return self._fetch()
        self._is_confirming = True
        return [LookUp(self.parent.seq)]

    @property
    def is_searching(self) -> bool:
        """Whether it is not known yet where the two histories part: so far nothing is to be changed."""
        return self._same + 1 < self._other

    def _search(self) -> list[Step]:
        if not self.is_searching:
            self._has_parted = self._same < min(self.head, self.parent.seq)
            return [GiveWay(self._same)] if self._has_parted else self._fetch()
        self._own = None
        self._theirs = self.parent.hash if self._probe == self.parent.seq else None
        asked: list[Step] = [] if self._theirs is not None else [Ask(self._probe + 1, 1)]
        return [LookUp(self._probe), *asked]

    def _compare(self) -> list[Step]:
        if not self.is_searching or self._own is None or self._theirs is None:
            return []
        if self._own[0] in (None, self._theirs):
            self._same = self._probe
        else:
            self._other = self._probe
        self._probe = (self._same + self._other) // 2
        return self._search()

    def _fetch(self) -> list[Step]:
        return [] if self.head >= self.parent.seq else [Ask(self.head + 1, FETCH)]
