"""A clock that stands still, and ids that repeat themselves."""

import uuid
from datetime import UTC, datetime, timedelta

from adapters.memory.clock import SteppingClock
from adapters.memory.ids import SeededIds


def test_the_clock_stands_until_it_is_stepped_or_set() -> None:
    clock = SteppingClock()
    began = clock.now()
    assert clock.now() == began
    assert began.utcoffset() == timedelta(0)

    assert clock.step() == clock.now() == began + timedelta(seconds=1)
    assert clock.step(timedelta(hours=-1)) == began + timedelta(seconds=1) - timedelta(hours=1)
    clock.set(datetime(2030, 1, 1, tzinfo=UTC))
    assert clock.now() == datetime(2030, 1, 1, tzinfo=UTC)


def test_the_same_seed_gives_the_same_and_another_seed_something_else() -> None:
    def drawn(seed: str) -> tuple[list[str], bytes]:
        ids = SeededIds(SteppingClock(), seed)
        return [ids.new() for _ in range(100)], ids.random(16)

    assert drawn("dorohusk") == drawn("dorohusk")
    ids, random = drawn("dorohusk")
    others, other_random = drawn("koroszczyn")
    assert not set(ids) & set(others)
    assert random != other_random


def test_ids_carry_the_time_of_the_clock() -> None:
    clock = SteppingClock()
    ids = SeededIds(clock)
    first = uuid.UUID(ids.new())
    clock.step(timedelta(seconds=5))

    assert (uuid.UUID(ids.new()).int >> 80) - (first.int >> 80) == 5000
    assert first.version == 7
