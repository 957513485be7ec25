"""Whether the tables show what the logs say: the logs are shown anew in an empty database, and the two compared."""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from functools import partial

from sqlalchemy.schema import CreateTable

from adapters.database.projections import project
from adapters.database.sqlite_session import SqliteSession
from adapters.database.statements import SQLITE
from adapters.database.tables import METADATA
from bus.codec import EventUnreadable, decode
from bus.recorded import Recorded
from bus.replication.log import LogId
from sites.equality.copies import Held, read
from sites.equality.differences import Difference, differences
from sites.equality.stored import Stored, StoredInFile

_EVENTS = (
    "SELECT event.*, origin, epoch, channel FROM event JOIN log ON log.id = event.log_id"
    " WHERE body IS NOT NULL ORDER BY log_id, event.seq"
)


async def not_as_logged(database: Stored, held: Held) -> Sequence[Difference]:
    """Return what ``held`` of a database shows otherwise than its logs say; an event that cannot be shown is not."""
    with closing(_empty()) as connection:
        session = SqliteSession(connection)
        async for recorded in _recorded(database):
            await session.attempt(partial(project, recorded=(recorded,)))
        return differences((await read(StoredInFile(connection))).shown, held.shown)


def _empty() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None, detect_types=sqlite3.PARSE_DECLTYPES)
    connection.row_factory = sqlite3.Row
    for table in METADATA.sorted_tables:
        connection.execute(str(CreateTable(table).compile(dialect=SQLITE)))
    connection.execute("BEGIN")
    return connection


async def _recorded(database: Stored) -> AsyncIterator[Recorded]:
    async for row in database.rows(_EVENTS):
        try:
            kind, at, event = decode(row["body"])
        except EventUnreadable:
            continue
        yield Recorded(
            id=str(row["id"]),
            log=LogId(row["origin"], row["epoch"], row["channel"]),
            seq=row["seq"],
            hash=row["hash"],
            hlc=row["hlc"],
            kind=kind,
            at=at,
            salt=row["salt"],
            body=row["body"],
            event=event,
        )
