"""Digests of logs: two nodes compare few numbers, and search for a difference in ever smaller spans.

A digest is a count and the XOR of 64-bit heads of hashes. Since each hash is that of the chain, equal digests of a span
mean equal histories. An erased event keeps its hash, so erasure is no difference.

A node also checks itself, for a row may have been altered while its hash was not: `ChainCheck` follows the chain.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Annotated, Final, NamedTuple

import msgspec
from msgspec import Meta

from bus.replication.chain import chain
from bus.replication.log import Position, Seq
from bus.replication.record import MAX_INT, Record

BUCKET: Final = 10_000
"""Events of a log in one digest; the spans in which a difference is searched for follow from it."""
FINER: Final = {BUCKET: 100, 100: 1}
HEAD_BYTES: Final = 8

Heads = Annotated[int, Meta(ge=-(2**63), le=MAX_INT)]


class Digest(msgspec.Struct, frozen=True, array_like=True):
    """How many rows there are, and the XOR of the heads of their hashes."""

    count: Seq
    heads: Heads


NOTHING_HELD: Final = Digest(0, 0)


class Span(NamedTuple):
    """Events ``first`` to ``last`` of a log."""

    first: Seq
    last: Seq


class Kept(NamedTuple):
    """An event as a database keeps it; no record where what is kept is none."""

    seq: int
    record: Record | None
    hash: bytes


class Damage(StrEnum):
    """What may be wrong with an event in one database, or with the head of its log."""

    MISSING = "missing"
    ALTERED = "altered"
    EXTRA = "extra"
    HEAD = "head"


class Damaged(NamedTuple):
    """An event that a database does not hold as its chain says."""

    seq: int
    damage: Damage


def head_of(hashed: bytes) -> int:
    """Return the head of a hash, as digests count it: a signed number, as databases have them."""
    return int.from_bytes(hashed[:HEAD_BYTES], signed=True)


def digest(heads: Iterable[int]) -> Digest:
    """Return the digest of these heads."""
    count = xor = 0
    for head in heads:
        count += 1
        xor ^= head
    return Digest(count, xor)


def spans(whole: Span, size: int) -> list[Span]:
    """Cut a span into spans of this size; the cuts lie at multiples of it, at whichever node and from wherever."""
    firsts = [whole.first, *range((whole.first - 1) // size * size + size + 1, whole.last + 1, size)]
    return [Span(first, min(whole.last, (first - 1) // size * size + size)) for first in firsts if first <= whole.last]


class ChainCheck:
    """Follows the chain of a log over what a database keeps of it.

    An event is altered when its hash does not follow from it. If only its hash was altered, the next event still
    follows from what it was; the search goes on from there.
    """

    def __init__(self, start: Position) -> None:
        """Begin behind ``start``, which is taken as right."""
        self._seq = start.seq
        self._ends: tuple[bytes, ...] = (start.hash,)

    def follow(self, rows: Iterable[Kept]) -> Iterator[Damaged]:
        """Yield what is missing or altered, in rows in the order of their numbers."""
        for row in rows:
            yield from self._lacking(row.seq)
            followed = None if row.record is None else self._hash_after(row.record, row.hash)
            if followed != row.hash:
                yield Damaged(row.seq, Damage.ALTERED)
            self._ends = (row.hash,) if followed in (None, row.hash) else (row.hash, followed)
            self._seq = row.seq

    def end(self, head: Position) -> Iterator[Damaged]:
        """Yield what is wrong at the end: events before or behind the head, or the head itself."""
        if head.hash in self._ends:
            if self._seq != head.seq:
                yield Damaged(head.seq, Damage.HEAD)
        elif self._seq == head.seq:
            yield Damaged(head.seq, Damage.HEAD)
        elif self._seq > head.seq:
            yield from (Damaged(seq, Damage.EXTRA) for seq in range(head.seq + 1, self._seq + 1))
        else:
            yield from self._lacking(head.seq + 1)

    def _lacking(self, seq: int) -> Iterator[Damaged]:
        """Yield what is missing before an event; whether that one follows is then not known."""
        for missing in range(self._seq + 1, seq):
            yield Damaged(missing, Damage.MISSING)
            self._ends = ()
        self._seq = max(self._seq, seq - 1)

    def _hash_after(self, record: Record, stored: bytes) -> bytes | None:
        """Return the hash of a record behind what may be the end; the stored one if it is behind any, or unknown."""
        if not self._ends:
            return stored
        hashes = [chain(end, (record,))[0] for end in self._ends]
        return stored if stored in hashes else hashes[0]


def fitted(before: bytes, records: Sequence[Record], following: Kept | None, ends: Collection[bytes]) -> list[bytes]:
    """Return the hashes of records that are to stand in a log's gap; none when they are not those that stood there.

    Args:
        before: hash of the chain ahead of the gap, as kept.
        records: what is to stand there.
        following: the event behind the gap, as kept; None when the log ends with the gap.
        ends: hashes that may be that of the log's end, if it ends with the gap.
    """
    hashes = chain(before, records)
    if following is None:
        return hashes if hashes[-1] in ends else []
    if following.record is None or chain(hashes[-1], (following.record,))[0] != following.hash:
        return []
    return hashes
