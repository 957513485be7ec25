"""Wires in memory that lose, repeat, delay and cut, each as often as a test says."""

import asyncio
import random
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bus.link.messages import EVERY_FEED
from bus.link.wire import CHANNELS, Answer, Delivery, Hear, Question, Stream, Unanswered, Unreachable
from bus.replication.batch import PackedBatch
from bus.replication.pace import SHORTEST

T = TypeVar("T")

REQUEST_WITHIN = 3.0
SETTLED_WITHIN = 30.0


@dataclass(slots=True)
class Faults:
    """How bad the network is: probabilities, seconds, and bytes a second that a child's wire carries (None: any)."""

    lost: float = 0.0
    repeated: float = 0.0
    delay: float = 0.0
    rate: float | None = None


@dataclass(slots=True)
class _Stored:
    number: int
    child: str
    data: bytes
    due: float = 0.0


class Broker:
    """A stream of a parent."""

    def __init__(self) -> None:
        self.waiting: dict[int, _Stored] = {}
        self.settled = 0
        self._past: list[_Stored] = []
        self._stored = 0
        self._known: set[str] = set()
        self._news = asyncio.Event()

    def put(self, child: str, data: bytes, message_id: str) -> None:
        if message_id not in self._known:
            self._known.add(message_id)
            self._stored += 1
            self.waiting[self._stored] = _Stored(self._stored, child, data)
            self._news.set()

    async def news(self) -> None:
        """Wait until there is something to take."""
        self._news.clear()
        due = min((stored.due for stored in self.waiting.values()), default=None)
        with suppress(TimeoutError):
            async with asyncio.timeout_at(due):
                await self._news.wait()

    def take(self, most: int, now: float) -> list[_Stored]:
        due = [stored for stored in self.waiting.values() if stored.due <= now][:most]
        for stored in due:
            stored.due = now + SETTLED_WITHIN
        return due

    def settle(self, number: int) -> None:
        stored = self.waiting.pop(number, None)
        if stored is not None:
            self.settled += 1
            self._past.append(stored)

    def repeat(self, number: int) -> None:
        """Deliver a message again at once."""
        if number in self.waiting:
            self.waiting[number].due = 0.0
            self._news.set()

    def lose_everything(self) -> None:
        self.waiting.clear()
        self._past.clear()
        self._known.clear()

    def lose_newest(self, count: int) -> None:
        """Go back to before the newest messages came, and know of none of them."""
        for number in sorted(self.waiting)[-count:]:
            del self.waiting[number]
        self._known.clear()

    def forget_settled(self, count: int) -> None:
        """Go back to before the last messages were settled: they come again."""
        for stored in self._past[-count:]:
            self.waiting[stored.number] = stored
            self.repeat(stored.number)
        del self._past[-count:]


