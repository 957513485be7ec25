"""What a child can do at its parent's server with the secret it has: over its leaf link, and with a client of its own.

The rights are tried where they are kept: at the parent. Whoever keeps to none of them speaks the leaf protocol itself.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nats
import nats.errors
import nats.js.errors
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from adapters.nats import subjects
from adapters.nats.children import NatsChildrenWire
from adapters.nats.streams import keep_inflow, stream_name
from bus.catalogue import UP
from bus.link.messages import EVERY_FEED
from bus.link.wire import Question, Stream
from sites.servers.folders import remove_state
from sites.servers.nats import NatsServer, NatsSettings, NatsUser, client_url, leaf_url
from tests.adapters.nats.lawless import LawlessLeaf
from tests.adapters.nats.places import Place, until, user_of

WAYS = ("leaf", "client")
ANSWERED_WITHIN = 0.3
FOR_OTHERS = (
    subjects.confirmations("lublin", "dorohusk"),
    subjects.broadcasts("lublin", "watchlist.dorohusk"),
    subjects.broadcasts("lublin", "watchlist.drafts"),
    f"{subjects.inbox('dorohusk')}.x",
    f"{subjects.inbox('lublin')}.x",
    subjects.batches("lublin", "dorohusk", "facts"),
    subjects.questions("lublin", "dorohusk", Question.HELLO),
)
Heard = list[str]


async def ignore(_: Exception) -> None:
    """An error that the test provokes."""


@pytest.fixture
def lublin(start_place: Callable[..., Place]) -> Place:
    return start_place("lublin", koroszczyn=("pl",), dorohusk=("pl", "dorohusk"))


@pytest.fixture
async def connect() -> AsyncIterator[Callable[..., Any]]:
    """Connect a client; it is gone with the test."""
    async with AsyncExitStack() as stack:

        async def connected(url: str, node: str) -> Client:
            client = await nats.connect(
                url, allow_reconnect=False, error_cb=ignore, inbox_prefix=subjects.inbox(node).encode()
            )
            stack.push_async_callback(client.close)
            return client

        yield connected


@pytest.fixture
async def parent(lublin: Place, connect: Callable[..., Any]) -> Client:
    """A client of the parent's own, beside its streams."""
    client: Client = await connect(lublin.address.client_url, "lublin")
    for stream in Stream:
        await keep_inflow(client.jetstream(), stream, "lublin")
    return client


@pytest.fixture(params=WAYS)
async def koroszczyn(
    request: pytest.FixtureRequest, lublin: Place, parent: Client, start_place: Callable[..., Place], connect: Any
) -> Client:
    """A client that speaks for the child: at its own server, a leaf of the parent's, or at the parent's itself."""
    url = lublin.address.child_urls["koroszczyn"]
    if request.param == "leaf":
        url = start_place("koroszczyn", lublin).address.client_url
    client: Client = await connect(url, "koroszczyn")
    assert parent.is_connected
    await reaches(client, subjects.batches("lublin", "koroszczyn", "facts"))
    return client


async def reaches(client: Client, subject: str) -> None:
    """Wait until a stream acknowledges what is sent there."""
    async with asyncio.timeout(10):
        while not await is_answered(client, subject):
            pass


async def is_answered(client: Client, subject: str) -> bool:
    try:
        await client.request(subject, b"", timeout=ANSWERED_WITHIN)
    except (nats.errors.NoRespondersError, nats.errors.TimeoutError):
        return False
    return True


@asynccontextmanager
async def listening(client: Client, *wanted: str) -> AsyncIterator[Heard]:
    """Listen on these subjects; what the test's own requests are answered is not told."""
    heard: Heard = []

    async def hear(message: Msg) -> None:
        heard.append(message.subject)

    held: list[Subscription] = [await client.subscribe(subject, cb=hear) for subject in wanted]
    await client.flush()
    yield heard
    for subscription in held:
        with suppress(nats.errors.Error):
            await subscription.unsubscribe()


async def say(client: Client, *spoken: str) -> None:
    for subject in spoken:
        await client.publish(subject, b"said")
    await client.flush()


async def test_a_child_sends_on_each_of_its_channels_and_asks(parent: Client, koroszczyn: Client) -> None:
    for channel in UP:
        assert await is_answered(koroszczyn, subjects.batches("lublin", "koroszczyn", channel))

    async def answer(question: Msg) -> None:
        await question.respond(question.subject.encode())

    for question in Question:
        await parent.subscribe(subjects.questions("lublin", subjects.ANY, question), cb=answer)
        asked = subjects.questions("lublin", "koroszczyn", question)
        await reaches(koroszczyn, asked)
        assert (await koroszczyn.request(asked, timeout=5)).data == asked.encode()


async def test_a_child_speaks_for_nobody_else(parent: Client, koroszczyn: Client) -> None:
    last = subjects.batches("lublin", "koroszczyn", "alarms")
    async with listening(parent, ">") as heard:
        await say(
            koroszczyn,
            *(subjects.batches("lublin", other, "facts") for other in ("dorohusk", "lublin", "stranger")),
            subjects.batches("central", "koroszczyn", "facts"),
            *(subjects.questions("lublin", "dorohusk", question) for question in Question),
            subjects.confirmations("lublin", "dorohusk"),
            subjects.confirmations("lublin", "koroszczyn"),
            subjects.broadcasts("lublin", "watchlist.pl"),
            subjects.quarantine("lublin", "koroszczyn"),
            f"{subjects.inbox('dorohusk')}.x",
            f"{subjects.inbox('lublin')}.x",
            f"$JS.API.STREAM.DELETE.{stream_name(Stream.BULK, 'lublin')}",
            last,
        )
        await until(lambda: last in heard)
    assert heard == [last]


