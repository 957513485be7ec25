"""A node is ready when its database takes changes, whatever it still reads."""

import asyncio
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.database.node import claim
from adapters.database.postgres import PostgresDatabase
from adapters.database.schema import migrate_postgres, migrate_sqlite
from adapters.database.sqlite import SqliteDatabase
from adapters.system import SystemClock, SystemIds
from sites import readiness
from sites.readiness import Readiness
from sites.servers.postgres import PostgresServer
from tests.postgres import Postgres

READY = {"database": None}
FAILED = {"database": "The node's database does not answer now; nothing of the change is on record."}


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    """The database of a site."""
    migrate_sqlite(tmp_path / "site.sqlite")
    database = SqliteDatabase(tmp_path / "site.sqlite")
    await database.open()
    await claim(database, "dorohusk", SystemClock(), SystemIds())
    yield database
    await database.close()


@asynccontextmanager
async def centre_on(server: Postgres) -> AsyncIterator[tuple[PostgresDatabase, str]]:
    """Open a database of the centre; also its URL."""
    url = await server.create_database("readiness")
    await migrate_postgres(url)
    database = PostgresDatabase(url)
    await database.open()
    await claim(database, "central", SystemClock(), SystemIds())
    try:
        yield database, url
    finally:
        await database.close()


@contextmanager
def full_disk() -> Iterator[None]:
    """Let no file of this process take another byte, not even where it has room already, as after a checkpoint.

    The log of the test may be a file, too: it is kept out of it.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        with capture_logs():
            yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every question reach the database."""
    monkeypatch.setattr(readiness, "REMEMBERED_SECONDS", 0.0)


@pytest.mark.usefixtures("forgetful")
async def test_a_site_is_ready_while_its_disk_takes_what_is_written(file: SqliteDatabase) -> None:
    ready = Readiness(file, "dorohusk")

    assert await ready() == READY
    with full_disk():
        told = await ready()
    assert told == FAILED
    assert await ready() == READY


async def test_a_site_whose_writer_has_died_is_not_ready(file: SqliteDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "WITHIN_SECONDS", 0.05)
    (writer,) = (task for task in asyncio.all_tasks() if task.get_name() == "sqlite-writer")
    writer.cancel()

    assert await Readiness(file, "dorohusk")() == {"database": "The node's database takes nothing within 0.05 seconds."}


async def test_however_many_ask_the_database_is_asked_once(file: SqliteDatabase) -> None:
    written: list[str] = []
    file._writer.set_trace_callback(lambda text: written.append(text) if text.startswith("UPDATE") else None)
    ready = Readiness(file, "dorohusk")

    assert await asyncio.gather(*(ready() for _ in range(20))) == [READY] * 20
    assert await ready() == READY
    assert len(written) == 1


@pytest.mark.usefixtures("forgetful")
async def test_a_centre_is_ready_while_its_server_runs(mortal_server: PostgresServer) -> None:
    async with centre_on(mortal_server) as (database, _):
        ready = Readiness(database, "central")

        assert await ready() == READY
        mortal_server.stop()
        assert await ready() == FAILED
        mortal_server.start()
        assert await ready() == READY


async def test_a_centre_whose_database_is_read_only_is_not_ready(postgres_server: Postgres) -> None:
    async with centre_on(postgres_server) as (_, url):
        standby = PostgresDatabase(f"{url}?default_transaction_read_only=on")
        await standby.open()
        told = await Readiness(standby, "central")()
        await standby.close()
    assert told == {"database": "The node's database takes nothing."}
