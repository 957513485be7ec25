"""The comparison of databases sees every row that is gone and every row that was altered, in log and projection."""

import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest

from sites.demo.topology import PLANS
from sites.equality import Difference, differences, read_copy, read_site
from sites.own_servers import DATABASE
from sites.servers.postgres import PostgresServer
from sites.site import DATABASE_FILE
from tests.scenarios.demos import EndedDemo

pytestmark = pytest.mark.scenario

SITE = PLANS["koroszczyn"]
OWN_EVENTS = "log_id IN (SELECT id FROM log WHERE origin = 'koroszczyn' AND channel = 'facts')"
UP = {
    "event": ("id", OWN_EVENTS, "hlc = hlc + 1"),
    "reading": ("id", "node = 'koroszczyn'", "plate_raw = 'X'"),
    "registration": ("id", "node = 'koroszczyn'", "label = 'X'"),
    "alarm": ("id", "node = 'koroszczyn'", "text = 'X'"),
}
DOWN = {
    "entry": ("id", "scope = 'pl'", "title = 'X'"),
    "criterion": ("id", "entry_id IN (SELECT id FROM entry WHERE scope = 'pl')", "canonical = 'X'"),
    "device": ("code", "site = 'koroszczyn'", "lane = 'x'"),
}


@pytest.fixture(scope="module")
def centre(ended_demo: EndedDemo) -> Iterator[PostgresServer]:
    """The centre's PostgreSQL, as the demo has left it."""
    server = PostgresServer(ended_demo.state / "central")
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def copy_url(centre: PostgresServer) -> AsyncIterator[str]:
    """The centre's database, in a copy that a test may damage."""
    connection = await asyncpg.connect(centre.url("postgres"))
    await connection.execute(f"CREATE DATABASE damaged TEMPLATE {DATABASE}")
    yield centre.url("damaged")
    await connection.execute("DROP DATABASE damaged")
    await connection.close()


@pytest.fixture
def site_file(ended_demo: EndedDemo, tmp_path: Path) -> Path:
    """The site's database, in a copy that a test may damage."""
    return Path(shutil.copy(ended_demo.state / SITE.code / DATABASE_FILE, tmp_path))


async def found(site_file: Path, copy_url: str) -> list[Difference]:
    site = read_site(site_file, SITE.code, SITE.scopes)
    return list(differences(site, await read_copy(copy_url, SITE.code, SITE.scopes)))


async def test_what_nobody_has_touched_is_equal(site_file: Path, copy_url: str) -> None:
    assert await found(site_file, copy_url) == []


@pytest.mark.parametrize("table", [*UP, *DOWN])
async def test_a_row_gone_and_a_row_altered_at_the_centre(table: str, site_file: Path, copy_url: str) -> None:
    key, where, alteration = (UP | DOWN)[table]
    connection = await asyncpg.connect(copy_url)
    rows = await connection.fetch(f"SELECT {key} AS id FROM {table} WHERE {where} ORDER BY {key} LIMIT 2")  # noqa: S608 - of this file
    gone, altered = (str(row["id"]) for row in rows)
    await connection.execute(f"DELETE FROM {table} WHERE {key}::text = $1", gone)  # noqa: S608 - as above
    await connection.execute(f"UPDATE {table} SET {alteration} WHERE {key}::text = $1", altered)  # noqa: S608 - as above
    await connection.close()
    (difference,) = [each for each in await found(site_file, copy_url) if each.table.split()[0] == table]
    seen = (difference.missing, difference.extra, difference.altered, difference.count)
    assert seen == (((gone,), (), (altered,), 2) if table in UP else ((), (gone,), (altered,), 2))


@pytest.mark.parametrize("table", UP)
async def test_a_row_gone_and_a_row_altered_at_the_site(table: str, site_file: Path, copy_url: str) -> None:
    key, where, alteration = UP[table]
    with closing(sqlite3.connect(site_file)) as connection, connection:
        rows = connection.execute(f"SELECT {key} FROM {table} WHERE {where} ORDER BY {key} LIMIT 2")  # noqa: S608 - of this file
        gone, altered = (row[0] for row in rows.fetchall())
        connection.execute(f"DELETE FROM {table} WHERE {key} = ?", (gone,))  # noqa: S608 - as above
        connection.execute(f"UPDATE {table} SET {alteration} WHERE {key} = ?", (altered,))  # noqa: S608 - as above
    (difference,) = await found(site_file, copy_url)
    assert (difference.table, difference.extra, difference.altered) == (table, (gone,), (altered,))
