"""Nodes on real databases: a SQLite file, and a database of a real PostgreSQL server."""

import itertools
import tempfile
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from adapters.database.changes import DatabaseChanges
from adapters.database.custody import DatabaseCustody
from adapters.database.logs import DatabaseLogs
from adapters.database.node import claim
from adapters.database.postgres import PostgresDatabase
from adapters.database.retention import DatabaseRetention
from adapters.database.schema import migrate_postgres, migrate_sqlite
from adapters.database.snapshots import DatabaseSnapshots
from adapters.database.sqlite import SqliteDatabase
from adapters.database.tables import METADATA
from adapters.database.views import DatabaseViews
from adapters.memory.clock import SteppingClock
from adapters.memory.ids import SeededIds
from bus.replication.clock import HybridClock
from bus.replication.seal import KEY_BYTES, Seal
from tests.contracts.backends import FORMATS, Node
from tests.contracts.spoilers import DatabaseSpoiler
from tests.postgres import Postgres
from tests.samples import NODE

SHARED, TEMPLATE = "contracts", "contracts_template"
_number = itertools.count(1)
_EMPTYING = ";".join(
    (
        "SET session_replication_role = replica",  # else triggers keep the audit trail
        *(f"DELETE FROM {table.name}" for table in METADATA.sorted_tables),  # noqa: S608 - names of our own tables
    )
)
_migrated: set[str] = set()


@asynccontextmanager
async def sqlite(code: str = NODE, lists: Collection[str] = ()) -> AsyncIterator[Node]:
    """Open a node on a fresh SQLite file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "node.sqlite"
        path.write_bytes(_migrated_file())
        async with _open(SqliteDatabase(path), code, lists) as node:
            yield node


@asynccontextmanager
async def postgresql(server: Postgres, code: str = NODE, lists: Collection[str] = ()) -> AsyncIterator[Node]:
    """Open a node on a database of ``server`` that is emptied first, which takes far less time than a fresh one."""
    url = await _migrated_database(server, SHARED)
    await _empty(url)
    async with _open(PostgresDatabase(url), code, lists) as node:
        yield node


async def fresh_database(server: Postgres) -> str:
    """Return the URL of a fresh, migrated database."""
    template = urlsplit(await _migrated_database(server, TEMPLATE))
    path = f"{template.path}_{next(_number)}"
    connection = await asyncpg.connect(await server.create_database("postgres"))
    try:
        await connection.execute(f'CREATE DATABASE "{path[1:]}" TEMPLATE "{template.path[1:]}"')
    finally:
        await connection.close()
    return template._replace(path=path).geturl()


async def _migrated_database(server: Postgres, name: str) -> str:
    url = await server.create_database(name)
    if url not in _migrated:
        await migrate_postgres(url)
        _migrated.add(url)
    return url


async def _empty(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_EMPTYING)
    finally:
        await connection.close()


@cache
def _migrated_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.sqlite"
        migrate_sqlite(path)
        return path.read_bytes()


@asynccontextmanager
async def _open(database: SqliteDatabase | PostgresDatabase, code: str, lists: Collection[str]) -> AsyncIterator[Node]:
    clock, hybrid = SteppingClock(), HybridClock()
    ids = SeededIds(clock, seed=code)
    await database.open()
    try:
        await claim(database, code, clock, ids)
        logs = DatabaseLogs(database, node=code, ids=ids, clock=clock, hybrid=hybrid, parent="lublin")
        changes = DatabaseChanges(
            database,
            node=code,
            clock=clock,
            ids=ids,
            hybrid=hybrid,
            seal=Seal(bytes(KEY_BYTES)),
            device_formats=FORMATS,
            lists=lists,
        )
        yield Node(
            clock=clock,
            changes=changes,
            views=DatabaseViews(database, code, logs, lists),
            logs=logs,
            custody=DatabaseCustody(database),
            retention=DatabaseRetention(database, code),
            snapshots=DatabaseSnapshots(database),
            spoil=DatabaseSpoiler(database),
        )
    finally:
        await database.close()
