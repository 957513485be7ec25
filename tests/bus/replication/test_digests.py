"""Digests and the chain a node checks in itself: every damage of an event is found, and nothing else."""

import itertools
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.replication.chain import GENESIS, chain
from bus.replication.digests import (
    NOTHING_HELD,
    ChainCheck,
    Damage,
    Damaged,
    Kept,
    Span,
    digest,
    fitted,
    spans,
)
from bus.replication.log import START, Position
from bus.replication.record import Record

RECORDS = [Record(bytes([number]) * 16, number, bytes(16), bytes([number])) for number in range(1, 8)]
HASHES = chain(GENESIS, RECORDS)
HEAD = Position(7, HASHES[-1])
WHOLE = [Kept(seq, record, hashed) for seq, (record, hashed) in enumerate(zip(RECORDS, HASHES, strict=True), 1)]
FORGED = Record(b"\xff" * 16, 9, bytes(16), b"forged")
NO_HASH = b"\x05" * 32


def found(rows: Sequence[Kept], head: Position = HEAD) -> list[Damaged]:
    check = ChainCheck(START)
    return [*check.follow(rows), *check.end(head)]


def altered(seq: int, **fields: object) -> list[Kept]:
    return [row._replace(**fields) if row.seq == seq else row for row in WHOLE]


@given(st.integers(1, 10**6), st.integers(0, 10**5), st.sampled_from([1, 7, 100, 10_000]))
def test_spans_cover_the_whole_once_and_are_cut_at_the_same_places_everywhere(first: int, more: int, size: int) -> None:
    more = min(more, 100 * size)
    cut = spans(Span(first, first + more), size)
    assert cut[0].first == first
    assert cut[-1].last == first + more
    assert all(one.last + 1 == following.first for one, following in itertools.pairwise(cut))
    assert all(one.last % size == 0 for one in cut[:-1])
    assert all(one.last - one.first < size for one in cut)


@given(st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_a_digest_is_the_same_in_any_order(heads: list[int]) -> None:
    assert digest(heads) == digest(reversed(heads))
    assert (digest(heads) == NOTHING_HELD) is (heads == [])


def test_a_whole_log_has_nothing_wrong() -> None:
    assert found(WHOLE) == []
    assert found([], START) == []


def test_a_part_of_a_log_is_followed_from_where_it_begins() -> None:
    check = ChainCheck(Position(3, HASHES[2]))
    assert [*check.follow(WHOLE[3:]), *check.end(HEAD)] == []


def test_an_erased_event_is_nothing_wrong() -> None:
    assert found(altered(4, record=RECORDS[3].erased())) == []


@pytest.mark.parametrize("seq", range(1, 8))
def test_an_event_that_is_gone_is_found(seq: int) -> None:
    assert found([row for row in WHOLE if row.seq != seq]) == [Damaged(seq, Damage.MISSING)]


@pytest.mark.parametrize("seq", range(1, 8))
@pytest.mark.parametrize("fields", [{"record": FORGED}, {"record": None}, {"hash": NO_HASH}])
def test_an_event_whose_hash_does_not_follow_is_found_alone(seq: int, fields: dict[str, object]) -> None:
    assert found(altered(seq, **fields)) == [Damaged(seq, Damage.ALTERED)]


@pytest.mark.parametrize("seq", range(1, 7))
def test_an_event_forged_with_its_hash_is_found_by_the_next(seq: int) -> None:
    hashed = chain((GENESIS, *HASHES)[seq - 1], [FORGED])[0]
    assert found(altered(seq, record=FORGED, hash=hashed)) == [Damaged(seq + 1, Damage.ALTERED)]


def test_the_last_event_forged_with_its_hash_is_found_by_the_head() -> None:
    hashed = chain(HASHES[5], [FORGED])[0]
    assert found(altered(7, record=FORGED, hash=hashed)) == [Damaged(7, Damage.HEAD)]


@pytest.mark.parametrize(
    ("head", "damaged"),
    [
        (Position(6, HASHES[-1]), [Damaged(6, Damage.HEAD)]),
        (Position(9, HASHES[-1]), [Damaged(9, Damage.HEAD)]),
        (Position(7, NO_HASH), [Damaged(7, Damage.HEAD)]),
        (Position(6, HASHES[5]), [Damaged(7, Damage.EXTRA)]),
        (Position(9, NO_HASH), [Damaged(8, Damage.MISSING), Damaged(9, Damage.MISSING)]),
    ],
)
def test_a_head_that_is_not_the_end_is_found(head: Position, damaged: list[Damaged]) -> None:
    assert found(WHOLE, head) == damaged


def test_only_what_stood_there_fits() -> None:
    assert fitted(HASHES[1], RECORDS[2:5], WHOLE[5], ()) == HASHES[2:5]
    assert fitted(HASHES[4], RECORDS[5:], None, {HEAD.hash}) == HASHES[5:]
    assert fitted(HASHES[1], [record.erased() for record in RECORDS[2:5]], WHOLE[5], ()) == HASHES[2:5]


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: fitted(HASHES[0], RECORDS[2:5], WHOLE[5], ()),
        lambda: fitted(HASHES[1], RECORDS[2:4], WHOLE[5], ()),
        lambda: fitted(HASHES[1], [*RECORDS[2:4], FORGED], WHOLE[5], ()),
        lambda: fitted(HASHES[1], RECORDS[2:5], WHOLE[5]._replace(record=None), ()),
        lambda: fitted(HASHES[4], RECORDS[5:], None, {NO_HASH}),
        lambda: fitted(HASHES[4], RECORDS[5:], None, ()),
    ],
)
def test_nothing_else_fits(attempt: Callable[[], list[bytes]]) -> None:
    assert attempt() == []
