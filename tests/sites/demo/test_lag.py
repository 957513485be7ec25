from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from sites.demo.lag import lag_of, on_their_way
from sites.demo.topology import PLANS

FACTS = {"origin": "koroszczyn", "epoch": "1", "channel": "facts", "seq": 5, "projected": 5, "centre": 5}
AUDIT = {"origin": "lublin", "epoch": "3", "channel": "audit", "seq": 2, "projected": 2, "centre": 2}
FEED = {"origin": "central", "epoch": "2", "channel": "watchlist.koroszczyn", "seq": 3, "projected": 3, "centre": 3}


def logs(**changed: Sequence[Mapping[str, Any]]) -> dict[str, Sequence[Mapping[str, Any]]]:
    """What nodes say when everything has arrived, but for those that are changed."""
    above = [FACTS, FEED, AUDIT]
    arrived = {"koroszczyn": [FACTS, FEED], "dorohusk": [], "lublin": above, "central": above}
    return arrived | changed


def test_a_node_lags_by_what_the_centre_has_not_confirmed() -> None:
    held = [
        {"channel": "facts", "seq": 9, "centre": 4, "lagSeconds": 2.5},
        {"channel": "alarms", "seq": 2, "centre": 1, "lagSeconds": 0.25},
        {"channel": "watchlist.pl", "seq": 7, "centre": 0, "lagSeconds": 90.0},
    ]
    lag = lag_of(held)
    assert (lag.waiting, lag.seconds) == (6, 2.5)


def test_nothing_is_on_its_way_when_everybody_holds_everything() -> None:
    assert on_their_way(PLANS, logs()) == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"central": [FEED, AUDIT]}, "facts of koroszczyn is on its way to central"),
        ({"lublin": [FACTS | {"projected": 4}, FEED, AUDIT]}, "facts of koroszczyn is on its way to lublin"),
        ({"koroszczyn": [FACTS | {"centre": 4}, FEED]}, "koroszczyn has not heard that the centre holds facts to 5"),
        ({"central": [FACTS, FEED]}, "audit of lublin is on its way to central"),
        ({"lublin": [FACTS, FEED, AUDIT | {"centre": 1}]}, "lublin has not heard that the centre holds audit to 2"),
        ({"koroszczyn": [FACTS]}, "watchlist.koroszczyn of central is on its way to koroszczyn"),
        ({"lublin": [FACTS, FEED | {"epoch": "9"}, AUDIT]}, "watchlist.koroszczyn of central is on its way to lublin"),
    ],
)
def test_what_is_on_its_way_is_told(changed: dict[str, Any], told: str) -> None:
    assert on_their_way(PLANS, logs(**changed)) == [told]


def test_a_log_whose_events_stand_in_another_one_by_now_need_not_arrive() -> None:
    empty = FACTS | {"epoch": "0", "seq": 0, "projected": 0, "centre": 0}
    assert on_their_way(PLANS, logs(koroszczyn=[empty, FACTS, FEED])) == []


def test_a_node_that_does_not_answer_is_told() -> None:
    answering = logs()
    del answering["central"]
    assert on_their_way(PLANS, answering) == ["central does not answer"]
