from collections.abc import Callable

import msgspec
import pytest

from bus.replication import (
    GENESIS,
    START,
    Apply,
    Batch,
    Corrupt,
    Duplicate,
    Fork,
    Gap,
    LogId,
    Position,
    Record,
    chain,
    compared_at,
    judge,
    pack,
)

Records = Callable[..., list[Record]]
LOG = LogId("medyka", 9, "alarms")


@pytest.fixture
def history(records: Records) -> list[Record]:
    return records(12)


def batch(history: list[Record], first: int, last: int) -> Batch:
    chosen = history[first - 1 : last]
    return Batch(pack(LOG, first, hash_after(history, first - 1), chosen).header, chosen)


def hash_after(history: list[Record], seq: int) -> bytes:
    return chain(GENESIS, history[:seq])[-1] if seq else GENESIS


def position(history: list[Record], seq: int) -> Position:
    return Position(seq, hash_after(history, seq))


def other(history: list[Record], at: int) -> list[Record]:
    """The same history but for the event at `at`."""
    changed = list(history)
    changed[at - 1] = msgspec.structs.replace(changed[at - 1], body=b"something else")
    return changed


def test_the_first_batch_is_applied_to_nothing(history: list[Record]) -> None:
    assert judge(START, batch(history, 1, 5), None) == Apply(0, chain(GENESIS, history[:5]), position(history, 5))


def test_the_next_batch_is_applied(history: list[Record]) -> None:
    expected = Apply(0, chain(GENESIS, history)[5:8], position(history, 8))
    assert judge(position(history, 5), batch(history, 6, 8), None) == expected


def test_what_is_held_of_a_batch_is_skipped(history: list[Record]) -> None:
    expected = Apply(3, chain(GENESIS, history)[5:8], position(history, 8))
    assert judge(position(history, 5), batch(history, 3, 8), None) == expected


def test_erased_records_are_applied_like_others(history: list[Record]) -> None:
    whole = batch(history, 1, 5)
    erased = Batch(whole.header, [record.erased() for record in whole.records])
    assert judge(START, erased, None) == judge(START, whole, None)


@pytest.mark.parametrize(("watermark", "last"), [(5, 5), (5, 3), (12, 1)])
def test_a_batch_that_is_held_is_a_duplicate(history: list[Record], watermark: int, last: int) -> None:
    at = hash_after(history, last)
    assert judge(position(history, watermark), batch(history, 1, last), at) == Duplicate()


def test_a_duplicate_that_is_no_longer_held_is_left_to_the_senders_comparison(history: list[Record]) -> None:
    assert judge(position(history, 9), batch(history, 1, 4), None) == Duplicate()


@pytest.mark.parametrize(("watermark", "first", "expected"), [(0, 2, 1), (5, 7, 6), (5, 12, 6)])
def test_missing_events_are_asked_for(history: list[Record], watermark: int, first: int, expected: int) -> None:
    assert judge(position(history, watermark), batch(history, first, 12), None) == Gap(expected)


@pytest.mark.parametrize("first", [1, 4, 6])
def test_a_batch_that_does_not_chain_onto_the_watermark_is_a_fork(history: list[Record], first: int) -> None:
    ours = other(history, 3)
    assert judge(position(ours, 5), batch(history, first, 8), None) == Fork(5)


@pytest.mark.parametrize("last", [5, 4])
def test_a_duplicate_with_another_hash_is_a_fork(history: list[Record], last: int) -> None:
    ours = other(history, 4)
    assert judge(position(ours, 5), batch(history, 1, last), hash_after(ours, last)) == Fork(last)


def test_records_that_do_not_yield_the_headers_hash_are_corrupt(history: list[Record]) -> None:
    sound = batch(history, 1, 5)
    altered = Batch(sound.header, other(sound.records, 2))
    assert judge(START, altered, None) == Corrupt()
    assert judge(position(history, 2), altered, None) == Corrupt()


@pytest.mark.parametrize(("watermark", "held"), [(5, 5), (8, 5)])
def test_a_corrupt_header_is_not_taken_for_a_fork(history: list[Record], watermark: int, held: int) -> None:
    sound = batch(history, 1, held)
    altered = Batch(msgspec.structs.replace(sound.header, after=bytes(32)), sound.records)
    assert judge(position(history, watermark), altered, hash_after(history, held)) == Corrupt()


@pytest.mark.parametrize(
    ("watermark", "first", "last", "expected"),
    [(5, 6, 8, None), (5, 3, 8, None), (5, 1, 5, None), (5, 1, 4, 4), (5, 8, 9, None)],
)
def test_only_an_older_batch_needs_a_stored_hash(
    history: list[Record], watermark: int, first: int, last: int, expected: int | None
) -> None:
    assert compared_at(position(history, watermark), batch(history, first, last).header) == expected
