"""One log on its way to the parent: carries out what its `Sender` decides."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from bus.link.ledger import Ledger
from bus.link.messages import Confirmed, Floor
from bus.link.outflow import Outflow
from bus.link.recent import RecentBatches
from bus.link.tasks import Tasks
from bus.link.wire import ParentWire, Unreachable
from bus.replication import (
    MAX_RECORDS,
    START,
    Compare,
    Confirm,
    Effect,
    Flight,
    Forked,
    Header,
    LogId,
    PackedBatch,
    Position,
    Record,
    Scope,
    Send,
    Sender,
    Trim,
    another_attempt,
    fill,
    pack,
)
from bus.replication.ports import Logs

MARKS: Final = 64
GATHER: Final = 0.02
"""Seconds. Every batch costs each database on its way a sync to disk, however few events are in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """What every log needs on its way out."""

    wire: ParentWire
    outflow: Outflow
    logs: Logs
    ledger: Ledger
    recent: RecentBatches
    tasks: Tasks


class Sending:
    """One log towards the parent.

    Attributes:
        via: the child through which the log arrives; None for the node's own.
        centre: the last that was heard of the centre.
        head: number of the newest event.
    """

    def __init__(self, sender: Sender, via: str | None, outlet: Outlet, forked: Callable[[LogId], None]) -> None:
        """Begin; the link is down at first. ``forked`` is told when the parent's history turns out to be another."""
        self.via = via
        self.centre: Position | None = None
        self._sender = sender
        self._outlet = outlet
        self._forked = forked
        self._marks: OrderedDict[int, bytes] = OrderedDict()
        self._to_compare: dict[Scope, Position] = {}
        self.head = sender.head
        self._read_most = MAX_RECORDS
        self._told_at = -GATHER
        self._gathering = False
        self._has_ended = False
        self._floor = START

    def end(self) -> None:
        """Send no more, and say nothing more of what is confirmed: the log may become another."""
        self.down()
        self._has_ended = True

    def appended(self, last: int) -> None:
        """Events up to ``last`` are committed here: they leave at once, unless others did a moment ago."""
        self.head = max(self.head, last)
        loop = asyncio.get_running_loop()
        if self.head - self._sender.head >= MAX_RECORDS or loop.time() - self._told_at >= GATHER:
            self._tell()
        elif not self._gathering:
            self._gathering = True
            loop.call_at(self._told_at + GATHER, self._tell)

    def floored(self, floor: Position) -> None:
        """Events up to ``floor`` are no longer held here."""
        self._floor = floor
        self._sender.floored(floor.seq)

    @property
    def lacking(self) -> Floor | None:
        """Where the log begins here, if the parent lacks what lies before."""
        return Floor(self._sender.log, self._floor) if self._sender.lacking else None

    def up(self) -> None:
        """The parent answers."""
        self._act(self._sender.link_up())

    def down(self) -> None:
        """The parent does not answer."""
        self._act(self._sender.link_down())

    def tick(self, now: float) -> None:
        """Time passes; ``now`` in monotonic seconds."""
        self._act(self._sender.tick(now))

    def confirmed(self, word: Confirmed) -> None:
        """The parent says what it and the centre have committed."""
        if word.receiver is not None:
            self._act(self._sender.confirmed(word.log.epoch, word.receiver, Scope.RECEIVER))
        if word.centre is not None:
            self.centre = word.centre
            self._act(self._sender.confirmed(word.log.epoch, word.centre, Scope.CENTRE))

    def missing(self, expected: int, generation: int) -> None:
        """The parent misses the event ``expected``."""
        self._act(self._sender.gap(self._sender.log.epoch, expected, generation))

    def not_taken(self, at: int) -> None:
        """The parent cannot take the event ``at``, or one of those behind it."""
        self._act(self._sender.refused(self._sender.log.epoch, at, asyncio.get_running_loop().time()))

    def diverged(self, at: int) -> None:
        """The parent's history is another one at ``at``."""
        self._act(self._sender.fork(self._sender.log.epoch, at))

    def _tell(self) -> None:
        """Tell the core of all that came meanwhile."""
        self._gathering = False
        self._told_at = asyncio.get_running_loop().time()
        self._act(self._sender.appended(self.head))

    def _act(self, effects: Sequence[Effect]) -> None:
        if self._has_ended:
            return
        outlet, log = self._outlet, self._sender.log
        for effect in effects:
            match effect:
                case Send():
                    outlet.tasks.once("send", partial(self._send, effect))
                case Compare():
                    self._compare(effect)
                case Confirm(position):
                    outlet.ledger.parent_has(log, position)
                case Trim(position):
                    outlet.ledger.centre_has(log, position)
                case Forked(at):
                    outlet.tasks.note("log_forked", origin=log.origin, channel=log.channel, epoch=log.epoch, at=at)
                    self._forked(log)

    async def _send(self, order: Send) -> None:
        sender = self._sender
        try:
            async with self._outlet.outflow.room() as flight:
                header = await self._publish(order, flight)
        except Unreachable:
            self._act(sender.failed(order.generation, asyncio.get_running_loop().time()))
        except Exception as failure:  # noqa: BLE001 - whatever it is, the core tries again later
            self._outlet.tasks.note("batch_not_sent", channel=sender.log.channel, error=repr(failure))
            self._act(sender.failed(order.generation, asyncio.get_running_loop().time()))
        else:
            if header is not None:
                self._act(sender.published(header))

    async def _publish(self, order: Send, flight: Flight) -> Header | None:
        """Make and publish a batch; None when meanwhile it is not wanted any more."""
        if self._is_stale(order):
            return None
        batch, bodies = await self._packed(order, flight)
        if self._is_stale(order):
            return None
        self._mark(batch.header)
        self._outlet.outflow.leaves(flight, len(batch.data), bodies)
        self._act(self._sender.packed(batch.header))
        await self._outlet.wire.send(batch, flight.within)
        return batch.header

    def _is_stale(self, order: Send) -> bool:
        return order.generation != self._sender.generation

    async def _packed(self, order: Send, flight: Flight) -> tuple[PackedBatch, int | None]:
        """Return a batch, and how many bytes of bodies are in it where that is known."""
        log, recent = self._sender.log, self._outlet.recent
        batch = recent.find(log, order.first, order.limit)
        if batch is not None and len(batch.data) <= flight.size:
            return another_attempt(batch, order.generation), None
        limit = min(order.limit, self._read_most, recent.distance(log, order.first) or order.limit)
        before, records = await self._outlet.logs.read(log, order.first, limit)
        records = self._fitting(records, flight)
        bodies = sum(len(record.body or b"") for record in records)
        return pack(log, order.first, before, records, order.generation), bodies

    def _fitting(self, records: Sequence[Record], flight: Flight) -> Sequence[Record]:
        """Return the leading records that the line can take now; not many more are read the next time."""
        count = fill(records, self._outlet.outflow.bodies(flight))
        self._read_most = MAX_RECORDS if count == len(records) else min(MAX_RECORDS, 2 * count)
        return records[:count]

    def _mark(self, header: Header) -> None:
        """Remember the hashes around a batch: most confirmations name one of them."""
        self._marks[header.last] = header.after
        if len(self._marks) > MARKS:
            self._marks.popitem(last=False)

    def _compare(self, wanted: Compare) -> None:
        scope, position = wanted.scope, wanted.position
        if position.seq in self._marks:
            self._compared(scope, position, self._marks[position.seq])
            return
        idle = not self._to_compare
        self._to_compare[scope] = position
        if idle:
            self._outlet.tasks.once("compare", self._look_up)

    async def _look_up(self) -> None:
        try:
            while self._to_compare:
                scope, position = next(iter(self._to_compare.items()))
                own = await self._own_hash(position)
                if self._to_compare[scope] is position:
                    del self._to_compare[scope]
                self._compared(scope, position, own)
        except Exception:
            self._to_compare.clear()
            raise

    async def _own_hash(self, position: Position) -> bytes | None:
        """Return the own hash there; of what is no longer held as an event the centre's confirmation tells."""
        logs, log = self._outlet.logs, self._sender.log
        own = await logs.hash_at(log, position.seq)
        if own is None and (held := await logs.find(log)) is not None and position.seq < held.floor.seq:
            return position.hash
        return own

    def _compared(self, scope: Scope, position: Position, own: bytes | None) -> None:
        self._act(self._sender.compared(position, scope, equal=own == position.hash))
