"""What can be known of a batch without the database, found out before the transaction that takes it in.

So the transaction is short, and this goes on while the database works on the one before.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adapters.database.projections import Projection
from adapters.database.projections.registrations import folded
from bus.codec import EventUnreadable
from bus.recorded import Recorded, id_text, read_at
from bus.replication.batch import Batch, Header
from bus.replication.chain import chain
from bus.replication.record import Record
from domain.shared.messages import Event

BREATH = 50
"""Records. The database waits meanwhile for whoever is to ask it for the next step."""

Content = Recorded | EventUnreadable | None
"""The event as it stands on record once its log takes it; why there is no reading it; nothing where it was erased."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A batch, with all that can be known of it without the database.

    Attributes:
        hashes: of the chain after each record.
    """

    batch: Batch
    hashes: list[bytes]
    ids: list[str]
    contents: list[Content]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """Batches that are taken in together.

    Attributes:
        readable: how many of their events can be read.
        projection: what these change in the tables, if all of them are new; None: that is to be found out one by one.
    """

    all: Sequence[Arrival]
    readable: int
    projection: Projection | None


async def prepare(batches: Sequence[Batch]) -> Arrivals:
    """Read what is in batches, with a breath now and then for others who wait."""
    arrivals = [await _arrival(batch) for batch in batches]
    readable = [one for arrival in arrivals for one in arrival.contents if isinstance(one, Recorded)]
    return Arrivals(all=arrivals, readable=len(readable), projection=await _projection(readable))


async def _arrival(batch: Batch) -> Arrival:
    hashes: list[bytes] = []
    ids: list[str] = []
    contents: list[Content] = []
    before = batch.header.before
    for place in _slices(batch.records):
        records = batch.records[place]
        hashes += chain(before, records)
        ids += [id_text(record.id) for record in records]
        contents += _contents(batch.header, place.start, records, ids[place], hashes[place])
        before = hashes[-1]
        await asyncio.sleep(0)
    return Arrival(batch=batch, hashes=hashes, ids=ids, contents=contents)


def _slices(of: Sequence[object]) -> Iterator[slice]:
    for start in range(0, len(of), BREATH):
        yield slice(start, start + BREATH)


def read_of(content: Content) -> Event | None:
    """Return the event that can be read."""
    return content.event if isinstance(content, Recorded) else None


async def _projection(recorded: Sequence[Recorded]) -> Projection | None:
    shown, parts = folded(recorded), []
    try:
        for place in _slices(shown):
            parts.append(Projection.of(shown[place]))
            await asyncio.sleep(0)
    except Exception:  # noqa: BLE001 - whoever shows them searches for the one at fault
        return None
    return Projection.together(parts)


def _contents(
    header: Header, start: int, records: Sequence[Record], ids: Sequence[str], hashes: Sequence[bytes]
) -> Iterator[Content]:
    log = header.log
    for seq, (record, event_id, hashed) in enumerate(zip(records, ids, hashes, strict=True), header.first + start):
        try:
            yield read_at(log, seq, hashed, record, event_id)
        except EventUnreadable as unreadable:
            yield unreadable
