"""One consistent state of a node's database, read only: a SQLite file or PostgreSQL, asked in the same words."""

import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, Protocol

import asyncpg

Row = Mapping[str, Any]


class Stored(Protocol):
    """A state of a database."""

    def rows(self, query: str, *values: int) -> AsyncIterator[Row]:
        """Yield the rows of a query, in which ``$1`` stands for the first of the values."""
        ...


class StoredInFile:
    """What a SQLite connection sees."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Read through ``connection``."""
        self._connection = connection

    async def rows(self, query: str, *values: int) -> AsyncIterator[Row]:
        """Yield the rows of a query."""
        cursor = self._connection.execute(query, {str(number): value for number, value in enumerate(values, 1)})
        names = [column[0] for column in cursor.description]
        for row in cursor:
            yield dict(zip(names, row, strict=True))


class StoredOnServer:
    """What a connection to PostgreSQL sees within a transaction."""

    def __init__(self, connection: Any) -> None:
        """Read through ``connection``."""
        self._connection = connection

    async def rows(self, query: str, *values: int) -> AsyncIterator[Row]:
        """Yield the rows of a query."""
        async for row in self._connection.cursor(query, *values, prefetch=500):
            yield dict(row)


@asynccontextmanager
async def stored(database: Path | str) -> AsyncIterator[Stored]:
    """Open a state of the SQLite file or the PostgreSQL URL ``database``.

    Raises:
        sqlite3.Error, OSError, asyncpg.PostgresError: it cannot be read.
    """
    if isinstance(database, Path):
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as file:
            file.execute("BEGIN")
            yield StoredInFile(file)
        return
    server = await asyncpg.connect(database)
    try:
        async with server.transaction(isolation="repeatable_read", readonly=True):
            yield StoredOnServer(server)
    finally:
        await server.close()
