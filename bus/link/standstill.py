"""What this node cannot take of the parent's feeds: set aside, and the feeds that stand still for it."""

import asyncio
from collections.abc import Collection
from typing import Final

from bus.link.messages import KEPT, MAX_REASON, Refused, encode
from bus.link.stopped import Stopped, StoppedLogs
from bus.link.tasks import Tasks
from bus.link.wire import ParentWire, Question, Unreachable
from bus.replication.log import LogId
from domain.shared.ports import Clock

FIRST_TRIED_AGAIN: Final = 1.0
TRIED_AGAIN_AFTER: Final = 60.0
"""Seconds, doubling from the first to these: what was at fault may have been mended, or is on the next try."""


class Standstill:
    """The feeds that stand still."""

    def __init__(self, wire: ParentWire, *, clock: Clock, tasks: Tasks) -> None:
        """Hand what cannot be taken back over ``wire``."""
        self._wire = wire
        self._tasks = tasks
        self._stopped = StoppedLogs(clock=clock, tasks=tasks)
        self._again_at: dict[LogId, float] = {}
        self._pauses: dict[LogId, float] = {}
        self._missing: set[LogId] = set()

    @property
    def feeds(self) -> tuple[Stopped, ...]:
        """The feeds that stand still."""
        return self._stopped.all

    def holds(self, log: LogId) -> bool:
        """Tell whether a feed is to be left alone for now."""
        return log in self._stopped and asyncio.get_running_loop().time() < self._again_at[log]

    async def begin(self, log: LogId, seq: int, reason: str, data: bytes | None = None) -> None:
        """Have a feed stand still for a while. What it does so for is kept, told of and counted once."""
        is_known = self._stopped.begin(log, seq, reason)
        if data is not None and not self._stopped.is_kept(log) and await self.set_aside(data, reason):
            self._stopped.keep(log)
        pause = min(2 * self._pauses[log], TRIED_AGAIN_AFTER) if is_known else FIRST_TRIED_AGAIN
        self._pauses[log] = pause
        self._again_at[log] = asyncio.get_running_loop().time() + pause

    def end(self, log: LogId, head: int) -> None:
        """A feed has got as far as ``head``."""
        self._stopped.end(log, head)

    def listed(self, logs: Collection[LogId]) -> None:
        """The parent holds these otherwise than this node, and no others: they stand still, if any do.

        A list may be of just before a feed stood still: who is missing twice is level, was left, or may not be had.
        """
        missing = {log for log in self._missing if log not in logs}
        self._stopped.retain(lambda log, _: log not in missing)
        self._missing = {log for log in self._stopped.logs if log not in logs}

    async def set_aside(self, data: bytes, reason: str) -> bool:
        """Have the parent keep bytes, with those of this node's that it cannot take; False unless they are."""
        self._tasks.note("batch_set_aside", said_by="parent", reason=reason)
        try:
            answer = await self._wire.ask(Question.REFUSED, encode(Refused(reason[:MAX_REASON], data)))
        except Unreachable:
            return False
        return answer == KEPT
