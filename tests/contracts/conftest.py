"""A node of each adapter, and another one whose events it is sent."""

from collections.abc import AsyncIterator

import pytest

from domain.shared.messages import Event
from tests.contracts.backends import Node, Receive, batch, memory
from tests.contracts.databases import postgresql, sqlite


@pytest.fixture(params=("memory", "sqlite", "postgresql"))
async def node(request: pytest.FixtureRequest) -> AsyncIterator[Node]:
    if request.param == "postgresql":
        opening = postgresql(request.getfixturevalue("postgres_server"))
    else:
        opening = {"memory": memory, "sqlite": sqlite}[request.param]()
    async with opening as opened:
        yield opened


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
