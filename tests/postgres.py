"""Where tests find a PostgreSQL: one of their own, or the operator's."""

import secrets
from typing import Protocol
from urllib.parse import urlsplit

import asyncpg


class Postgres(Protocol):
    """A PostgreSQL server."""

    async def create_database(self, name: str) -> str:
        """Create a database unless it exists; return its URL."""
        ...


class OperatorsPostgres:
    """The operator's: what tests make there has names of its own, and goes with them.

    Its user may create databases and is a superuser: triggers are off while a database is emptied.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._prefix = f"caifs_test_{secrets.token_hex(4)}_"

    async def create_database(self, name: str) -> str:
        own = f"{self._prefix}{name}"
        if not await self._fetch("SELECT datname FROM pg_database WHERE datname = $1", own):
            await self._fetch(f'CREATE DATABASE "{own}" TEMPLATE template0')
        return urlsplit(self._url)._replace(path=f"/{own}").geturl()

    async def drop_databases(self) -> None:
        """Drop all that tests have made."""
        for row in await self._fetch("SELECT datname FROM pg_database WHERE starts_with(datname, $1)", self._prefix):
            await self._fetch(f'DROP DATABASE "{row["datname"]}" WITH (FORCE)')

    async def _fetch(self, statement: str, *arguments: str) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self._url)
        try:
            return await connection.fetch(statement, *arguments)
        finally:
            await connection.close()
