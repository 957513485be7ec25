"""One topology of real processes for all scenarios that leave it running."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from sites.demo.topology import Topology
from sites.servers.postgres import PostgresServer
from tests.scenarios.demos import EndedDemo, remove_demo, start_demo
from tests.scenarios.everything import fill


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=10) as client:
        yield client


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def topology(http: httpx.AsyncClient) -> AsyncIterator[Topology]:
    """Centre, region and both sites, running."""
    topology = Topology(Path(tempfile.mkdtemp(prefix="caifs-scenarios-")), http)
    try:
        topology.start()
        await topology.ready()
        yield topology
    finally:
        await asyncio.to_thread(topology.stop)
        await asyncio.to_thread(topology.remove)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stopped(http: httpx.AsyncClient) -> AsyncIterator[Topology]:
    """All nodes, with something of everything; they have ended, and their databases can be looked at."""
    topology = Topology(Path(tempfile.mkdtemp(prefix="caifs-stopped-")), http)
    servers = [PostgresServer(node.state) for node in topology.of_role("region", "central")]
    try:
        topology.start()
        await topology.ready()
        await fill(topology, http)
        await asyncio.to_thread(topology.stop)
        for server in servers:
            server.start()
        yield topology
    finally:
        await asyncio.to_thread(topology.stop)
        for server in servers:
            server.stop()
        await asyncio.to_thread(topology.remove)


@pytest.fixture(scope="session")
def ended_demo() -> Iterator[EndedDemo]:
    state = Path(tempfile.mkdtemp(prefix="caifs-demo-test-"))
    with start_demo(state, "--for", "8", "--json") as running:
        printed, _ = running.communicate()
    yield EndedDemo(state=state, status=running.returncode, printed=printed)
    remove_demo(state)
