"""The writer of a site: groups, their failures, and what must not happen inside a change."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import bindparam, insert, select

from adapters.database.schema import migrate_sqlite
from adapters.database.session import Session, StoreFailed
from adapters.database.sqlite import SqliteDatabase
from adapters.database.tables.logs import node
from tests.waiting import until

ADD = insert(node).values(code=bindparam("code"), epoch=bindparam("epoch"))
ALL = select(node.c.code).order_by(node.c.code)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    migrate_sqlite(tmp_path / "site.sqlite")
    opened = SqliteDatabase(tmp_path / "site.sqlite")
    await opened.open()
    yield opened
    await opened.close()


async def codes(database: SqliteDatabase) -> list[str]:
    return [row["code"] for row in await database.read(lambda session: session.rows(ALL))]


async def add(database: SqliteDatabase, code: str, epoch: int = 1) -> int:
    return await database.write(lambda session: session.run(ADD, code=code, epoch=epoch))


async def test_messages_that_wait_are_committed_together(database: SqliteDatabase) -> None:
    commits: list[str] = []
    database._writer.set_trace_callback(lambda text: commits.append(text) if text == "COMMIT" else None)

    await asyncio.gather(*(add(database, f"n{index}") for index in range(50)))

    assert len(await codes(database)) == 50
    assert len(commits) == 1


async def test_what_is_committed_moves_from_the_log_to_its_place_beside_the_writer(
    database: SqliteDatabase, tmp_path: Path
) -> None:
    file = tmp_path / "site.sqlite"
    before = file.stat().st_size
    await asyncio.gather(*(add(database, f"{index:06}" + "n" * 500) for index in range(500)))

    await until(lambda: file.stat().st_size > before)


async def test_a_message_that_fails_is_undone_alone(database: SqliteDatabase) -> None:
    async def half(session: Session) -> None:
        await session.run(ADD, code="half", epoch=1)
        raise ValueError("second thoughts")

    outcomes = await asyncio.gather(
        add(database, "before"), database.write(half), add(database, "after"), return_exceptions=True
    )

    assert [type(outcome) for outcome in outcomes] == [int, ValueError, int]
    assert await codes(database) == ["after", "before"]


async def test_a_group_that_cannot_be_written_fails_whole_and_the_next_one_goes_on(database: SqliteDatabase) -> None:
    pages = database._writer.execute("PRAGMA page_count").fetchone()[0]
    database._writer.execute(f"PRAGMA max_page_count = {pages}")  # what a full disk looks like

    outcomes = await asyncio.gather(*(add(database, f"{index}" * 4000) for index in range(10)), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {StoreFailed}
    assert await codes(database) == []

    database._writer.execute("PRAGMA max_page_count = 1000000")
    await add(database, "room again")
    assert await codes(database) == ["room again"]


async def test_a_change_that_waits_is_refused_and_undone(database: SqliteDatabase) -> None:
    async def dawdle(session: Session) -> None:
        await session.run(ADD, code="dawdler", epoch=1)
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="must not wait"):
        await database.write(dawdle)
    assert await codes(database) == []


async def test_what_was_answered_is_on_disk(database: SqliteDatabase, tmp_path: Path) -> None:
    await add(database, "durable")

    mode = database._writer.execute("PRAGMA synchronous").fetchone()[0]
    assert mode == 2, "FULL: a power failure loses nothing that was answered"
    with sqlite3.connect(tmp_path / "site.sqlite") as other:
        assert other.execute("SELECT code FROM node").fetchall() == [("durable",)]


async def test_a_read_sees_one_state_while_writing_goes_on(database: SqliteDatabase) -> None:
    await add(database, "first")

    def counted(session: Session) -> object:
        async def within() -> tuple[int, int]:
            before = len(await session.rows(ALL))
            with sqlite3.connect(database._path) as other:
                other.execute("INSERT INTO node VALUES ('second', 2)")
            return before, len(await session.rows(ALL))

        return within()

    assert await database.read(counted) == (1, 1)  # type: ignore[arg-type]
    assert await codes(database) == ["first", "second"]


async def test_a_listener_that_fails_stops_nobody(database: SqliteDatabase) -> None:
    def deaf(_: int) -> None:
        raise ValueError("not listening")

    assert await database.write(lambda session: session.run(ADD, code="told", epoch=1), deaf) == 1
    await add(database, "next")
    assert await codes(database) == ["next", "told"]


async def test_what_still_waits_when_the_database_closes_is_told_so(tmp_path: Path) -> None:
    migrate_sqlite(tmp_path / "site.sqlite")
    database = SqliteDatabase(tmp_path / "site.sqlite")
    waiting = asyncio.create_task(add(database, "too late"))
    await asyncio.sleep(0)
    await database.close()
    with pytest.raises(StoreFailed):
        await waiting


async def test_a_full_disk_is_no_fault_of_what_was_attempted(database: SqliteDatabase) -> None:
    pages = database._writer.execute("PRAGMA page_count").fetchone()[0]
    database._writer.execute(f"PRAGMA max_page_count = {pages}")
    returned: list[Exception | None] = []

    async def attempting(session: Session) -> None:
        returned.append(await session.attempt(_filling))

    with pytest.raises(StoreFailed):
        await database.write(attempting)
    assert returned == []

    database._writer.execute("PRAGMA max_page_count = 1000000")
    await database.write(attempting)
    assert returned == [None]
    assert len(await codes(database)) == 200


async def _filling(session: Session) -> None:
    for index in range(200):
        await session.run(ADD, code=f"{index}" * 1000, epoch=1)


async def test_what_a_table_refuses_is_the_fault_of_what_was_attempted(database: SqliteDatabase) -> None:
    await add(database, "taken")

    async def attempting(session: Session) -> Exception | None:
        return await session.attempt(_again)

    assert isinstance(await database.write(attempting), sqlite3.IntegrityError)
    assert await codes(database) == ["taken"]


async def _again(session: Session) -> None:
    await session.run(ADD, code="not kept", epoch=1)
    await session.run(ADD, code="taken", epoch=1)
