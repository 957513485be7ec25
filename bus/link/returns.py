"""What children hold of this node's own logs and it has lost: its database was restored from a backup.

A child that holds more than its parent, or is about to give way to the parent's history, gives back what it has beyond
it. That is passed up to the owner of the log, who takes it if it bears the owner's seal: nobody can have entries made
up. It goes where it stood, ahead of what was recorded since; what does not fit there is recorded anew, unless it is on
record already.
"""

from collections.abc import Awaitable, Callable

from bus.link.messages import KEPT, NOT_KEPT, NOT_NOW
from bus.link.tasks import Tasks
from bus.replication import Apply, Batch, BatchTooNew, BatchUnreadable, Duplicate, LogId, Position, unpack
from bus.replication.ports import Logs
from bus.replication.seal import Seal

PassUp = Callable[[bytes], Awaitable[bytes]]
"""Gives what a child gives back to this node's parent, and returns its answer."""


class Returns:
    """What comes back to the owner of a log."""

    def __init__(self, node: str, seal: Seal, logs: Logs, tasks: Tasks, pass_up: PassUp) -> None:
        """Take into ``logs`` what is of ``node``, as its ``seal`` shows; all else is for others, up the line."""
        self._node = node
        self._seal = seal
        self._logs = logs
        self._tasks = tasks
        self._pass_up = pass_up
        self._taken: dict[tuple[str, LogId], Position] = {}

    async def take(self, child: str, data: bytes) -> bytes:
        """Take what a child gives back. The answer is `KEPT`, `NOT_NOW` or, where nobody ever will, `NOT_KEPT`.

        Raises:
            Unavailable: it is not known whether it is on record.
        """
        try:
            batch = unpack(data)
        except (BatchUnreadable, BatchTooNew) as reason:
            self._tasks.note("return_unreadable", child=child, error=str(reason))
            return NOT_KEPT
        if batch.header.log.origin != self._node:
            return await self._pass_up(data)
        if not all(map(self._seal.knows, batch.records)):
            self._tasks.note("return_not_ours", child=child, channel=batch.header.log.channel)
            return NOT_KEPT
        return await self._take(child, batch)

    async def _take(self, child: str, batch: Batch) -> bytes:
        log = batch.header.log
        if log.epoch > await self._logs.epoch():
            await self._logs.go_on(log.epoch)
        if not await self._follows(child, batch):
            return NOT_NOW
        if await self._is_earlier(batch):
            await self._logs.go_on(log.epoch)
            await self._logs.give_way(log, batch.header.first - 1)
        if not await self._fits(batch):
            await self._logs.adopt(batch)
        self._taken[child, log] = Position(batch.header.last, batch.header.after)
        return KEPT

    async def _is_earlier(self, batch: Batch) -> bool:
        """Tell whether a batch was recorded before what stands in its place here: that was recorded since the loss."""
        header = batch.header
        if await self._logs.hash_at(header.log, header.first) is None:
            return False
        _, (here,) = await self._logs.read(header.log, header.first, 1)
        return batch.records[0].hlc < here.hlc

    async def _fits(self, batch: Batch) -> bool:
        """Put a batch back where it stood; False when it cannot, as in the log that is being recorded in."""
        if batch.header.log.epoch == await self._logs.epoch():
            return False
        applied = await self._logs.recall(batch)
        return isinstance(applied.verdict, Apply | Duplicate)

    async def _follows(self, child: str, batch: Batch) -> bool:
        """Tell whether what stood ahead of a batch is on record: nothing is recorded ahead of what it follows."""
        header = batch.header
        before = Position(header.first - 1, header.before)
        if before.seq == 0 or self._taken.get((child, header.log)) == before:
            return True
        return await self._logs.hash_at(header.log, before.seq) == before.hash
