"""Lanes, checkpoints and legs over GraphQL."""

from typing import Any

import pytest

from api.ids import local_id
from domain.shared.actors import Role
from tests.api.nodes import Node, key
from tests.api.test_organisation_places import end, office

LANE = """
mutation ($input: LanePlaceInput!) {
  lanePlace(input: $input) {
    __typename
    ... on LaneSuccess { lane { id site code post direction kinds open endedAt } }
    ... on Problem { code path }
  }
}
"""
CHECKPOINT = """
mutation ($input: CheckpointPlaceInput!) {
  checkpointPlace(input: $input) {
    __typename
    ... on CheckpointSuccess { checkpoint { id site code kind lane required { direction classes } } }
    ... on Problem { code path }
  }
}
"""
LEG = """
mutation ($input: LegPlaceInput!) {
  legPlace(input: $input) {
    __typename ... on LegSuccess { leg { id site origin target direction longestSeconds } } ... on Problem { code path }
  }
}
"""


async def lay(central: Node, document: str, **fields: Any) -> Any:
    wish = {"idempotencyKey": key(), "isNew": True, "site": "dorohusk"} | fields
    (answer,) = (await central.ask(document, Role.ADMINISTRATOR, input=wish)).values()
    return answer


async def lane(central: Node, **fields: Any) -> Any:
    return await lay(central, LANE, **{"code": "in-1", "direction": "inbound", "kinds": ["ROAD_FREIGHT"]} | fields)


async def plan(central: Node) -> Any:
    """Set up a site with a lane, two checkpoints and the leg between them; return the leg."""
    await office(central)
    await lane(central, post="kukuryki")
    await lay(central, CHECKPOINT, code="gate", kind="GATE", lane="in-1")
    await lay(central, CHECKPOINT, code="scale", kind="WEIGHING")
    return await lay(central, LEG, origin="gate", target="scale", direction="inbound", longestSeconds=600.5)


async def test_a_ground_plan_is_set_up_and_read_at_its_site(central: Node, site: Node) -> None:
    leg = (await plan(central))["leg"]
    assert (leg["origin"], leg["target"], leg["longestSeconds"]) == ("gate", "scale", 600.5)
    required = [{"direction": "inbound", "classes": ["TRUCK"]}, {"direction": "outbound"}]
    changed = await lay(central, CHECKPOINT, code="scale", kind="WEIGHING", required=required, isNew=False)
    assert changed["checkpoint"]["required"] == [
        {"direction": "inbound", "classes": ["TRUCK"]},
        {"direction": "outbound", "classes": []},
    ]
    closed = await lane(central, isNew=False, open=False)
    assert (closed["lane"]["open"], closed["lane"]["post"]) == (False, "")

    await site.hear(central)
    found = await site.ask(
        """{
          lanes(site: "dorohusk") { edges { node { code open } } }
          checkpoints(site: "dorohusk") { edges { node { code } } }
          legs(site: "dorohusk") { edges { node { origin } } }
          elsewhere: lanes(site: "terespol") { edges { node { code } } }
        }""",
        Role.OFFICER,
    )
    assert {name: [edge["node"] for edge in page["edges"]] for name, page in found.items()} == {
        "lanes": [{"code": "in-1", "open": False}],
        "checkpoints": [{"code": "scale"}, {"code": "gate"}],
        "legs": [{"origin": "gate"}],
        "elsewhere": [],
    }


async def test_each_is_found_by_its_id_and_ended(central: Node) -> None:
    made = {
        "Leg": (await plan(central))["leg"]["id"],
        "Checkpoint": (await lay(central, CHECKPOINT, code="desk", kind="DESK"))["checkpoint"]["id"],
        "Lane": (await lane(central, code="in-2"))["lane"]["id"],
    }
    for kind, id_ in made.items():
        field = kind.lower()
        query = f"query ($id: ID!) {{ {field}(id: $id) {{ id }} node(id: $id) {{ __typename }} }}"
        assert await central.ask(query, Role.ANALYST, id=id_) == {field: {"id": id_}, "node": {"__typename": kind}}
        assert (await end(central, kind, local_id(id_, kind)))["__typename"] == "PartEndSuccess"
        ended = await central.ask(f"query ($id: ID!) {{ {field}(id: $id) {{ endedAt }} }}", Role.ANALYST, id=id_)
        assert ended[field]["endedAt"] is not None


@pytest.mark.parametrize("seconds", [0.5, -1.0, 1e300])
async def test_the_longest_time_is_bounded(central: Node, seconds: float) -> None:
    await plan(central)
    leg = {"origin": "gate", "target": "scale", "direction": "inbound", "isNew": False}
    answer = await lay(central, LEG, **leg, longestSeconds=seconds)
    assert (answer["code"], answer["path"]) == ("LONGEST_IMPOSSIBLE", ["longestSeconds"])
    assert (await lay(central, LEG, **leg))["leg"]["longestSeconds"] is None


@pytest.mark.parametrize(
    ("document", "fields", "code"),
    [
        (LANE, {"code": "in-9", "direction": "up", "kinds": []}, "DIRECTION_UNKNOWN"),
        (LANE, {"code": "in-1", "direction": "inbound", "kinds": []}, "CODE_TAKEN"),
        (CHECKPOINT, {"code": "x", "kind": "DESK", "lane": "in-9"}, "ORGANISATION_PART_UNKNOWN"),
        (LEG, {"origin": "gate", "target": "gate", "direction": "inbound"}, "LEG_TO_ITSELF"),
        (
            LEG,
            {"origin": "gate", "target": "scale", "direction": "outbound", "isNew": False},
            "ORGANISATION_PART_UNKNOWN",
        ),
    ],
)
async def test_what_makes_no_sense(central: Node, document: str, fields: Any, code: str) -> None:
    await plan(central)
    assert (await lay(central, document, **fields))["code"] == code
