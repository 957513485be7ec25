"""The key of a node's seal: noted once; a node does not start with another, unless the operator gives it up."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.database.node import claim, noted_seal
from adapters.database.postgres import PostgresDatabase
from adapters.database.schema import migrate_postgres, migrate_sqlite
from adapters.database.session import Database
from adapters.database.sqlite import SqliteDatabase
from adapters.identity.errors import SealLost
from adapters.system import SystemClock, SystemIds
from sites.sealing import GIVEN_UP_FILE, SEAL_FILE, own_seal
from sites.settings import DATABASE_FILE
from tests.postgres import Postgres
from tests.sites.alone import start_alone


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """The database of a site, in its state folder."""
    migrate_sqlite(tmp_path / DATABASE_FILE)
    opened = SqliteDatabase(tmp_path / DATABASE_FILE)
    await opened.open()
    await claim(opened, "dorohusk", SystemClock(), SystemIds())
    yield opened
    await opened.close()


async def test_the_key_that_is_there_is_noted_and_stays(tmp_path: Path, database: Database) -> None:
    assert await noted_seal(database) is None
    seal = await own_seal(database, tmp_path)
    assert await noted_seal(database) == seal.mark == (await own_seal(database, tmp_path)).mark


async def test_a_centre_put_on_another_machine_without_its_key_is_refused(
    tmp_path: Path, postgres_server: Postgres
) -> None:
    url = await postgres_server.create_database("sealed")
    await migrate_postgres(url)
    database = PostgresDatabase(url)
    await database.open()
    try:
        await claim(database, "central", SystemClock(), SystemIds())
        seal = await own_seal(database, tmp_path)
        assert await noted_seal(database) == seal.mark
        with pytest.raises(SealLost):
            await own_seal(database, tmp_path / "elsewhere")
    finally:
        await database.close()


@pytest.mark.parametrize("is_another", [True, False])
async def test_another_key_than_noted_is_refused_until_it_is_put_back(
    tmp_path: Path, database: Database, *, is_another: bool
) -> None:
    seal, file = await own_seal(database, tmp_path), tmp_path / SEAL_FILE
    key = file.read_bytes()
    file.unlink()
    if is_another:
        _put(file, os.urandom(32).hex().encode())
    with pytest.raises(SealLost, match=SEAL_FILE):
        await own_seal(database, tmp_path)
    assert file.exists() is is_another
    assert await noted_seal(database) == seal.mark
    _put(file, key)
    assert (await own_seal(database, tmp_path)).mark == seal.mark


async def test_a_key_that_is_given_up_is_replaced_once(tmp_path: Path, database: Database) -> None:
    lost = await own_seal(database, tmp_path)
    (tmp_path / SEAL_FILE).unlink()
    (tmp_path / GIVEN_UP_FILE).touch()
    found = await own_seal(database, tmp_path)

    assert found.mark != lost.mark
    assert await noted_seal(database) == found.mark
    (tmp_path / SEAL_FILE).unlink()
    with pytest.raises(SealLost):
        await own_seal(database, tmp_path)


async def test_a_site_does_not_start_without_its_key_and_says_so(tmp_path: Path, database: Database) -> None:
    await own_seal(database, tmp_path)
    await database.close()  # type: ignore[attr-defined] # a file's
    (tmp_path / SEAL_FILE).unlink()
    done = await asyncio.to_thread(start_alone, tmp_path)
    assert done.returncode == 2
    assert SEAL_FILE in done.stderr
    assert "Traceback" not in done.stderr


def _put(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    file.chmod(0o600)
