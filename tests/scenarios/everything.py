"""Something of everything that nodes record, so that each table has rows, at each level."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any
from uuid import uuid4

import httpx

from domain.shared.actors import Role
from sites.days.portal import declare, pass_by, portals
from sites.days.rail import trains_of_a_day
from sites.demo.cameras import Shot, Sight, stream_json
from sites.demo.junk import junk
from sites.demo.lanes import Camera, Lane, cameras
from sites.demo.officers import REGISTER_PERSON
from sites.demo.papers import Travellers
from sites.demo.topology import CENTRE, REGION, SITES, Topology
from sites.demo.waiting import until
from sites.demo.wanted import approve, submit
from sites.desk import Desk
from tests.scenarios.arrival import has_come
from tests.scenarios.checkpoint import LANE, checkpoint
from tests.scenarios.officer import Officer

SITE = SITES[0]
REASON = ("Vehicle reported stolen", "SEIZE", 1, "Do not let it move on; call the police.")
LOOK = "query Look { registrations(first: 1) { edges { node { label } } } }"
ERASE = """mutation Erase($input: EraseInput!) {
  erase(input: $input) { __typename ... on EraseSuccess { erasures { id } } ... on Problem { code } }
}"""
OCCUR = """mutation Occur($input: OccurrenceRecordInput!) {
  occurrenceRecord(input: $input) { __typename ... on Problem { code } }
}"""
PLACE = "mutation ($input: %sInput!) { %s(input: $input) { __typename ... on Problem { code } } }"
ERASURES = "{ erasures(first: 1) { edges { node { id } } } }"
REGISTRATION = "query Registration($id: ID!) { registration(id: $id) { id } }"
ENTRY = "query Entry($id: ID!) { watchlistEntry(id: $id) { state } }"
PLATES = ("LU4412K", "GD40446F")
DEVICES = "{ devices(first: 100) { edges { node { state { pushes } } } } }"
DEVICES_HEARD = 6
"""A camera, the four of a checkpoint, a portal over a track: sites tell of them some seconds later."""
NEW: Mapping[str, Any] = {"isNew": True}
TRACK = "track-1"
AT_SITE = NEW | {"site": SITE}
ORGANISATION: Sequence[tuple[str, Mapping[str, Any]]] = (
    ("unitPlace", NEW | {"code": "ias-lublin", "kind": "CHAMBER", "name": "IAS w Lublinie"}),
    (
        "postPlace",
        NEW | {"code": "kukuryki", "name": "Kukuryki", "border": "BY", "unit": "ias-lublin", "kinds": ["ROAD"]},
    ),
    ("trafficPermit", {"post": "kukuryki", "validFrom": "2026-01-01T00:00:00Z", "decree": "Dz.U. 2026 poz. 1"}),
    ("sitePlace", NEW | {"code": SITE, "name": "Terminal", "unit": "ias-lublin", "post": "kukuryki"}),
    ("lanePlace", AT_SITE | {"code": LANE, "direction": "inbound", "kinds": ["ROAD_FREIGHT"]}),
    ("checkpointPlace", AT_SITE | {"code": LANE, "kind": "GATE", "lane": LANE}),
    ("checkpointPlace", AT_SITE | {"code": "border", "kind": "BORDER"}),
    ("lanePlace", AT_SITE | {"code": TRACK, "direction": "inbound", "kinds": ["RAIL_FREIGHT"]}),
    ("checkpointPlace", AT_SITE | {"code": TRACK, "kind": "PORTAL", "lane": TRACK}),
    ("legPlace", AT_SITE | {"origin": LANE, "target": "border", "direction": "inbound"}),
)
LEGS = "{ legs(first: 1) { edges { node { id } } } }"
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
    driver = await register(topology, travellers)
    await correct(topology, driver)
    await cross(topology, http, driver)
    await pass_by_rail(topology, http)
    centre = desk(topology, CENTRE, Role.OFFICER)
    await until(partial(has_heard_of, centre, DEVICES_HEARD), "the centre knows that the devices were heard")
    await has_come(topology)


async def set_up(topology: Topology) -> None:
    """Set up the organisation to which the site belongs, and wait until the site knows its ground plan."""
    administrator = desk(topology, CENTRE, Role.ADMINISTRATOR)
    for what, fields in ORGANISATION:
        wish = {"idempotencyKey": str(uuid4())} | fields
        await administrator.ask(PLACE % (what[0].upper() + what[1:], what), wish)
    at_site = desk(topology, SITE, Role.OFFICER)
    await until(partial(has_legs, at_site), "the site knows its ground plan")


async def has_legs(officer: Desk) -> bool:
    return bool((await officer.look(LEGS))["legs"]["edges"])


async def register(topology: Topology, travellers: Travellers) -> str:
    """Register somebody; return the id of the registration."""
    wish = {"idempotencyKey": str(uuid4()), "lane": "in-1", "direction": "inbound", "mrz": travellers.passport().mrz}
    answer = await desk(topology, SITE, Role.OFFICER).ask(REGISTER_PERSON, wish)
    return str(answer["registration"]["id"])


async def correct(topology: Topology, registration_id: str) -> None:
    """Have an officer type what a document says after all."""
    officer = Officer(desk(topology, SITE, Role.OFFICER), SITE, LANE)
    person = {"surname": "Nowak", "nationality": "POL", "sex": "F", "document": "ZX 9876543", "issuer": "POL"}
    await officer.corrects(registration_id, person={"byHand": person})


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


async def cross(topology: Topology, http: httpx.AsyncClient, driver: str) -> None:
    """Have a lorry pass, weighed and looked at by a portal; its crossing is left to the next shift."""
    gate = await checkpoint(topology, http, SITE)
    at = await gate.sees("WGM 1234A", rear="WGM 77XY")
    await gate.weighs("WGM1234A", at, (7_000, 11_000))
    await gate.sounds(at)
    officer = Officer(desk(topology, SITE, Role.OFFICER), SITE, LANE)
    shift = await officer.shift("shiftOpen")
    await officer.open("SOC_T", {await officer.found("WGM1234A"): "TRACTOR", driver: "DRIVER"})
    await officer.shift("shiftClose", shiftId=shift["id"])


async def pass_by_rail(topology: Topology, http: httpx.AsyncClient) -> None:
    """Have a train of two wagons pass, as it was declared."""
    track = Lane(code=TRACK, direction="inbound", format="viinex_rail")
    (portal,) = await portals(topology, http, SITE, (track,))
    trains = trains_of_a_day(datetime.now(UTC) - timedelta(days=1), 1)
    whole = next(one for one in trains if one.declared and not one.told)
    train = replace(whole, declared=whole.declared[:2], readings=whole.readings[:2])
    await declare(desk(topology, SITE, Role.OFFICER), train)
    await pass_by(portal, train)


async def has_heard_of(officer: Desk, devices: int) -> bool:
    edges = (await officer.look(DEVICES))["devices"]["edges"]
    return sum(edge["node"]["state"] is not None for edge in edges) >= devices


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
