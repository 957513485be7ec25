"""The sheets on which a site searches its registrations."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from adapters.database import lookups, sheets
from adapters.database.schema import migrate_sqlite
from adapters.database.session import Row, Session
from adapters.database.sqlite import SqliteDatabase
from domain.registrations.lookups import Search
from domain.registrations.model import ObjectKind
from domain.shared.ids import first_id
from domain.shared.views import Window
from tests.samples import MORNING

ALL = Window(limit=100)
_PUT = text(
    "INSERT INTO registration VALUES (:id, 'dorohusk', :kind, 'lane-1', 'inbound', 'device', 'cam-1', 0, 0, NULL, 0,"
    " NULL, :label, '[]', NULL, '[]', 'checked', '', '[]', '[]', :further, :holder, NULL)"
)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for place, name, value in (
        (sheets, "ON_A_SHEET", 3),
        (sheets, "ON_NONE", 2),
        (sheets, "_AT_ONCE", 2),
        (lookups, "WALKED", 2),
    ):
        monkeypatch.setattr(place, name, value)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    """A site with twenty vehicles, seen a minute after one another, as many on sheets as can be."""
    path = tmp_path / "site.sqlite"
    migrate_sqlite(path)
    database = SqliteDatabase(path)
    await database.open()
    for n in range(20):
        await put(database, id_of(n), f"WA{n:03}")
    await written(database)
    yield database
    await database.close()


def id_of(minute: float) -> str:
    return first_id(MORNING + timedelta(minutes=minute))


async def put(
    database: SqliteDatabase,
    id_: str,
    label: str,
    kind: ObjectKind = ObjectKind.VEHICLE,
    *,
    further: str | None = None,
    holder: str | None = None,
) -> None:
    values = {"id": id_, "label": label, "kind": kind.value, "further": further, "holder": holder}
    await database.write(lambda session: session.run(_PUT, **values))


async def change(database: SqliteDatabase, statement: str) -> None:
    await database.write(lambda session: session.run(text(statement)))


async def written(database: SqliteDatabase) -> int:
    """Write all sheets that are missing or torn; return how many."""
    count = 0
    while await database.write(sheets.write_one):
        count += 1
    return count


async def held(database: SqliteDatabase) -> list[Row]:
    async def within(session: Session) -> list[Row]:
        return list(await session.rows(text("SELECT * FROM sheet ORDER BY begins")))

    return await database.read(within)


async def found(database: SqliteDatabase, part: str, **wanted: object) -> list[str]:
    search = Search(part=part, **wanted)  # type: ignore[arg-type] # as the test says
    page = await database.read(lambda session: lookups.found(session, ALL, search))
    return [each.id for each in page.items]


async def test_each_sheet_begins_where_the_one_before_it_ends(site: SqliteDatabase) -> None:
    rows = await held(site)
    assert [row["begins"] for row in rows[1:]] == [row["ends"] for row in rows[:-1]]
    assert [row["vehicle"].split() for row in rows[:2]] == [["WA000", "WA001", "WA002"], ["WA003", "WA004", "WA005"]]
    assert rows[-1]["ends"] == id_of(15)
    assert await written(site) == 0


async def test_what_is_found_is_on_sheets_behind_them_and_newer(site: SqliteDatabase) -> None:
    assert await found(site, "WA0") == [id_of(n) for n in range(19, -1, -1)]
    assert await found(site, "WA01") == [id_of(n) for n in range(19, 9, -1)]
    assert await found(site, "WA004") == [id_of(4)]
    between = {"since": MORNING + timedelta(minutes=4), "until": MORNING + timedelta(minutes=8)}
    assert await found(site, "WA0", **between) == [id_of(n) for n in (7, 6, 5, 4)]
    assert await found(site, "X99") == []


async def test_what_comes_late_tears_a_sheet_and_is_found_before_and_after_it_is_written_anew(
    site: SqliteDatabase,
) -> None:
    late = id_of(4.5)
    await put(site, late, "KR777", further=" RZ888 ")
    assert [row["begins"] for row in await held(site) if row["is_torn"]] == [id_of(3)]
    for _ in range(2):
        assert (await found(site, "KR7"), await found(site, "RZ88")) == ([late], [late])
        await written(site)
    assert not any(row["is_torn"] for row in await held(site))


async def test_a_sheet_that_grew_is_divided(site: SqliteDatabase) -> None:
    late = [id_of(4 + n / 10) for n in range(1, 9)]
    for each in late:
        await put(site, each, "KR777")
    await written(site)
    rows = await held(site)
    assert max(len(row["vehicle"].split()) for row in rows) < 2 * sheets.ON_A_SHEET
    assert [row["begins"] for row in rows[1:]] == [row["ends"] for row in rows[:-1]]
    assert await found(site, "KR7") == late[::-1]
    assert await found(site, "WA00") == [id_of(n) for n in range(9, -1, -1)]


@pytest.mark.parametrize(
    "statement", ["DELETE FROM registration WHERE label = 'WA004'", "UPDATE registration SET label = 'X' || id"]
)
async def test_no_sheet_has_what_was_deleted_or_changed(site: SqliteDatabase, statement: str) -> None:
    await change(site, statement)
    assert not any("WA004" in row["vehicle"] for row in await held(site))
    assert await found(site, "WA004") == []


async def test_what_is_not_searched_tears_no_sheet(site: SqliteDatabase) -> None:
    await change(site, "UPDATE registration SET outcome = 'checked', further = further")
    assert not any(row["is_torn"] for row in await held(site))


async def test_a_kind_is_searched_among_its_own_texts(site: SqliteDatabase) -> None:
    person = id_of(4.5)
    await put(site, person, "WA004", ObjectKind.PERSON, holder="KOWALSKAANNA")
    await written(site)
    assert await found(site, "WA004", kind=ObjectKind.PERSON) == [person]
    assert await found(site, "WA004", kind=ObjectKind.VEHICLE) == [id_of(4)]
    assert await found(site, "SKAAN") == [person]


async def test_sheets_are_kept_until_cancelled(site: SqliteDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "WRITE_SECONDS", 0.0)
    keeping = asyncio.create_task(sheets.keep(site))
    for late in (4.5, 7.5):
        await put(site, id_of(late), "KR777")
        async with asyncio.timeout(20):
            while any(row["is_torn"] for row in await held(site)):
                pass
    keeping.cancel()
    assert await found(site, "KR7") == [id_of(7.5), id_of(4.5)]
