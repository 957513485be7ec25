"""Batches kept to be passed on as they are."""

from bus.link.recent import RecentBatches
from bus.replication import START, LogId, PackedBatch, Record, another_attempt, pack, unpack

LOG = LogId("koroszczyn", 7, "facts")


def batch(first: int, n: int, log: LogId = LOG, size: int = 20) -> PackedBatch:
    records = [Record(seq.to_bytes(16), seq, bytes(16), bytes(size)) for seq in range(first, first + n)]
    return pack(log, first, START.hash, records)


def test_a_batch_is_found_where_it_begins_if_all_of_it_is_to_be_sent() -> None:
    recent = RecentBatches()
    kept = batch(1, 300)
    recent.add(kept)
    assert recent.find(LOG, 1, 500) is kept
    assert recent.find(LOG, 1, 300) is kept
    assert recent.find(LOG, 1, 299) is None
    assert recent.find(LOG, 2, 500) is None
    assert recent.find(LogId("dorohusk", 7, "facts"), 1, 500) is None


def test_a_small_batch_is_passed_on_alone_only_if_nothing_follows() -> None:
    recent = RecentBatches()
    kept = batch(1, 3)
    recent.add(kept)
    assert recent.find(LOG, 1, 3) is kept
    assert recent.find(LOG, 1, 4) is None


def test_the_next_large_batch_is_as_far_as_one_may_read_without_missing_it() -> None:
    recent = RecentBatches()
    for kept in (batch(900, 400), batch(301, 400), batch(100, 2), batch(200, 400, LogId("dorohusk", 7, "facts"))):
        recent.add(kept)
    assert recent.distance(LOG, 50) == 251
    assert recent.distance(LOG, 301) == 599
    assert recent.distance(LOG, 900) is None


def test_the_oldest_are_forgotten_when_there_are_too_many() -> None:
    recent = RecentBatches(max_batches=2)
    for first in (1, 301, 601):
        recent.add(batch(first, 300))
    assert [recent.find(LOG, first, 500) is not None for first in (1, 301, 601)] == [False, True, True]


def test_the_oldest_are_forgotten_when_they_take_too_much_room() -> None:
    first, second, third = batch(1, 300), batch(301, 300), batch(601, 300)
    recent = RecentBatches(max_bytes=len(second.data) + len(third.data))
    for one in (first, first, second, third):
        recent.add(one)
    assert [recent.find(LOG, seq, 500) is not None for seq in (1, 301, 601)] == [False, True, True]


def test_a_batch_that_comes_again_takes_no_more_room() -> None:
    first, second = batch(1, 300), batch(301, 300)
    recent = RecentBatches(max_bytes=len(first.data) + len(second.data))
    for one in (first, second, second, second):
        recent.add(one)
    assert recent.find(LOG, 1, 500) is first


def test_another_attempt_is_the_same_batch_under_another_generation() -> None:
    kept = batch(1, 300)
    passed_on = another_attempt(kept, 42)
    assert passed_on.header.generation == 42
    assert passed_on.header.message_id != kept.header.message_id
    header, records = unpack(passed_on.data)
    assert header == passed_on.header
    assert records == unpack(kept.data).records


def test_a_log_whose_history_has_become_another_is_forgotten() -> None:
    recent = RecentBatches(max_bytes=10 * len(batch(1, 300).data))
    for one in (batch(1, 300), batch(301, 300)):
        recent.add(one)
    recent.forget(LOG)
    assert recent.find(LOG, 1, 500) is None
    assert recent.distance(LOG, 1) is None
