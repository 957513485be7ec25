"""What the writer of a file remembers of its tables, and when it asks them again."""

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import bindparam, func, insert, select, text

from adapters.database.remembered import ANSWERS_MAX, Remembered
from adapters.database.session import Session
from adapters.database.sqlite import SqliteDatabase
from adapters.database.tables.logs import feed_load, node

ADD = insert(node).values(code=bindparam("code"), epoch=1)
BESIDE = text("INSERT INTO node (code, epoch) VALUES ('beside', 1)")
COUNT = select(func.count().label("n")).select_from(node)


async def counted(session: Session) -> int:
    """Return how many nodes there are, as far as the session remembers."""

    async def ask() -> int:
        row = await session.row(COUNT)
        return int(row["n"]) if row else 0

    return await session.remembered(node, "count", ask)


def statements(file: SqliteDatabase) -> list[str]:
    """Return the list into which all goes that the writer is asked from now on."""
    asked: list[str] = []
    file._writer.set_trace_callback(asked.append)
    return asked


async def test_what_nobody_has_written_is_asked_once(file: SqliteDatabase) -> None:
    assert await file.write(counted) == 0
    asked = statements(file)
    assert await file.write(counted) == 0
    assert not [each for each in asked if "count" in each]


async def _add(session: Session) -> None:
    await session.run(ADD, code="added")


async def _add_row(session: Session) -> None:
    await session.add(node, [("added", 1, None)])


async def _add_in_words(session: Session) -> None:
    await session.run(BESIDE)


@pytest.mark.parametrize("write", [_add, _add_row, _add_in_words])
async def test_what_is_written_is_asked_again(
    file: SqliteDatabase, write: Callable[[Session], Awaitable[None]]
) -> None:
    async def within(session: Session) -> tuple[int, int]:
        before = await counted(session)
        await write(session)
        return before, await counted(session)

    assert await file.write(within) == (0, 1)
    assert await file.write(counted) == 1


async def test_what_is_written_elsewhere_is_no_reason_to_ask_again(file: SqliteDatabase) -> None:
    assert await file.write(counted) == 0
    asked = statements(file)
    await file.write(lambda session: session.add(feed_load, [("watchlist.pl", "", 0, True)]))
    assert await file.write(counted) == 0
    assert not [each for each in asked if "count" in each]


@pytest.mark.parametrize("attempting", [False, True])
async def test_what_is_undone_is_not_remembered(file: SqliteDatabase, *, attempting: bool) -> None:
    async def half(session: Session) -> None:
        await session.run(ADD, code="half")
        assert await counted(session) == 1
        raise ValueError("second thoughts")

    async def within(session: Session) -> int:
        if attempting:
            await session.attempt(half)
        else:
            await half(session)
        return await counted(session)

    if attempting:
        assert await file.write(within) == 0
    else:
        with pytest.raises(ValueError, match="second thoughts"):
            await file.write(within)
    assert await file.write(counted) == 0


async def test_what_others_have_written_to_the_file_is_seen(file: SqliteDatabase, tmp_path: Path) -> None:
    assert await file.write(counted) == 0
    with closing(sqlite3.connect(tmp_path / "site.sqlite")) as other, other:
        other.execute("INSERT INTO node (code, epoch) VALUES ('other', 1)")
    assert await file.write(counted) == 1


async def test_who_only_reads_remembers_nothing(file: SqliteDatabase) -> None:
    assert await file.read(counted) == 0
    await file.write(_add)
    assert await file.read(counted) == 1


async def test_an_attempt_that_only_reads_is_not_marked(file: SqliteDatabase) -> None:
    async def within(session: Session) -> None:
        await session.attempt(_look)
        await session.attempt(_nested)

    asked = statements(file)
    await file.write(within)
    assert [each for each in asked if "attempt" in each] == ["SAVEPOINT attempt"] * 3 + ["RELEASE attempt"] * 3


async def _look(session: Session) -> None:
    await session.rows(COUNT)


async def _nested(session: Session) -> None:
    async def within(session: Session) -> None:
        await session.attempt(_look)
        await session.run(ADD, code="added")

    await session.attempt(within)


async def test_what_came_before_an_attempt_outlives_it(file: SqliteDatabase) -> None:
    async def fail(session: Session) -> None:
        await session.run(ADD, code="undone")
        raise ValueError

    async def within(session: Session) -> int:
        await session.run(ADD, code="ahead")
        assert isinstance(await session.attempt(fail), ValueError)
        await session.run(ADD, code="behind")
        return await counted(session)

    assert await file.write(within) == 2


async def test_not_everything_is_remembered_for_ever() -> None:
    remembered = Remembered()

    async def answer(number: int) -> int:
        return await remembered.answer(node, number, lambda: _twice(number))

    for number in range(ANSWERS_MAX + 1):
        assert await answer(number) == 2 * number
    assert len(remembered._answers[node]) == 1


async def _twice(number: int) -> int:
    return 2 * number
