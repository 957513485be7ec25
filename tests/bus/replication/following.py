"""A node's feeds: follows the parent's broadcasts while they are contiguous, asks for ranges where they are not.

Mirrors `bus.link.follower`: what is awaited there is yielded here.
"""

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bus.link.messages import RangeWanted, Standing
from bus.link.places import stand_later
from bus.link.recalling import NotSupplied, Recalling
from bus.link.tasks import Tasks
from bus.replication import Apply, Batch, Duplicate, Fork, Gap, LogId, PackedBatch, Position, pack, unpack
from bus.replication.ports import Applied, HeldLog, NotThisWay
from tests.bus.replication.lines import Request, Stream, Task, Unreachable
from tests.bus.replication.ports import Asking, StoreLogs

if TYPE_CHECKING:
    from tests.bus.replication.process import Process

QUEUE_MAX = 8
PAUSE = 4.0
"""Seconds for which a feed stands still that cannot be taken."""


class Follower:
    """The feeds of a child."""

    def __init__(self, process: "Process") -> None:
        self.process = process
        self._batches: deque[PackedBatch] = deque(maxlen=QUEUE_MAX)
        self._heads: dict[LogId, Standing] = {}
        self._again_at: dict[LogId, float] = {}
        self._running = False
        self._differing: set[LogId] = set()
        self._told: dict[LogId, Position] = {}
        self._offered_again_at: dict[LogId, float] = {}
        asking: Any = Asking(process)
        logs: Any = StoreLogs(process)
        self._recalling = Recalling(
            asking, logs, Tasks(), node=process.store.node, parent=process.parent, set_aside=self._set_aside
        )

    async def _set_aside(self, log: LogId, data: bytes, reason: str) -> None:  # noqa: ARG002 - told to operators
        self.process.world.set_aside(log.origin, unpack(data).records)

    def held(self) -> list[Standing]:
        parent = self.process.parent
        return [
            Standing(one.log, one.head, one.arrived)
            for one in self.process.store.held()
            if one.via == parent and self._wants(one.log)
        ]

    def hear(self, batch: PackedBatch) -> None:
        self._batches.append(batch)
        self._wake()

    def see(self, heads: Sequence[Standing]) -> None:
        for head in heads:
            if self._wants(head.log):
                self._heads[head.log] = head
                self._wake()

    def _wake(self) -> None:
        if not self._running:
            self._running = True
            self.process.start(self._run())

    def _run(self) -> Task:
        yield None
        while self._batches or self._heads:
            while self._batches:
                yield from self._follow(unpack(self._batches.popleft().data))
            while self._heads:
                yield from self._reach(self._heads.pop(min(self._heads, key=_in_order)))
        self._running = False

    def _follow(self, batch: Batch) -> Task:
        log = batch.header.log
        if not self._stands_still(log):
            applied = yield from self._apply(batch)
            if applied is not None and isinstance(applied.verdict, Gap):
                yield from self._catch_up(log, applied.held, batch.header.last)

    def _reach(self, head: Standing) -> Task:
        log, position, store = head.log, head.position, self.process.store
        if self._stands_still(log):
            return
        held = store.find(log)
        yield None
        if held is not None and held.via in self.process.children:
            return
        if log not in self._differing:
            held = yield from self._catch_up(log, held, position.seq)
        at = 0 if held is None else held.head.seq
        if log in self._differing:
            self._differing.discard(log)
            yield from self._give_way(log, at, position)
            return
        if at < position.seq:
            return
        own = store.hash_at(log, position.seq)
        yield None
        if own not in (None, position.hash):
            yield from self._give_way(log, at, position)
        elif at > position.seq:
            yield from self._give_back(log, position, at)
        elif head.arrived and (held is None or not held.arrived):
            try:
                store.note_arrival(log, self.process.parent)
            except NotThisWay as refusal:
                self._stand_still(log, refusal)

    def _give_way(self, log: LogId, head: int, position: Position) -> Task:
        try:
            yield from self._recalling.bring(log, head, position).__await__()
        except (NotSupplied, LookupError, ValueError, NotThisWay, Unreachable) as refusal:
            self._stand_still(log, refusal)

    def _give_back(self, log: LogId, position: Position, head: int) -> Task:
        told, self._told[log] = self._told.get(log), position
        if told != position or self.process.world.now < self._offered_again_at.get(log, 0.0):
            return
        first = position.seq + 1
        _, all_of_it = self.process.store.read(log, first, head)
        places = self.process.store.places(log.origin, [record.id for record in all_of_it])
        if stand_later(all_of_it, log, places):
            self.process.world.books.trace(self.process, "holds later what the parent lacks of", log)
            self.process.give_way(log, position.seq)
            return
        while first <= head:
            before, records = self.process.store.read(log, first, self.process.world.rng.randrange(1, 8))
            yield None
            try:
                data = pack(log, first, before, records).data
                is_taken = yield from self._recalling.give_back(data).__await__()
            except (Unreachable, NotSupplied, LookupError, ValueError):
                self._offered_again_at[log] = self.process.world.now + PAUSE
                return
            if not is_taken:
                self._offered_again_at[log] = self.process.world.now + PAUSE
                return
            first += len(records)

    def _catch_up(self, log: LogId, held: HeldLog | None, head: int) -> Task:
        while (at := 0 if held is None else held.head.seq) < head:
            wanted = RangeWanted(log, at + 1, self.process.world.rng.randrange(1, 8))
            try:
                data = yield Request(wanted, self.process)
            except Unreachable:
                return held
            if data is None:
                return held
            applied = yield from self._apply(unpack(data.data))
            if applied is None or applied.held.head.seq <= at:
                return held
            held = applied.held
        return held

    def _apply(self, batch: Batch) -> Task:
        log = batch.header.log
        try:
            applied = self._applied(batch)
        except NotThisWay as refusal:
            self._stand_still(log, refusal)
            return None
        yield None
        if isinstance(applied.verdict, Apply) and is_feed(log):
            self.process.feed_grew(log, batch.header.first + applied.verdict.skip, batch.header.last)
        if isinstance(applied.verdict, Fork):
            self._differing.add(log)
            return applied
        if isinstance(applied.verdict, Apply | Duplicate | Gap):
            return applied
        self._stand_still(log, applied.verdict)
        return None

    def _applied(self, batch: Batch) -> Applied:
        store, parent, log = self.process.store, self.process.parent, batch.header.log
        held = store.find(log)
        if held is not None and held.via not in (parent, *self.process.children):
            store.redirect(log, parent)
        return store.apply([batch], parent)[0]

    def _wants(self, log: LogId) -> bool:
        return is_feed(log) or bool(self.process.children)

    def _stands_still(self, log: LogId) -> bool:
        return self.process.world.now < self._again_at.get(log, 0.0)

    def _stand_still(self, log: LogId, reason: object) -> None:
        self._again_at[log] = self.process.world.now + PAUSE
        self.process.world.books.trace(self.process, "lets a feed stand still:", log, reason)


def _in_order(log: LogId) -> tuple[str, str, int]:
    return log.origin, log.channel, log.epoch


def is_feed(log: LogId) -> bool:
    """Tell whether a log travels down."""
    return log.channel not in tuple(Stream)
