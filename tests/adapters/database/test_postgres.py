"""A PostgreSQL server that goes away and comes back, and one whose answers are lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
from sqlalchemy import bindparam, delete, insert, select
from structlog.testing import capture_logs

from adapters.database.postgres import PostgresDatabase
from adapters.database.schema import migrate_postgres
from adapters.database.session import OutcomeUnknown, Session, StoreFailed
from adapters.database.tables.logs import node
from bus.live import Lagging, Live
from sites.servers.postgres import PostgresServer
from tests.postgres import Postgres

ADD = insert(node).values(code=bindparam("code"), epoch=bindparam("epoch"))
ALL = select(node.c.code).order_by(node.c.code)


class Wire:
    """What lies between a client and a server: loses the answer to the next statement that holds ``lost``."""

    def __init__(self, host: str, port: int) -> None:
        self._server = host, port
        self.lost = b""
        self.swallowed = asyncio.Event()
        self.cut = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, asking = await asyncio.open_connection(*self._server)
        answering = asyncio.create_task(_pour(answers, writer))
        try:
            while asked := await reader.read(65536):
                if self.lost and self.lost in asked:
                    self.lost = b""
                    answering.cancel()
                    await asyncio.gather(answering, return_exceptions=True)  # it lets go of the answers
                    await self._swallow(asked, answers, asking)
                    return
                asking.write(asked)
        finally:
            answering.cancel()
            asking.close()
            writer.close()

    async def _swallow(self, asked: bytes, answers: asyncio.StreamReader, asking: asyncio.StreamWriter) -> None:
        asking.write(asked)
        assert await answers.read(65536)
        self.swallowed.set()
        await self.cut.wait()


async def _pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        target.write(data)
    target.close()


@asynccontextmanager
async def wired(server: Postgres) -> AsyncIterator[tuple[PostgresDatabase, Wire]]:
    """Open an empty database, reached through a wire."""
    url = await server.create_database("wired")
    await migrate_postgres(url)
    place = urlsplit(url)
    assert place.hostname
    wire = Wire(place.hostname, place.port or 5432)
    async with await asyncio.start_server(wire.serve, "127.0.0.1") as proxy:
        port = proxy.sockets[0].getsockname()[1]
        login, _, _ = place.netloc.rpartition("@")
        database = PostgresDatabase(place._replace(netloc=f"{login}@127.0.0.1:{port}").geturl())
        await database.open()
        await database.write(lambda session: session.run(delete(node)))
        try:
            yield database, wire
        finally:
            wire.cut.set()
            await database.close()


async def codes(database: PostgresDatabase) -> list[str]:
    return [row["code"] for row in await database.read(lambda session: session.rows(ALL))]


async def add(session: Session) -> int:
    return await session.run(ADD, code="added", epoch=1)


async def test_a_lost_answer_to_a_commit_is_told_as_such_and_cuts_off_who_watches(postgres_server: Postgres) -> None:
    told: list[int] = []
    live = Live()
    async with wired(postgres_server) as (database, wire):
        database.when_in_doubt.append(live.cut)
        wire.lost = b"COMMIT"
        wire.cut.set()
        with live.watch("Registered") as watch:
            with pytest.raises(OutcomeUnknown):
                await database.write(add, told.append)
            with pytest.raises(Lagging):
                await anext(watch.events())
        assert await codes(database) == ["added"]
    assert told == []


async def test_who_does_not_wait_for_a_commit_leaves_it_in_doubt(postgres_server: Postgres) -> None:
    doubts: list[str] = []
    async with wired(postgres_server) as (database, wire):
        database.when_in_doubt.append(lambda: doubts.append("cut"))
        wire.lost = b"COMMIT"
        writing = asyncio.create_task(database.write(add, lambda _: None))
        await wire.swallowed.wait()
        writing.cancel()
        wire.cut.set()
        with pytest.raises(asyncio.CancelledError):
            await writing
        assert await codes(database) == ["added"]
    assert doubts == ["cut"]


@pytest.mark.parametrize("lost", [b"INSERT", b"COMMIT"])
async def test_nothing_is_in_doubt_ahead_of_the_commit_or_when_nobody_is_told(
    postgres_server: Postgres, lost: bytes
) -> None:
    doubts: list[str] = []
    async with wired(postgres_server) as (database, wire):
        database.when_in_doubt.append(lambda: doubts.append("cut"))
        wire.lost = lost
        wire.cut.set()
        with pytest.raises(StoreFailed if lost == b"INSERT" else OutcomeUnknown):
            await database.write(add, (lambda _: None) if lost == b"INSERT" else None)
    assert doubts == []


async def test_what_is_committed_is_answered_even_if_its_connection_is_lost_then(postgres_server: Postgres) -> None:
    told: list[int] = []
    async with wired(postgres_server) as (database, wire):
        wire.lost = b"UNLISTEN"
        wire.cut.set()
        assert await database.write(add, told.append) == 1
        assert wire.swallowed.is_set()
        assert await codes(database) == ["added"]
    assert told == [1]


async def test_a_listener_that_fails_stops_nobody(postgres_server: Postgres) -> None:
    def deaf(_: int) -> None:
        raise ValueError("not listening")

    async with wired(postgres_server) as (database, _):
        with capture_logs() as logged:
            assert await database.write(add, deaf) == 1
        assert await codes(database) == ["added"]
    assert [line["event"] for line in logged] == ["listener_failed"]


async def test_a_server_that_restarts_refuses_for_now_and_goes_on(mortal_server: PostgresServer) -> None:
    url = await mortal_server.create_database("caifs")
    await migrate_postgres(url)
    database = PostgresDatabase(url)
    await database.open()
    halfway, restarted = asyncio.Event(), asyncio.Event()

    async def interrupted(session: Session) -> None:
        await session.run(ADD, code="lost", epoch=1)
        halfway.set()
        await restarted.wait()
        await session.run(ADD, code="lost too", epoch=1)

    writing = asyncio.create_task(database.write(interrupted))
    await halfway.wait()
    mortal_server.stop()
    with pytest.raises(StoreFailed):
        await database.read(lambda session: session.rows(ALL))
    mortal_server.start()
    restarted.set()

    with pytest.raises(StoreFailed):
        await writing
    await database.write(lambda session: session.run(ADD, code="kept", epoch=1))
    rows = await database.read(lambda session: session.rows(ALL))
    assert [row["code"] for row in rows] == ["kept"]
    await database.close()
