"""Nodes on real databases: a SQLite file, and a database of a real PostgreSQL server."""

import itertools
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from adapters.database.changes import DatabaseChanges
from adapters.database.logs import DatabaseLogs
from adapters.database.node import claim
from adapters.database.postgres import PostgresDatabase
from adapters.database.schema import migrate_postgres, migrate_sqlite
from adapters.database.sqlite import SqliteDatabase
from adapters.database.views import DatabaseViews
from adapters.memory.clock import SteppingClock
from adapters.memory.ids import SeededIds
from bus.replication.clock import HybridClock
from sites.servers.postgres import PostgresServer
from tests.contracts.backends import FORMATS, Node
from tests.samples import NODE

TEMPLATE = "contracts"
_number = itertools.count(1)


@asynccontextmanager
async def sqlite(code: str = NODE) -> AsyncIterator[Node]:
    """Open a node on a fresh SQLite file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "node.sqlite"
        migrate_sqlite(path)
        async with _open(SqliteDatabase(path), code) as node:
            yield node


@asynccontextmanager
async def postgresql(server: PostgresServer, code: str = NODE) -> AsyncIterator[Node]:
    """Open a node on a fresh database of ``server``: a copy of one that was migrated."""
    url = await fresh_database(server)
    async with _open(PostgresDatabase(url), code) as node:
        yield node


async def fresh_database(server: PostgresServer) -> str:
    """Return the URL of a fresh, migrated database."""
    template = await server.create_database(TEMPLATE)
    await migrate_postgres(template)
    name = f"{TEMPLATE}_{next(_number)}"
    connection = await asyncpg.connect(await server.create_database("postgres"))
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    finally:
        await connection.close()
    return template.replace(f"/{TEMPLATE}", f"/{name}")


@asynccontextmanager
async def _open(database: SqliteDatabase | PostgresDatabase, code: str) -> AsyncIterator[Node]:
    clock, hybrid = SteppingClock(), HybridClock()
    ids = SeededIds(clock, seed=code)
    await database.open()
    try:
        epoch = await claim(database, code, ids)
        logs = DatabaseLogs(database, node=code, clock=clock, hybrid=hybrid, is_centre=False)
        changes = DatabaseChanges(
            database, node=code, epoch=epoch, clock=clock, ids=ids, hybrid=hybrid, device_formats=FORMATS
        )
        yield Node(clock=clock, changes=changes, views=DatabaseViews(database, code, logs), logs=logs)
    finally:
        await database.close()
