"""Logs shown anew, beside the tables: in an empty SQLite database that is a file of its own and goes with it."""

import sqlite3
from collections.abc import Mapping
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.schema import CreateTable

from adapters.database.projections import project
from adapters.database.records import readable
from adapters.database.shares import SHARED
from adapters.database.sqlite_session import SqliteSession
from adapters.database.statements import SQLITE, compiled
from adapters.database.tables import METADATA
from bus.replication.log import LogId
from bus.replication.record import Record

Row = Mapping[str, Any]


class Replay:
    """Tables that show nothing but what was shown to them.

    Attributes:
        connection: to the database.
    """

    def __init__(self) -> None:
        """Begin with empty tables."""
        self.connection = sqlite3.connect(
            "", isolation_level=None, detect_types=sqlite3.PARSE_DECLTYPES, check_same_thread=False
        )
        self.connection.row_factory = sqlite3.Row
        for table in METADATA.sorted_tables:
            self.connection.execute(str(CreateTable(table).compile(dialect=SQLITE)))
        self.connection.execute("CREATE TEMP TABLE shown (id TEXT PRIMARY KEY)")
        self.connection.execute("BEGIN")
        self._session = SqliteSession(self.connection)

    def close(self) -> None:
        """Forget everything."""
        self.connection.close()

    async def show(self, log: LogId, seq: int, hashed: bytes, record: Record) -> None:
        """Show an event of a log.

        One that stands in two logs shows once; one that is erased, or cannot be read or shown, shows nowhere.
        """
        recorded = readable(log, seq, hashed, record)
        if recorded and self.connection.execute("INSERT OR IGNORE INTO shown VALUES (?)", (recorded.id,)).rowcount:
            await self._session.attempt(partial(project, recorded=(recorded,)))

    def find(self, table: str, key: str) -> tuple[Row, tuple[Any, ...]] | None:
        """Return the row of a key as `Shared.rows` gives it, and as it stands in its table; None when there is none."""
        shared = SHARED[table]
        statement = compiled(shared.rows, SQLITE).text
        row = self.connection.execute(f"{statement} WHERE {shared.key} = ?", (key,)).fetchone()
        if row is None:
            return None
        whole = compiled(select(*shared.table.columns), SQLITE).text
        stored = self.connection.execute(f"{whole} WHERE {shared.key} = ?", (key,)).fetchone()
        return dict(row), tuple(stored)
