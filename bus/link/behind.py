"""How far a node is behind its parent in what comes down, as far as the parent has told."""

from collections.abc import Sequence
from dataclasses import dataclass

from bus.link.messages import Standing
from bus.link.shares import SHARE
from bus.replication.log import LogId


@dataclass(slots=True)
class _Gap:
    held: int
    head: int


class Behind:
    """What is still to come."""

    def __init__(self) -> None:
        """Begin before the parent has said anything."""
        self._gaps: dict[LogId, _Gap] | None = None

    @property
    def events(self) -> int | None:
        """How many events are still to come; None: the parent has not said yet what there is."""
        return None if self._gaps is None else sum(gap.head - gap.held for gap in self._gaps.values())

    def told(self, heads: Sequence[Standing], there: int) -> None:
        """The parent holds these logs otherwise, and no others, unless that is a share: it told of ``there`` in all."""
        known = self._gaps or {}
        told = {
            head.log: _Gap(min(known[head.log].held if head.log in known else 0, head.position.seq), head.position.seq)
            for head in heads
        }
        self._gaps = told if there < SHARE else known | told

    def reached(self, log: LogId, seq: int) -> None:
        """A log is held as far as ``seq``."""
        if self._gaps is None or log not in self._gaps:
            return
        gap = self._gaps[log]
        gap.held = min(seq, gap.head)
        if gap.held == gap.head:
            del self._gaps[log]
