"""Nodes in memory for tests of behaviour, and one PostgreSQL server for all tests that need a database of their own."""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import pytest

from sites.demo import topology
from sites.servers.folders import remove_state
from sites.servers.postgres import PostgresServer
from tests.nodes import NodeInMemory, open_node
from tests.postgres import OperatorsPostgres, Postgres

hypothesis.settings.register_profile("caifs", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("caifs")


@pytest.fixture(scope="session", autouse=True)
def ports(worker_id: str) -> Iterator[None]:
    """Have each of several workers draw the ports of its topologies from a part of its own."""
    number, workers = int(worker_id.strip("gwmaster") or 0), int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(topology, "_PORTS", topology._PORTS[number::workers])
        yield


@pytest.fixture
def site() -> NodeInMemory:
    """A border post with an empty history."""
    return open_node("dorohusk")


@pytest.fixture
def centre() -> NodeInMemory:
    """The centre with an empty history."""
    return open_node("centre", is_centre=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """A real server, started when the first test asks for it; quick, so not durable.

    `CAIFS_DATABASE_URL` names the operator's instead.
    """
    url = os.environ.get("CAIFS_DATABASE_URL")
    if not url:
        with _running(durable=False) as server:
            yield server
        return
    operators = OperatorsPostgres(url)
    yield operators
    asyncio.run(operators.drop_databases())


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
