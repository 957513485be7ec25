"""Databases of released versions, with rows in every table, are brought to the newest revision and lose nothing."""

import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from alembic import command
from sqlalchemy import Connection, create_engine
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from adapters.database.newer import DatabaseNewer
from adapters.database.schema import config, differences, migrate_postgres, migrate_sqlite
from tests.postgres import Postgres

RELEASED = ("0001",)
COLUMNS = {
    "sqlite": """
        SELECT m.name AS "table", c.name AS "column", upper(c.type) AS type, NOT c."notnull" AS nullable
        FROM sqlite_master AS m, pragma_table_info(m.name) AS c WHERE m.type = 'table' ORDER BY m.name, c.cid
    """,
    "postgresql": """
        SELECT table_name AS "table", column_name AS "column", upper(udt_name) AS type, is_nullable = 'YES' AS nullable
        FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position
    """,
}
VALUES = {
    **dict.fromkeys(("INTEGER", "BIGINT", "INT4", "INT8"), "{0}"),
    **dict.fromkeys(("FLOAT", "FLOAT8"), "{0}.5"),
    **dict.fromkeys(("CHAR(36)", "UUID"), "'00000000-0000-7000-8000-{0:012}'"),
    "TEXT": "'text {0}'",
    "BLOB": "X'{0:08x}'",
    "BYTEA": "'\\x{0:08x}'",
    "BOOLEAN": "TRUE",
    "BOOL": "TRUE",
    "TIMESTAMPTZ": "'2026-03-01 06:00:00.{0:06}+00:00'",
    "JSONB": """'{{"number": {0}}}'""",
}
NEW: Mapping[str, Mapping[str, object]] = {
    "log": {"floor_seq": 0, "floor_hash": bytes(32)},
    "node": {"seal": None},
    "alarm": {"ended_at": None},
    "device": {"silent_after_seconds": None, "view": None, "direction_words": None, "version": None},
    "reading": {"kind": "plate", "train": None, "track": None, "view": None, "position": None, "pictures": None},
    "registration": {"further": None, "holder": None, "corrections": None},
    "event_quarantine": {"trouble": "parked", "state": "held", "note": "", "settled_by": "", "settled_at": None},
}
"""What rows of 0001 have in columns that came later."""

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def made(connection: Connection, revision: str) -> Rows:
    """Make the tables of a revision, fill each with a row, and with one in which all is null that may be."""
    command.upgrade(config(connection), revision)
    numbers = count(1)
    for table, columns in tables(connection).items():
        for is_full in (True, False):
            values = [
                VALUES[each["type"]].format(next(numbers)) if is_full or not each["nullable"] else "NULL"
                for each in columns
            ]
            connection.exec_driver_sql(f"INSERT INTO {table} VALUES ({', '.join(values)})")  # noqa: S608 - of this file
    return rows(connection)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"))
    try:
        async with engine.begin() as connection:
            yield connection
    finally:
        await engine.dispose()


def tables(connection: Connection) -> Rows:
    """Return the columns of each table."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for column in connection.exec_driver_sql(COLUMNS[connection.dialect.name]).mappings():
        if column["table"] != "alembic_version":
            found.setdefault(column["table"], []).append(column)
    return found


def rows(connection: Connection) -> Rows:
    """Return what stands in each table."""
    return {
        table: [dict(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY 1, 2").mappings()]  # noqa: S608 - of this file
        for table in tables(connection)
    }


def grown(before: Rows) -> Rows:
    """Return rows as they are to be, with the columns that came later."""
    return {table: [{**row, **NEW.get(table, {})} for row in held] for table, held in before.items()}


def kept(after: Rows, before: Rows) -> Rows:
    """Return what stands in the tables that there were before."""
    return {table: after[table] for table in before}


@pytest.mark.parametrize("revision", RELEASED)
def test_a_file_of_a_release_keeps_all_rows(revision: str, tmp_path: Path) -> None:
    path = tmp_path / "node.sqlite"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        before = made(connection, revision)
    migrate_sqlite(path)
    with engine.connect() as connection:
        after = rows(connection)
        assert differences(connection) == []
    engine.dispose()

    assert {table: len(held) for table, held in before.items()} == dict.fromkeys(before, 2)
    assert kept(after, before) == grown(before)


@pytest.mark.parametrize("revision", RELEASED)
async def test_a_database_of_a_release_keeps_all_rows(revision: str, postgres_server: Postgres) -> None:
    url = await postgres_server.create_database(f"of_{revision}")
    async with connected(url) as connection:
        before = await connection.run_sync(made, revision)
    await migrate_postgres(url)
    async with connected(url) as connection:
        after = await connection.run_sync(rows)
        assert await connection.run_sync(differences) == []

    assert {table: len(held) for table, held in before.items()} == dict.fromkeys(before, 2)
    assert kept(after, before) == grown(before)


OTHER_LOG = "INSERT INTO event SELECT log_id + 1000, seq, id, hlc, salt, body, commitment, hash FROM event"


def test_a_file_of_a_release_gets_the_rules_of_today(tmp_path: Path) -> None:
    path = tmp_path / "node.sqlite"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        made(connection, RELEASED[0])
    engine.dispose()
    migrate_sqlite(path)
    with closing(sqlite3.connect(path)) as file:
        file.execute(OTHER_LOG)
        with pytest.raises(sqlite3.IntegrityError, match="only ever added"):
            file.execute("UPDATE audit_record SET who = 'x'")
        assert file.execute("DELETE FROM audit_record").rowcount == 2, "their events are not on record"


async def test_a_database_of_a_release_gets_the_rules_of_today(postgres_server: Postgres) -> None:
    url = await postgres_server.create_database("ruled")
    async with connected(url) as connection:
        await connection.run_sync(made, RELEASED[0])
    await migrate_postgres(url)
    database = await asyncpg.connect(url)
    try:
        await database.execute(OTHER_LOG)
        for act in ("UPDATE audit_record SET who = 'x'", "TRUNCATE audit_record"):
            with pytest.raises(asyncpg.RaiseError, match="only ever added"):
                await database.execute(act)
        assert await database.execute("DELETE FROM audit_record") == "DELETE 2", "their events are not on record"
    finally:
        await database.close()


def test_a_file_of_a_newer_program_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "node.sqlite"
    migrate_sqlite(path)
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseNewer, match="9999"):
        migrate_sqlite(path)


async def test_a_database_of_a_newer_program_is_left_as_it_is(postgres_server: Postgres) -> None:
    url = await postgres_server.create_database("newer")
    await migrate_postgres(url)
    database = await asyncpg.connect(url)
    await database.execute("UPDATE alembic_version SET version_num = '9999'")
    await database.close()
    with pytest.raises(DatabaseNewer, match="9999"):
        await migrate_postgres(url)
