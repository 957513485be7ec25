"""The tables as migrations make them, on both dialects."""

import sqlite3
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import Connection, create_engine
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.database.schema import differences, migrate_postgres, migrate_sqlite
from adapters.database.tables import METADATA
from adapters.database.tables.registrations import OF_EXPRESSIONS
from tests.contracts.databases import fresh_database
from tests.postgres import Postgres

AUDIT_ROW = (
    "INSERT INTO audit_record VALUES"
    " ('00000000-0000-7000-8000-000000000001', 'n', 1, 1, {}, {}, 'w', '[]', 'a', 't', 'p', 'o')"
)
TABLE_INFO = 'SELECT name, type, "notnull", pk FROM pragma_table_info(?)'


def indexes(path: Path) -> set[tuple[str, str]]:
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
        return {(name, " ".join(sql.split())) for name, sql in rows}


def columns(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return name, declared type, whether it may be null and place in the key, of each column of each table."""
    with sqlite3.connect(path) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: connection.execute(TABLE_INFO, (table,)).fetchall() for table in tables if table != "alembic_version"
        }


def test_migrated_sqlite_is_what_the_program_expects(tmp_path: Path) -> None:
    migrate_sqlite(tmp_path / "migrated.sqlite")
    engine = create_engine(f"sqlite:///{tmp_path}/migrated.sqlite")
    with engine.connect() as connection:
        assert differences(connection) == []
    engine.dispose()


def test_migrations_leave_sqlite_with_every_column_and_index_of_a_fresh_schema(tmp_path: Path) -> None:
    migrate_sqlite(tmp_path / "migrated.sqlite")
    engine = create_engine(f"sqlite:///{tmp_path}/fresh.sqlite")
    METADATA.create_all(engine)
    engine.dispose()

    assert columns(tmp_path / "migrated.sqlite") == columns(tmp_path / "fresh.sqlite")
    assert indexes(tmp_path / "migrated.sqlite") == indexes(tmp_path / "fresh.sqlite")


def test_migrating_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "twice.sqlite"
    migrate_sqlite(path)
    before = indexes(path)
    migrate_sqlite(path)
    assert indexes(path) == before


async def test_migrated_postgresql_is_what_the_program_expects(postgres_server: Postgres) -> None:
    url = await fresh_database(postgres_server)
    await migrate_postgres(url)
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.connect() as connection:

        def compare(inner: Connection) -> list[object]:
            return differences(inner)

        assert await connection.run_sync(compare) == []
    await engine.dispose()


@pytest.mark.parametrize("index", OF_EXPRESSIONS)
async def test_every_part_of_registrations_has_the_indexes_of_expressions(
    postgres_server: Postgres, index: str
) -> None:
    connection = await asyncpg.connect(await fresh_database(postgres_server))
    parts = await connection.fetchval("SELECT count(*) FROM pg_inherits WHERE inhparent = 'registration'::regclass")
    found = await connection.fetchval("SELECT count(*) FROM pg_inherits WHERE inhparent = $1::regclass", index)
    assert found == parts > 1
    await connection.close()


EVENT_ROWS = (
    "INSERT INTO log VALUES (1, 'n', 1, 'audit', 1, {0}, 1, 0, {0}, 0, {0}, NULL, true, 0, {0})",
    "INSERT INTO event VALUES (1, 1, '00000000-0000-7000-8000-000000000002', 1, {0}, {0}, NULL, {0})",
)


def test_audit_records_on_sqlite_are_only_ever_added(tmp_path: Path) -> None:
    migrate_sqlite(tmp_path / "node.sqlite")
    connection = sqlite3.connect(tmp_path / "node.sqlite")
    for statement in (AUDIT_ROW.format("x'00'", "1"), *EVENT_ROWS):
        connection.execute(statement.format("x'00'"))
    for act in ("UPDATE audit_record SET who = 'x'", "DELETE FROM audit_record"):
        with pytest.raises(sqlite3.IntegrityError, match="only ever added"):
            connection.execute(act)
    connection.execute("DELETE FROM event")
    connection.execute("UPDATE log SET floor_seq = 1")
    with pytest.raises(sqlite3.IntegrityError, match="only ever added"):
        connection.execute("DELETE FROM audit_record")
    connection.execute("UPDATE log SET floor_seq = 0")
    connection.execute("DELETE FROM audit_record")
    connection.close()


async def test_audit_records_on_postgresql_are_only_ever_added(postgres_server: Postgres) -> None:
    connection = await asyncpg.connect(await fresh_database(postgres_server))
    for statement in (AUDIT_ROW.format("'00'::bytea", "now()"), *EVENT_ROWS):
        await connection.execute(statement.format("'00'::bytea"))
    for act in ("UPDATE audit_record SET who = 'x'", "DELETE FROM audit_record", "TRUNCATE audit_record"):
        with pytest.raises(asyncpg.RaiseError, match="only ever added"):
            await connection.execute(act)
    await connection.execute("DELETE FROM event")
    await connection.execute("UPDATE log SET floor_seq = 1")
    with pytest.raises(asyncpg.RaiseError, match="only ever added"):
        await connection.execute("DELETE FROM audit_record")
    await connection.execute("UPDATE log SET floor_seq = 0")
    await connection.execute("DELETE FROM audit_record")
    await connection.close()
