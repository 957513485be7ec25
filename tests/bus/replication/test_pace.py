"""The pace of batches, on lines that are modelled: a queue that is served at a rate, and the time there and back."""

from collections import deque
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.replication import FLOOR, PATIENCE, Flight, Pace
from bus.replication.pace import CEILING, FIRST, LONGEST, SHARES, SHORTEST

Sizes = Callable[[Flight], int]
LARGE = 4 * 1024 * 1024
FULL: Sizes = lambda flight: flight.size  # noqa: E731 - a table of one


class ModelLine:
    """A line with a backlog behind it that never ends.

    Attributes:
        rate: bytes a second.
        own: seconds there and back, of nothing.
        most_flying: bytes on their way at the most, of late.
    """

    def __init__(self, rate: float, own: float, pace: Pace | None = None) -> None:
        self.pace = pace or Pace()
        self.rate = rate
        self.own = own
        self.now = 0.0
        self.carried = 0
        self.most_flying = 0
        self._free_at = 0.0
        self._flights: deque[tuple[float, Flight]] = deque()

    def run(self, seconds: float, size: Sizes = FULL) -> None:
        end, self.most_flying, self.carried = self.now + seconds, 0, 0
        while self.now < end:
            while (flight := self.pace.admit()) is not None:
                self.pace.leaves(flight, size(flight), self.now)
                self._free_at = max(self.now, self._free_at) + flight.size / self.rate
                self._flights.append((self._free_at + self.own, flight))
            self.most_flying = max(self.most_flying, self.pace.flying)
            self.finish()

    def finish(self) -> None:
        """Let the next batch arrive."""
        self.now, flight = self._flights.popleft()
        self.pace.arrived(flight, self.now)
        self.carried += flight.size


@pytest.mark.parametrize("megabits", [0.5, 2, 20])
def test_a_thin_line_is_full_and_nothing_queues_for_long(megabits: float) -> None:
    rate = megabits * 1e6 / 8
    line = ModelLine(rate, own=0.06)
    line.run(20)
    line.run(20)
    assert line.carried >= 0.9 * rate * 20
    assert line.most_flying <= rate * PATIENCE * 1.2 + FLOOR


def test_no_batch_alone_takes_long() -> None:
    line = ModelLine(250_000, own=0.06)
    line.run(20)
    flight = line.pace.admit() or Flight(0)
    assert flight.size <= 250_000 * PATIENCE / SHARES * 1.25


def test_the_first_batches_are_small_to_learn_the_lines_own_time() -> None:
    pace = Pace()
    flight = pace.admit() or Flight(0)
    assert flight.size == FLOOR
    pace.leaves(flight, FLOOR, 0.0)
    pace.arrived(flight, 0.01)
    assert (pace.admit() or Flight(0)).size == pace.limit // SHARES


def test_a_satellite_line_is_full_all_the_same() -> None:
    line = ModelLine(250_000, own=0.6)
    line.run(40)
    line.run(20)
    assert line.carried >= 0.8 * 250_000 * 20
    assert line.most_flying <= 250_000 * 0.6 * 1.9


def test_a_line_that_becomes_a_satellites_is_full_again() -> None:
    line = ModelLine(250_000, own=0.06)
    line.run(20)
    line.own = 0.6
    line.run(60)
    line.run(20)
    assert line.carried >= 0.8 * 250_000 * 20


def test_a_line_that_becomes_thin_is_noticed_at_once_and_one_that_becomes_broad_soon() -> None:
    line = ModelLine(12_500_000, own=0.01)
    line.run(5)
    assert line.pace.limit >= 12_500_000 * PATIENCE * 0.5
    line.rate = 250_000
    line.run(20)  # what is on its way has to arrive first
    line.run(5)
    assert line.most_flying <= 250_000 * PATIENCE * 1.2
    line.rate = 12_500_000
    line.run(5)
    line.run(1)
    assert line.carried >= 0.9 * 12_500_000


def test_on_a_fast_line_full_batches_are_let_out_after_a_moment() -> None:
    full = 85_000
    line = ModelLine(100_000_000, own=0.005)
    line.run(0.3, lambda flight: min(full, flight.size))
    assert (line.pace.admit() or Flight(0)).size >= full


def test_what_nobody_waits_for_teaches_nothing() -> None:
    pace = Pace()
    for now in range(100):
        flight = pace.admit() or Flight(0)
        pace.leaves(flight, 500, now)
        pace.arrived(flight, now + 0.01)
    assert pace.limit == FIRST


def alone(pace: Pace, size: int, took: float, now: float = 0.0) -> Flight:
    """Have a batch travel alone."""
    flight = pace.admit() or Flight(0)
    pace.leaves(flight, size, now)
    pace.arrived(flight, now + took)
    return flight


def test_what_the_line_carries_in_a_moment_is_not_awaited_for_long() -> None:
    for megabits in (0.5, 2, 20):
        line = ModelLine(megabits * 1e6 / 8, own=0.06)
        line.run(40)
        flight = line.pace.admit() or alone(line.pace, FLOOR, 0.06)
        line.pace.leaves(flight, flight.size, line.now)
        assert flight.within == SHORTEST
        assert not flight.is_slow


