"""What the database has undone stays undone as a whole, whoever caught the fault."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import asyncpg
import pytest
from sqlalchemy import bindparam, insert, select, text

from adapters.database.postgres import PostgresDatabase
from adapters.database.session import Session, StoreFailed, Work
from adapters.database.sqlite import SqliteDatabase
from adapters.database.stores.watchlist import WatchlistStore
from adapters.database.tables.logs import node
from bus.dispatcher import Dispatcher
from domain.registrations.commands import RegisterVehicle
from tests.contracts.databases import fresh_database, sqlite
from tests.nodes import ALL, OFFICER
from tests.postgres import Postgres
from tests.samples import NODE

ADD = insert(node).values(code=bindparam("code"), epoch=bindparam("epoch"))
CODES = select(node.c.code).order_by(node.c.code)


@pytest.fixture
async def server(postgres_server: Postgres) -> AsyncIterator[PostgresDatabase]:
    opened = PostgresDatabase(await fresh_database(postgres_server))
    await opened.open()
    yield opened
    await opened.close()


async def codes(database: SqliteDatabase | PostgresDatabase) -> list[str]:
    return [row["code"] for row in await database.read(lambda session: session.rows(CODES))]


async def add(session: Session, code: str) -> None:
    await session.run(ADD, code=code, epoch=1)


async def read_only(session: Session) -> None:
    """Ask something of a file that takes nothing just now."""
    connection = session._connection  # type: ignore[attr-defined]
    connection.execute("PRAGMA query_only = 1")
    try:
        await add(session, "refused")
    finally:
        connection.execute("PRAGMA query_only = 0")


async def test_whoever_catches_a_fault_of_the_file_does_not_go_on(file: SqliteDatabase) -> None:
    async def swallow(session: Session) -> None:
        await add(session, "ahead")
        with suppress(Exception):
            await read_only(session)
        await add(session, "behind")

    with pytest.raises(StoreFailed):
        await file.write(swallow)
    assert await codes(file) == []
    await file.write(lambda session: add(session, "next"))
    assert await codes(file) == ["next"]


async def test_a_fault_of_the_file_that_is_caught_at_the_very_end_fails_the_change(file: SqliteDatabase) -> None:
    async def swallow(session: Session) -> None:
        await add(session, "ahead")
        with suppress(Exception):
            await read_only(session)

    with pytest.raises(StoreFailed):
        await file.write(swallow)
    assert await codes(file) == []


@pytest.mark.parametrize("attempting", [False, True])
async def test_nothing_is_committed_alone_after_sqlite_has_undone_the_group(
    file: SqliteDatabase, *, attempting: bool
) -> None:
    async def lose(session: Session) -> None:
        session._connection.execute("ROLLBACK")  # type: ignore[attr-defined] # as SQLite does without memory or room
        with suppress(Exception):
            await add(session, "behind")

    async def within(session: Session) -> None:
        await add(session, "ahead")
        if attempting:
            await session.attempt(lose)
        else:
            await lose(session)

    outcomes = await asyncio.gather(
        file.write(lambda session: add(session, "first")),
        file.write(within),
        file.write(lambda session: add(session, "last")),
        return_exceptions=True,
    )

    assert [type(outcome) for outcome in outcomes] == [StoreFailed] * 3
    assert await codes(file) == []


async def test_a_check_that_the_file_fails_fails_the_registration(monkeypatch: pytest.MonkeyPatch) -> None:
    screened = WatchlistStore.screen

    async def screen(self: WatchlistStore, *_: object) -> None:
        monkeypatch.setattr(WatchlistStore, "screen", screened)
        await read_only(self._session)

    monkeypatch.setattr(WatchlistStore, "screen", screen)
    async with sqlite() as site:
        with pytest.raises(StoreFailed):
            await Dispatcher(NODE, site.changes).dispatch(
                RegisterVehicle(lane="lane-1", direction="inbound", plate="WA 12345"), OFFICER
            )
        assert (await site.views.registrations(ALL)).items == []


async def cancelled(session: Session) -> None:
    """Be cut off by the server."""
    await session.run(text("SET LOCAL statement_timeout = 1"))
    await session.run(text("SELECT pg_sleep(60)"))


async def twice(session: Session) -> None:
    """Ask what the table refuses."""
    await add(session, "once")
    await add(session, "once")


@pytest.mark.parametrize("goes_on", [False, True])
@pytest.mark.parametrize(("fault", "told"), [(cancelled, StoreFailed), (twice, asyncpg.UniqueViolationError)])
async def test_what_the_server_undoes_is_not_answered_as_done(
    server: PostgresDatabase, fault: Work[None], told: type[Exception], *, goes_on: bool
) -> None:
    async def swallow(session: Session) -> None:
        with suppress(Exception):
            await fault(session)
        if goes_on:
            await add(session, "behind")

    with pytest.raises(told):
        await server.write(swallow)
    assert await codes(server) == []


async def test_what_an_attempt_catches_is_undone_with_the_attempt_alone(server: PostgresDatabase) -> None:
    async def swallow(session: Session) -> None:
        with suppress(Exception):
            await twice(session)

    async def attempting(session: Session) -> Exception | None:
        failure = await session.attempt(swallow)
        await add(session, "behind")
        return failure

    assert isinstance(await server.write(attempting), asyncpg.UniqueViolationError)
    assert await codes(server) == ["behind"]
