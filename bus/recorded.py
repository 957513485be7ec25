"""An event as it stands on record: its place in a log, and the bytes that were committed to."""

from datetime import datetime

import msgspec

from bus.replication.log import LogId
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


class RowMissing(Exception):  # noqa: N818 - a state of the tables, not of the program
    """What an event changes does not show in the tables; the text is the name of the table."""
