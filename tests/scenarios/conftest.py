"""One topology of real processes for all scenarios that leave it running."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest_asyncio

from sites.demo.topology import Topology


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
