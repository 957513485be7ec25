"""Nodes in memory for tests of behaviour, and one PostgreSQL server for all tests that need a database of their own."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import pytest

from sites.servers.folders import remove_state
from sites.servers.postgres import PostgresServer
from tests.nodes import NodeInMemory, open_node

hypothesis.settings.register_profile("caifs", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("caifs")


@pytest.fixture
def site() -> NodeInMemory:
    """A border post with an empty history."""
    return open_node("dorohusk")


@pytest.fixture
def centre() -> NodeInMemory:
    """The centre with an empty history."""
    return open_node("centre", is_centre=True)


@pytest.fixture
def eventually() -> Callable[..., Awaitable[None]]:
    """Wait until a condition holds, at most so many seconds."""

    async def wait(condition: Callable[[], bool], within: float = 10.0) -> None:
        deadline = time.monotonic() + within
        while not condition():
            assert time.monotonic() < deadline, "it did not come true"
            await asyncio.sleep(0.02)

    return wait


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A real server, started when the first test asks for it; quick, so not durable."""
    with _running(durable=False) as server:
        yield server


@pytest.fixture
def mortal_server() -> Iterator[PostgresServer]:
    """A real server that the test may stop."""
    with _running(durable=True) as server:
        yield server


@contextmanager
def _running(*, durable: bool) -> Iterator[PostgresServer]:
    state = Path(tempfile.mkdtemp(prefix="caifs-test-"))
    server = PostgresServer(state, durable=durable)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        remove_state(state)
