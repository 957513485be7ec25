"""What children hold of this node's own logs and it has lost: its database was restored from a backup.

A child that holds more than its parent, or is about to give way to the parent's history, gives back what it has beyond
it. That is passed up to the owner of the log, who takes it if it bears the owner's seal: nobody can have entries made
up. It goes where it stood, ahead of what was recorded since; what does not fit there is recorded anew, unless it is on
record already.
"""

from collections.abc import Awaitable, Callable, Collection
from operator import attrgetter
from typing import Final

from bus.catalogue import event_entry
from bus.codec import EventUnreadable, decode
from bus.link.messages import KEPT, NOT_KEPT, NOT_NOW
from bus.link.places import Places, stand_later
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
        self._since: dict[LogId, int] = {}
        self._taken: dict[tuple[str, str], tuple[LogId, Position]] = {}

    def recorded(self, log: LogId, first: int) -> None:
        """Hear that this process recorded events of its own, from number ``first`` of a log on."""
        self._since[log] = min(first, self._since.get(log, first))

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
        places = await self._logs.places(log.origin, [record.id for record in batch.records])
        if not _can_have_stood(batch, places):
            self._tasks.note(REPEATED, child=child, channel=log.channel, epoch=log.epoch)
            await self._logs.adopt(batch)
        elif not stand_later(batch.records, log, places) and not await self._put_back(batch, places):
            await self._logs.adopt(batch)
        self._taken[child, log.channel] = log, Position(batch.header.last, batch.header.after)
        return KEPT

    async def _put_back(self, batch: Batch, places: Places) -> bool:
        """Put a batch back where it stood, ahead of what was recorded since; False when it does not fit there."""
        log, standing = batch.header.log, _standing(batch, places)
        if standing == len(batch.records):
            return True
        is_known = all(places.get(record.id) for record in batch.records)
        if _has_gaps(batch) or (is_known and log.epoch == await self._logs.epoch()):
            return False
        await self._logs.go_on(log.epoch)
        if not is_known:
            await self._make_way(log, batch.header.first + standing, batch.records[standing])
        applied = await self._logs.recall(batch)
        return isinstance(applied.verdict, Apply | Duplicate)

    async def _make_way(self, log: LogId, first: int, lost: Record) -> None:
        """Move what was recorded since the loss behind what was lost, which stood in a log from ``first`` on."""
        since = {one: at for one, at in self._since.items() if one.channel == log.channel and one.epoch < log.epoch}
        for one in sorted(since, key=attrgetter("epoch")):
            await self._move(one, since[one])
        if await self._is_earlier(lost, log, first):
            await self._move(log, first)

    async def _move(self, log: LogId, first: int) -> None:
        """Record anew, at the end of what is being recorded in, what stands in a log from ``first`` on."""
        epoch = await self._logs.epoch()
        newest = await self._logs.find(LogId(log.origin, epoch, log.channel))
        await self._logs.give_way(log, first - 1)
        self._since.pop(log, None)
        now = LogId(log.origin, await self._logs.epoch(), log.channel)
        stood = newest.head.seq if newest is not None and now.epoch == epoch else 0
        self.recorded(now, stood + 1)

    async def _is_earlier(self, lost: Record, log: LogId, seq: int) -> bool:
        """Tell whether an event was recorded before what stands in its place here: that was recorded since the loss.

        Of what this process recorded itself that is certain: what it does not know was lost before it began. Of what
        was on record by then the stamps alone tell it, which a clock that was set meanwhile belies.
        """
        if await self._logs.hash_at(log, seq) is None:
            return False
        _, (here,) = await self._logs.read(log, seq, 1)
        return seq >= self._since.get(log, EPOCH_MAX) or lost.hlc < here.hlc

    async def _follows(self, child: str, batch: Batch) -> bool:
        """Tell whether what stood ahead of a batch is on record: nothing is recorded ahead of what it follows."""
        header = batch.header
        before = Position(header.first - 1, header.before)
        if before.seq == 0 or self._taken.get((child, header.log.channel)) == (header.log, before):
            return True
        return await self._logs.hash_at(header.log, before.seq) == before.hash


def _can_have_stood(batch: Batch, places: Places) -> bool:
    """Tell whether a batch can have stood where it says: no event stands twice in a log, nor in many logs."""
    log, ids = batch.header.log, [record.id for record in batch.records]
    at = ((places.get(one, ()), (log, seq)) for seq, one in enumerate(ids, batch.header.first))
    return len(set(ids)) == len(ids) and all(_has_room(known, place) for known, place in at)


def _standing(batch: Batch, places: Places) -> int:
    """Return how many events at the beginning of a batch stand where it says."""
    log, first = batch.header.log, batch.header.first
    at = enumerate(batch.records, first)
    return next((seq - first for seq, one in at if (log, seq) not in places.get(one.id, ())), len(batch.records))


def _has_room(known: Collection[tuple[LogId, int]], place: tuple[LogId, int]) -> bool:
    """Tell whether an event that stands in these places can have stood in another one as well."""
    log, _ = place
    return place in known or (len(known) < PLACES_MAX and all(log != other for other, _ in known))


def _has_gaps(batch: Batch) -> bool:
    """Tell whether a batch has erased events, which anybody could have made up: such a one is not put into a log."""
    return any(record.body is None for record in batch.records)
