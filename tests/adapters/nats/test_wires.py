"""The wires of one parent and its children over a real nats-server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import nats
import nats.errors
import pytest
from nats.aio.client import Client

from adapters.nats import subjects
from adapters.nats.children import NatsChildrenWire
from adapters.nats.parent import NatsParentWire
from adapters.nats.streams import CONSUMER, forget_settled, keep_inflow, stream_name
from bus.link.messages import EVERY_FEED
from bus.link.wire import Delivery, Question, Stream, Unreachable
from bus.replication import START, LogId, PackedBatch, Record, pack
from tests.adapters.nats.places import Place
from tests.adapters.nats.speaking import listening
from tests.waiting import until

UP = stream_name(Stream.BULK, "lublin")


def batch(seq: int = 1, channel: str = "facts", origin: str = "koroszczyn", generation: int = 0) -> PackedBatch:
    record = Record(seq.to_bytes(16), seq, bytes(16), b"body")
    return pack(LogId(origin, 7, channel), seq, START.hash, [record], generation)


async def answer(child: str, question: Question, data: bytes) -> bytes:
    return f"{child} {question} ".encode() + data


@pytest.fixture
def lublin(start_place: Callable[..., Place]) -> Place:
    return start_place("lublin", koroszczyn=("pl",))


@pytest.fixture
async def client(lublin: Place) -> AsyncIterator[Client]:
    """The operator's own."""
    connected = await nats.connect(lublin.address.client_url)
    yield connected
    await connected.close()


@asynccontextmanager
async def running(*works: object) -> AsyncIterator[None]:
    tasks = [asyncio.ensure_future(work) for work in works]  # type: ignore[call-overload] # coroutines
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def child_wire(place: Place, code: str = "koroszczyn") -> NatsParentWire:
    return NatsParentWire(place.address.client_url, node=code, parent="lublin", purpose="bulk")


def deaf(wire: NatsParentWire) -> object:
    return wire.run(feeds=(), confirmations=lambda _: None, broadcast=lambda _: None)


async def reached(wire: NatsParentWire) -> None:
    """Wait until the parent answers."""
    async with asyncio.timeout(10):
        while True:
            try:
                await wire.ask(Question.HELLO, b"")
            except Unreachable:
                await asyncio.sleep(0.02)
            else:
                return


async def test_batches_arrive_in_order_in_the_stream_of_their_channel(lublin: Place) -> None:
    up, down = child_wire(lublin), NatsChildrenWire(lublin.address.client_url, node="lublin")
    async with running(down.run(answer), deaf(up)):
        await reached(up)
        sent = [batch(1), batch(2, "audit"), batch(3, "technical")]
        await asyncio.gather(*(up.send(one) for one in sent), up.send(batch(1, "alarms")))
        taken: list[Delivery] = []
        while len(taken) < 3:
            taken += await down.take(Stream.BULK, 10)
        assert [(one.child, one.data) for one in taken] == [("koroszczyn", one.data) for one in sent]
        (alarm,) = await down.take(Stream.ALARMS, 10)
        assert alarm.data == batch(1, "alarms").data


async def test_the_same_attempt_is_stored_once_and_another_one_again(lublin: Place, client: Client) -> None:
    up, down = child_wire(lublin), NatsChildrenWire(lublin.address.client_url, node="lublin")
    async with running(down.run(answer), deaf(up)):
        await reached(up)
        for generation in (5, 5, 6):
            await up.send(batch(generation=generation))
    assert (await client.jetstream().stream_info(UP)).state.messages == 2


async def test_children_ask_and_are_answered_by_name(lublin: Place) -> None:
    up, down = child_wire(lublin), NatsChildrenWire(lublin.address.client_url, node="lublin")
    async with running(down.run(answer), deaf(up)):
        await reached(up)
        assert await up.ask(Question.HELLO, b"1") == b"koroszczyn hello 1"
        assert await up.ask(Question.RANGE, b"2") == b"koroszczyn range 2"


async def test_everybody_hears_what_is_for_him_and_nothing_else(lublin: Place) -> None:
    down = NatsChildrenWire(lublin.address.client_url, node="lublin")
    heard: list[tuple[str, bytes]] = []
    wires = {"koroszczyn": ("watchlist.pl",), "dorohusk": (EVERY_FEED,)}
    ups = {code: child_wire(lublin, code) for code in wires}

    def listening(code: str) -> object:
        return ups[code].run(
            feeds=wires[code],
            confirmations=lambda data: heard.append((code, data)),
            broadcast=lambda data: heard.append((code, data)),
        )

    async with running(down.run(answer), *(listening(code) for code in wires)):
        for up in ups.values():
            await reached(up)
        await down.confirm("koroszczyn", b"confirmed")
        await down.broadcast("watchlist.pl", b"pl")
        await down.broadcast("watchlist.drafts", b"drafts")
        await until(lambda: len(heard) == 4)
        assert sorted(heard) == [
            ("dorohusk", b"drafts"),
            ("dorohusk", b"pl"),
            ("koroszczyn", b"confirmed"),
            ("koroszczyn", b"pl"),
        ]


