"""What children give back to the owner of a log that has lost the end of it: its database was restored from a backup.

The child says in its hello how far it is; the owner tells in the answer what it wants, and the child brings that. Only
a child that holds everything is asked, and only what bears the owner's seal is taken: nobody can have entries made up.

The first child's history stands, so that most have nothing to change: the owner goes on under a new epoch and brings
its own log there. Where another child has yet another history, what only that one has is recorded anew.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bus.link.messages import RangeWanted, Standing
from bus.link.tasks import Tasks
from bus.replication import (
    FETCH,
    Apply,
    Ask,
    Batch,
    BatchTooNew,
    BatchUnreadable,
    Duplicate,
    GiveWay,
    LogId,
    LookUp,
    Position,
    Recovery,
    Step,
    Take,
    unpack,
)
from bus.replication.ports import Logs
from bus.replication.seal import Seal

SILENT_AFTER: Final = 10.0
"""Seconds after which another child is asked, or the same one from the beginning."""


class NotReturned(Exception):  # noqa: N818 - a state of the child
    """What a child gives back does not follow what is held."""


@dataclass(slots=True)
class _Return:
    child: str
    recovery: Recovery
    is_first: bool
    wanted: RangeWanted | None
    heard_at: float
    is_adopting: bool = False
    parts_at: int | None = None


class Returns:
    """The logs of which this node, their owner, has lost the end."""

    def __init__(self, node: str, seal: Seal, logs: Logs, tasks: Tasks) -> None:
        """Take back into ``logs`` what is of ``node``, as its ``seal`` shows."""
        self._node = node
        self._seal = seal
        self._logs = logs
        self._tasks = tasks
        self._of: dict[LogId, _Return] = {}
        self._settled: dict[tuple[str, LogId], Position] = {}

    def holds_back(self, log: LogId) -> bool:
        """Tell whether a log is not to be given on yet: an earlier epoch of it is still being taken back."""
        return any(
            (held.origin, held.channel) == (log.origin, log.channel) and held.epoch <= log.epoch and not one.is_adopting
            for held, one in self._of.items()
        )

    async def hear(self, child: str, standings: Sequence[Standing]) -> None:
        """A child that holds everything says how far it is."""
        now = asyncio.get_running_loop().time()
        for log in [log for log, one in self._of.items() if now - one.heard_at > SILENT_AFTER]:
            del self._of[log]
        for one in standings:
            is_known = one.log in self._of or self._settled.get((child, one.log)) == one.position
            if one.log.origin == self._node and not is_known:
                await self._compare(child, one)

    def wanted(self, child: str) -> list[RangeWanted]:
        """Return what a child is asked for."""
        return [one.wanted for one in self._of.values() if one.child == child and one.wanted is not None]

    async def take(self, child: str, data: bytes) -> RangeWanted | None:
        """Take what a child gives back; return what is wanted of it next."""
        try:
            batch = unpack(data)
        except (BatchUnreadable, BatchTooNew) as reason:
            self._tasks.note("return_unreadable", child=child, error=str(reason))
            return None
        log, header = batch.header.log, batch.header
        one = self._of.get(log)
        if one is None or one.child != child or one.wanted is None or one.wanted.first != header.first:
            return None
        if not all(map(self._seal.knows, batch.records)):
            self._tasks.note("return_not_ours", child=child, channel=log.channel)
            self._end(log, one)
            return None
        one.heard_at = asyncio.get_running_loop().time()
        try:
            if one.is_adopting:
                await self._adopt(one, batch)
            else:
                await self._give_way(log, one)
                await self._go_on(log, one, one.recovery.answered(header.first, header.before), batch)
        except Exception:
            self._of.pop(log, None)
            raise
        return one.wanted

    async def _compare(self, child: str, there: Standing) -> None:
        log, position = there.log, there.position
        held = await self._logs.find(log)
        head = 0 if held is None else held.head.seq
        if position.seq <= head and await self._logs.hash_at(log, position.seq) in (None, position.hash):
            return
        is_present = log.epoch >= await self._logs.epoch()
        if is_present:
            await self._logs.go_on(log.epoch)
        self._tasks.note("log_taken_back", channel=log.channel, epoch=log.epoch, child=child, held=head)
        recovery = Recovery(head, position)
        one = self._of[log] = _Return(child, recovery, is_present, None, asyncio.get_running_loop().time())
        await self._go_on(log, one, recovery.begin(), None)

    async def _go_on(self, log: LogId, one: _Return, steps: list[Step], fetched: Batch | None) -> None:
        """Take all steps that need nothing of the child."""
        one.wanted = None
        recovery = one.recovery
        while steps:
            match steps.pop(0):
                case LookUp(seq):
                    steps += recovery.looked_up(seq, await self._logs.hash_at(log, seq))
                case Ask(first, limit):
                    one.wanted = RangeWanted(log, first, limit)
                case GiveWay(seq):
                    one.wanted = RangeWanted(log, seq + 1, FETCH)
                    one.is_adopting, one.parts_at = not one.is_first, seq
                case Take():
                    assert fetched is not None  # noqa: S101 - it follows what was asked for
                    steps += recovery.took(await self._taken(fetched, one.child))
        if one.wanted is None:
            del self._of[log]

    async def _give_way(self, log: LogId, one: _Return) -> None:
        """Give way once it is seen that what comes in its place is this node's own."""
        if one.parts_at is not None:
            await self._logs.give_way(log, one.parts_at)
            one.parts_at = None
            one.recovery.gave_way()

    async def _adopt(self, one: _Return, batch: Batch) -> None:
        """Record anew what a child alone has; then it takes over the history that stands."""
        await self._logs.adopt(batch)
        log, last = batch.header.log, batch.header.last
        one.wanted = RangeWanted(log, last + 1, FETCH) if last < one.recovery.parent.seq else None
        if one.wanted is None:
            self._end(log, one)

    def _end(self, log: LogId, one: _Return) -> None:
        """There is nothing more to be had of what a child holds there."""
        self._settled[one.child, log] = one.recovery.parent
        self._of.pop(log, None)

    async def _taken(self, batch: Batch, child: str) -> int:
        applied = await self._logs.recall(batch)
        if not isinstance(applied.verdict, Apply | Duplicate):
            raise NotReturned(f"{child}: {batch.header.log}: {applied.verdict}")
        return applied.held.head.seq
