"""The organisation over real processes: loaded at the centre by a command; a decree of the centre is felt at a site."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from domain.shared.actors import Role
from sites.demo.topology import CENTRE, Plan, Topology
from sites.demo.waiting import until
from sites.desk import Desk
from sites.reference.book import read
from tests.scenarios.families import caifs

pytestmark = [pytest.mark.scenario, pytest.mark.asyncio(loop_scope="session")]

SITE, POST, DECREE = "koroszczyn", "kukuryki", "Rozporządzenie z dnia dzisiejszego"
PLANS = {
    CENTRE: Plan(code=CENTRE, role="central", parent=None),
    SITE: Plan(code=SITE, role="site", parent=CENTRE, scopes=("pl", SITE)),
}
PLACE_SITE = "mutation ($input: SitePlaceInput!) { sitePlace(input: $input) { __typename ... on Problem { code } } }"
PLACE_LANE = "mutation ($input: LanePlaceInput!) { lanePlace(input: $input) { __typename ... on Problem { code } } }"
PERMIT = (
    "mutation ($input: TrafficPermitInput!) { trafficPermit(input: $input) { __typename ... on Problem { code } } }"
)
REGISTER = """mutation ($input: VehicleRegisterInput!) {
  vehicleRegister(input: $input) { __typename ... on Problem { code } }
}"""
LANES = "{ lanes { edges { node { code } } } }"
END = """mutation ($input: PermittedTrafficEndInput!) {
  permittedTrafficEnd(input: $input) { __typename ... on Problem { code } }
}"""
DECIDED = f'{{ permittedNow(post: "{POST}") {{ standings {{ decision {{ id decree }} }} }} }}'
ALARMS = "{ alarms { edges { node { cause label text } } } }"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pair(http: httpx.AsyncClient) -> AsyncIterator[Topology]:
    topology = Topology(Path(tempfile.mkdtemp(prefix="caifs-reference-")), http, PLANS)
    try:
        topology.start()
        await topology.ready()
        yield topology
    finally:
        await asyncio.to_thread(topology.stop)
        await asyncio.to_thread(topology.remove)


async def set_up(administrator: Desk, document: str, **fields: Any) -> None:
    await administrator.ask(document, {"idempotencyKey": str(uuid4()), **fields})


def is_of(standing: Any, decree: str) -> bool:
    """Tell whether what holds rests on a decree."""
    return standing["decision"] is not None and standing["decision"]["decree"] == decree


async def passes(officer: Desk, plate: str) -> list[str]:
    """Register a lorry at the site; return what is said of traffic that is not permitted."""
    wish = {"idempotencyKey": str(uuid4()), "lane": "in-1", "direction": "inbound", "plate": plate, "country": "BY"}
    await officer.ask(REGISTER, wish)
    raised = [edge["node"] for edge in (await officer.look(ALARMS))["alarms"]["edges"]]
    return [alarm["text"] for alarm in raised if (alarm["cause"], alarm["label"]) == ("traffic_not_permitted", plate)]


async def test_what_a_vehicle_may_do_ends_by_a_decree_of_the_centre(pair: Topology) -> None:
    centre = pair.nodes[CENTRE]
    tried = await asyncio.to_thread(caifs, centre, "reference", "load", "--dry-run")
    loaded = await asyncio.to_thread(caifs, centre, "reference", "load")
    again = await asyncio.to_thread(caifs, centre, "reference", "load")
    assert tried.replace("nothing was changed: dry run\n", "") == loaded
    book = read()
    counts = {"unit": len(book.units), "post": len(book.posts), "decision": len(book.decisions)}
    assert again.splitlines() == [
        f"{kind}: 0 new, 0 changed, {count} as it was, 0 refused" for kind, count in counts.items()
    ]
    assert "unit new: ias-lublin" in loaded

    administrator, officer = (
        pair.desk(code, "anna", (role,)) for code, role in ((CENTRE, Role.ADMINISTRATOR), (SITE, Role.OFFICER))
    )
    await set_up(administrator, PLACE_SITE, isNew=True, code=SITE, name="Terminal", unit="oc-301040", post=POST)
    lane = {"site": SITE, "code": "in-1", "post": POST, "direction": "inbound", "kinds": ["ROAD_FREIGHT"]}
    await set_up(administrator, PLACE_LANE, isNew=True, **lane)

    async def lane_is_known() -> bool:
        return bool((await officer.look(LANES))["lanes"]["edges"])

    await until(lane_is_known, "the site knows its lane")
    assert await passes(officer, "AB12347") == []

    now = datetime.now(UTC).isoformat()
    await set_up(administrator, PERMIT, post=POST, kinds=["ROAD_FREIGHT"], closed=True, validFrom=now, decree=DECREE)

    async def decree_is_known() -> bool:
        return any(is_of(one, DECREE) for one in (await officer.look(DECIDED))["permittedNow"]["standings"])

    await until(decree_is_known, "the site knows the decree")
    assert await passes(officer, "AB12347") == [f"This traffic is not permitted here: closed ({DECREE})"]


async def test_a_closure_that_is_lifted_while_a_site_is_down_is_lifted_there_when_it_is_back(
    pair: Topology, http: httpx.AsyncClient
) -> None:
    administrator, officer = (
        pair.desk(code, "anna", (role,)) for code, role in ((CENTRE, Role.ADMINISTRATOR), (SITE, Role.OFFICER))
    )
    site = pair.nodes[SITE]
    await asyncio.to_thread(site.stop)
    standings = (await administrator.look(DECIDED))["permittedNow"]["standings"]
    closure = next(one for one in standings if is_of(one, DECREE))
    await set_up(administrator, END, permittedTrafficId=closure["decision"]["id"], reason="odwołane")
    site.start()
    await site.ready(http)

    async def is_lifted() -> bool:
        return not any(is_of(one, DECREE) for one in (await officer.look(DECIDED))["permittedNow"]["standings"])

    await until(is_lifted, "the site knows that the closure was lifted")
    assert await passes(officer, "CD98765") == []
