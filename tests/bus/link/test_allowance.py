"""How much of its feeds a parent says unasked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.link.allowance import AT_ONCE, PER_SECOND, Allowance
from bus.replication import LogId

LIST, POSTS = LogId("central", 6, "watchlist.pl"), LogId("central", 6, "organisation.dorohusk")


def flood(allowance: Allowance, size: int, now: float) -> int:
    """Have as much of a list said as may be; return how much that was."""
    said = 0
    while allowance.grants(LIST, size, now):
        said += size
    return said


@pytest.mark.parametrize("size", [400, 30_000, AT_ONCE])
def test_the_first_of_a_flood_is_said_at_once_and_the_rest_is_not(size: int) -> None:
    allowance = Allowance()
    assert AT_ONCE - size < flood(allowance, size, 0.0) <= AT_ONCE
    assert allowance.is_silent(LIST, 0.1)


def test_other_feeds_are_said_while_one_floods() -> None:
    allowance = Allowance()
    flood(allowance, 20_000, 0.0)
    assert allowance.grants(POSTS, 400, 0.0)
    assert not allowance.grants(LIST, 400, 1.0)
    assert allowance.grants(POSTS, 30_000, 1.0)
    assert not allowance.is_silent(POSTS, 1.0)


def test_a_silent_feed_is_said_again_when_the_whole_is_there_again() -> None:
    allowance = Allowance()
    flood(allowance, AT_ONCE // 4, 0.0)
    assert allowance.is_silent(LIST, AT_ONCE / PER_SECOND - 0.1)
    assert not allowance.is_silent(LIST, AT_ONCE / PER_SECOND)
    assert flood(allowance, AT_ONCE // 4, 100.0) == AT_ONCE


def test_what_is_larger_than_all_goes_alone_and_is_waited_for() -> None:
    allowance = Allowance()
    assert allowance.grants(LIST, 3 * AT_ONCE, 0.0)
    paid_at = 3 * AT_ONCE / PER_SECOND
    assert not allowance.grants(POSTS, 400, 2 / 3 * paid_at - 0.1)
    assert not allowance.grants(POSTS, 400, paid_at - 0.1)
    assert allowance.grants(POSTS, 3 * AT_ONCE, paid_at)


@given(st.lists(st.tuples(st.floats(0, 3), st.integers(1, AT_ONCE), st.sampled_from((LIST, POSTS))), max_size=100))
def test_never_is_more_said_than_is_allowed(wishes: list[tuple[float, int, LogId]]) -> None:
    allowance, now, said = Allowance(), 0.0, 0
    for passed, size, log in wishes:
        now += passed
        said += size if allowance.grants(log, size, now) else 0
        assert said <= AT_ONCE + now * PER_SECOND + 1
