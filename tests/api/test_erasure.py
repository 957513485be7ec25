"""Erasing over GraphQL: at the centre, by an administrator, for a purpose; who may see what was erased."""

from typing import Any

from api.ids import global_id
from domain.registrations.events import Registered
from domain.shared.actors import Role
from domain.shared.views import Window
from tests.api.nodes import Node, key
from tests.samples import registration

ERASE = """
mutation ($input: EraseInput!) {
  erase(input: $input) {
    __typename
    ... on EraseSuccess { erasures { id scope size reason legalBasis erasedBy } }
    ... on Problem { code path message }
  }
}
"""
ERASURES = "{ erasures { edges { node { scope size reason legalBasis erasedBy erasedAt } } } }"


def wish(*ids: str, **fields: Any) -> dict[str, Any]:
    given = {"idempotencyKey": key(), "ids": list(ids), "reason": "żądanie osoby", "legalBasis": "art. 17 RODO"}
    return given | fields


async def erase(central: Node, **fields: Any) -> Any:
    return (await central.ask(ERASE, Role.ADMINISTRATOR, name="ewa", **fields))["erase"]


async def test_a_registration_is_erased_at_the_centre_and_then_at_its_site(site: Node, central: Node) -> None:
    one = registration()
    await site.record(Registered(registration=one))
    await central.hear(site)
    answer = await erase(central, input=wish(global_id("Registration", one.id)))
    assert answer["__typename"] == "EraseSuccess"
    (erasure,) = answer["erasures"]
    assert (erasure["scope"], erasure["size"], erasure["erasedBy"]) == ("dorohusk", "2", "ewa")
    assert await central.views.registration(one.id) is None

    await site.hear(central)
    assert await site.views.registration(one.id) is None
    (edge,) = (await site.ask(ERASURES, Role.AUDITOR))["erasures"]["edges"]
    assert (edge["node"]["reason"], edge["node"]["legalBasis"]) == ("żądanie osoby", "art. 17 RODO")


async def test_what_cannot_be_erased_is_said(central: Node) -> None:
    for given, code in (
        (global_id("Registration", registration().id), "NOTHING_TO_ERASE"),
        (global_id("Device", "cam-1"), "ID_MALFORMED"),
        ("nonsense", "ID_MALFORMED"),
    ):
        problem = await erase(central, input=wish(given))
        assert (problem["code"], problem["path"]) == (code, ["ids", "0"])
    assert (await erase(central, input=wish()))["code"] == "IDS_OUT_OF_RANGE"


async def test_erasing_needs_the_role_and_a_purpose_and_a_refusal_is_on_audit(central: Node) -> None:
    named = global_id("Registration", registration().id)
    assert await central.refused(ERASE, Role.ANALYST, input=wish(named)) == ["ROLE_MISSING"]
    assert await central.refused(ERASE, Role.ADMINISTRATOR, purpose="", input=wish(named)) == ["PURPOSE_MISSING"]
    assert await central.refused(ERASURES, Role.OFFICER) == ["ROLE_MISSING"]
    targets = [one.target for one in (await central.views.audit_records(Window(limit=10))).items]
    assert len(targets) == 3
    assert all(target in named or target == "all" or len(target) == 36 for target in targets)
