"""The organisation of the demo, at a centre in memory."""

from pathlib import Path

import pytest

from domain.shared.actors import Role
from sites.demo.organisation import set_up
from sites.demo.traffic import POSTS
from sites.demo.waiting import DemoFailed
from sites.desk import Desk
from tests.api.nodes import Node, memory_node

LANES = """{ lanes(first: 100) { edges { node { site post direction kinds } } } }"""
PERMITTED = """query ($post: String!) {
  permittedNow(post: $post, at: "2026-11-01T12:00:00Z") { standings { direction kind classes isPermitted } }
}"""
PASSES = {"Big Truck": ("ROAD_FREIGHT", "TRUCK"), "Sedan": ("ROAD_PASSENGER", "CAR"), "Bus": ("ROAD_PASSENGER", "BUS")}


async def done(node: Node, *sites: str) -> None:
    async with node.http() as http:
        await set_up(Desk(http, "", node.token(Role.ADMINISTRATOR)), sites)


async def test_all_that_passes_in_the_demo_is_permitted_and_set_up_once(tmp_path: Path) -> None:
    centre = memory_node(tmp_path, "central", "central")
    await done(centre, "koroszczyn")
    await done(centre, *POSTS)
    recorded = len(centre.changes.tables.events.all())
    await done(centre, *POSTS)
    assert len(centre.changes.tables.events.all()) == recorded

    lanes = [edge["node"] for edge in (await centre.ask(LANES, Role.OFFICER))["lanes"]["edges"]]
    assert len(lanes) == 4 * len(POSTS)
    for site, traffic in POSTS.items():
        (post,) = {lane["post"] for lane in lanes if lane["site"] == site}
        standings = (await centre.ask(PERMITTED, Role.OFFICER, post=post))["permittedNow"]["standings"]
        for flow in traffic.flows:
            kind, vehicle = PASSES[flow.kind]
            ways = [lane for lane in lanes if (lane["site"], lane["direction"]) == (site, flow.direction)]
            assert all(kind in lane["kinds"] for lane in ways)
            assert [
                one["isPermitted"]
                for one in standings
                if (one["direction"], one["kind"]) == (flow.direction, kind) and vehicle in one["classes"]
            ] == [True]


async def test_a_node_that_is_not_the_centre_fails_the_demo(tmp_path: Path) -> None:
    with pytest.raises(DemoFailed, match="not the centre"):
        await done(memory_node(tmp_path), "dorohusk")
