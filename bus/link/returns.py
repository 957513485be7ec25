"""What children hold of this node's own logs and it has lost: its database was restored from a backup.

A child that holds more than its parent, or is about to give way to the parent's history, gives back what it has beyond
it. That is passed up to the owner of the log, who takes it if it bears the owner's seal: nobody can have entries made
up. It goes where it stood, ahead of what was recorded since; what does not fit there is recorded anew, unless it is on
record already.
"""

from collections.abc import Awaitable, Callable, Collection
from typing import Final

from bus.catalogue import event_entry
from bus.codec import EventUnreadable, decode
from bus.link.messages import KEPT, NOT_KEPT, NOT_NOW
from bus.link.tasks import Tasks
from bus.replication import Apply, Batch, BatchTooNew, BatchUnreadable, Duplicate, LogId, Position, unpack
from bus.replication.ports import Logs
from bus.replication.record import Record
from bus.replication.seal import Seal

EPOCH_MAX: Final = 2**62
"""Far beyond any epoch, and as far from what a database holds: greater ones can follow for ever."""
Allows = Callable[[str], bool]
"""Tells whether a child may have a channel."""
PLACES_MAX: Final = 4
"""In how many of its owner's logs an event may come to stand by being given back.

Each time its owner is restored from a backup it may have moved on, and comes back in both places. Nothing in it says
where it stood: without a bound a child could have what it bears put into any number of epochs that never were.
"""
NOT_OURS: Final = "return_not_ours"
"""Under which it is counted that a child gave back what does not bear this node's seal."""
REPEATED: Final = "return_repeated"
"""Under which it is counted that a child gave back events in places where they cannot all have stood.

Once in a while an honest one does, when they were recorded anew meanwhile: they are on record, and nothing is lost.
"""

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
        self._taken: dict[tuple[str, str], tuple[LogId, Position]] = {}

    async def take(self, child: str, data: bytes, allows: Allows) -> bytes:
        """Take what a child gives back, of channels that it is allowed.

        The answer is `KEPT`, `NOT_NOW` or, where nobody ever will, `NOT_KEPT`.

        Raises:
            Unavailable: it is not known whether it is on record.
        """
        try:
            batch = unpack(data)
        except (BatchUnreadable, BatchTooNew) as reason:
            self._tasks.note("return_unreadable", child=child, error=str(reason))
            return NOT_KEPT
        log = batch.header.log
        if not allows(log.channel):
            self._tasks.note("return_not_allowed", child=child, channel=log.channel)
            return NOT_KEPT
        if log.origin != self._node:
            return await self._pass_up(data)
        if log.epoch > EPOCH_MAX or not all(self._is_ours(record, log.channel) for record in batch.records):
            self._tasks.note(NOT_OURS, child=child, channel=log.channel)
            return NOT_KEPT
        return await self._take(child, batch)

    def _is_ours(self, record: Record, channel: str) -> bool:
        """Tell whether this node recorded an event in this channel; of an erased one nothing is taken."""
        if record.body is None:
            return True
        try:
            _, _, event = decode(record.body)
        except EventUnreadable:
            return False
        return self._seal.knows(record) and event_entry(type(event)).channel(event) == channel

    async def _take(self, child: str, batch: Batch) -> bytes:
        log = batch.header.log
        if not await self._follows(child, batch):
            return NOT_NOW
        if not await self._stood_there(batch):
            self._tasks.note(REPEATED, child=child, channel=log.channel, epoch=log.epoch)
            await self._logs.adopt(batch)
        elif not await self._put_back(batch):
            await self._logs.adopt(batch)
        self._taken[child, log.channel] = log, Position(batch.header.last, batch.header.after)
        return KEPT

    async def _stood_there(self, batch: Batch) -> bool:
        """Tell whether a batch can have stood where it says: no event stands twice in a log, nor in many logs."""
        log, ids = batch.header.log, [record.id for record in batch.records]
        places = await self._logs.places(log.origin, ids)
        at = ((places.get(one, ()), (log, seq)) for seq, one in enumerate(ids, batch.header.first))
        return len(set(ids)) == len(ids) and all(_has_room(known, place) for known, place in at)

    async def _put_back(self, batch: Batch) -> bool:
        """Put a batch back where it stood, ahead of what was recorded since; False when it does not fit there."""
        log = batch.header.log
        if _has_gaps(batch):
            return False
        if log.epoch > await self._logs.epoch():
            await self._logs.go_on(log.epoch)
        if await self._is_earlier(batch):
            await self._logs.go_on(log.epoch)
            await self._logs.give_way(log, batch.header.first - 1)
        return await self._fits(batch)

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
        if before.seq == 0 or self._taken.get((child, header.log.channel)) == (header.log, before):
            return True
        return await self._logs.hash_at(header.log, before.seq) == before.hash


def _has_room(known: Collection[tuple[LogId, int]], place: tuple[LogId, int]) -> bool:
    """Tell whether an event that stands in these places can have stood in another one as well."""
    log, _ = place
    return place in known or (len(known) < PLACES_MAX and all(log != other for other, _ in known))


def _has_gaps(batch: Batch) -> bool:
    """Tell whether a batch has erased events, which anybody could have made up: such a one is not put into a log."""
    return any(record.body is None for record in batch.records)