async def test_a_child_hears_what_is_for_it_and_nothing_else(parent: Client, koroszczyn: Client) -> None:
    own = {
        subjects.confirmations("lublin", "koroszczyn"),
        subjects.broadcasts("lublin", "watchlist.pl"),
        subjects.broadcasts("lublin", "organisation.pl"),
    }
    greedy = ("ack.>", "ack.*.dorohusk", "down.>", "up.>", "rpc.>", "_INBOX.dorohusk.>", "$JS.>")
    async with listening(koroszczyn, *greedy, *own, *FOR_OTHERS) as heard:
        async with asyncio.timeout(10):
            while not own <= set(heard):
                await say(parent, *FOR_OTHERS, *own)
                await asyncio.sleep(0.02)
    assert set(heard) == own


async def test_a_child_does_not_reach_its_parents_jetstream(parent: Client, koroszczyn: Client) -> None:
    name = stream_name(Stream.BULK, "lublin")
    assert (await parent.jetstream().stream_info(name)).state.messages > 0
    for domain in (None, "lublin"):
        jetstream = koroszczyn.jetstream(domain=domain, timeout=ANSWERED_WITHIN)
        for reach in (jetstream.stream_info, jetstream.purge_stream, jetstream.delete_stream):
            with pytest.raises((nats.errors.Error, nats.js.errors.Error)):
                await reach(name)
    assert (await parent.jetstream().stream_info(name)).state.messages > 0


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


@pytest.fixture
async def lawless(lublin: Place, parent: Client) -> AsyncIterator[Callable[[], Any]]:
    """Open a lawless leaf that has koroszczyn's secret."""
    assert parent.is_connected
    async with AsyncExitStack() as stack:

        async def opened() -> LawlessLeaf:
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
        subjects.quarantine("lublin", "dorohusk"),
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
        leaf.publish(own)
        await until(lambda: own in heard)
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


async def echo(_: str, __: Question, data: bytes) -> bytes:
    return data


async def test_a_region_passes_on_what_is_of_its_sites_and_hears_every_feed(
    start_place: Callable[..., Place], connect: Any
) -> None:
    centre = start_place("central", lublin=(EVERY_FEED,), bialystok=(EVERY_FEED,))
    region = start_place("lublin", centre, (EVERY_FEED,), koroszczyn=("pl",))
    site = start_place("koroszczyn", region, ("pl",))
    top, middle, bottom = [await connect(place.address.client_url, place.code) for place in (centre, region, site)]
    for client, code in ((top, "central"), (middle, "lublin")):
        for stream in Stream:
            await keep_inflow(client.jetstream(), stream, code)
    await reaches(middle, subjects.batches("central", "lublin", "facts"))
    await reaches(bottom, subjects.batches("lublin", "koroszczyn", "facts"))
    feeds = {subjects.broadcasts("central", feed) for feed in ("watchlist.pl", "watchlist.drafts", "organisation.x")}
    async with listening(top, ">") as above, listening(middle, "down.>", "ack.>") as heard:
        for client in (bottom, middle):
            await say(client, *(subjects.batches("central", code, "technical") for code in ("koroszczyn", "bialystok")))
        await say(bottom, subjects.batches("central", "lublin", "technical"))
        for channel in UP:
            assert await is_answered(middle, subjects.batches("central", "lublin", channel))
        async with asyncio.timeout(10):
            while not feeds <= set(heard):
                await say(top, subjects.confirmations("central", "bialystok"), *feeds)
                await asyncio.sleep(0.02)
    climbed = [one for one in above if one.startswith("up.")]
    assert climbed == [subjects.batches("central", "lublin", channel) for channel in UP]
    assert set(heard) == feeds


async def test_a_node_keeps_its_jetstream_from_its_parent(
    start_place: Callable[..., Place], connect: Any, tmp_path: Path
) -> None:
    """Even from one whose server sets no limits."""
    unlimited = NatsSettings(name="central", children=(NatsUser(name="lublin", secret="secret-of-lublin"),))
    server = NatsServer(tmp_path / "central", unlimited)
    centre = Place(code="central", server=server, address=server.start(), parent=None, scopes=(), children={})
    try:
        region = start_place("lublin", centre, (EVERY_FEED,), koroszczyn=("pl",))
        top, middle = (
            await connect(centre.address.client_url, "central"),
            await connect(region.address.client_url, "lublin"),
        )
        await keep_inflow(middle.jetstream(), Stream.BULK, "lublin")
        async with listening(middle, "reached") as heard:
            async with asyncio.timeout(10):
                while not heard:
                    await say(top, "reached")
                    await asyncio.sleep(0.02)
        with pytest.raises((nats.errors.Error, nats.js.errors.Error)):
            await top.jetstream(domain="lublin", timeout=ANSWERED_WITHIN).stream_info(
                stream_name(Stream.BULK, "lublin")
            )
    finally:
        server.stop()
        remove_state(tmp_path / "central")
