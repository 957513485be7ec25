from typing import Any

import pytest

from domain.identifiers.documents import document_number
from domain.identifiers.plates import plate
from domain.registrations.events import Registered
from domain.registrations.model import ObjectKind
from domain.shared.actors import Role
from tests import samples
from tests.api.nodes import Node

LIST = """
query ($node: String, $label: String, $kind: ObjectKind) {
  registrations(node: $node, label: $label, kind: $kind) {
    edges { node {
      label kind node late deviceTime seenAt traveller { surname } screening { listVersion { feed seq hash } }
    } }
  }
}
"""


@pytest.fixture
async def busy(site: Node) -> Node:
    """A site with a lorry and a person on record."""
    await site.record(
        Registered(registration=samples.registration(identifiers=(plate("WA 12345", "PL"),))),
        Registered(
            registration=samples.registration(
                kind=ObjectKind.PERSON, identifiers=(document_number("AB 123", "POL"),), traveller=samples.traveller()
            )
        ),
    )
    return site


async def listed(at: Node, **variables: Any) -> list[Any]:
    edges = (await at.ask(LIST, Role.ANALYST, **variables))["registrations"]["edges"]
    return [edge["node"] for edge in edges]


async def test_registrations_are_shown_whole(busy: Node) -> None:
    person, lorry = await listed(busy)
    assert (lorry["label"], lorry["kind"], lorry["late"], lorry["traveller"]) == ("WA12345", "VEHICLE", True, None)
    assert (person["label"], person["kind"]) == ("AB123", "PERSON")
    assert person["traveller"] == {"surname": "KOWALSKA ŁĘCKA"}
    assert lorry["seenAt"] == samples.MORNING.isoformat()
    assert lorry["screening"]["listVersion"] == [{"feed": "watchlist.pl", "seq": "3", "hash": "ab" * 32}]


@pytest.mark.parametrize(
    ("sought", "labels"),
    [
        ({"kind": "PERSON"}, ["AB123"]),
        ({"label": "WA12345"}, ["WA12345"]),
        ({"label": "wa-123 45"}, ["WA12345"]),
        ({"label": "WA1234"}, []),
        ({"label": ""}, []),
        ({"node": "dorohusk"}, ["AB123", "WA12345"]),
        ({"node": "koroszczyn"}, []),
    ],
)
async def test_registrations_are_found(busy: Node, sought: dict[str, str], labels: list[str]) -> None:
    assert [each["label"] for each in await listed(busy, **sought)] == labels
