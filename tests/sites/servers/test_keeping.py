"""Servers that have ended or hang are started anew, where they were."""

import asyncio
import importlib
import os
import signal
import stat
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import nats.errors
import pytest

from adapters.nats.streams import keep_inflow
from bus.link.wire import Stream
from sites.servers.child import ChildError
from sites.servers.keeping import HANGS_AFTER, LONGEST_PAUSE, OwnServer, keep
from sites.servers.nats import NatsServer
from sites.servers.postgres import PostgresServer
from tests.bus.link.virtual_time import run
from tests.sites.servers.test_nats import CHILD, Start, acknowledged, connected
from tests.waiting import until

SOON = 2.0
PATIENCE = 20.0


class Server:
    """A server that is as a test says; what was done to it, by second."""

    name = "server"

    def __init__(self, *, mends: bool = True) -> None:
        self.runs = True
        self.hangs = False
        self.restarted: list[int] = []
        self._mends = mends

    async def answers(self) -> bool:
        return self.runs and not self.hangs

    async def restart(self) -> None:
        self.restarted.append(round(asyncio.get_running_loop().time()))
        if not self._mends:
            raise ChildError("it does not start")
        self.runs, self.hangs = True, False


def kept(server: Server, seconds: float) -> list[int]:
    """Return when a server that is kept so long was started anew."""

    async def scenario() -> None:
        keeping = asyncio.create_task(keep(server))
        await asyncio.sleep(seconds)
        keeping.cancel()

    run(scenario())
    return server.restarted


def test_a_server_that_answers_is_left_alone() -> None:
    assert kept(Server(), 3_600) == []


def test_a_server_that_has_ended_is_started_at_once_and_one_that_hangs_after_a_while() -> None:
    ended, hanging = Server(), Server()
    ended.runs, hanging.hangs = False, True
    assert kept(ended, 60) == [1]
    assert kept(hanging, 60) == [1 + HANGS_AFTER]


def test_a_server_that_does_not_start_is_started_less_and_less_often() -> None:
    server = Server(mends=False)
    server.runs = False
    assert kept(server, 2_000) == [1, 16, 46, 106, 226, 466, 766, 1066, 1366, 1666, 1966]
    assert server.restarted[-1] - server.restarted[-2] == LONGEST_PAUSE


@asynccontextmanager
async def keeping(server: OwnServer) -> AsyncIterator[None]:
    task = asyncio.create_task(keep(server, hangs_after=SOON))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def pid(server: NatsServer) -> int:
    assert server._child is not None
    return server._child.pid


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP], ids=str)
async def test_a_nats_server_that_is_killed_or_frozen_is_there_again_with_what_it_kept(
    start_nats: Start, blow: signal.Signals
) -> None:
    server, address = start_nats("lublin", children=(CHILD,), domain="lublin")
    client = await connected(address.client_url)
    await keep_inflow(client.jetstream(), Stream.BULK, "lublin")
    await client.jetstream().publish("up.lublin.koroszczyn.facts", b"batch")
    await client.close()
    before = pid(server)
    async with keeping(server):
        os.kill(before, blow)
        await until(lambda: server.runs and pid(server) != before)
        await _answering(server)
    client = await connected(address.client_url)
    assert (await acknowledged(client, "up.lublin.koroszczyn.facts"))["seq"] == 2
    await client.close()