@pytest.mark.parametrize("is_known", [False, True])
def test_a_large_record_is_awaited_for_as_long_as_the_line_needs(*, is_known: bool) -> None:
    line = ModelLine(250_000, own=0.06)
    line.run(20 if is_known else 0)
    while line.pace.flying:
        line.finish()
    flight = line.pace.admit() or Flight(0)
    line.pace.leaves(flight, LARGE, line.now)
    assert LARGE / 250_000 < flight.within <= LONGEST
    assert flight.is_slow


def test_nothing_is_awaited_for_ever() -> None:
    pace = Pace()
    for _ in range(10):
        flight = pace.admit() or Flight(0)
        pace.leaves(flight, LARGE, 0.0)
        assert flight.within <= LONGEST
        pace.lost(flight)
    assert flight.within == LONGEST


def test_what_was_lost_is_awaited_for_longer_the_next_time() -> None:
    pace = Pace()
    within = []
    for _ in range(3):
        flight = pace.admit() or Flight(0)
        pace.leaves(flight, 512 * 1024, 0.0)
        within.append(flight.within)
        pace.lost(flight)
    assert within[0] < within[1] < within[2]


def test_a_large_record_tells_what_the_line_carries() -> None:
    pace = Pace()
    alone(pace, LARGE, LARGE / 250_000)
    assert pace.limit == pytest.approx(250_000 * PATIENCE, rel=0.05)
    alone(pace, FLOOR, 0.06, now=20.0)
    assert alone(pace, FLOOR, 0.06, now=21.0).within == SHORTEST
    assert pace.limit <= 1.2 * 250_000 * PATIENCE


def test_whatever_was_lost_together_cuts_once() -> None:
    pace = Pace()
    flights = [pace.admit() or Flight(0) for _ in range(SHARES)]
    for flight in flights:
        pace.leaves(flight, flight.size, 0.0)
    for flight in flights:
        pace.lost(flight)
    assert pace.limit == FIRST // 2
    assert pace.flying == 0


def test_what_never_left_makes_room_and_nothing_else() -> None:
    pace = Pace()
    for end in (pace.lost, lambda flight: pace.arrived(flight, 9.0)):
        end(pace.admit() or Flight(0))
    assert (pace.limit, pace.flying) == (FIRST, 0)


def test_something_is_let_out_however_bad_it_is() -> None:
    pace = Pace()
    for _ in range(50):
        flight = pace.admit() or Flight(0)
        pace.leaves(flight, flight.size, 0.0)
        pace.lost(flight)
    assert pace.limit == FLOOR
    assert pace.admit() is not None
    assert pace.admit() is None


def test_under_a_higher_floor_small_batches_do_not_wait_for_each_other_on_the_worst_of_lines() -> None:
    pace = Pace(8 * FLOOR)
    for _ in range(20):
        flight = pace.admit() or Flight(0)
        pace.leaves(flight, flight.size, 0.0)
        pace.arrived(flight, 9.0)
        pace.lost(_left(pace))
    assert pace.limit == 8 * FLOOR
    assert sum(_left(pace).size for _ in range(20)) == pace.flying == 20 * 500


def _left(pace: Pace) -> Flight:
    flight = pace.admit()
    assert flight is not None
    pace.leaves(flight, 500, 0.0)
    return flight


def test_it_learns_what_compression_saves_by_large_batches_more_than_by_small_ones() -> None:
    pace = Pace()

    def bodies(size: int, times: int) -> float:
        for _ in range(20):
            flight = pace.admit() or Flight(0)
            pace.leaves(flight, size, 0.0, bodies=times * size)
            pace.arrived(flight, 0.01)
        flight = pace.admit() or Flight(0)
        pace.lost(flight)
        return pace.bodies(flight) / flight.size

    assert bodies(50_000, 5) == pytest.approx(5, rel=0.01)
    assert bodies(200, 1) > 4


@given(
    st.lists(
        st.tuples(
            st.sampled_from(("admit", "arrive", "lose")),
            st.integers(0, 30),
            st.floats(0, 5),
            st.integers(1, 500_000),
        ),
        max_size=200,
    )
)
def test_its_invariants_hold_whatever_happens(steps: list[tuple[str, int, float, int]]) -> None:
    pace, now, open_ = Pace(), 0.0, list[Flight]()
    for what, pick, passed, size in steps:
        now += passed
        if what == "admit":
            before = pace.flying
            flight = pace.admit()
            if flight is not None:
                assert before == 0 or before + flight.size <= pace.limit
                pace.leaves(flight, size, now)
                open_.append(flight)
            else:
                assert before > 0
        elif open_:
            flight = open_.pop(pick % len(open_))
            pace.arrived(flight, now) if what == "arrive" else pace.lost(flight)
        assert FLOOR <= pace.limit <= CEILING
        assert pace.flying == sum(flight.size for flight in open_)
