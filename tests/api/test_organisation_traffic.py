"""What posts permit, over GraphQL."""

from typing import Any

from domain.shared.actors import Role
from tests.api.nodes import Node, key
from tests.api.test_organisation_places import office

PERMIT = """
mutation ($input: TrafficPermitInput!) {
  trafficPermit(input: $input) {
    __typename
    ... on PermittedTrafficSuccess {
      permittedTraffic { id post kinds classes countries maxKg heavierEmpty validFrom validUntil decidedBy }
    }
    ... on Problem { code path }
  }
}
"""
END = """
mutation ($input: PermittedTrafficEndInput!) {
  permittedTrafficEnd(input: $input) {
    __typename ... on PermittedTrafficSuccess { permittedTraffic { validUntil } } ... on Problem { code path }
  }
}
"""
NOW = """
query ($at: DateTime) {
  permittedNow(post: "kukuryki", at: $at) { at standings { direction kind classes isPermitted decision { decree } } }
}
"""
HISTORY = """
{ posts { edges { node { permittedTraffic(first: 10) { edges { node { decree validUntil } } } } } } }
"""
ALL = ["MOTORCYCLE", "BUS", "CAR", "TRUCK", "OTHER"]


async def permit(central: Node, **fields: Any) -> Any:
    wish = {
        "idempotencyKey": key(),
        "post": "kukuryki",
        "kinds": ["ROAD_FREIGHT"],
        "validFrom": "2020-01-01T00:00:00+01:00",
        "decree": "rozporządzenie",
    }
    return (await central.ask(PERMIT, Role.ADMINISTRATOR, input=wish | fields))["trafficPermit"]


async def freight_inbound(node: Node, at: str) -> list[Any]:
    """Return what holds of freight inbound at a time."""
    found = (await node.ask(NOW, Role.OFFICER, at=at))["permittedNow"]["standings"]
    return [one for one in found if (one["direction"], one["kind"]) == ("inbound", "ROAD_FREIGHT")]


async def test_a_decision_holds_from_its_day_on_and_everywhere(central: Node, site: Node) -> None:
    await office(central)
    made = (await permit(central, maxKg=7500, heavierEmpty=True, countries=["PL"]))["permittedTraffic"]
    assert (made["validFrom"], made["maxKg"], made["heavierEmpty"]) == ("2019-12-31T23:00:00+00:00", 7500, True)
    assert (made["countries"], made["decidedBy"], made["validUntil"]) == (["PL"], "jan", None)
    await permit(central, closed=True, kinds=[], validFrom="2021-01-01T00:00:00Z", decree="zamknięcie")
    await site.hear(central)

    for node in (central, site):
        assert await freight_inbound(node, "2019-12-31T22:59:00Z") == [
            {"direction": "inbound", "kind": "ROAD_FREIGHT", "classes": ALL, "isPermitted": False, "decision": None}
        ]
        (open_,) = await freight_inbound(node, "2020-06-01T00:00:00Z")
        assert (open_["isPermitted"], open_["decision"]) == (True, {"decree": "rozporządzenie"})
        (shut,) = await freight_inbound(node, "2021-01-01T00:00:00Z")
        assert (shut["isPermitted"], shut["decision"]) == (False, {"decree": "zamknięcie"})


async def test_what_is_permitted_differs_by_class(central: Node) -> None:
    await office(central)
    await permit(central, kinds=[])
    await permit(
        central, kinds=[], classes=["BUS"], closed=True, validFrom="2021-01-01T00:00:00Z", decree="bez autobusów"
    )
    found = await freight_inbound(central, "2022-01-01T00:00:00Z")
    assert {tuple(one["classes"]): one["isPermitted"] for one in found} == {
        ("BUS",): False,
        ("MOTORCYCLE", "CAR", "TRUCK", "OTHER"): True,
    }


async def test_the_history_of_a_post_tells_all_that_was_decided(central: Node) -> None:
    await office(central)
    await permit(central, decree="pierwsze")
    await permit(central, kinds=[], closed=True, validFrom="2021-01-01T00:00:00Z", decree="drugie")
    (post,) = (await central.ask(HISTORY, Role.OFFICER))["posts"]["edges"]
    assert [edge["node"] for edge in post["node"]["permittedTraffic"]["edges"]] == [
        {"decree": "drugie", "validUntil": None},
        {"decree": "pierwsze", "validUntil": None},
    ]


async def test_a_decision_is_found_by_its_id_and_ended(central: Node) -> None:
    await office(central)
    id_ = (await permit(central))["permittedTraffic"]["id"]
    query = "query ($id: ID!) { permittedTraffic(id: $id) { id } node(id: $id) { __typename } }"
    found = await central.ask(query, Role.OFFICER, id=id_)
    assert found == {"permittedTraffic": {"id": id_}, "node": {"__typename": "PermittedTraffic"}}

    wish = {"permittedTrafficId": id_, "reason": "uchylenie", "at": "2020-02-01T00:00:00Z"}
    ended = (await central.ask(END, Role.ADMINISTRATOR, input=wish | {"idempotencyKey": key()}))["permittedTrafficEnd"]
    assert ended["permittedTraffic"] == {"validUntil": "2020-02-01T00:00:00+00:00"}
    again = (await central.ask(END, Role.ADMINISTRATOR, input=wish | {"idempotencyKey": key()}))["permittedTrafficEnd"]
    assert (again["code"], again["path"]) == ("PERMITTED_TRAFFIC_ENDED", ["permittedTrafficId"])
    assert (await freight_inbound(central, "2020-03-01T00:00:00Z"))[0]["decision"] is None


async def test_what_makes_no_sense(central: Node) -> None:
    await office(central)
    for fields, code, path in (
        ({"maxKg": 1_000_001}, "TONNAGE_IMPOSSIBLE", ["maxKg"]),
        ({"maxKg": -(2**31)}, "TONNAGE_IMPOSSIBLE", ["maxKg"]),
        ({"validFrom": "2020-01-01T00:00:00"}, "TIME_MALFORMED", ["validFrom"]),
        ({"validUntil": "2019-01-01T00:00:00Z"}, "PERIOD_IMPOSSIBLE", ["validUntil"]),
        ({"post": "nowhere"}, "ORGANISATION_PART_UNKNOWN", ["post"]),
    ):
        answer = await permit(central, **fields)
        assert (answer["code"], answer["path"]) == (code, path)


async def test_what_is_permitted_is_told_of_now_unless_of_another_time(central: Node) -> None:
    await office(central)
    await permit(central)
    now = (await central.ask(NOW, Role.OFFICER))["permittedNow"]
    assert now["at"] == central.clock.now().isoformat()
    assert any(one["isPermitted"] for one in now["standings"])


async def test_of_a_post_that_is_not_there_nothing_is_told(central: Node) -> None:
    assert (await central.ask(NOW, Role.OFFICER, at="2020-01-01T00:00:00Z"))["permittedNow"] is None
