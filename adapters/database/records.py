"""Records and rows of the table of events, one from the other."""

from uuid import UUID

from adapters.database.session import Row
from bus.codec import EventUnreadable, decode
from bus.recorded import Recorded
from bus.replication.log import LogId
from bus.replication.record import Record


def to_record(row: Row) -> Record:
    """Map a row of ``event``."""
    return Record(_id_bytes(row["id"]), row["hlc"], row["salt"], row["body"], row["commitment"])


def id_text(raw: bytes) -> str:
    """Return the id of an event as canonical text."""
    digits = raw.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def to_recorded(log: LogId, seq: int, hashed: bytes, record: Record) -> Recorded | None:
    """Return an event at its place in a log, or None where it was erased or cannot be read."""
    if record.body is None or record.salt is None:
        return None
    try:
        kind, at, event = decode(record.body)
    except EventUnreadable:
        return None
    return Recorded(
        id=id_text(record.id),
        log=log,
        seq=seq,
        hash=hashed,
        hlc=record.hlc,
        kind=kind,
        at=at,
        salt=record.salt,
        body=record.body,
        event=event,
    )


def _id_bytes(stored: str | UUID) -> bytes:
    return bytes.fromhex(stored.replace("-", "")) if isinstance(stored, str) else stored.bytes
