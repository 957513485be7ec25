"""Events of the logs in memory, read."""

from collections.abc import Iterable, Iterator

from adapters.memory.tables import Key, LogRow
from bus.codec import EventUnreadable
from bus.recorded import Recorded, id_text, read_at
from bus.replication.log import LogId


def recorded(rows: Iterable[tuple[Key, LogRow]]) -> Iterator[Recorded]:
    """Yield those of these rows, by origin, channel, epoch and number, that can be read."""
    for key, row in rows:
        origin, channel, epoch, seq = key
        try:
            read = read_at(LogId(origin, epoch, channel), seq, row.hash, row.record, id_text(row.record.id))
        except EventUnreadable:
            continue
        if read is not None:
            yield read
