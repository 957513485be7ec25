"""An event as it stands on record: its place in a log, and the bytes that were committed to."""

from datetime import datetime

import msgspec

from bus.codec import decode
from bus.replication.log import LogId
from bus.replication.record import Record
from domain.shared.messages import Event


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """An event on record.

    Attributes:
        id: UUIDv7 as canonical text, unique over all nodes.
        log: origin, epoch and channel; ``seq`` is gapless in it, ``hash`` chains it.
        hlc: hybrid logical time of the origin.
        at: wall time of the origin.
        salt, body: what the commitment in the chain was made of.
    """

    id: str
    log: LogId
    seq: int
    hash: bytes
    hlc: int
    kind: str
    at: datetime
    salt: bytes
    body: bytes
    event: Event


def id_text(raw: bytes) -> str:
    """Return the id of an event as canonical text."""
    digits = raw.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def read_at(log: LogId, seq: int, hashed: bytes, record: Record, event_id: str) -> Recorded | None:
    """Read the event of a record, whose id as text is ``event_id``, at its place in a log; None: it was erased.

    Raises:
        EventUnreadable: it cannot be read.
    """
    if record.salt is None or record.body is None:
        return None
    kind, at, event = decode(record.body)
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
        event=event,
    )


class RowMissing(Exception):  # noqa: N818 - a state of the tables, not of the program
    """What an event changes does not show in the tables; the text is the name of the table."""
