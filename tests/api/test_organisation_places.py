"""Units, posts and sites over GraphQL: set up at the centre, looked at everywhere, ended when nothing needs them."""

from typing import Any

import pytest

from api.ids import global_id
from domain.shared.actors import Role
from domain.shared.views import Window
from tests.api.nodes import Node, key

UNIT = """
mutation ($input: UnitPlaceInput!) {
  unitPlace(input: $input) {
    __typename
    ... on UnitSuccess { unit { id code kind name parent customsCode euReference seat endedAt version } }
    ... on Problem { code path }
  }
}
"""
POST = """
mutation ($input: PostPlaceInput!) {
  postPlace(input: $input) {
    __typename
    ... on PostSuccess { post { id name neighbour border unit kinds position { latitude longitude } note } }
    ... on Problem { code path }
  }
}
"""
SITE = """
mutation ($input: SitePlaceInput!) {
  sitePlace(input: $input) {
    __typename
    ... on SiteSuccess { site { id code name unit post subsystems } }
    ... on Problem { code path }
  }
}
"""
END = """
mutation ($input: PartEndInput!) {
  partEnd(input: $input) { __typename ... on PartEndSuccess { id } ... on Problem { code path message } }
}
"""


async def place(central: Node, document: str, **fields: Any) -> Any:
    wish = {"idempotencyKey": key(), "isNew": True} | fields
    (answer,) = (await central.ask(document, Role.ADMINISTRATOR, input=wish)).values()
    return answer


async def office(central: Node) -> None:
    """Set up a chamber, an office, a post of it, and its site."""
    await place(central, UNIT, code="ias-lublin", kind="CHAMBER", name="IAS w Lublinie")
    await place(central, UNIT, code="oc-301040", kind="BRANCH", name="OC", parent="ias-lublin", customsCode="301040")
    post = {"code": "kukuryki", "name": "Kukuryki", "border": "BY", "unit": "oc-301040", "kinds": ["ROAD"]}
    await place(central, POST, **post)
    await place(central, SITE, code="dorohusk", name="Terminal", unit="oc-301040", post="kukuryki")


async def end(central: Node, kind: str, local: str, reason: str = "likwidacja") -> Any:
    wish = {"idempotencyKey": key(), "id": global_id(kind, local), "reason": reason}
    return (await central.ask(END, Role.ADMINISTRATOR, input=wish))["partEnd"]


async def test_a_unit_is_set_up_and_changed(central: Node) -> None:
    chamber = await place(central, UNIT, code="ias-lublin", kind="CHAMBER", name="IAS", seat="Lublin")
    assert chamber["unit"]["id"] == global_id("Unit", "ias-lublin")
    branch = {"code": "oc-301040", "kind": "BRANCH", "name": "OC", "parent": "ias-lublin", "customsCode": "301040"}
    made = (await place(central, UNIT, **branch))["unit"]
    assert (made["euReference"], made["parent"], made["seat"], made["endedAt"]) == ("PL301040", "ias-lublin", "", None)

    assert (await place(central, UNIT, **branch))["code"] == "CODE_TAKEN"
    changed = await place(central, UNIT, **branch | {"isNew": False, "name": "OC Koroszczyn"})
    assert changed["unit"]["name"] == "OC Koroszczyn"
    records = (await central.views.audit_records(Window(limit=1), target="oc-301040")).items
    assert [(one.action, one.outcome) for one in records] == [("PlaceUnit", "done")]


async def test_of_two_administrators_the_second_does_not_overwrite_the_first(central: Node) -> None:
    await office(central)
    chamber = {"code": "ias-lublin", "kind": "CHAMBER", "isNew": False, "seen": "1"}
    assert (await place(central, UNIT, **chamber, name="Izba"))["unit"]["version"] == "2"
    refused = await place(central, UNIT, **chamber, name="Inna izba")
    assert (refused["code"], refused["path"]) == ("ORGANISATION_PART_CHANGED", ["seen"])
    post = {"code": "kukuryki", "name": "K", "border": "BY", "unit": "oc-301040", "kinds": ["ROAD"], "isNew": False}
    assert (await place(central, POST, **post, seen="7"))["code"] == "ORGANISATION_PART_CHANGED"


async def test_a_post_and_its_site_are_set_up(central: Node) -> None:
    await office(central)
    post = {"code": "medyka", "name": "Medyka", "neighbour": "Szeginie", "border": "UA", "unit": "oc-301040"}
    made = await place(
        central, POST, **post, kinds=["ROAD", "PEDESTRIAN"], position={"latitude": 49.8, "longitude": 22.9}, note="x"
    )
    assert made["post"] == {
        "id": global_id("Post", "medyka"),
        "name": "Medyka",
        "neighbour": "Szeginie",
        "border": "UA",
        "unit": "oc-301040",
        "kinds": ["ROAD", "PEDESTRIAN"],
        "position": {"latitude": 49.8, "longitude": 22.9},
        "note": "x",
    }
    site = await place(central, SITE, code="terminal", name="T", unit="oc-301040", subsystems=["SOC_T", "ARTR"])
    assert (site["site"]["post"], site["site"]["subsystems"]) == ("", ["SOC_T", "ARTR"])


