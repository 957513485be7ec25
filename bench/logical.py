"""PostgreSQL's own logical replication of the rows of a node, from server to server.

Every server has the settings of a node's own server, durability on, with `wal_level = logical`, and the tables and
indexes of a node. The rows are a backlog: they are committed at the first server while the subscriptions are off, so
that afterwards they come from the WAL, one transaction after the other, and none by the initial copy. All else of a
subscription is as PostgreSQL has it; so its worker commits without waiting for the disk, which is quicker and just as
safe, since it confirms only what is there. The last rows count when they are on the last server's disk.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import asyncpg

from adapters.database.schema import migrate_postgres
from adapters.database.tables.logs import event
from bench.nodes import STATE, clear
from bench.rows import TABLES, Rows, copy, reached
from sites.servers.postgres import PostgresServer

_LOGICAL = {"wal_level": "logical"}
_NAME = "facts"
_PUBLISH = f"CREATE PUBLICATION {_NAME} FOR TABLE {', '.join(table.name for table in TABLES)}"
_SUBSCRIBE = "CREATE SUBSCRIPTION {0} CONNECTION '{1}' PUBLICATION {0} WITH (enabled = off, copy_data = off)"
_ON_DISK = "SELECT pg_replication_origin_progress('pg_' || oid, true) FROM pg_subscription"
_WITHIN = 120.0  # seconds


class Cascade:
    """Servers of which each replicates from the one before."""

    def __init__(self, servers: Sequence[PostgresServer]) -> None:
        """Replicate over ``servers``, which run."""
        self._servers = servers

    async def rate(self, rows: Rows, *, hops: int, together: int) -> float:
        """Return events a second, with their rows, that reach the server ``hops`` behind the first.

        From the first that the last server shows to the last, in fresh databases.

        Args:
            rows: what is replicated.
            hops: over how many links.
            together: events of a transaction.

        Raises:
            TimeoutError: they did not all arrive.
        """
        servers = self._servers[: hops + 1]
        urls = [await server.create_database(_NAME) for server in servers]
        for url in urls:
            await migrate_postgres(url)
        ends = [await asyncpg.connect(url) for url in urls]
        for (above, below), url in zip(pairwise(ends), urls, strict=False):
            await above.execute(_PUBLISH)
            await below.execute(_SUBSCRIBE.format(_NAME, url))
        await copy(ends[0], rows, together)
        for end in ends[1:]:
            await end.execute(f"ALTER SUBSCRIPTION {_NAME} ENABLE")
        per_second = await _watched(ends[-1], rows)
        for end in reversed(ends[1:]):
            await end.execute(f"DROP SUBSCRIPTION {_NAME}")
        for end in ends:
            await end.close()
        for server in servers:
            await _forget(server)
        return per_second


@asynccontextmanager
async def cascade(length: int) -> AsyncIterator[Cascade]:
    """Give so many servers in a row, which run as long as the block."""
    folder = STATE / "logical"
    clear(folder)
    servers = [PostgresServer(folder / str(place), settings=_LOGICAL) for place in range(length)]
    try:
        for server in servers:
            server.start()
        yield Cascade(servers)
    finally:
        for server in servers:
            server.stop()
        clear(folder)


async def _watched(last: Any, rows: Rows) -> float:
    async with asyncio.timeout(_WITHIN):
        begun, first = await reached(last, rows, 1)
        _, total = await reached(last, rows, len(rows[event]))
        await last.fetchval(_ON_DISK)
    return (total - first) / (time.perf_counter() - begun)


async def _forget(server: PostgresServer) -> None:
    """Drop the database, and leave the server nothing to write while others are measured."""
    connection = await asyncpg.connect(server.url("postgres"))
    try:
        await connection.execute(f"DROP DATABASE {_NAME} WITH (FORCE)")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()
