"""A full broker, and databases that are slow or hang: the sender slows down, registers on, and nothing is lost."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psutil
import pytest

from adapters.database.postgres import PostgresDatabase
from adapters.database.schema import migrate_postgres
from adapters.nats.parent import NatsParentWire
from adapters.nats.streams import stream_name
from bus.link.wire import Stream, Unreachable
from bus.replication import Batch, PackedBatch
from bus.replication.ports import Applied
from sites.servers.postgres import PostgresServer
from tests.adapters.nats.places import Node, Place, confirmed
from tests.adapters.nats.test_chain import readings
from tests.waiting import until

STREAM_BYTES = 60_000
BACKLOG = 4_000


def has_recorded(site: Node) -> int:
    return site.heads["koroszczyn", "facts"]


async def test_a_full_broker_refuses_and_what_it_refused_arrives_later(
    chain: list[Node], connect: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, region, site = chain
    may_go_on, apply, send = asyncio.Event(), region.logs.apply, NatsParentWire.send
    refused: list[str] = []

    async def slowly(batches: Sequence[Batch], via: str) -> Sequence[Applied]:
        await may_go_on.wait()
        return await apply(batches, via)

    async def listening(wire: NatsParentWire, batch: PackedBatch, within: float) -> None:
        try:
            await send(wire, batch, within)
        except Unreachable as refusal:
            refused.append(str(refusal))
            raise

    for node in chain:
        node.start()
    await site.record(*readings(1))
    await confirmed(site, "facts")
    monkeypatch.setattr(region.logs, "apply", slowly)
    monkeypatch.setattr(NatsParentWire, "send", listening)
    jetstream = (await connect(region.place.address.client_url, "lublin")).jetstream()
    name = stream_name(Stream.BULK, "lublin")
    config = (await jetstream.stream_info(name)).config
    await jetstream.update_stream(config.evolve(max_bytes=STREAM_BYTES))

    for _ in range(BACKLOG // 500):
        await site.record(*readings(500))
    await until(lambda: len(refused) > 1)
    assert "maximum bytes" in refused[0]
    held = await site.held("koroszczyn", "facts")
    assert held is not None
    assert (held.receiver.seq, held.head.seq) == (1, BACKLOG + 1)
    assert (await jetstream.stream_info(name)).state.bytes <= STREAM_BYTES
    may_go_on.set()
    await confirmed(site, "facts", within=40)
    assert await region.records("koroszczyn", "facts") == await site.records("koroszczyn", "facts")


@contextmanager
def frozen(server: PostgresServer) -> Iterator[None]:
    """Let a server and all its processes hang, as on a disk that does not answer."""
    assert server._child is not None
    first = psutil.Process(server._child.pid)
    processes = [first, *first.children(recursive=True)]
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            process.resume()


async def test_a_region_whose_postgresql_hangs_takes_everything_once_it_goes_on(
    start_place: Callable[..., Place], open_node: Callable[..., Any], tmp_path: Any, mortal_server: PostgresServer
) -> None:
    url = await mortal_server.create_database("hanging")
    await migrate_postgres(url)
    place = start_place("lublin", koroszczyn=("pl",))
    region = Node(place, tmp_path / "unused.sqlite")
    await region.database.close()
    region.database = PostgresDatabase(url)  # type: ignore[assignment] # either will do
    await region.open()
    site = await open_node(start_place("koroszczyn", place, ("pl",)))
    try:
        for node in (region, site):
            node.start()
        await site.record(*readings(100))
        await confirmed(site, "facts")
        with frozen(mortal_server):
            for _ in range(BACKLOG // 500):
                await site.record(*readings(500))
            await until(lambda: not all(wire.up for wire in site.link.status().parent))
            assert has_recorded(site) == BACKLOG + 100
        await confirmed(site, "facts", within=60)
        assert await region.records("koroszczyn", "facts") == await site.records("koroszczyn", "facts")
    finally:
        await region.close()
