"""What somebody can do at a parent's server who keeps to no rights, or has another one's secret."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest
from nats.aio.client import Client

from adapters.nats import subjects
from adapters.nats.children import NatsChildrenWire
from adapters.nats.streams import CONSUMER, stream_name
from bus.link.wire import Question, Stream
from sites.servers.nats import client_url, leaf_url
from tests.adapters.nats.lawless import LawlessLeaf
from tests.adapters.nats.places import Place, user_of
from tests.adapters.nats.speaking import FOR_OTHERS, listening, say
from tests.gates import OpenGate, welcomed
from tests.waiting import until


@pytest.mark.parametrize("name", ["koroszczyn", "lublin", "leaf", "stranger"])
async def test_another_childs_secret_opens_nothing(name: str, lublin: Place, parent: Client) -> None:
    assert parent.is_connected
    secret = user_of("lublin", "dorohusk", ()).secret
    ports = [urlsplit(url).port or 0 for url in (lublin.address.client_url, lublin.address.leaf_urls["dorohusk"])]
    for url in (client_url(ports[0], name, secret), leaf_url(ports[1], name, secret)):
        caller = await LawlessLeaf.open(url)
        await until(lambda told=caller.told: b"-ERR 'Authorization Violation'" in told)  # type: ignore[misc]
        await until(caller.is_cut)
        await caller.close()


@pytest.fixture(params=["server", "gate"])
async def lawless(
    request: pytest.FixtureRequest, lublin: Place, parent: Client, gate: OpenGate
) -> AsyncIterator[Callable[[], Any]]:
    """Open a lawless leaf that has koroszczyn's secret, or koroszczyn's key; there is a gate for those with a key."""
    assert parent.is_connected
    async with AsyncExitStack() as stack:

        async def opened() -> LawlessLeaf:
            if request.param == "gate":
                invitation = gate.invite("koroszczyn", "pl")
                await (await welcomed(invitation)).close()
                leaf = await LawlessLeaf.enter(invitation.leaf_url, invitation.credentials)
            else:
                leaf = await LawlessLeaf.open(lublin.address.leaf_urls["koroszczyn"])
            stack.push_async_callback(leaf.close)
            await until(lambda: b"PONG" in leaf.told)
            return leaf

        yield opened


@pytest.mark.parametrize(
    "subject",
    [
        subjects.batches("lublin", "dorohusk", "facts"),
        subjects.questions("lublin", "dorohusk", Question.HELLO),
        subjects.confirmations("lublin", "dorohusk"),
        subjects.broadcasts("lublin", "watchlist.pl"),
        "quarantine.lublin.dorohusk",
        f"{subjects.inbox('dorohusk')}.x",
        "$JS.lublin.API.STREAM.DELETE.UP-lublin",
        "$JS.API.STREAM.DELETE.UP-lublin",
        "$SYS.REQ.SERVER.PING",
    ],
)
async def test_a_leaf_that_keeps_to_no_rights_loses_its_line(subject: str, parent: Client, lawless: Any) -> None:
    leaf: LawlessLeaf = await lawless()
    own = subjects.batches("lublin", "koroszczyn", "facts")
    async with listening(parent, ">") as heard:

        def is_heard() -> bool:
            """Say it once more: what a leaf says first after somebody began to listen may go to nobody."""
            leaf.publish(own)
            return own in heard

        await until(is_heard)
        leaf.publish(subject)
        await until(lambda: any(b"Permissions Violation for Publish" in line for line in leaf.told))
        await until(leaf.is_cut)
    assert subject not in heard


@pytest.mark.parametrize(
    "interest", [">", "ack.*.*", "ack.lublin.*", "*.lublin.dorohusk", "_INBOX.>", "$JS.>", "> all 1"]
)
async def test_a_leaf_that_wants_all_hears_its_own(interest: str, parent: Client, lawless: Any) -> None:
    leaf: LawlessLeaf = await lawless()
    leaf.subscribe(interest)
    leaf.subscribe(subjects.confirmations("lublin", "koroszczyn"))
    last = subjects.confirmations("lublin", "koroszczyn")
    async with asyncio.timeout(10):
        while last not in leaf.heard:
            await say(parent, *FOR_OTHERS, last)
            await asyncio.sleep(0.02)
    assert set(leaf.heard) == {last}


async def test_a_question_is_answered_to_the_one_who_asks_or_not_at_all(
    lublin: Place, parent: Client, lawless: Any
) -> None:
    """The parent may publish anywhere; a child must not choose where."""
    leaf: LawlessLeaf = await lawless()
    down = NatsChildrenWire(lublin.address.client_url, node="lublin")
    serving = asyncio.create_task(down.run(echo))
    asked = subjects.questions("lublin", "koroszczyn", Question.HELLO)
    own, others = (f"{subjects.inbox(code)}.x" for code in ("koroszczyn", "dorohusk"))
    leaf.subscribe(own)
    async with listening(parent, others, subjects.batches("lublin", "dorohusk", "facts"), "down.>") as heard:
        async with asyncio.timeout(10):
            while own not in leaf.heard:
                for reply in (*FOR_OTHERS, own):
                    leaf.publish(asked, reply)
                await asyncio.sleep(0.02)
    assert heard == []
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


async def test_the_brokers_acknowledgement_is_no_request_to_the_broker(parent: Client, lawless: Any) -> None:
    """A child may name where it goes, and what it says looks much like a wish to purge."""
    leaf: LawlessLeaf = await lawless()
    name = stream_name(Stream.BULK, "lublin")
    own = subjects.batches("lublin", "koroszczyn", "facts")
    purge = f"$JS.API.STREAM.PURGE.{name}"
    async with listening(parent, purge, "$JS.EVENT.ADVISORY.API") as heard:
        for _ in range(3):
            leaf.publish(own, purge)
        await until(lambda: heard.count("$JS.EVENT.ADVISORY.API") >= 3)
    assert heard.count(purge) == 3
    assert (await parent.jetstream().stream_info(name)).state.messages == 3


async def test_the_brokers_acknowledgement_resets_no_consumer(parent: Client, lawless: Any) -> None:
    """A consumer that is reset delivers anew what was settled."""
    leaf: LawlessLeaf = await lawless()
    jetstream, name = parent.jetstream(), stream_name(Stream.BULK, "lublin")
    own = subjects.batches("lublin", "koroszczyn", "facts")
    reset = f"$JS.API.CONSUMER.RESET.{name}.{CONSUMER}"
    async with listening(parent, reset, "$JS.EVENT.ADVISORY.API") as heard:
        leaf.publish(own)
        pulling = await jetstream.pull_subscribe_bind(CONSUMER, name)
        (message,) = await pulling.fetch(1, timeout=10)
        heard.clear()
        for _ in range(3):
            leaf.publish(own, reset)
        await until(lambda: heard.count(reset) == 3)
        leaf.publish(own, f"$JS.API.STREAM.PURGE.{name}")
        await until(lambda: "$JS.EVENT.ADVISORY.API" in heard)
    after = await jetstream.consumer_info(name, CONSUMER)
    assert (after.num_ack_pending, after.num_pending) == (1, 4)
    await message.ack_sync()


async def echo(_: str, __: Question, data: bytes) -> bytes:
    return data