async def test_what_is_not_settled_waits_for_the_next_connection(lublin: Place) -> None:
    up, down = child_wire(lublin), NatsChildrenWire(lublin.address.client_url, node="lublin")
    async with running(deaf(up)):
        async with running(down.run(answer)):
            await reached(up)
            for seq in range(1, 4):
                await up.send(batch(seq))
            first, *_ = await down.take(Stream.BULK, 1)
            await down.settle([first])
        again = NatsChildrenWire(lublin.address.client_url, node="lublin")
        lublin.server.stop()
        lublin.server.start()
        async with running(again.run(answer)):
            taken: list[bytes] = []
            async with asyncio.timeout(10):
                while batch(3).data not in taken:
                    taken += [one.data for one in await again.take(Stream.BULK, 10)]
        # What was settled may come again, too: the broker writes down later that it was.
        assert [data for data in taken if data != batch(1).data] == [batch(2).data, batch(3).data]


async def test_a_connection_is_made_anew_when_the_server_was_away(lublin: Place) -> None:
    up, down = child_wire(lublin), NatsChildrenWire(lublin.address.client_url, node="lublin")
    async with running(down.run(answer), deaf(up)):
        await reached(up)
        lublin.server.kill()
        with pytest.raises(Unreachable):
            await up.send(batch())
        lublin.server.start()
        await reached(up)
        await up.send(batch())
        (taken,) = await down.take(Stream.BULK, 10)
        assert taken.data == batch().data


async def test_a_stream_that_somebody_deleted_is_made_anew(lublin: Place, client: Client) -> None:
    up, down = child_wire(lublin), NatsChildrenWire(lublin.address.client_url, node="lublin")
    async with running(down.run(answer), deaf(up)):
        await reached(up)
        taking = asyncio.create_task(down.take(Stream.BULK, 10))
        await client.jetstream().delete_stream(UP)
        async with asyncio.timeout(20):
            while not taking.done():
                try:
                    await up.send(batch(generation=1))
                except Unreachable:
                    await asyncio.sleep(0.02)
                await asyncio.sleep(0.02)
        assert taking.result()[0].data == batch(generation=1).data


async def test_a_consumer_that_is_ahead_of_its_stream_is_made_anew(client: Client) -> None:
    jetstream = client.jetstream()
    await keep_inflow(jetstream, Stream.BULK, "lublin")
    await jetstream.reset_consumer(UP, CONSUMER, seq=1_000)
    await keep_inflow(jetstream, Stream.BULK, "lublin")
    await jetstream.publish("up.lublin.koroszczyn.facts", b"would be passed over")
    (kept,) = await (await jetstream.pull_subscribe_bind(CONSUMER, UP)).fetch(1, timeout=5)
    assert kept.data == b"would be passed over"


async def test_what_is_settled_is_forgotten_and_nothing_else(lublin: Place, client: Client) -> None:
    jetstream = client.jetstream()
    up, down = child_wire(lublin), NatsChildrenWire(lublin.address.client_url, node="lublin")
    async with running(down.run(answer), deaf(up)):
        await reached(up)
        for seq in range(1, 5):
            await up.send(batch(seq))
        taken: list[Delivery] = []
        while len(taken) < 4:
            taken += await down.take(Stream.BULK, 10)
        await down.settle([taken[0], taken[1], taken[3]])
        while (await jetstream.consumer_info(UP, CONSUMER)).num_ack_pending != 1:
            pass
        await forget_settled(jetstream, Stream.BULK, "lublin")
        state = (await jetstream.stream_info(UP)).state
        assert (state.first_seq, state.last_seq) == (3, 4)


async def test_a_full_stream_refuses_what_is_new(lublin: Place, client: Client) -> None:
    up, down = child_wire(lublin), NatsChildrenWire(lublin.address.client_url, node="lublin")
    async with running(down.run(answer), deaf(up)):
        await reached(up)
        jetstream = client.jetstream()
        config = (await jetstream.stream_info(UP)).config
        await jetstream.update_stream(config.evolve(max_bytes=300))
        await up.send(batch(1))
        with pytest.raises(Unreachable, match="maximum bytes"):
            await up.send(batch(2))


async def test_acknowledgements_of_others_are_no_batches_and_no_words(lublin: Place, client: Client) -> None:
    """A child may have the broker acknowledge its batches where another one's are expected."""
    up, down = child_wire(lublin), NatsChildrenWire(lublin.address.client_url, node="lublin")
    heard: list[bytes] = []
    async with running(
        down.run(answer), up.run(feeds=("watchlist.pl",), confirmations=heard.append, broadcast=heard.append)
    ):
        await reached(up)
        own = subjects.batches("lublin", "dorohusk", "facts")
        targets = (
            subjects.batches("lublin", "koroszczyn", "technical"),
            subjects.confirmations("lublin", "koroszczyn"),
            subjects.broadcasts("lublin", "watchlist.pl"),
        )
        async with listening(client, *targets) as sent:
            for target in targets:
                await client.publish(own, b"junk", reply=target)
                await client.publish(own, b"junk", reply=target, headers={"Nats-Expected-Last-Msg-Id": "none"})
            await until(lambda: len(sent) == 2 * len(targets))
        await up.send(batch())
        await down.confirm("koroszczyn", b"confirmed")
        await down.broadcast("watchlist.pl", b"pl")
        taken: list[Delivery] = []
        while len(taken) < 4:
            taken += await down.take(Stream.BULK, 10)
        assert [one.data for one in taken] == [*(b"junk",) * 3, batch().data]
        await until(lambda: len(heard) == 2)
        assert sorted(heard) == [b"confirmed", b"pl"]
        await down.settle(taken)
        async with asyncio.timeout(10):
            while (await client.jetstream().consumer_info(UP, CONSUMER)).num_ack_pending:  # noqa: ASYNC110 - is not told
                await asyncio.sleep(0.02)
