"""A node of each adapter, and another one whose events it is sent."""

from collections.abc import AsyncIterator, Collection
from contextlib import AbstractAsyncContextManager

import pytest

from domain.shared.messages import Event
from tests.contracts.backends import Node, Receive, batch, memory
from tests.contracts.databases import postgresql, sqlite
from tests.samples import NODE

NEEDED = ("watchlist.pl", f"watchlist.{NODE}")


@pytest.fixture(params=("memory", "sqlite", "postgresql"))
async def node(request: pytest.FixtureRequest) -> AsyncIterator[Node]:
    async with _opening(request) as opened:
        yield opened


@pytest.fixture(params=("memory", "sqlite", "postgresql"))
async def needy(request: pytest.FixtureRequest) -> AsyncIterator[Node]:
    """A node that needs the lists of ``pl`` and of itself."""
    async with _opening(request, NEEDED) as opened:
        yield opened


def _opening(request: pytest.FixtureRequest, lists: Collection[str] = ()) -> AbstractAsyncContextManager[Node]:
    if request.param == "postgresql":
        return postgresql(request.getfixturevalue("postgres_server"), lists=lists)
    return {"memory": memory, "sqlite": sqlite}[request.param](lists=lists)


@pytest.fixture
async def neighbour() -> AsyncIterator[Node]:
    """Another site; its events arrive at the node through ``neighbour``."""
    async with memory("koroszczyn") as opened:
        yield opened


@pytest.fixture
def receive(node: Node, neighbour: Node) -> Receive:
    """Have the neighbour record events in one change, and the node apply what it does not hold of them yet."""

    async def received(*events: Event) -> None:
        await neighbour.record(*events)
        for held in await neighbour.logs.held():
            here = await node.logs.find(held.log)
            missing = 1 if here is None else here.head.seq + 1
            if missing <= held.head.seq:
                await node.logs.apply([await batch(neighbour.logs, held.log, missing)], "neighbour")

    return received