async def test_a_nats_server_that_has_given_up_its_streams_is_started_anew(start_nats: Start, home: Path) -> None:
    server, address = start_nats("lublin", children=(CHILD,), domain="lublin")
    client = await connected(address.client_url)
    await keep_inflow(client.jetstream(), Stream.BULK, "lublin")
    (messages,) = (home / "lublin" / "nats").resolve().glob("jetstream/**/UP-lublin/msgs")
    usual = stat.S_IMODE(messages.stat().st_mode)
    messages.chmod(0o500)
    with pytest.raises((nats.errors.TimeoutError, nats.errors.NoRespondersError)):
        await _overfill(client.request)
    messages.chmod(usual)
    await client.close()

    before = pid(server)
    async with keeping(server):
        await until(lambda: server.runs and pid(server) != before)
        await _answering(server)
    client = await connected(address.client_url)
    await acknowledged(client, "up.lublin.koroszczyn.facts")
    await client.close()


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP], ids=str)
async def test_a_postgresql_that_is_killed_or_frozen_is_there_again_with_what_it_kept(
    start_postgres: Callable[..., tuple[PostgresServer, str]], home: Path, blow: signal.Signals
) -> None:
    server, url = start_postgres(home / "lublin")
    client = await asyncpg.connect(url)
    await client.execute("CREATE TABLE kept (value int); INSERT INTO kept VALUES (7)")
    await client.close()
    before = server._child
    assert before is not None
    async with keeping(server):
        os.kill(before.pid, blow)
        await until(lambda: server.runs and server._child is not before, within=60)
        client = await _welcomed(url)
    assert await client.fetchval("SELECT value FROM kept") == 7
    await client.close()
    printed = (home / "lublin" / "postgres.log").read_text()
    assert "startup packet" not in printed, "asking whether it answers leaves no lines"


@pytest.mark.parametrize("condition", ["sites.servers.child._locked", "sites.servers.postgres._takes_clients"])
async def test_the_node_goes_on_while_a_postgresql_is_waited_for(
    start_postgres: Callable[..., tuple[PostgresServer, str]],
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    condition: str,
) -> None:
    """Until the output of the one before is free, and until the new one takes clients."""
    server, url = start_postgres(home / "lublin")
    monkeypatch.setattr("sites.servers.postgres._READY_WITHIN", PATIENCE)
    await _restarted_meanwhile(server, monkeypatch, condition)
    client = await asyncpg.connect(url)
    await client.close()


@pytest.mark.parametrize("condition", ["sites.servers.child._locked", "sites.servers.nats._is_ready"])
async def test_the_node_goes_on_while_a_nats_server_is_waited_for(
    start_nats: Start, monkeypatch: pytest.MonkeyPatch, condition: str
) -> None:
    server, address = start_nats("lublin")
    await _restarted_meanwhile(server, monkeypatch, condition)
    client = await connected(address.client_url)
    await client.close()


async def _restarted_meanwhile(server: OwnServer, monkeypatch: pytest.MonkeyPatch, condition: str) -> None:
    """Restart a server that is waited for until this event loop does something."""
    module, _, name = condition.rpartition(".")
    real = getattr(importlib.import_module(module), name)
    asked, allowed = threading.Event(), threading.Event()

    def held(*of: object) -> bool:
        asked.set()
        return allowed.is_set() and bool(real(*of))

    monkeypatch.setattr(condition, held)
    restarting = asyncio.create_task(server.restart())
    await until(asked.is_set)
    allowed.set()
    await restarting
    assert server.runs


async def _answering(server: OwnServer) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await server.answers():  # noqa: ASYNC110 - another process answers
            await asyncio.sleep(0.02)


async def _welcomed(url: str) -> asyncpg.Connection:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await asyncpg.connect(url)
            except (OSError, asyncpg.CannotConnectNowError):
                await asyncio.sleep(0.02)


async def _overfill(request: Callable[..., object]) -> None:
    """Send more than fits into one file of a stream; the server cannot begin the next."""
    for _ in range(10):
        await request("up.lublin.koroszczyn.facts", bytes(2_000_000), timeout=1)  # type: ignore[misc] # a coroutine


async def test_a_server_is_not_ended_for_another_start_without_room(
    start_nats: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, _ = start_nats("lublin")
    before = pid(server)
    monkeypatch.setattr("sites.servers.nats._LEAST_ROOM", 1 << 60)
    with pytest.raises(ChildError, match="no room"):
        await server.restart()
    assert server.runs
    assert pid(server) == before
