"""A broker that once could not write a stream takes nothing more into it, until the parent makes the stream anew."""

import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import nats.errors
import pytest
from nats.aio.client import Client

from adapters.nats.children import NatsChildrenWire
from adapters.nats.streams import Unwritable, forget_settled, keep_inflow, make_anew, stream_name
from adapters.nats.subjects import batches
from bus.link.tasks import Tasks
from bus.link.wire import Stream
from domain.alarms.events import AlarmRaised
from tests.adapters.nats.places import Node, Place, confirmed
from tests.adapters.nats.test_chain import readings
from tests.samples import alarm
from tests.waiting import until

PIECE = bytes(2_000_000)
TO_STRANGER = batches("lublin", "nobody", "facts")
FILE = 10
"""Pieces for which one file of a stream has no room."""
ANSWERS_WITHIN = 1.0


@contextmanager
def no_next_file(state: Path, stream: Stream) -> Iterator[None]:
    """Let a server fail to begin the next file of a stream, as without room on the disk, as long as the block."""
    (messages,) = (state / "nats").resolve().glob(f"jetstream/**/{stream_name(stream, 'lublin')}/msgs")
    begun = max(int(file.stem) for file in messages.glob("*.blk"))
    blocked = messages / f"{begun + 1}.blk"
    blocked.mkdir()
    try:
        yield
    finally:
        with suppress(FileNotFoundError):  # gone with the stream
            blocked.rmdir()


async def overfill(client: Client) -> None:
    """Publish until the server does not answer any more."""
    taken = 0
    with suppress(nats.errors.TimeoutError):
        while taken < FILE:
            await client.request(TO_STRANGER, PIECE, timeout=ANSWERS_WITHIN)
            taken += 1
    assert taken < FILE


@pytest.fixture
async def unwritable(start_place: Callable[..., Place], connect: Callable[..., Any], tmp_path: Path) -> Client:
    """A client of a server whose disk has room again, and which refuses its stream."""
    place = start_place("lublin", koroszczyn=("pl",))
    client: Client = await connect(place.address.client_url, "lublin")
    await keep_inflow(client.jetstream(), Stream.BULK, "lublin")
    await forget_settled(client.jetstream(), Stream.BULK, "lublin")
    with no_next_file(tmp_path / "lublin", Stream.BULK):
        await overfill(client)
    return client


async def test_a_stream_that_could_not_be_written_stays_so_and_says_it(unwritable: Client) -> None:
    with pytest.raises(nats.errors.TimeoutError):
        await unwritable.request(TO_STRANGER, b"little", timeout=ANSWERS_WITHIN)
    with pytest.raises(Unwritable, match="is a directory"):
        await forget_settled(unwritable.jetstream(), Stream.BULK, "lublin")


async def test_a_stream_made_anew_takes_messages(unwritable: Client) -> None:
    await make_anew(unwritable.jetstream(), Stream.BULK, "lublin")
    await forget_settled(unwritable.jetstream(), Stream.BULK, "lublin")
    answer = await unwritable.request(TO_STRANGER, PIECE, timeout=ANSWERS_WITHIN)
    assert b'"seq":1' in answer.data


async def test_a_server_that_has_given_up_all_its_streams_is_told_of_until_it_is_started_anew(
    start_place: Callable[..., Place], connect: Callable[..., Any], tmp_path: Path
) -> None:
    place = start_place("lublin", koroszczyn=("pl",))
    wire, tasks = NatsChildrenWire(place.address.client_url, node="lublin"), Tasks()
    client: Client = await connect(place.address.client_url, "lublin")
    await keep_inflow(client.jetstream(), Stream.BULK, "lublin")
    (messages,) = (tmp_path / "lublin" / "nats").resolve().glob("jetstream/**/UP-lublin/msgs")
    usual = stat.S_IMODE(messages.stat().st_mode)
    messages.chmod(0o500)
    await overfill(client)
    messages.chmod(usual)

    tasks.forever("children wire", partial(wire.run, unasked))
    try:
        await until(lambda: set(wire.unwritable) == set(Stream), within=40)
        assert "no answer about streams" in wire.unwritable[Stream.BULK]
        await place.server.restart()
        await until(lambda: not wire.unwritable, within=40)
    finally:
        await tasks.end()


async def unasked(*_: object) -> bytes:
    return b""


async def test_nothing_is_lost_with_a_stream_that_is_made_anew(
    chain: list[Node], connect: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre, region, site = chain
    seen: list[str] = []
    tidy = NatsChildrenWire._tidy

    async def noting(wire: NatsChildrenWire, *args: Any) -> None:
        await tidy(wire, *args)
        seen.extend(region.link.status().unwritable.values())

    monkeypatch.setattr(NatsChildrenWire, "_tidy", noting)
    for node in chain:
        node.start()
    await site.record(*readings(10))
    await confirmed(site, "facts")
    client = await connect(region.place.address.client_url, "lublin")
    with no_next_file(tmp_path / "lublin", Stream.BULK):
        await overfill(client)
        await site.record(*readings(500), AlarmRaised(alarm=alarm()))
        await confirmed(site, "alarms")

    await confirmed(site, "facts", within=40)
    await until(lambda: not region.link.status().unwritable)
    assert seen
    assert await centre.records("koroszczyn", "facts") == await site.records("koroszczyn", "facts")