@pytest.mark.parametrize(
    ("document", "fields", "code", "path"),
    [
        (UNIT, {"code": "A B", "kind": "OFFICE", "name": "x"}, "CODE_MALFORMED", ["code"]),
        (
            UNIT,
            {"code": "a", "kind": "OFFICE", "name": "x", "customsCode": "30"},
            "CUSTOMS_CODE_MALFORMED",
            ["customsCode"],
        ),
        (UNIT, {"code": "a", "kind": "OFFICE", "name": "x", "parent": "b"}, "ORGANISATION_PART_UNKNOWN", ["parent"]),
        (POST, {"code": "p", "name": "x", "border": "by", "unit": "a", "kinds": []}, "COUNTRY_MALFORMED", ["border"]),
        (
            POST,
            {
                "code": "p",
                "name": "x",
                "border": "BY",
                "unit": "a",
                "kinds": [],
                "position": {"latitude": 91.0, "longitude": 0.0},
            },
            "POST_POSITION_IMPOSSIBLE",
            ["position"],
        ),
        (SITE, {"code": "s", "name": " ", "unit": "a"}, "TEXT_MISSING", ["name"]),
    ],
)
async def test_what_makes_no_sense(central: Node, document: str, fields: Any, code: str, path: list[str]) -> None:
    answer = await place(central, document, **fields)
    assert (answer["code"], answer["path"]) == (code, path)


async def test_lists_are_narrowed_and_paged_at_every_node(central: Node, site: Node) -> None:
    await office(central)
    await site.hear(central)
    query = """query ($after: String) {
      units(parent: "ias-lublin") { edges { node { code } } }
      highest: units(parent: "") { edges { node { code } } }
      branches: units(kind: BRANCH) { edges { node { code } } }
      paged: units(first: 1, after: $after) { edges { node { code } } pageInfo { endCursor hasNextPage } }
      posts(border: "BY", unit: "oc-301040") { edges { node { code } } }
      none: posts(border: "UA") { edges { node { code } } }
      sites(post: "kukuryki") { edges { node { code } } }
    }"""
    for role in (Role.OFFICER, Role.ANALYST, Role.ADMINISTRATOR):
        found = await site.ask(query, role)
        codes = {name: [edge["node"]["code"] for edge in page["edges"]] for name, page in found.items()}
        assert codes == {
            "units": ["oc-301040"],
            "highest": ["ias-lublin"],
            "branches": ["oc-301040"],
            "paged": ["oc-301040"],
            "posts": ["kukuryki"],
            "none": [],
            "sites": ["dorohusk"],
        }
    after = found["paged"]["pageInfo"]["endCursor"]
    rest = (await site.ask(query, Role.OFFICER, after=after))["paged"]
    assert ([edge["node"]["code"] for edge in rest["edges"]], rest["pageInfo"]["hasNextPage"]) == (
        ["ias-lublin"],
        False,
    )


@pytest.mark.parametrize(("kind", "code"), [("Unit", "oc-301040"), ("Post", "kukuryki"), ("Site", "dorohusk")])
async def test_each_is_found_by_its_id(central: Node, kind: str, code: str) -> None:
    await office(central)
    field = kind.lower()
    query = f"query ($id: ID!) {{ {field}(id: $id) {{ code }} node(id: $id) {{ __typename id }} }}"
    id_ = global_id(kind, code)
    found = await central.ask(query, Role.OFFICER, id=id_)
    assert found == {field: {"code": code}, "node": {"__typename": kind, "id": id_}}
    assert (await central.ask(query, Role.OFFICER, id=global_id(kind, "nothing")))[field] is None


async def test_a_part_ends_when_nothing_that_stands_refers_to_it(central: Node) -> None:
    await office(central)
    assert (await end(central, "Unit", "oc-301040"))["code"] == "ORGANISATION_PART_IN_USE"
    assert (await end(central, "Site", "dorohusk", " "))["code"] == "TEXT_MISSING"
    for kind, local in (("Site", "dorohusk"), ("Post", "kukuryki"), ("Unit", "oc-301040")):
        assert await end(central, kind, local) == {"__typename": "PartEndSuccess", "id": global_id(kind, local)}
    again = await end(central, "Post", "kukuryki")
    assert (again["__typename"], again["code"], again["path"]) == ("Conflict", "ORGANISATION_PART_ENDED", ["id"])
    ended = await central.ask("{ units(kind: BRANCH) { edges { node { endedAt } } } }", Role.OFFICER)
    assert ended["units"]["edges"][0]["node"]["endedAt"] is not None


async def test_what_is_no_part_of_the_organisation_does_not_end(central: Node) -> None:
    answer = await end(central, "Device", "cam-1")
    assert (answer["code"], answer["path"]) == ("ID_MALFORMED", ["id"])
    assert (await end(central, "Unit", "nothing"))["code"] == "ORGANISATION_PART_UNKNOWN"
