from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from sites.demo.book import Book, Passing
from sites.demo.holdings import Holdings
from sites.demo.lag import Lag
from sites.demo.topology import PLANS, Topology
from sites.demo.verdict import Verdict, _doubled, _missing
from sites.equality.differences import difference

KEY = ("koroszczyn", "WPR10234")
DIFFERENCE = difference("alarm", missing=["1"])
EVERYTHING = Holdings(
    registrations=Counter({KEY: 1}),
    matches=1,
    alarms=1,
    match_alarms=Counter({KEY: 1}),
    acknowledged=Counter({"koroszczyn": 1}),
    quarantined=frozenset({"push"}),
)
NOTHING = Holdings(matches=0, alarms=0)


@pytest.fixture
def topology(tmp_path: Path) -> Topology:
    return Topology(tmp_path, httpx.AsyncClient())


@pytest.fixture
def book(passing: Callable[..., Passing]) -> Book:
    """A sought vehicle has passed, its alarm was taken, and a push was quarantined."""
    book = Book()
    book.enter(passing(sought=True))
    book.acknowledged["koroszczyn"] += 1
    book.quarantined["koroszczyn"].add("push")
    return book


def holdings(**changed: Holdings) -> dict[str, Holdings]:
    return {"koroszczyn": EVERYTHING, "dorohusk": NOTHING, "lublin": EVERYTHING, "central": EVERYTHING} | changed


def changed(**fields: Any) -> Holdings:
    usual = {name: getattr(EVERYTHING, name) for name in EVERYTHING.__slots__}
    return Holdings(**usual | fields)


def test_what_is_on_record_once_everywhere_is_neither_missing_nor_doubled(topology: Topology, book: Book) -> None:
    assert list(_missing(topology, book, holdings())) == []
    assert list(_doubled(topology, book, holdings())) == []


@pytest.mark.parametrize(
    ("held", "told"),
    [
        (changed(registrations=Counter()), "WPR10234 of koroszczyn is not registered at central"),
        (changed(match_alarms=Counter()), "WPR10234 of koroszczyn is sought and has no alarm at central"),
        (changed(acknowledged=Counter()), "alarms of koroszczyn that were taken are not taken at central"),
        (changed(quarantined=frozenset()), "push push, quarantined at koroszczyn, is not known at central"),
    ],
)
def test_what_is_missing_is_told(held: Holdings, told: str, topology: Topology, book: Book) -> None:
    assert list(_missing(topology, book, holdings(central=held))) == [told]


@pytest.mark.parametrize(
    ("held", "told"),
    [
        (changed(registrations=Counter({KEY: 2})), "WPR10234 of koroszczyn is registered 2 times at lublin"),
        (changed(match_alarms=Counter({KEY: 2})), "WPR10234 of koroszczyn has 2 alarms at lublin"),
    ],
)
def test_what_is_doubled_is_told(held: Holdings, told: str, topology: Topology, book: Book) -> None:
    assert list(_doubled(topology, book, holdings(lublin=held))) == [told]


def test_another_spelling_of_the_same_vehicle_counts_as_the_vehicle(
    topology: Topology, passing: Callable[..., Passing]
) -> None:
    book, other = Book(), ("koroszczyn", "WPR1O234")
    book.enter(passing(spellings=frozenset({KEY[1], other[1]})))
    held = holdings(koroszczyn=changed(registrations=Counter({KEY: 1, other: 1})))
    assert list(_doubled(topology, book, held)) == ["WPR10234 of koroszczyn is registered 2 times at koroszczyn"]


@pytest.mark.parametrize(
    ("fields", "holds"),
    [
        ({}, True),
        ({"found": {"central against koroszczyn": [DIFFERENCE]}}, False),
        ({"missing": ["something"]}, False),
        ({"doubled": ["something"]}, False),
    ],
)
def test_a_verdict_holds_when_nothing_is_wrong(fields: dict[str, Any], holds: bool) -> None:  # noqa: FBT001 - a case of the table
    usual: dict[str, Any] = {"holdings": {}, "found": {"central against koroszczyn": []}, "missing": [], "doubled": []}
    assert Verdict(**usual | {"lags": {}} | fields).holds is holds


def test_the_summary_names_differences_and_counts_levels(topology: Topology, book: Book) -> None:
    verdict = Verdict(
        holdings=holdings(),
        found={"lublin against koroszczyn": [], "central against koroszczyn": [DIFFERENCE]},
        missing=[str(number) for number in range(30)],
        doubled=[],
        lags={code: Lag(waiting=0, seconds=0.0) for code in PLANS},
    )
    summary = verdict.summary(topology, book)
    assert (summary["equal"], summary["vehicles"], summary["sought"]) == (False, 1, 1)
    assert list(summary["differences"]) == ["central against koroszczyn"]
    assert (summary["missing"]["count"], len(summary["missing"]["samples"])) == (30, 20)
    assert summary["levels"]["centre"]["central"] == {
        "registrations": 1,
        "matches": 1,
        "alarms": 1,
        "acknowledged": 1,
        "quarantined": 1,
    }
