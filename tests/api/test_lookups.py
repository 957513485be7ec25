"""Look-ups over GraphQL."""

from typing import Any

import pytest

from domain.crossings.parts import MemberRole
from domain.identifiers.documents import document_number
from domain.identifiers.plates import plate
from domain.registrations.events import Registered
from domain.registrations.model import ObjectKind
from domain.shared.actors import Role
from domain.shared.views import Window
from tests import samples
from tests.api.nodes import Node

FOUND = "{ registrations { edges { node { label } } pageInfo { hasNextPage } } coverage { node isAll nodes } }"
HISTORY = f"query ($kind: String!, $value: String!) {{ objectHistory(kind: $kind, value: $value) {FOUND} }}"
SEARCH = f"""
query ($part: String!, $kind: ObjectKind, $since: DateTime, $until: DateTime) {{
  registrationSearch(part: $part, kind: $kind, since: $since, until: $until) {FOUND}
}}
"""


@pytest.fixture
async def busy(site: Node) -> Node:
    """A site with a lorry, its trailer and a person on record."""
    await site.record(
        Registered(
            registration=samples.registration(
                id=samples.id_at(site.clock.now()), identifiers=(plate("WA 12345", "PL"), plate("WA 99", "PL"))
            )
        ),
        Registered(
            registration=samples.registration(
                kind=ObjectKind.PERSON, identifiers=(document_number("AB 123", "POL"),), traveller=samples.traveller()
            )
        ),
    )
    return site


async def found(at: Node, query: str, **variables: Any) -> tuple[list[str], Any]:
    (answer,) = (await at.ask(query, Role.OFFICER, **variables)).values()
    return [edge["node"]["label"] for edge in answer["registrations"]["edges"]], answer["coverage"]


async def test_a_history_says_whose_registrations_it_covers(busy: Node) -> None:
    labels, coverage = await found(busy, HISTORY, kind="plate", value="wa-99")
    assert labels == ["WA12345"]
    assert coverage == {"node": "dorohusk", "isAll": False, "nodes": ["dorohusk"]}


@pytest.mark.parametrize(
    ("sought", "labels"),
    [
        ({"part": "łęcka"}, ["AB123"]),
        ({"part": "234"}, ["WA12345"]),
        ({"part": "B12", "kind": "VEHICLE"}, []),
        ({"part": "234", "since": "1999-01-01T00:00:00Z", "until": "2200-01-01T00:00:00Z"}, ["WA12345"]),
        ({"part": "234", "until": "1999-01-01T00:00:00Z"}, []),
    ],
)
async def test_a_part_is_searched(busy: Node, sought: dict[str, str], labels: list[str]) -> None:
    assert (await found(busy, SEARCH, **sought))[0] == labels


@pytest.mark.parametrize("part", ["", "w a", "-" * 200, "A" * 41])
async def test_a_part_has_three_to_forty_letters_and_digits(busy: Node, part: str) -> None:
    assert await busy.refused(SEARCH, Role.OFFICER, part=part) == ["PART_TOO_SHORT"]


async def test_a_look_is_on_audit_by_kind_alone(busy: Node) -> None:
    assert await busy.refused(HISTORY, Role.OFFICER, purpose="", kind="plate", value="WA99") == ["PURPOSE_MISSING"]
    await found(busy, HISTORY, kind="plate", value="WA99")
    await found(busy, SEARCH, part="KOWALSKA")
    records = (await busy.views.audit_records(Window(limit=2))).items
    assert [(each.action, each.target) for each in records] == [
        ("registrationSearch", "all"),
        ("objectHistory", "kind=plate"),
    ]


CARD = """
query ($kind: String!, $value: String!) {
  card(kind: $kind, value: $value) {
    identifiers { canonical } traveller { surname } registrations { label companions { registration { label } role } }
    tallies { node direction day year } companions { times role registration { label } }
    alarms { label } matches { title } occurrences { text } coverage { node isAll }
  }
}
"""


async def test_a_card_shows_an_object_at_a_glance(busy: Node) -> None:
    (card,) = (await busy.ask(CARD, Role.OFFICER, kind="plate", value="wa-99")).values()
    assert [each["canonical"] for each in card["identifiers"]] == ["WA12345", "WA99"]
    assert card["registrations"] == [{"label": "WA12345", "companions": []}]
    assert card["tallies"] == [{"node": "dorohusk", "direction": "outbound", "day": "1", "year": "1"}]
    assert card["coverage"] == {"node": "dorohusk", "isAll": False}

    (card,) = (await busy.ask(CARD, Role.OFFICER, kind="document", value="AB 123")).values()
    assert card["traveller"] == {"surname": "KOWALSKA ŁĘCKA"}


async def test_a_history_tells_companions(busy: Node) -> None:
    page = (await busy.views.registrations(Window(limit=2))).items
    lorry, person = (each.id for each in page)
    await busy.record(*samples.crossed({lorry: MemberRole.TRACTOR, person: MemberRole.DRIVER}))

    companions = "companions { role crossingId registration { label } }"
    history = HISTORY.replace("node { label }", f"node {{ {companions} }}")
    (answer,) = (await busy.ask(history, Role.OFFICER, kind="plate", value="WA99")).values()
    ((companion,),) = [edge["node"]["companions"] for edge in answer["registrations"]["edges"]]
    assert (companion["role"], companion["registration"]["label"]) == ("DRIVER", "AB123")
    assert companion["crossingId"]

    (card,) = (await busy.ask(CARD, Role.OFFICER, kind="plate", value="WA99")).values()
    assert card["companions"] == [{"times": 1, "role": "DRIVER", "registration": {"label": "AB123"}}]
