"""What can be known of a batch without the database, found out before the transaction that takes it in.

So the transaction is short, and this goes on while the database works on the one before.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adapters.database.projections import Projection
from adapters.database.records import id_text
from bus.codec import EventUnreadable, decode
from bus.recorded import Recorded
from bus.replication.batch import Batch
from bus.replication.chain import chain
from bus.replication.log import LogId
from bus.replication.record import Record
from domain.shared.messages import Event

BREATH = 100
"""Records. The database waits meanwhile for whoever is to ask it for the next step."""

Content = Recorded | EventUnreadable | None
"""The event as it stands on record once its log takes it; why there is no reading it; nothing where it was erased."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A batch, with all that can be known of it without the database.

    Attributes:
        hashes: of the chain after each record.
        projection: what all that can be read of it changes in the tables; None: that is to be found out one by one.
    """

    batch: Batch
    hashes: list[bytes]
    ids: list[str]
    contents: list[Content]
    projection: Projection | None


async def prepare(batches: Sequence[Batch]) -> list[Arrival]:
    """Read what is in batches, with a breath now and then for others who wait."""
    return [await _prepared(batch) for batch in batches]


async def _prepared(batch: Batch) -> Arrival:
    hashes = chain(batch.header.before, batch.records)
    ids = [id_text(record.id) for record in batch.records]
    contents: list[Content] = []
    for start in range(0, len(ids), BREATH):
        contents += _contents(batch, ids, hashes, range(start, min(start + BREATH, len(ids))))
        await asyncio.sleep(0)
    projection = _projection([one for one in contents if isinstance(one, Recorded)])
    await asyncio.sleep(0)
    return Arrival(batch=batch, hashes=hashes, ids=ids, contents=contents, projection=projection)


def read_of(content: Content) -> Event | None:
    """Return the event that can be read."""
    return content.event if isinstance(content, Recorded) else None


def _projection(recorded: Sequence[Recorded]) -> Projection | None:
    try:
        return Projection.of(recorded)
    except Exception:  # noqa: BLE001 - whoever shows them searches for the one at fault
        return None


def _contents(batch: Batch, ids: Sequence[str], hashes: Sequence[bytes], places: range) -> Iterator[Content]:
    log, first = batch.header.log, batch.header.first
    for place in places:
        yield _content(batch.records[place], log, first + place, ids[place], hashes[place])


def _content(record: Record, log: LogId, seq: int, event_id: str, hashed: bytes) -> Content:
    if record.salt is None or record.body is None:
        return None
    try:
        kind, at, read = decode(record.body)
    except EventUnreadable as unreadable:
        return unreadable
    return Recorded(
        id=event_id,
        log=log,
        seq=seq,
        hash=hashed,
        hlc=record.hlc,
        kind=kind,
        at=at,
        salt=record.salt,
        body=record.body,
        event=read,
    )
