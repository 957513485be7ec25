"""The machine's clock and ids."""

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise

import pytest

from adapters.system import SystemClock, SystemIds


def test_the_clock_tells_the_present_time_in_utc() -> None:
    before = datetime.now(UTC)
    told = SystemClock().now()

    assert before <= told <= datetime.now(UTC)
    assert told.utcoffset() == timedelta(0)


def test_ids_are_uuid7_of_the_present_time_as_canonical_text() -> None:
    before = time.time_ns() // 1_000_000
    made = SystemIds().new()
    parsed = uuid.UUID(made)

    assert str(parsed) == made
    assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)
    assert before <= parsed.int >> 80 <= time.time_ns() // 1_000_000


def test_ids_only_grow_as_text_and_as_numbers() -> None:
    ids = SystemIds()
    made = [ids.new() for _ in range(50_000)]

    assert all(a < b for a, b in pairwise(made))
    assert all(a.bytes < b.bytes for a, b in pairwise(map(uuid.UUID, made)))


@pytest.mark.parametrize(
    "times", [count(10**12, -1), iter([10**12] * 20_000), count(10**12)], ids=["back", "still", "on"]
)
def test_ids_grow_whatever_the_clock_does(times: Iterator[int]) -> None:
    ids = SystemIds(milliseconds=lambda: next(times))
    made = [ids.new() for _ in range(10_000)]

    assert all(a < b for a, b in pairwise(made))
    assert {uuid.UUID(one).version for one in made} == {7}


def test_more_ids_than_a_millisecond_holds_run_into_the_next() -> None:
    ids = SystemIds(milliseconds=lambda: 10**12)
    times = [uuid.UUID(ids.new()).int >> 80 for _ in range(4097)]

    assert times == [10**12] * 4096 + [10**12 + 1]


def test_ids_of_two_processes_at_the_same_time_differ() -> None:
    one, other = (SystemIds(milliseconds=lambda: 10**12) for _ in range(2))

    assert not {one.new() for _ in range(4000)} & {other.new() for _ in range(4000)}


def test_ids_made_in_several_threads_are_each_made_once() -> None:
    ids = SystemIds()
    with ThreadPoolExecutor(4) as pool:
        made = [one for several in pool.map(lambda _: [ids.new() for _ in range(5000)], range(4)) for one in several]

    assert len(set(made)) == 20_000


@pytest.mark.parametrize("size", [0, 1, 16, 4096, 5000])
def test_random_bytes_come_in_the_size_asked_for(size: int) -> None:
    ids = SystemIds()

    assert [len(ids.random(size)) for _ in range(3)] == [size] * 3


def test_random_bytes_are_given_out_once() -> None:
    ids = SystemIds()
    given = [ids.random(16) for _ in range(2000)]

    assert len(set(given)) == 2000
