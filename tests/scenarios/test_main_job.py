"""The main job by the public interfaces alone: from a camera at a post to an alarm in the capital, and back."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from api.ids import local_id
from domain.shared.actors import Role
from sites.demo.cameras import Shot, Sight, isapi_form, isapi_xml, stream_form, stream_json
from sites.demo.lanes import Camera, cameras
from sites.demo.officers import ACKNOWLEDGE, RAISE, REGISTER_PERSON
from sites.demo.papers import Travellers
from sites.demo.topology import Topology
from sites.demo.waiting import until
from sites.demo.wanted import approve, submit
from sites.desk import Desk, Refused
from tests.scenarios.subscribers import Subscriber

pytestmark = [pytest.mark.scenario, pytest.mark.asyncio(loop_scope="session")]

SITE, OTHER_SITE = "koroszczyn", "dorohusk"
LEVELS = (SITE, "lublin", "central")
REASON = ("Vehicle reported stolen", "SEIZE", 1, "Do not let it move on; call the police.")
PROBLEM = "... on Problem { code path }"
REGISTER_VEHICLE = f"""mutation Vehicle($input: VehicleRegisterInput!) {{
  vehicleRegister(input: $input) {{
    __typename ... on RegisterSuccess {{ registration {{ id label kind screening {{ matches {{ entryId key }} }} }} }}
    {PROBLEM}
  }}
}}
"""
ACKNOWLEDGE_ELSEWHERE = """mutation Take($input: AlarmAcknowledgeInput!) {
  alarmAcknowledge(input: $input) { __typename ... on NotHere { code node } }
}
"""
AUDIT = """query Audit($target: String!) {
  auditRecords(target: $target) { edges { node { node at who roles action target purpose outcome } } }
}
"""
ENTRY = "query Entry($id: ID!) { watchlistEntry(id: $id) { title state scope author approver } }"
QUARANTINE = "query Held { quarantine(first: 100, state: HELD) { edges { node { device reason size } } } }"
REGISTRATION = """query Found($label: String!) {
  registrations(label: $label) { edges { node { id screening { outcome matches { entryId } } } } }
}
"""
SHAPES: Mapping[str, tuple[Callable[[Sight], Shot], str, str]] = {
    "stream, plain": (stream_json, "in-1", "WPR10234"),
    "stream, form": (stream_form, "in-1", "KRA70511"),
    "isapi, plain": (isapi_xml, "in-2", "PO5W0881"),
    "isapi, form": (isapi_form, "in-2", "GD40446F"),
}

NUMBERS = count(1)

Cameras = Mapping[str, Sequence[Camera]]
Subscribers = Mapping[str, Subscriber]


@pytest_asyncio.fixture(name="cameras", scope="module", loop_scope="session")
async def known_cameras(topology: Topology, http: httpx.AsyncClient) -> Cameras:
    """The cameras of each site, known there."""
    return await cameras(topology, http)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def subscribers(topology: Topology) -> AsyncIterator[Subscribers]:
    """Somebody who follows registrations and alarms at each level, and has proved to hear."""
    heard = {code: Subscriber(officer(topology, code)) for code in LEVELS}
    following = [asyncio.create_task(subscriber.run()) for subscriber in heard.values()]
    await until(partial(_hear_a_test, topology, heard), "all levels hear a test of the line")
    yield heard
    for task in following:
        task.cancel()
    await asyncio.gather(*following, return_exceptions=True)


async def _hear_a_test(topology: Topology, heard: Subscribers) -> bool:
    wish = {"idempotencyKey": str(uuid4()), "lane": "in-1", "label": "test", "priority": 3, "text": "Test"}
    await officer(topology, SITE).ask(RAISE, wish)
    with suppress(AssertionError):
        await asyncio.gather(*(subscriber.alarm("test", within=1) for subscriber in heard.values()))
        return True
    return False


def officer(topology: Topology, code: str) -> Desk:
    return topology.desk(code, f"anna-{code}", (Role.OFFICER,))


def analyst(topology: Topology, code: str, name: str = "bogdan") -> Desk:
    return topology.desk(code, name, (Role.ANALYST,))


async def seek(topology: Topology, plate: str, *, scope: str = "pl", site: str = SITE, country: str = "PL") -> str:
    """Have a plate sought, wait until that is so at a site, and return the entry's id."""
    wanted = [{"kind": "plate", "value": plate, "country": country}]
    entry_id = await submit(analyst(topology, "central"), scope, REASON, wanted)
    await approve(analyst(topology, "central", "celina"), entry_id)
    await until(partial(_is_known, topology, site, entry_id), f"the entry is live at {site}")
    return entry_id


async def _is_known(topology: Topology, code: str, entry_id: str) -> bool:
    return (await analyst(topology, code).look(ENTRY, id=entry_id))["watchlistEntry"] is not None


def sight(plate: str) -> Sight:
    return Sight(
        camera="camera",
        number=next(NUMBERS),
        plate=plate,
        country="PL",
        kind="Big Truck",
        confidence=0.9,
        at=datetime.now(UTC),
    )


