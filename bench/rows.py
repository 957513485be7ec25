"""The rows of a node's facts, and how they are put into tables as fast as PostgreSQL takes them."""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import Table

from adapters.database.tables.logs import event
from adapters.database.tables.registrations import reading, registration

TABLES = (event, reading, registration)
_FACTS = (
    "SELECT event.* FROM event JOIN log ON log.id = log_id WHERE channel = 'facts' AND origin = $1 ORDER BY event.seq"
)
_SEEN = "SELECT max(seq) FROM event WHERE log_id = $1"
_LOOK_EVERY = 0.01  # seconds

Rows = Mapping[Table, Sequence[tuple[Any, ...]]]
"""Events of one log in its order, and the rows that show them."""


async def rows_of(connection: Any, origin: str) -> Rows:
    """Return the rows of the facts that a node holds of an origin, when it holds no other's."""
    return {
        event: [tuple(row) for row in await connection.fetch(_FACTS, origin)],
        reading: [tuple(row) for row in await connection.fetch("SELECT * FROM reading")],
        registration: [tuple(row) for row in await connection.fetch("SELECT * FROM registration")],
    }


async def copy(connection: Any, rows: Rows, together: int | None) -> None:
    """Put rows into their tables by COPY, ``together`` events with their rows a transaction; None: all in one."""
    for batch in _batches(rows, together or len(rows[event])):
        async with connection.transaction():
            for table, records in batch.items():
                columns = [column.name for column in table.columns]
                await connection.copy_records_to_table(table.name, records=records, columns=columns)


def _batches(rows: Rows, together: int) -> Iterator[Rows]:
    parts = -(-len(rows[event]) // together)
    for part, following in pairwise(range(parts + 1)):
        yield {
            table: records[len(records) * part // parts : len(records) * following // parts]
            for table, records in rows.items()
        }


async def reached(connection: Any, rows: Rows, wanted: int) -> tuple[float, int]:
    """Wait until a database shows ``wanted`` of the events; return the time, and how many it shows."""
    (log_id, *_), *_ = rows[event]
    while True:
        seq = await connection.fetchval(_SEEN, log_id) or 0
        if seq >= wanted:
            return time.perf_counter(), int(seq)
        await asyncio.sleep(_LOOK_EVERY)
