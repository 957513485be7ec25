"""Whether a database holds anything of what was erased: told by its name, and not by what the product calls erased."""

import re
from collections.abc import AsyncIterator, Collection, Iterator
from typing import Any

from adapters.database.tables import METADATA
from bus.replication.batch import BatchTooNew, BatchUnreadable, unpack
from sites.equality.stored import Stored

BATCHES = "batch_quarantine"


async def tombstones(database: Stored) -> frozenset[str]:
    """Return the ids of what was erased, as far as this database knows."""
    return frozenset([str(row["id"]) async for row in database.rows("SELECT id FROM tombstone WHERE NOT is_event")])


async def kept(database: Stored, labels: Collection[str]) -> AsyncIterator[tuple[str, str]]:
    """Yield (table, label) for each row of any table in which one of these labels stands: each is unlike all others.

    A batch in quarantine is unpacked for it.
    """
    if not labels:
        return
    any_of_them = re.compile(b"|".join(re.escape(label.encode()) for label in labels))
    for table in METADATA.tables:
        async for row in database.rows(f"SELECT * FROM {table}"):  # noqa: S608 - a table of ours
            texts = [text for value in row.values() for text in _texts(table, value)]
            for found in {one for text in texts for one in any_of_them.findall(text)}:
                yield table, found.decode()


def _texts(table: str, value: Any) -> Iterator[bytes]:
    match value:
        case str():
            yield value.encode()
        case bytes() if table == BATCHES:
            yield from _unpacked(value)
        case bytes():
            yield value


def _unpacked(batch: bytes) -> Iterator[bytes]:
    try:
        yield from (record.body for record in unpack(batch).records if record.body is not None)
    except (BatchTooNew, BatchUnreadable):
        yield batch
