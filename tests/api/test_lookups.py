"""Look-ups over GraphQL."""

from typing import Any

import pytest

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
        Registered(registration=samples.registration(identifiers=(plate("WA 12345", "PL"), plate("WA 99", "PL")))),
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
