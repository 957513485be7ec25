"""A seed fixes what is done, to whom and when."""

import pytest

from tests.chaos.cluster import PLANS
from tests.chaos.faults import FAULTS
from tests.chaos.plan import draw


def test_a_seed_always_gives_the_same_plan() -> None:
    assert draw(7, 60, tuple(FAULTS), PLANS) == draw(7, 60, tuple(FAULTS), PLANS)
    assert draw(7, 60, tuple(FAULTS), PLANS) != draw(8, 60, tuple(FAULTS), PLANS)


def test_each_kind_comes_before_any_comes_again() -> None:
    kinds = [strike.kind for strike in draw(7, 300, tuple(FAULTS), PLANS)]
    assert set(kinds[: len(FAULTS)]) == set(FAULTS)


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_hits_who_can_have_it_and_lasts_as_long_as_it_may(kind: str) -> None:
    strikes = draw(7, 300, [kind], PLANS)
    shortest, longest = FAULTS[kind].lasts
    assert {strike.node for strike in strikes} == {code for code in PLANS if FAULTS[kind].hits(PLANS, code)}
    assert all(shortest <= strike.lasts <= longest and strike.at < 300 for strike in strikes)
