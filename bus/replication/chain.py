"""The hash chain of a log: hash_n = SHA-256(hash_n-1, event id, hybrid time, commitment)."""

import hashlib
from collections.abc import Iterable
from typing import Final

from bus.replication.record import HASH_BYTES, Record, commitment

GENESIS: Final = bytes(HASH_BYTES)
HLC_BYTES: Final = 8


def link(previous: bytes, event_id: bytes, hlc: int, commitment: bytes) -> bytes:
    """The hash of one event that follows `previous`."""
    return hashlib.sha256(previous + event_id + hlc.to_bytes(HLC_BYTES) + commitment).digest()


def chain(previous: bytes, records: Iterable[Record]) -> list[bytes]:
    """The hash after each record. An erased record chains exactly as it did with its body.

    Raises:
        ValueError: a record has neither a salted body nor a commitment.
    """
    sha256 = hashlib.sha256
    hashes = []
    for record in records:
        committed = record.commitment
        if committed is None:
            if record.salt is None or record.body is None:
                raise ValueError("a record has a salt and a body, or a commitment")
            committed = commitment(record.salt, record.body)
        previous = sha256(previous + record.id + record.hlc.to_bytes(HLC_BYTES) + committed).digest()
        hashes.append(previous)
    return hashes