def camera_at(cameras: Cameras, site: str, lane: str = "in-1") -> Camera:
    return next(camera for camera in cameras[site] if camera.lane.code == lane)


async def alarm_of(topology: Topology, cameras: Cameras, subscribers: Subscribers, plate: str) -> dict[str, Any]:
    """Have a sought vehicle pass, and return the alarm that the site raises."""
    await seek(topology, plate)
    await camera_at(cameras, SITE).push(stream_json(sight(plate)))
    return dict(await subscribers[SITE].alarm(plate))


@pytest.mark.parametrize("shape", SHAPES)
async def test_a_push_is_a_registration_and_an_alarm_at_every_level(
    shape: str, topology: Topology, cameras: Cameras, subscribers: Subscribers
) -> None:
    shot_of, lane, sought = SHAPES[shape]
    read = sought.replace("0", "O", 1)
    entry_id = await seek(topology, sought)
    status, answer = await camera_at(cameras, SITE, lane).push(shot_of(sight(read)))
    assert (status, answer["status"]) == (200, "registered")
    for code in LEVELS:
        registration = await subscribers[code].registration(read)
        alarm = await subscribers[code].alarm(read)
        assert (registration["node"], registration["lane"], registration["kind"]) == (SITE, lane, "VEHICLE")
        assert registration["screening"]["outcome"] == "CHECKED"
        assert {"watchlist.pl"} <= {feed["feed"] for feed in registration["screening"]["listVersion"]}
        assert (alarm["source"], alarm["node"], alarm["state"], alarm["text"]) == ("MATCH", SITE, "RAISED", REASON[0])
        assert alarm["match"] == {"entryId": entry_id, "key": "folded", "tier": "T1", "read": read}
    assert len({(await subscribers[code].registration(read))["id"] for code in LEVELS}) == 1
    assert len({(await subscribers[code].alarm(read))["id"] for code in LEVELS}) == 1


async def test_the_readings_of_one_vehicle_are_one_registration_and_one_alarm(
    topology: Topology, cameras: Cameras, subscribers: Subscribers
) -> None:
    await seek(topology, "LU4412K")
    camera = camera_at(cameras, SITE)
    shots = [stream_json(sight("LU4412K")) for _ in range(2)]
    answers = [(await camera.push(shot))[1] for shot in (*shots, shots[0])]
    assert [answer["status"] for answer in answers] == ["registered", "merged", "duplicate"]
    assert len({answer["readings"][0]["registrationId"] for answer in answers}) == 1
    await subscribers["central"].alarm("LU4412K")
    last = "LU9990Z"
    await camera.push(stream_json(sight(last)))
    await subscribers["central"].registration(last)
    assert [len(subscribers[code].registrations("LU4412K")) for code in LEVELS] == [1, 1, 1]
    assert [len(subscribers[code].alarms("LU4412K")) for code in LEVELS] == [1, 1, 1]


async def test_who_takes_an_alarm_at_the_site_is_known_at_the_centre_and_on_audit(
    topology: Topology, cameras: Cameras, subscribers: Subscribers
) -> None:
    alarm = await alarm_of(topology, cameras, subscribers, "LRA1147C")
    before = datetime.now(UTC)
    await officer(topology, SITE).ask(ACKNOWLEDGE, {"idempotencyKey": str(uuid4()), "alarmId": alarm["id"]})
    for code in LEVELS:
        taken = await subscribers[code].alarm("LRA1147C", "ACKNOWLEDGED")
        assert (taken["id"], taken["state"], taken["acknowledgedBy"]) == (alarm["id"], "ACKNOWLEDGED", f"anna-{SITE}")
        assert before <= datetime.fromisoformat(taken["acknowledgedAt"]) <= datetime.now(UTC)
    records = [await _audited(topology, code, alarm["id"], "AcknowledgeAlarm") for code in LEVELS]
    assert records[0] == records[1] == records[2]
    assert {key: records[0][key] for key in ("node", "who", "roles", "purpose", "outcome")} == {
        "node": SITE,
        "who": f"anna-{SITE}",
        "roles": ["officer"],
        "purpose": "demonstration",
        "outcome": "done",
    }


async def _audited(topology: Topology, code: str, alarm_id: str, action: str) -> dict[str, Any]:
    """Wait until a node has the audit record of an action on an alarm, and return it."""
    auditor = topology.desk(code, "dorota", (Role.AUDITOR,))
    found: list[dict[str, Any]] = []

    async def is_there() -> bool:
        edges = (await auditor.look(AUDIT, target=local_id(alarm_id, "Alarm")))["auditRecords"]["edges"]
        found[:] = [edge["node"] for edge in edges if edge["node"]["action"] == action]
        return bool(found)

    await until(is_there, f"{action} is on audit at {code}")
    return found[0]