@dataclass
class Network:
    """All nodes' wires. `cut` names children that cannot reach their parents; `said` has what parents broadcast."""

    faults: Faults = field(default_factory=Faults)
    seed: int = 0
    cut: set[str] = field(default_factory=set)
    brokers: dict[tuple[str, Stream], Broker] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    ears: dict[str, list["MemoryParentWire"]] = field(default_factory=dict)
    aside: list[tuple[Delivery, str]] = field(default_factory=list)
    said: list[tuple[float, str, str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - to be repeated is the point

    def kept(self, delivery: Delivery, reason: str) -> None:
        """Hear that a node set something aside."""
        self.aside.append((delivery, reason))

    def broker(self, node: str, stream: Stream) -> Broker:
        return self.brokers.setdefault((node, stream), Broker())

    def happens(self, probability: float) -> bool:
        return self.chance.random() < probability

    async def travel(self) -> None:
        await asyncio.sleep(self.chance.random() * self.faults.delay)

    async def reach(self, child: str) -> None:
        """One way of a request: it may be lost, which the asker notices by waiting."""
        await self.travel()
        if child in self.cut or self.happens(self.faults.lost):
            await asyncio.sleep(REQUEST_WITHIN)
            raise Unanswered("no answer")

    def say(self, child: str, hear: Hear, data: bytes) -> None:
        """Say something that nobody confirms."""
        for _ in range(2 if self.happens(self.faults.repeated) else 1):
            if child not in self.cut and not self.happens(self.faults.lost):
                later = self.chance.random() * self.faults.delay
                asyncio.get_running_loop().call_later(later, hear, data)


class MemoryParentWire:
    """A child's wire towards its parent."""

    def __init__(self, network: Network, node: str, parent: str) -> None:
        self.node = node
        self.feeds: Collection[str] = ()
        self.sent: list[PackedBatch] = []
        self.free_at = 0.0  # what waits on a thin line has gone by then; a new connection has nothing waiting
        self._network = network
        self._parent = parent
        self._confirmations: Hear | None = None
        self._broadcast: Hear | None = None

    async def run(self, *, feeds: Collection[str], confirmations: Hear, broadcast: Hear) -> None:
        self.feeds, self._confirmations, self._broadcast = feeds, confirmations, broadcast
        ears = self._network.ears.setdefault(self._parent, [])
        ears.append(self)
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ears.remove(self)

    async def send(self, batch: PackedBatch, within: float = SHORTEST) -> None:
        self.sent.append(batch)
        await self._in_time(self._send(batch), within)

    async def _send(self, batch: PackedBatch) -> None:
        network, log = self._network, batch.header.log
        await self._carry(len(batch.data))
        await network.reach(self.node)
        stream = next(stream for stream in Stream if log.channel in CHANNELS[stream])
        broker = network.broker(self._parent, stream)
        broker.put(self.node, batch.data, batch.header.message_id)
        await network.reach(self.node)

    async def ask(self, question: Question, data: bytes) -> bytes:
        if self._parent not in self._network.answers:  # a broker that is near says so at once
            raise Unreachable("nobody is there")
        return await self._in_time(self._ask(question, data), REQUEST_WITHIN)

    async def _carry(self, size: int) -> None:
        """Have something wait on a thin line behind all that went before."""
        rate, now = self._network.faults.rate, asyncio.get_running_loop().time()
        if rate is not None:
            self.free_at = max(now, self.free_at) + size / rate
            await asyncio.sleep(self.free_at - now)

    async def _in_time(self, work: Coroutine[Any, Any, T], within: float) -> T:
        """Wait so long for work on a thin line, which goes on all the same; elsewhere for as long as it takes."""
        if self._network.faults.rate is None:
            return await work
        working = asyncio.ensure_future(work)
        await asyncio.wait([working], timeout=within)
        if not working.done():
            working.add_done_callback(_heard_by_nobody)
            raise Unanswered("not in time")
        return working.result()

    async def _ask(self, question: Question, data: bytes) -> bytes:
        await self._carry(len(data))
        await self._network.reach(self.node)
        answer = self._network.answers.get(self._parent)
        if answer is None:
            raise Unreachable("nobody is there")
        reply = await answer(self.node, question, data)
        await self._network.reach(self.node)
        return reply

    def hear_confirmations(self, data: bytes) -> None:
        if self._confirmations is not None:
            self._network.say(self.node, self._confirmations, data)

    def hear_broadcast(self, channel: str, data: bytes) -> None:
        wanted = channel in self.feeds or EVERY_FEED in self.feeds
        if wanted and self._broadcast is not None:
            self._network.say(self.node, self._broadcast, data)


def _heard_by_nobody(late: asyncio.Future[Any]) -> None:
    if not late.cancelled():
        late.exception()


class MemoryChildrenWire:
    """A parent's wire on which it serves its children."""

    def __init__(self, network: Network, node: str) -> None:
        self.unwritable: Mapping[Stream, str] = {}
        self._network = network
        self._node = node

    async def run(self, answer: Answer) -> None:
        self._network.answers[self._node] = answer
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            del self._network.answers[self._node]

    async def take(self, stream: Stream, most: int) -> Sequence[Delivery]:
        broker, now = self._network.broker(self._node, stream), asyncio.get_running_loop().time
        while not (taken := broker.take(most, now())):
            await broker.news()
        for stored in taken:
            if self._network.happens(self._network.faults.repeated):
                broker.repeat(stored.number)
        return [Delivery(stored.child, stored.data, f"{stream}:{stored.number}") for stored in taken]

    async def settle(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            stream, _, number = delivery.receipt.partition(":")
            if not self._network.happens(self._network.faults.lost):
                self._network.broker(self._node, Stream(stream)).settle(int(number))

    async def confirm(self, child: str, data: bytes) -> None:
        for wire in self._wires(lambda wire: wire.node == child):
            wire.hear_confirmations(data)

    async def broadcast(self, channel: str, data: bytes) -> None:
        now = asyncio.get_running_loop().time()
        self._network.said.append((now, self._node, channel, len(data)))
        for wire in self._wires(lambda _: True):
            wire.hear_broadcast(channel, data)

    def _wires(self, wanted: Callable[[MemoryParentWire], bool]) -> list[MemoryParentWire]:
        return [wire for wire in self._network.ears.get(self._node, ()) if wanted(wire)]
