"""nats-servers of a centre, a region and a site, and nodes beside them."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from nats.aio.client import Client

from adapters.database.schema import migrate_sqlite
from adapters.nats import subjects
from adapters.nats.client import open_client
from adapters.nats.streams import keep_inflow
from bus.link.wire import Stream
from sites.keys.invitation import Invitation
from sites.servers.folders import remove_state
from sites.servers.nats import NatsServer, NatsSettings
from tests.adapters.nats.places import Node, Place, copied, user_of
from tests.gates import OpenGate, gate_user


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("database") / "empty.sqlite"
    migrate_sqlite(file)
    return file


@pytest.fixture
def start_place(tmp_path: Path) -> Iterator[Callable[..., Place]]:
    """Start the nats-server of a node; it ends with the test."""
    started: list[tuple[Path, NatsServer]] = []

    def start(
        code: str,
        parent: Place | None = None,
        scopes: tuple[str, ...] = (),
        *,
        invitation: Invitation | None = None,
        **children: tuple[str, ...],
    ) -> Place:
        settings = NatsSettings(
            name=code,
            children=tuple(user_of(code, child, of) for child, of in children.items()),
            domain=code if children else None,
            gate=gate_user(code) if children else None,
            parent_url=_url(code, parent, invitation),
            parent_credentials=None if invitation is None else invitation.credentials,
        )
        server = NatsServer(tmp_path / code, settings)
        started.append((tmp_path / code, server))
        return Place(code=code, server=server, address=server.start(), parent=parent, scopes=scopes, children=children)

    yield start
    for state, server in reversed(started):
        server.stop()
        remove_state(state)


def _url(code: str, parent: Place | None, invitation: Invitation | None) -> str | None:
    if invitation is not None:
        return invitation.leaf_url
    return None if parent is None else parent.address.leaf_urls[code]


@pytest.fixture
async def open_node(tmp_path: Path, empty_database: Path) -> AsyncIterator[Callable[..., object]]:
    """Open a node at its place; its link starts when the test says so."""
    opened: list[Node] = []

    async def open_(place: Place) -> Node:
        node = Node(place, copied(empty_database, tmp_path, place.code))
        opened.append(node)
        await node.open()
        return node

    yield open_
    for node in reversed(opened):
        await node.close()


@pytest.fixture
async def chain(start_place: Callable[..., Place], open_node: Callable[..., object]) -> list[Node]:
    """Centre, region and site."""
    centre = start_place("central", lublin=("*",))
    region = start_place("lublin", centre, ("*",), koroszczyn=("pl",), dorohusk=("pl",))
    site = start_place("koroszczyn", region, ("pl",))
    nodes: list[Node] = [await open_node(place) for place in (centre, region, site)]  # type: ignore[misc]
    return nodes


@pytest.fixture
def lublin(start_place: Callable[..., Place]) -> Place:
    """A region's server with two children."""
    return start_place("lublin", koroszczyn=("pl",), dorohusk=("pl", "dorohusk"))


@pytest.fixture
async def gate(lublin: Place, parent: Client, tmp_path: Path) -> AsyncIterator[OpenGate]:
    """The gate of the region, where children are invited; the region's streams are there."""
    assert parent.is_connected
    state = tmp_path / "gate-of-lublin"
    gate = OpenGate("lublin", state, lublin.address.leaf_urls[gate_user("lublin").name])
    yield gate
    await gate.close()
    remove_state(state)


@pytest.fixture
async def connect() -> AsyncIterator[Callable[..., Any]]:
    """Connect a client; it is gone with the test."""
    async with AsyncExitStack() as stack:

        async def connected(url: str, node: str) -> Client:
            inbox = subjects.inbox(node).encode()
            client = await open_client(url, error_cb=ignore, inbox_prefix=inbox)
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


async def ignore(_: Exception) -> None:
    """An error that the test provokes."""
