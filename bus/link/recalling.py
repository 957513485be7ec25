"""Taking over the parent's history of a log: what its recovery has to do, carried out."""

from collections.abc import Awaitable, Callable
from typing import Final

from bus.link.messages import KEPT, NOT_KEPT
from bus.link.ranges import Ranges
from bus.link.tasks import Tasks
from bus.link.wire import ParentWire, Question
from bus.replication import (
    Apply,
    Ask,
    Batch,
    Duplicate,
    GiveWay,
    LogId,
    LookUp,
    Position,
    Recovery,
    Step,
    Take,
    fill,
    pack,
    unpack,
)
from bus.replication.ports import Logs

SET_ASIDE: Final = 500

SetAside = Callable[[LogId, bytes, str], Awaitable[None]]
"""Keeps (of which log, the bytes of a batch, why) where an operator finds them."""


class NotSupplied(Exception):  # noqa: N818 - a state of the parent
    """The parent does not give what it said it holds."""


class Recalling:
    """The parent's histories, as they are taken over."""

    def __init__(
        self, wire: ParentWire, logs: Logs, tasks: Tasks, *, node: str, parent: str, set_aside: SetAside
    ) -> None:
        """Ask ``parent`` of ``node`` over ``wire``; others' events that give way are ``set_aside``."""
        self._wire = wire
        self._ranges = Ranges(wire, tasks)
        self._logs = logs
        self._node = node
        self._parent = parent
        self._set_aside = set_aside

    async def bring(self, log: LogId, head: int, position: Position) -> None:
        """Bring a log that is held up to ``head`` to where the parent is.

        Raises:
            Unreachable, Unavailable, NotSupplied: it is not there yet; what was done is done.
            LookupError, ValueError: it cannot give way.
        """
        recovery = Recovery(head, position)
        steps, fetched = recovery.begin(), None
        while steps:
            match steps.pop(0):
                case LookUp(seq):
                    more: list[Step] = recovery.looked_up(seq, await self._logs.hash_at(log, seq))
                case Ask(first, limit):
                    fetched = await self.ask(log, first, limit)
                    more = recovery.answered(first, fetched.header.before)
                case GiveWay(seq):
                    await self.give_way(log, seq)
                    more = recovery.gave_way()
                case Take():
                    assert fetched is not None  # noqa: S101 - it follows what was asked for
                    more = recovery.took(await self.take(fetched))
            steps += more

    async def ask(self, log: LogId, first: int, limit: int) -> Batch:
        """Return events of the parent's from ``first`` on, ``limit`` at most and maybe fewer.

        Raises:
            NotSupplied: it gives others, or none.
        """
        data = await self._ranges.ask(log, first, limit)
        if not data:
            raise NotSupplied(f"{log} from {first}")
        batch = unpack(data)
        if (batch.header.log, batch.header.first) != (log, first):
            raise NotSupplied(f"{batch.header.log} is not what was asked for")
        return batch

    async def take(self, batch: Batch) -> int:
        """Apply what the parent gave; return how far the log is held then.

        Raises:
            NotSupplied: it does not follow what is held.
        """
        applied = await self._logs.recall(batch)
        if not isinstance(applied.verdict, Apply | Duplicate):
            raise NotSupplied(f"{batch.header.log}: {applied.verdict}")
        return applied.held.head.seq

    async def give_way(self, log: LogId, seq: int) -> None:
        """Remove what follows ``seq``. What is another's goes back to it, or is set aside."""
        if log.origin != self._node:
            await self._keep(log, seq + 1)
        await self._logs.give_way(log, seq)

    async def give_back(self, data: bytes) -> bool:
        """Give back a batch that the parent lacks; tell whether the owner of its log has it now, or never takes it.

        Raises:
            Unreachable, NotSupplied: not now.
        """
        answer = await self._wire.ask(Question.RETURN, data)
        if answer not in (KEPT, NOT_KEPT):
            raise NotSupplied("what is given back is not taken now")
        return answer == KEPT

    async def _keep(self, log: LogId, first: int) -> None:
        while True:
            before, records = await self._logs.read(log, first, SET_ASIDE)
            if not records:
                return
            batch = pack(log, first, before, records[: fill(records)])
            if not await self.give_back(batch.data):
                await self._set_aside(log, batch.data, f"{self._parent} has another history of this log")
            first = batch.header.last + 1
