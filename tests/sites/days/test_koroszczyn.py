"""A day of a terminal at nodes in memory, behind their real doors."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from domain.organisation.events import CheckpointSet, LegSet
from domain.organisation.model import View
from domain.shared.actors import Role
from domain.visits.commands import WatchVisits
from sites.days.lorries import Traffic, draw
from sites.days.lorry_verdict import odd_by_lorry
from sites.days.terminal import SITE, checkpoints, legs, posts
from sites.days.terminal_devices import shot
from tests.api.nodes import KEY, Node, memory_node
from tests.nodes import OFFICER
from tests.samples import MORNING

VISITS = """query ($after: String) { visits(first: 100, after: $after) {
  pageInfo { hasNextPage endCursor }
  edges { node { plate state points { plate } anomalies { key explainedAt } } }
} }"""


async def build(site: Node) -> None:
    await site.record(
        *(CheckpointSet(checkpoint=one, set_by="jan", set_at=MORNING) for one in checkpoints()),
        *(LegSet(leg=one, set_by="jan", set_at=MORNING) for one in legs()),
    )
    for post in posts():
        place = {"checkpoint": post.checkpoint, "direction": post.direction, "lane": f"{post.direction}-1"}
        await site.enrol(post.code, post.format, view=View(post.view), **place)


async def feed(site: Node, traffic: Traffic) -> None:
    async with site.http() as http:
        for said in traffic.said:
            push = shot(said)
            headers = {"Authorization": f"Bearer {KEY}", "Content-Type": push.content_type}
            answer = await http.post(f"/devices/{said.device}/push", content=push.body, headers=headers)
            assert answer.status_code == 200, answer.text


async def told(centre: Node) -> list[Mapping[str, Any]]:
    """Return the visits that are not part of another."""
    visits: list[Mapping[str, Any]] = []
    after = None
    while True:
        page = (await centre.ask(VISITS, Role.ANALYST, after=after))["visits"]
        visits += [edge["node"] for edge in page["edges"] if edge["node"]["state"] != "JOINED"]
        if not page["pageInfo"]["hasNextPage"]:
            return visits
        after = page["pageInfo"]["endCursor"]


async def test_all_that_was_planted_is_found_and_nothing_else(tmp_path: Path) -> None:
    for folder in ("site", "centre"):
        (tmp_path / folder).mkdir()
    site = memory_node(tmp_path / "site", SITE)
    centre = memory_node(tmp_path / "centre", "central", "central")
    await build(site)
    traffic = draw(1, 20, site.clock.now())
    await feed(site, traffic)
    site.clock.step(timedelta(minutes=3))
    await site.doors.dispatcher.dispatch(WatchVisits(), OFFICER)
    for _ in range(20):
        await centre.hear(site)

    assert len(traffic.planted) == 9
    visits = await told(centre)
    assert odd_by_lorry(visits, traffic.planted) == traffic.planted
    assert len(visits) == 20
