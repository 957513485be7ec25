"""Follows the parent's feeds: by its broadcasts while they are contiguous, by asking for ranges where they are not."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Final

from bus.catalogue import UP, feeds_of
from bus.link.messages import EVERY_FEED, RangeWanted, Standing, encode
from bus.link.tasks import Tasks
from bus.link.wire import ParentWire, Question, Unreachable
from bus.replication import Apply, Batch, BatchTooNew, BatchUnreadable, Duplicate, Gap, LogId, unpack
from bus.replication.ports import Applied, Logs, NotThisWay

QUEUE_MAX: Final = 64
RANGE_MAX: Final = 250


class Follower:
    """The feeds of a child.

    Attributes:
        wanted: names of the feeds, or `EVERY_FEED` alone.
    """

    def __init__(self, wire: ParentWire, *, parent: str, scopes: Sequence[str], logs: Logs, tasks: Tasks) -> None:
        """Follow the feeds of these scopes; the scope `EVERY_FEED` means all there are."""
        every = EVERY_FEED in scopes
        self.wanted: tuple[str, ...] = (EVERY_FEED,) if every else tuple(sorted(feeds_of(tuple(scopes))))
        self._wire = wire
        self._parent = parent
        self._logs = logs
        self._tasks = tasks
        self._batches: deque[bytes] = deque(maxlen=QUEUE_MAX)
        self._heads: dict[LogId, int] = {}
        self._something = asyncio.Event()

    async def held(self) -> list[Standing]:
        """Return how far this node is in the feeds that it follows."""
        held = await self._logs.held()
        return [Standing(one.log, one.head) for one in held if one.via == self._parent and self._wants(one.log)]

    def hear(self, data: bytes) -> None:
        """Take a broadcast batch. One that is crowded out is asked for later."""
        self._batches.append(data)
        self._something.set()

    def see(self, heads: Sequence[Standing]) -> None:
        """Take the heads of feeds in which the parent is elsewhere."""
        for head in heads:
            if self._wants(head.log):
                self._heads[head.log] = head.position.seq
                self._something.set()

    async def run(self) -> None:
        """Apply what comes, and ask for what is missing."""
        while True:
            await self._something.wait()
            self._something.clear()
            while self._batches:
                await self._follow(self._batches.popleft())
            while self._heads:
                log, head = self._heads.popitem()
                held = await self._logs.find(log)
                await self._catch_up(log, 0 if held is None else held.head.seq, head)

    async def _follow(self, data: bytes) -> None:
        batch = self._readable(data)
        if batch is None:
            return
        applied = await self._apply(batch)
        if applied is not None and isinstance(applied.verdict, Gap):
            await self._catch_up(batch.header.log, applied.held.head.seq, batch.header.last)

    async def _catch_up(self, log: LogId, held: int, head: int) -> None:
        """Ask for events until this node holds ``head``, or the parent has no more of them."""
        while held < head:
            wanted = encode(RangeWanted(log, held + 1, RANGE_MAX))
            try:
                data = await self._wire.ask(Question.RANGE, wanted)
            except Unreachable:
                return
            batch = self._readable(data)
            applied = None if batch is None or batch.header.log != log else await self._apply(batch)
            if applied is None or applied.held.head.seq <= held:
                return
            held = applied.held.head.seq

    async def _apply(self, batch: Batch) -> Applied | None:
        log = batch.header.log
        try:
            (applied,) = await self._logs.apply([batch], self._parent)
        except NotThisWay as refusal:
            self._tasks.note("feed_refused", channel=log.channel, error=str(refusal))
            return None
        if not isinstance(applied.verdict, Apply | Duplicate | Gap):
            self._tasks.note("feed_not_applied", channel=log.channel, verdict=repr(applied.verdict))
        return applied

    def _readable(self, data: bytes) -> Batch | None:
        try:
            batch = unpack(data)
        except (BatchUnreadable, BatchTooNew) as error:
            self._tasks.note("feed_unreadable", error=str(error))
            return None
        return batch if self._wants(batch.header.log) else None

    def _wants(self, log: LogId) -> bool:
        return log.channel not in UP and (self.wanted == (EVERY_FEED,) or log.channel in self.wanted)
