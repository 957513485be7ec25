"""Something of everything that nodes record, so that each table has rows, at each level."""

from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from uuid import uuid4

import httpx

from domain.shared.actors import Role
from sites.demo.cameras import Shot, Sight, stream_json
from sites.demo.junk import junk
from sites.demo.lag import Standings, on_their_way
from sites.demo.lanes import Camera, cameras
from sites.demo.officers import REGISTER_PERSON
from sites.demo.papers import Travellers
from sites.demo.topology import CENTRE, REGION, SITES, Topology
from sites.demo.waiting import until
from sites.demo.wanted import approve, submit
from sites.desk import Desk

SITE = SITES[0]
REASON = ("Vehicle reported stolen", "SEIZE", 1, "Do not let it move on; call the police.")
LOOK = "query Look { registrations(first: 1) { edges { node { label } } } }"
ERASE = """mutation Erase($input: EraseInput!) {
  erase(input: $input) { __typename ... on EraseSuccess { erasures { id } } ... on Problem { code } }
}"""
OCCUR = """mutation Occur($input: OccurrenceRecordInput!) {
  occurrenceRecord(input: $input) { __typename ... on Problem { code } }
}"""
PLACE_UNIT = "mutation ($input: UnitPlaceInput!) { unitPlace(input: $input) { __typename ... on Problem { code } } }"
PLACE_SITE = "mutation ($input: SitePlaceInput!) { sitePlace(input: $input) { __typename ... on Problem { code } } }"
ERASURES = "{ erasures(first: 1) { edges { node { id } } } }"
REGISTRATION = "query Registration($id: ID!) { registration(id: $id) { id } }"
ENTRY = "query Entry($id: ID!) { watchlistEntry(id: $id) { state } }"
PLATES = ("LU4412K", "GD40446F")
NUMBERS = count(1)


async def fill(topology: Topology, http: httpx.AsyncClient) -> None:
    """Have something of everything happen, and wait until it has arrived."""
    camera = (await cameras(topology, http))[SITE][0]
    await set_up(topology)
    await seek(topology)
    for plate in PLATES:
        await pass_unsteadily(camera, plate)
    for _ in range(2):
        assert (await camera.push(junk(next(NUMBERS))))[1]["status"] == "quarantined"
        await desk(topology, REGION, Role.OFFICER).look(LOOK)
    travellers = Travellers(SITE, 0)
    await desk(topology, SITE, Role.OFFICER).ask(
        OCCUR, {"idempotencyKey": str(uuid4()), "kind": "WEATHER", "text": "Mgła"}
    )
    await erase(topology, await register(topology, travellers))
    await register(topology, travellers)
    await until(partial(has_arrived, topology, Standings(topology)), "everything has arrived")


async def set_up(topology: Topology) -> None:
    """Set up the organisation to which the site belongs."""
    administrator = desk(topology, CENTRE, Role.ADMINISTRATOR)
    unit = {"code": "ias-lublin", "kind": "CHAMBER", "name": "IAS w Lublinie"}
    await administrator.ask(PLACE_UNIT, {"idempotencyKey": str(uuid4()), "isNew": True, **unit})
    site = {"code": SITE, "name": "Terminal", "unit": unit["code"]}
    await administrator.ask(PLACE_SITE, {"idempotencyKey": str(uuid4()), "isNew": True, **site})


async def register(topology: Topology, travellers: Travellers) -> str:
    """Register somebody; return the id of the registration."""
    wish = {"idempotencyKey": str(uuid4()), "lane": "in-1", "direction": "inbound", "mrz": travellers.passport().mrz}
    answer = await desk(topology, SITE, Role.OFFICER).ask(REGISTER_PERSON, wish)
    return str(answer["registration"]["id"])


async def erase(topology: Topology, registration_id: str) -> None:
    """Have a registration erased at the centre as soon as it is there, and wait until its site has lost it."""
    analyst, eraser = (desk(topology, CENTRE, role) for role in (Role.ANALYST, Role.ADMINISTRATOR))
    await until(partial(shows, analyst, registration_id), "the registration is at the centre")
    wish = {"idempotencyKey": str(uuid4()), "ids": [registration_id], "reason": "On request", "legalBasis": "Art. 17"}
    assert len((await eraser.ask(ERASE, wish))["erasures"]) == 1
    at_site = desk(topology, SITE, Role.ADMINISTRATOR)
    await until(partial(has_erased, at_site), "the site knows of the erasure")
    assert not await shows(desk(topology, SITE, Role.OFFICER), registration_id)


async def shows(somebody: Desk, registration_id: str) -> bool:
    return (await somebody.look(REGISTRATION, id=registration_id))["registration"] is not None


async def has_erased(administrator: Desk) -> bool:
    return bool((await administrator.look(ERASURES))["erasures"]["edges"])


async def has_arrived(topology: Topology, standings: Standings) -> bool:
    plans = {code: node.plan for code, node in topology.nodes.items()}
    return not on_their_way(plans, await standings.logs())


def desk(topology: Topology, code: str, role: Role, name: str = "anna") -> Desk:
    return topology.desk(code, name, (role,))


async def seek(topology: Topology) -> None:
    """Have each of the plates sought at the site, and propose to seek each of them once more."""
    author, approver = (desk(topology, CENTRE, Role.ANALYST, name) for name in ("anna", "bogdan"))
    analyst = desk(topology, SITE, Role.ANALYST)
    for plate in PLATES:
        wanted = [{"kind": "plate", "value": plate, "country": "PL"}]
        entry_id, _ = [await submit(author, SITE, REASON, wanted) for _ in range(2)]
        await approve(approver, entry_id)
        await until(partial(is_known, analyst, entry_id), "the entry is live at the site")


async def is_known(analyst: Desk, entry_id: str) -> bool:
    return (await analyst.look(ENTRY, id=entry_id))["watchlistEntry"] is not None


async def pass_unsteadily(camera: Camera, plate: str) -> None:
    """Have a vehicle read twice, too far apart to be the same passage, and then in between."""
    now = datetime.now(UTC)
    for seconds, status in ((-14, "registered"), (0, "registered"), (-7, "merged")):
        assert (await camera.push(shot(plate, now + timedelta(seconds=seconds))))[1]["status"] == status


def shot(plate: str, at: datetime) -> Shot:
    sight = Sight(
        camera="camera", number=next(NUMBERS), plate=plate, country="PL", kind="Big Truck", confidence=0.9, at=at
    )
    return stream_json(sight)
