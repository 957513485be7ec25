"""Damage to a node's database, past all that holds it, and undone."""

import sqlite3
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import asyncpg

from sites.demo.node import Node

Statement = tuple[Any, ...]
"""A statement, and the values for ``$1`` and those after it."""


@asynccontextmanager
async def damaged(node: Node, tables: Collection[str], *statements: Statement) -> AsyncIterator[None]:
    """Have a node's tables ``tables``, ``log`` and ``event`` damaged as long as the block."""
    damaging = _file(node.database_file, statements) if node.plan.role == "site" else _server(node, tables, statements)
    async with damaging:
        yield


@asynccontextmanager
async def _file(path: Path, statements: Sequence[Statement]) -> AsyncIterator[None]:
    with closing(sqlite3.connect(path)) as connection, closing(sqlite3.connect(":memory:")) as kept:
        connection.backup(kept)
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        for text, *values in statements:
            connection.execute(text, {str(number): value for number, value in enumerate(values, 1)})
        connection.commit()
        try:
            yield
        finally:
            kept.backup(connection)


@asynccontextmanager
async def _server(node: Node, damaged_: Collection[str], statements: Sequence[Statement]) -> AsyncIterator[None]:
    connection = await asyncpg.connect(node.database_url)
    await connection.execute("SET session_replication_role = replica")  # no triggers
    tables = sorted({*damaged_, "log", "event"})
    for each in tables:
        await connection.execute(f"CREATE TEMP TABLE kept_{each} AS SELECT * FROM {each}")  # noqa: S608 - our own names
    try:
        for text, *values in statements:
            await connection.execute(text, *values)
        yield
    finally:
        for each in tables:
            await connection.execute(f"DELETE FROM {each}")  # noqa: S608 - as above
            await connection.execute(f"INSERT INTO {each} SELECT * FROM kept_{each}")  # noqa: S608 - as above
        await connection.close()
