"""What a child can do at its parent's server with its own secret: over its leaf link, and with a client of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import nats.errors
import nats.js.errors
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg

from adapters.nats import subjects
from adapters.nats.streams import keep_inflow, stream_name
from bus.catalogue import UP
from bus.link.messages import EVERY_FEED
from bus.link.wire import Question, Stream
from sites.servers.folders import remove_state
from sites.servers.nats import NatsServer, NatsSettings, NatsUser
from tests.adapters.nats.places import Place
from tests.adapters.nats.speaking import (
    ANSWERED_SURELY_WITHIN,
    ANSWERED_WITHIN,
    FOR_OTHERS,
    is_answered,
    listening,
    reaches,
    say,
)
from tests.gates import OpenGate, welcomed

FOR_NOBODY = (
    *(subjects.batches("lublin", other, "facts") for other in ("dorohusk", "lublin", "stranger")),
    subjects.batches("central", "koroszczyn", "facts"),
    *(subjects.questions("lublin", "dorohusk", question) for question in Question),
    subjects.confirmations("lublin", "dorohusk"),
    subjects.confirmations("lublin", "koroszczyn"),
    subjects.broadcasts("lublin", "watchlist.pl"),
    "quarantine.lublin.koroszczyn",
    f"{subjects.inbox('dorohusk')}.x",
    f"{subjects.inbox('lublin')}.x",
    f"$JS.API.STREAM.DELETE.{stream_name(Stream.BULK, 'lublin')}",
)
"""What a child has no right to say."""
WAYS = ("leaf", "client", "leaf with a key", "client with a key")


@pytest.fixture(params=WAYS)
async def koroszczyn(
    request: pytest.FixtureRequest,
    lublin: Place,
    gate: OpenGate,
    start_place: Callable[..., Place],
    connect: Any,
) -> AsyncIterator[Client]:
    """A client that speaks for the child: at its own server, a leaf of the parent's, or at the parent's itself.

    The child has a password, or it comes in through the gate.
    """
    invitation = gate.invite("koroszczyn", "pl") if request.param.endswith("a key") else None
    if request.param == "client with a key":
        client: Client = await welcomed(invitation)
    else:
        url = lublin.address.child_urls["koroszczyn"]
        if request.param.startswith("leaf"):
            url = start_place("koroszczyn", lublin, invitation=invitation).address.client_url
        client = await connect(url, "koroszczyn")
    await reaches(client, subjects.batches("lublin", "koroszczyn", "facts"))
    yield client
    await client.close()


async def test_a_child_sends_on_each_of_its_channels_and_asks(parent: Client, koroszczyn: Client) -> None:
    for channel in UP:
        await reaches(koroszczyn, subjects.batches("lublin", "koroszczyn", channel))

    async def answer(question: Msg) -> None:
        await question.respond(question.subject.encode())

    for question in Question:
        await parent.subscribe(subjects.questions("lublin", subjects.ANY, question), cb=answer)
        asked = subjects.questions("lublin", "koroszczyn", question)
        await reaches(koroszczyn, asked)
        assert (await koroszczyn.request(asked, timeout=5)).data == asked.encode()


async def test_a_child_speaks_for_nobody_else(parent: Client, koroszczyn: Client) -> None:
    own = [subjects.batches("lublin", "koroszczyn", channel) for channel in ("alarms", "technical")]
    async with listening(parent, ">") as heard:
        for last in own:  # once the first is heard, whoever listens is known at the child's server
            async with asyncio.timeout(10):
                while last not in heard:
                    await say(koroszczyn, *FOR_NOBODY, last)
                    await asyncio.sleep(0.02)
    assert set(heard) == set(own)


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
    own = [subjects.batches("central", "lublin", channel) for channel in UP]
    for each in own:
        await reaches(middle, each)
    await reaches(bottom, subjects.batches("lublin", "koroszczyn", "facts"))
    feeds = {subjects.broadcasts("central", feed) for feed in ("watchlist.pl", "watchlist.drafts", "organisation.x")}
    async with listening(top, ">") as above, listening(middle, "down.>", "ack.>") as heard:
        for client in (bottom, middle):
            await say(client, *(subjects.batches("central", code, "technical") for code in ("koroszczyn", "bialystok")))
        await say(bottom, subjects.batches("central", "lublin", "technical"))
        for each in own:
            assert await is_answered(middle, each, ANSWERED_SURELY_WITHIN)
        async with asyncio.timeout(10):
            while not feeds <= set(heard):
                await say(top, subjects.confirmations("central", "bialystok"), *feeds)
                await asyncio.sleep(0.02)
    climbed = [one for one in above if one.startswith("up.")]
    assert climbed == own
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