@pytest.mark.parametrize(("level", "plate"), [("lublin", "LLE77A1"), ("central", "ZS2245M")])
async def test_an_alarm_is_taken_only_where_it_was_raised(
    level: str, plate: str, topology: Topology, cameras: Cameras, subscribers: Subscribers
) -> None:
    alarm = await alarm_of(topology, cameras, subscribers, plate)
    await subscribers[level].alarm(plate)
    wish = {"idempotencyKey": str(uuid4()), "alarmId": alarm["id"]}
    with pytest.raises(Refused) as refusal:
        await officer(topology, level).ask(ACKNOWLEDGE_ELSEWHERE, wish)
    assert refusal.value.problem == {"__typename": "NotHere", "code": "NOT_HERE", "node": SITE}
    record = await _audited(topology, level, alarm["id"], "AcknowledgeAlarm")
    assert record["outcome"] == "refused:NOT_HERE"


async def test_an_entry_needs_two_persons_and_then_is_live_at_the_site(topology: Topology) -> None:
    author, approver = analyst(topology, "central"), analyst(topology, "central", "celina")
    wanted = [{"kind": "plate", "value": "BIA 5555", "country": "PL"}]
    entry_id = await submit(author, "pl", REASON, wanted)
    with pytest.raises(Refused) as refusal:
        await approve(author, entry_id)
    assert refusal.value.code == "APPROVER_IS_AUTHOR"
    assert not await _is_known(topology, SITE, entry_id)
    await approve(approver, entry_id)
    await until(partial(_is_known, topology, SITE, entry_id), "the entry is live at the site")
    entry = (await analyst(topology, SITE).look(ENTRY, id=entry_id))["watchlistEntry"]
    assert (entry["state"], entry["author"], entry["approver"]) == ("ACTIVE", "bogdan", "celina")


async def test_an_entry_of_one_site_stays_there_and_with_those_above(topology: Topology, cameras: Cameras) -> None:
    entry_id = await seek(topology, "CHE2121", scope=OTHER_SITE, site=OTHER_SITE)
    await until(partial(_is_known, topology, "lublin", entry_id), "the region knows the entry")
    await seek(topology, "CHE0000", scope="pl", site=SITE)  # issued later: what was to come has come
    assert not await _is_known(topology, SITE, entry_id)
    matches = {}
    for site in (SITE, OTHER_SITE):
        await camera_at(cameras, site).push(stream_json(sight("CHE2121")))
        edges = (await officer(topology, site).look(REGISTRATION, label="CHE2121"))["registrations"]["edges"]
        matches[site] = [match["entryId"] for edge in edges for match in edge["node"]["screening"]["matches"]]
    assert matches == {SITE: [], OTHER_SITE: [entry_id]}


async def test_an_officer_registers_a_vehicle_by_plate(topology: Topology, subscribers: Subscribers) -> None:
    entry_id = await seek(topology, "GDA 70707")
    wish = {"idempotencyKey": str(uuid4()), "lane": "in-1", "direction": "inbound", "plate": "gda-70707"}
    first, again = [await officer(topology, SITE).ask(REGISTER_VEHICLE, wish) for _ in range(2)]
    assert first == again
    assert first["registration"]["screening"]["matches"] == [{"entryId": entry_id, "key": "exact"}]
    assert (await subscribers["central"].alarm("GDA70707"))["match"]["entryId"] == entry_id


async def test_an_officer_registers_a_person_by_the_lines_of_the_passport(
    topology: Topology, subscribers: Subscribers
) -> None:
    passport = Travellers(SITE, seed=0).passport()
    digit = passport.mrz[1][9]
    wrong = passport.mrz[1][:9] + str((int(digit) + 1) % 10) + passport.mrz[1][10:]
    wish = {"idempotencyKey": str(uuid4()), "lane": "in-1", "direction": "inbound", "mrz": [passport.mrz[0], wrong]}
    with pytest.raises(Refused) as refusal:
        await officer(topology, SITE).ask(REGISTER_PERSON, wish)
    assert refusal.value.code == "CHECK_DIGITS_FAILED"
    right = {**wish, "idempotencyKey": str(uuid4()), "mrz": passport.mrz}
    await officer(topology, SITE).ask(REGISTER_PERSON, right)
    assert (await subscribers["central"].registration(passport.number))["kind"] == "PERSON"


async def test_what_cannot_be_read_is_kept_and_listed(topology: Topology, cameras: Cameras) -> None:
    camera = camera_at(cameras, SITE)
    stranger = Shot(content_type="application/json", body=b'{"data": 7}')
    status, answer = await camera.push(stranger)
    assert (status, answer["status"], answer["problem"]["code"]) == (422, "quarantined", "PUSH_UNREADABLE")
    administrator = topology.desk(SITE, "ewa", (Role.ADMINISTRATOR,))
    held = [edge["node"] for edge in (await administrator.look(QUARANTINE))["quarantine"]["edges"]]
    assert {"device": camera.code, "reason": "malformed", "size": len(stranger.body)} in held
