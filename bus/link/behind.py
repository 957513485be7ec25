"""How far a node is behind its parent in what comes down, as far as the parent has told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bus.link.messages import Standing
from bus.link.shares import SHARE
from bus.replication.log import LogId


@dataclass(frozen=True, slots=True)
class Missing:
    """A log of which the parent has more.

    Attributes:
        head: how far the parent is.
        asked_at: how far this node was when it asked for more in vain last; None: it never did.
    """

    head: int
    asked_at: int | None


@dataclass(slots=True)
class _Gap:
    held: int
    head: int
    asked_at: int | None = None


class Behind:
    """What is still to come."""

    def __init__(self) -> None:
        """Begin before the parent has said anything."""
        self._gaps: dict[LogId, _Gap] = {}
        self._told: set[LogId] | None = set()

    @property
    def events(self) -> int | None:
        """How many events are still to come; None: the parent has not said yet all that there is."""
        return None if self._told is not None else sum(gap.head - gap.held for gap in self._gaps.values())

    @property
    def missing(self) -> Mapping[LogId, Missing]:
        """The logs of which the parent has more, as it told last."""
        return {log: Missing(gap.head, gap.asked_at) for log, gap in self._gaps.items()}

    def told(self, heads: Sequence[Standing], there: int) -> None:
        """The parent holds these logs otherwise, and no others, unless that is a share: it told of ``there`` in all.

        A share that repeats a log tells that the list has been said from its beginning to its end.
        """
        told = {head.log: _gap(self._gaps.get(head.log), head.position.seq) for head in heads}
        if there < SHARE or (self._told is not None and not self._told.isdisjoint(told)):
            self._told = None
        elif self._told is not None:
            self._told.update(told)
        self._gaps = told if there < SHARE else self._gaps | told

    def reached(self, log: LogId, seq: int) -> None:
        """A log is held as far as ``seq``."""
        if log not in self._gaps:
            return
        gap = self._gaps[log]
        gap.held = min(seq, gap.head)
        if gap.held == gap.head:
            del self._gaps[log]

    def asked_in_vain(self, log: LogId, seq: int) -> None:
        """What follows ``seq`` was asked for, and did not come or could not be taken."""
        if log in self._gaps:
            self._gaps[log].asked_at = seq


def _gap(known: _Gap | None, head: int) -> _Gap:
    return _Gap(0, head) if known is None else _Gap(min(known.held, head), head, known.asked_at)
