"""What a receiver may do with a batch.

Invariants that a receiver keeps for each log, in its database, whatever is lost, repeated or rolled back on the way:

1. It holds exactly the events 1 … `watermark.seq`, each once, and no other of this log.
2. `watermark.hash` is the chain over exactly these events.
3. Rows and watermark change in one transaction, with the watermark's row locked from before `judge` until the commit.
4. It answers only after the commit, and a confirmation is its watermark as committed: number and hash.

So a batch is applied only when it follows or overlaps the watermark and chains onto it; all else changes nothing.
"""

from dataclasses import dataclass

from bus.replication.batch import Batch, Header
from bus.replication.chain import chain
from bus.replication.log import Position


@dataclass(frozen=True, slots=True)
class Apply:
    """Insert `records[skip:]` with `hashes` (one per inserted record) and set the watermark; then confirm it."""

    skip: int
    hashes: list[bytes]
    watermark: Position


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Everything is held already: confirm the watermark again."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Events before the batch are missing: drop it and ask for `expected`, with the header's generation."""

    expected: int


@dataclass(frozen=True, slots=True)
class Fork:
    """The sender's history differs from the one held here, at or before `at`: apply nothing of this log any more."""

    at: int


@dataclass(frozen=True, slots=True)
class Corrupt:
    """The header's hashes do not follow from its records: quarantine the bytes; the sender will send again."""


Verdict = Apply | Duplicate | Gap | Fork | Corrupt


def compared_at(watermark: Position, header: Header) -> int | None:
    """The number at which `judge` needs the hash stored here; none where the watermark's own hash says enough."""
    return header.last if header.last < watermark.seq else None


def judge(watermark: Position, batch: Batch, hash_at: bytes | None, hashes: list[bytes] | None = None) -> Verdict:
    """Decide about a batch of the log that `watermark` belongs to.

    Args:
        watermark: As stored, read in the transaction that will apply the batch.
        batch: As unpacked.
        hash_at: The hash stored at `compared_at(...)`. None where that asks for nothing, or where the event is no
            longer held (retention): the sender compares the confirmation then.
        hashes: The chain over the batch, where it is known already.
    """
    header, records = batch
    if header.first > watermark.seq + 1:
        return Gap(watermark.seq + 1)
    if header.last <= watermark.seq:
        held = watermark.hash if header.last == watermark.seq else hash_at
        if held is None or held == header.after:
            return Duplicate()
        return Fork(header.last) if chain(header.before, records)[-1] == header.after else Corrupt()
    hashes = hashes or chain(header.before, records)
    if hashes[-1] != header.after:
        return Corrupt()
    skip = watermark.seq + 1 - header.first
    if (hashes[skip - 1] if skip else header.before) != watermark.hash:
        return Fork(watermark.seq)
    return Apply(skip, hashes[skip:], Position(header.last, header.after))
