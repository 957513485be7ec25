from hypothesis import given
from hypothesis import strategies as st

from bus.replication import HybridClock, Merged

NOW = 1_790_000_000_000


def test_tick_is_the_wall_clock_while_that_moves() -> None:
    clock = HybridClock()
    assert clock.tick(NOW) == NOW << 16
    assert clock.tick(NOW + 1) == (NOW + 1) << 16


def test_tick_counts_while_the_wall_clock_stands_or_goes_back() -> None:
    clock = HybridClock()
    first = clock.tick(NOW)
    assert clock.tick(NOW) == first + 1
    assert clock.tick(NOW - 5_000) == first + 2


def test_a_full_counter_carries_into_the_milliseconds() -> None:
    clock = HybridClock((NOW << 16) + 0xFFFF)
    assert clock.tick(NOW) == (NOW + 1) << 16


def test_a_restart_goes_on_from_the_newest_stamp() -> None:
    assert HybridClock(NOW << 16).tick(NOW - 1) == (NOW << 16) + 1


def test_merge_moves_past_the_remote_stamp() -> None:
    clock = HybridClock()
    remote = (NOW + 60_000) << 16
    assert clock.merge(remote, NOW) == Merged(remote + 1, clamped=False)
    assert clock.tick(NOW) == remote + 2


def test_merge_of_an_old_stamp_is_a_tick() -> None:
    assert HybridClock().merge(1, NOW) == Merged(NOW << 16, clamped=False)


def test_merge_clamps_a_remote_clock_too_far_ahead() -> None:
    clock = HybridClock()
    limit = (NOW + 60_000) << 16
    assert clock.merge(limit + 1, NOW) == Merged(limit + 1, clamped=True)
    assert clock.merge(2**63 - 1, NOW) == Merged(limit + 2, clamped=True)


@given(st.lists(st.tuples(st.none() | st.integers(0, 2**63 - 1), st.integers(NOW - 10**6, NOW + 10**6)), min_size=2))
def test_stamps_only_ever_grow_and_fit_a_signed_64_bit_column(steps: list[tuple[int | None, int]]) -> None:
    clock = HybridClock()
    stamps = [clock.tick(wall) if remote is None else clock.merge(remote, wall).hlc for remote, wall in steps]
    assert stamps == sorted(set(stamps))
    assert stamps[-1] < 2**63
