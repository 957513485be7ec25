"""Rows of the table of events, the records in them, and these read as events at their places."""

from uuid import UUID

from adapters.database.session import Row
from bus.codec import EventUnreadable
from bus.recorded import Recorded, id_text, read_at
from bus.replication.chain import chain
from bus.replication.digests import Kept
from bus.replication.log import LogId
from bus.replication.record import Record


def to_record(row: Row) -> Record:
    """Map a row of ``event``."""
    return Record(id_bytes(row["id"]), row["hlc"], row["salt"], row["body"], row["commitment"])


def to_kept(row: Row) -> Kept:
    """Return an event as kept, without a record where it is not even of the kinds that one is made of."""
    hashed = row["hash"] if isinstance(row["hash"], bytes) else b""
    try:
        event_id = UUID(str(row["id"])).bytes
        record = Record(event_id, row["hlc"], row["salt"], row["body"], row["commitment"])
        is_one = record.whole and bool(chain(b"", (record,)))
    except (TypeError, ValueError, OverflowError):
        return Kept(row["seq"], None, hashed)
    return Kept(row["seq"], record if is_one else None, hashed)


def placed(row: Row) -> tuple[LogId, int, bytes, Record]:
    """Map a row of ``event`` with origin, epoch and channel: log, number, hash and record."""
    return LogId(row["origin"], row["epoch"], row["channel"]), row["seq"], row["hash"], to_record(row)


def to_recorded(log: LogId, seq: int, hashed: bytes, record: Record) -> Recorded:
    """Read an event at its place in a log.

    Raises:
        EventUnreadable: it cannot be read, or was erased.
    """
    read = read_at(log, seq, hashed, record, id_text(record.id))
    if read is None:
        raise EventUnreadable("erased")
    return read


def readable(log: LogId, seq: int, hashed: bytes, record: Record) -> Recorded | None:
    """Return an event at its place in a log, or None where it was erased or cannot be read."""
    try:
        return read_at(log, seq, hashed, record, id_text(record.id))
    except EventUnreadable:
        return None


def id_bytes(stored: str | UUID) -> bytes:
    """Return the id of an event as the bytes that stand in its record."""
    return bytes.fromhex(stored.replace("-", "")) if isinstance(stored, str) else stored.bytes
