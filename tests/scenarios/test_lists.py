"""A site that was started before its parents: it registers, checks nothing, and makes up for it when the lists come."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from domain.shared.actors import Role
from sites.demo.topology import PLANS, Topology
from sites.demo.waiting import until
from sites.demo.wanted import approve, submit

pytestmark = [pytest.mark.scenario, pytest.mark.asyncio(loop_scope="session")]

CENTRE, REGION, SITE = "central", "lublin", "koroszczyn"
REASON = ("Vehicle reported stolen", "SEIZE", 1, "Do not let it move on; call the police.")
SCREENING = "screening { outcome reason listVersion { feed seq } matches { entryId } }"
REGISTER = f"""mutation Vehicle($input: VehicleRegisterInput!) {{
  vehicleRegister(input: $input) {{
    __typename
    ... on RegisterSuccess {{ registration {{ id {SCREENING} }} }}
    ... on Problem {{ code message }}
  }}
}}
"""
REGISTRATION = f"query One($id: ID!) {{ registration(id: $id) {{ {SCREENING} }} }}"
ALARMS = "{ alarms { edges { node { source label registrationId match { entryId } } } } }"
MISSING = "{ thisNode { missingLists } }"
LISTS = [f"watchlist.{scope}" for scope in (SITE, REGION, "pl")]


@pytest_asyncio.fixture(loop_scope="session")
async def lonely(http: httpx.AsyncClient) -> AsyncIterator[Topology]:
    """Centre, region and site, of which only the site runs."""
    topology = Topology(Path(tempfile.mkdtemp(prefix="caifs-lists-")), http, {code: PLANS[code] for code in PLANS})
    try:
        topology.nodes[SITE].start()
        await topology.nodes[SITE].ready(http)
        yield topology
    finally:
        await asyncio.to_thread(topology.stop)
        await asyncio.to_thread(topology.remove)


async def start(topology: Topology, http: httpx.AsyncClient, code: str) -> None:
    topology.nodes[code].start()
    await topology.nodes[code].ready(http)


async def register(topology: Topology, plate: str) -> dict[str, Any]:
    wish = {"idempotencyKey": str(uuid4()), "lane": "in-1", "direction": "inbound", "plate": plate}
    answer = await topology.desk(SITE, "anna", (Role.OFFICER,)).ask(REGISTER, wish)
    return dict(answer["registration"])


async def alarms(topology: Topology, registration_id: str) -> list[tuple[str, str | None]]:
    edges = (await topology.desk(SITE, "anna", (Role.OFFICER,)).look(ALARMS))["alarms"]["edges"]
    of_it = [edge["node"] for edge in edges if edge["node"]["registrationId"] == registration_id]
    return sorted((one["source"], one["match"] and one["match"]["entryId"]) for one in of_it)


async def missing(topology: Topology) -> list[str]:
    shown = await topology.desk(SITE, "ewa", (Role.ADMINISTRATOR,)).look(MISSING)
    return list(shown["thisNode"]["missingLists"])


async def seek(topology: Topology, plate: str) -> str:
    wanted = [{"kind": "plate", "value": plate, "country": "PL"}]
    entry_id = await submit(topology.desk(CENTRE, "bogdan", (Role.ANALYST,)), "pl", REASON, wanted)
    await approve(topology.desk(CENTRE, "celina", (Role.ANALYST,)), entry_id)
    return entry_id


async def is_matched(topology: Topology, registration_id: str, entry_id: str) -> bool:
    return ("MATCH", entry_id) in await alarms(topology, registration_id)


async def test_nothing_is_checked_until_the_lists_are_there_and_then_everything_is(
    lonely: Topology, http: httpx.AsyncClient
) -> None:
    before = await register(lonely, "WPR 10234")
    assert before["screening"] == {
        "outcome": "NOT_CHECKED",
        "reason": f"never arrived here: {', '.join(LISTS)}",
        "listVersion": [],
        "matches": [],
    }
    assert await alarms(lonely, before["id"]) == [("FAULT", None)]

    await start(lonely, http, CENTRE)
    entry_id = await seek(lonely, "WPR10234")
    assert await missing(lonely) == LISTS
    await start(lonely, http, REGION)
    await lonely.lists_arrived(SITE)

    after = await register(lonely, "KR 70511")
    assert after["screening"] == {
        "outcome": "CHECKED",
        "reason": "",
        "listVersion": [{"feed": feed, "seq": "1" if feed == "watchlist.pl" else "0"} for feed in LISTS],
        "matches": [],
    }
    await until(partial(is_matched, lonely, before["id"], entry_id), "what was not checked raises its alarm")
    looked = await lonely.desk(SITE, "anna", (Role.OFFICER,)).look(REGISTRATION, id=before["id"])
    assert looked["registration"]["screening"]["outcome"] == "CHECKED"

    for code in (REGION, CENTRE, SITE):
        await asyncio.to_thread(lonely.nodes[code].stop)
    await start(lonely, http, SITE)
    alone = await register(lonely, "PO 5W088")
    assert (alone["screening"]["outcome"], alone["screening"]["listVersion"]) == (
        "CHECKED",
        after["screening"]["listVersion"],
    )
