"""Events of the logs in memory, read."""

import uuid
from collections.abc import Iterable, Iterator

from adapters.memory.tables import Key, LogRow
from bus.codec import EventUnreadable, decode
from bus.recorded import Recorded
from bus.replication.log import LogId


def recorded(rows: Iterable[tuple[Key, LogRow]]) -> Iterator[Recorded]:
    """Yield those of these rows, by origin, channel, epoch and number, that can be read."""
    for key, row in rows:
        origin, channel, epoch, seq = key
        record = row.record
        if record.salt is None or record.body is None:
            continue
        try:
            kind, at, event = decode(record.body)
        except EventUnreadable:
            continue
        yield Recorded(
            id=str(uuid.UUID(bytes=record.id)),
            log=LogId(origin, epoch, channel),
            seq=seq,
            hash=row.hash,
            hlc=record.hlc,
            kind=kind,
            at=at,
            salt=record.salt,
            body=record.body,
            event=event,
        )
