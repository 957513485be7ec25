"""The writer of a site: groups, their failures, and what must not happen inside a change."""

import asyncio
import sqlite3
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


async def codes(database: SqliteDatabase) -> list[str]:
    return [row["code"] for row in await database.read(lambda session: session.rows(ALL))]


async def add(database: SqliteDatabase, code: str, epoch: int = 1) -> int:
    return await database.write(lambda session: session.run(ADD, code=code, epoch=epoch))


async def test_messages_that_wait_are_committed_together(file: SqliteDatabase) -> None:
    commits: list[str] = []
    file._writer.set_trace_callback(lambda text: commits.append(text) if text == "COMMIT" else None)

    await asyncio.gather(*(add(file, f"n{index}") for index in range(50)))

    assert len(await codes(file)) == 50
    assert len(commits) == 1


async def test_what_is_committed_moves_from_the_log_to_its_place_beside_the_writer(
    file: SqliteDatabase, tmp_path: Path
) -> None:
    path = tmp_path / "site.sqlite"
    before = path.stat().st_size
    await asyncio.gather(*(add(file, f"{index:06}" + "n" * 500) for index in range(500)))

    await until(lambda: path.stat().st_size > before)


async def test_a_message_that_fails_is_undone_alone(file: SqliteDatabase) -> None:
    async def half(session: Session) -> None:
        await session.run(ADD, code="half", epoch=1)
        raise ValueError("second thoughts")

    outcomes = await asyncio.gather(add(file, "before"), file.write(half), add(file, "after"), return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [int, ValueError, int]
    assert await codes(file) == ["after", "before"]


async def test_a_group_that_cannot_be_written_fails_whole_and_the_next_one_goes_on(file: SqliteDatabase) -> None:
    pages = file._writer.execute("PRAGMA page_count").fetchone()[0]
    file._writer.execute(f"PRAGMA max_page_count = {pages}")  # what a full disk looks like

    outcomes = await asyncio.gather(*(add(file, f"{index}" * 4000) for index in range(10)), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {StoreFailed}
    assert await codes(file) == []

    file._writer.execute("PRAGMA max_page_count = 1000000")
    await add(file, "room again")
    assert await codes(file) == ["room again"]


async def test_a_change_that_waits_is_refused_and_undone(file: SqliteDatabase) -> None:
    async def dawdle(session: Session) -> None:
        await session.run(ADD, code="dawdler", epoch=1)
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="must not wait"):
        await file.write(dawdle)
    assert await codes(file) == []


async def test_what_was_answered_is_on_disk(file: SqliteDatabase, tmp_path: Path) -> None:
    await add(file, "durable")

    mode = file._writer.execute("PRAGMA synchronous").fetchone()[0]
    assert mode == 2, "FULL: a power failure loses nothing that was answered"
    with sqlite3.connect(tmp_path / "site.sqlite") as other:
        assert other.execute("SELECT code FROM node").fetchall() == [("durable",)]


async def test_a_read_sees_one_state_while_writing_goes_on(file: SqliteDatabase) -> None:
    await add(file, "first")

    def counted(session: Session) -> object:
        async def within() -> tuple[int, int]:
            before = len(await session.rows(ALL))
            with sqlite3.connect(file._path) as other:
                other.execute("INSERT INTO node (code, epoch) VALUES ('second', 2)")
            return before, len(await session.rows(ALL))

        return within()

    assert await file.read(counted) == (1, 1)  # type: ignore[arg-type]
    assert await codes(file) == ["first", "second"]


async def test_a_listener_that_fails_stops_nobody(file: SqliteDatabase) -> None:
    def deaf(_: int) -> None:
        raise ValueError("not listening")

    assert await file.write(lambda session: session.run(ADD, code="told", epoch=1), deaf) == 1
    await add(file, "next")
    assert await codes(file) == ["next", "told"]


async def test_what_still_waits_when_the_database_closes_is_told_so(tmp_path: Path) -> None:
    migrate_sqlite(tmp_path / "site.sqlite")
    database = SqliteDatabase(tmp_path / "site.sqlite")
    waiting = asyncio.create_task(add(database, "too late"))
    await asyncio.sleep(0)
    await database.close()
    with pytest.raises(StoreFailed):
        await waiting


async def test_a_full_disk_is_no_fault_of_what_was_attempted(file: SqliteDatabase) -> None:
    pages = file._writer.execute("PRAGMA page_count").fetchone()[0]
    file._writer.execute(f"PRAGMA max_page_count = {pages}")
    returned: list[Exception | None] = []

    async def attempting(session: Session) -> None:
        returned.append(await session.attempt(_filling))

    with pytest.raises(StoreFailed):
        await file.write(attempting)
    assert returned == []

    file._writer.execute("PRAGMA max_page_count = 1000000")
    await file.write(attempting)
    assert returned == [None]
    assert len(await codes(file)) == 200


async def _filling(session: Session) -> None:
    for index in range(200):
        await session.run(ADD, code=f"{index}" * 1000, epoch=1)


async def test_what_a_table_refuses_is_the_fault_of_what_was_attempted(file: SqliteDatabase) -> None:
    await add(file, "taken")

    async def attempting(session: Session) -> Exception | None:
        return await session.attempt(_again)

    assert isinstance(await file.write(attempting), sqlite3.IntegrityError)
    assert await codes(file) == ["taken"]


async def _again(session: Session) -> None:
    await session.run(ADD, code="not kept", epoch=1)
    await session.run(ADD, code="taken", epoch=1)
