"""Each subsystem from device to centre, by the public interfaces alone: what officers do, and what is told of it above.

SOC-K has a day of its own (`caifs day malaszewicze`).
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import httpx
import pytest
import pytest_asyncio

from api.ids import local_id
from sites.demo.papers import Passport
from sites.demo.topology import REGION
from sites.demo.waiting import until
from sites.desk import Refused
from tests.scenarios.border import PATROL, SITE, Border, at_the_border
from tests.scenarios.officer import (
    CROSSINGS,
    PASSENGERS,
    REGISTRATIONS,
    ZONE,
    Officer,
    Told,
    alarms_of,
    facts,
    in_roles,
    key,
    known_at_the_centre,
    listed,
    roles,
    shown_alike,
    trail,
)

pytestmark = [pytest.mark.scenario, pytest.mark.asyncio(loop_scope="session")]

HISTORY = """query History($value: String!) {
  objectHistory(kind: "plate", value: $value) {
    registrations { edges { node { id node direction source } } } coverage { isAll nodes }
  }
}"""
CORRECTED = """query Corrected($id: ID!) {
  registration(id: $id) { label source readings { plate } corrections { by reason before { label } } }
}"""
OF = "query Of($id: ID!) { crossingOfRegistration(registrationId: $id) { id } }"
OCCURRENCE = "query One($id: ID!) { occurrence(id: $id) { node kind text registrationId recordedBy } }"
MRN_MISREAD = "21DE27364916384835"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def border(http: httpx.AsyncClient) -> AsyncIterator[Border]:
    async with at_the_border(http) as border:
        yield border


async def test_soc_o_a_family_passes_in_a_car(border: Border) -> None:
    await border.checkpoint.sees("LU 7777K")
    anna = border.officer("anna")
    car = await anna.found("LU7777K")
    mother, father, child, grandmother = [await anna.person(border.travellers.passport().mrz) for _ in range(4)]
    aboard = {car: "CAR", mother: "DRIVER", father: "PASSENGER", child: "PASSENGER"}
    opened = await anna.open("SOC_O", aboard)
    assert (opened["missing"], opened["nextStep"]) == ([], "release")
    released = await anna.do("crossingRelease", opened)

    put = {"members": in_roles({mother: "PASSENGER", father: "DRIVER", grandmother: "PASSENGER"})}
    assert await anna.is_refused("crossingCorrect", released, reason=" ", put=put) == ("TEXT_MISSING", {})
    corrected = await anna.do("crossingCorrect", released, reason="The father drove; four persons", put=put)
    assert roles(corrected["parts"]) == aboard | {mother: "PASSENGER", father: "DRIVER", grandmother: "PASSENGER"}
    act = corrected["acts"][-1]
    assert (act["kind"], act["by"], act["reason"]) == ("CORRECTED", "anna", "The father drove; four persons")
    assert roles(act["took"]) == {mother: "DRIVER", father: "PASSENGER"}
    assert (await anna.desk.look(OF, id=grandmother))["crossingOfRegistration"] == {"id": opened["id"]}

    back = await anna.vehicle("lu-7777k", direction="outbound")
    await shown_alike(border.topology, corrected)
    assert await trail(border.topology, opened) == [
        ("anna", "OpenCrossing", "done"),
        ("anna", "ReleaseCrossing", "done"),
        ("anna", "CorrectCrossing", "refused:TEXT_MISSING"),
        ("anna", "CorrectCrossing", "done"),
    ]
    seen = (await border.centre.look(HISTORY, value="LU 7777K"))["objectHistory"]
    assert [edge["node"] for edge in seen["registrations"]["edges"]] == [
        {"id": back, "node": SITE, "direction": "outbound", "source": "officer"},
        {"id": car, "node": SITE, "direction": "inbound", "source": "device"},
    ]
    assert (seen["coverage"]["isAll"], SITE in seen["coverage"]["nodes"]) == (True, True)
    (_, by_camera) = await listed(border.centre, REGISTRATIONS, node=SITE, label="LU7777K")
    assert [reading["view"] for reading in by_camera["readings"]] == ["front", "rear"]


async def test_soc_o_a_plate_is_corrected_and_what_is_sought_is_met(border: Border) -> None:
    entry_id = await border.seek("plate", "LU 5X12K", "PL")
    await border.checkpoint.sees("LU 5K12K")
    anna = border.officer("anna")
    car, driver = await anna.found("LU5K12K"), await anna.person(border.travellers.passport().mrz)
    opened = await anna.open("SOC_O", {car: "CAR", driver: "DRIVER"})
    assert await anna.corrects(car, vehicle={"plate": "LU 5X12K", "country": "PL"}) == "LU5X12K"
    with pytest.raises(Refused) as refusal:
        await border.officer("jan").corrects(car, vehicle={"plate": "LU 5K12K"})
    assert (refusal.value.code, facts(refusal.value)) == (
        "REGISTRATION_CHANGED",
        {"version": ["1"], "officer": ["anna"]},
    )
    assert await anna.is_refused("crossingRelease", opened) == ("MEMBER_ALARMED", {"registrations": [car]})
    alarm = await anna.take("LU5X12K")
    assert (alarm["cause"], alarm["registrationId"]) == (f"entry:{local_id(entry_id, 'WatchlistEntry')}", car)
    released = await anna.do("crossingRelease", opened)

    await shown_alike(border.topology, released)
    centre = border.centre
    assert await alarms_of(centre, SITE, "LU5X12K") == [alarm | {"state": "ACKNOWLEDGED", "acknowledgedBy": "anna"}]
    for plate in ("LU 5K12K", "LU 5X12K"):
        seen = (await centre.look(HISTORY, value=plate))["objectHistory"]["registrations"]["edges"]
        assert [edge["node"]["id"] for edge in seen] == [car]
    told = (await centre.look(CORRECTED, id=car))["registration"]
    (correction,) = told.pop("corrections")
    assert told == {"label": "LU5X12K", "source": "device", "readings": [{"plate": "LU5K12K"}] * 2}
    assert (correction["by"], correction["before"]["label"]) == ("anna", "LU5K12K")


async def test_soc_o_a_bus_waits_until_the_alarm_for_a_passenger_is_taken(border: Border) -> None:
    passports = [border.travellers.passport() for _ in range(60)]
    sought = passports[17]
    entry_id = await border.seek("document", sought.number, sought.issuer)
    await border.checkpoint.sees("GD 8B120")
    anna = border.officer("anna")
    bus = await anna.found("GD8B120")
    opened = await anna.open("SOC_O", {bus: "BUS"})
    assert await anna.is_refused("crossingRelease", opened) == ("CROSSING_INCOMPLETE", {"missing": ["driver"]})
    driver = await anna.person(border.travellers.passport().mrz)
    driven = await anna.do("crossingComplete", opened, put={"members": in_roles({driver: "DRIVER"})})

    wish = anna.place | {"idempotencyKey": key(), "crossingId": driven["id"], "seen": driven["version"]}
    wish["passengers"] = [{"mrz": list(passport.mrz)} for passport in passports]
    first, again = [await anna.desk.ask(PASSENGERS, wish) for _ in range(2)]
    assert first == again
    assert [one["registration"]["label"] for one in first["passengers"]] == [each.number for each in passports]
    full = first["crossing"]
    assert len(full["parts"]["members"]) == 62

    wanted = first["passengers"][17]["registration"]["id"]
    assert await anna.is_refused("crossingRelease", full) == ("MEMBER_ALARMED", {"registrations": [wanted]})
    alarm = await anna.take(sought.number)
    assert (alarm["source"], alarm["priority"], alarm["registrationId"]) == ("MATCH", 1, wanted)
    released = await anna.do("crossingRelease", full)

    await shown_alike(border.topology, released)
    centre = border.centre
    assert await alarms_of(centre, SITE, sought.number) == [alarm | {"state": "ACKNOWLEDGED", "acknowledgedBy": "anna"}]
    (hit,) = await listed(centre, REGISTRATIONS, node=SITE, label=sought.number)
    assert hit["screening"] == {"outcome": "CHECKED", "matches": [{"entryId": entry_id}]}
    counted = Counter(one["label"] for one in await listed(centre, REGISTRATIONS, node=SITE))
    assert {passport.number: counted[passport.number] for passport in passports} == dict.fromkeys(
        (passport.number for passport in passports), 1
    )
    assert await trail(border.topology, opened) == [
        ("anna", "OpenCrossing", "done"),
        ("anna", "ReleaseCrossing", "refused:CROSSING_INCOMPLETE"),
        ("anna", "CompleteCrossing", "done"),
        ("anna", "CompleteCrossing", "done"),
        ("anna", "CompleteCrossing", "answered_again"),
        ("anna", "ReleaseCrossing", "refused:MEMBER_ALARMED"),
        ("anna", "ReleaseCrossing", "done"),
    ]


async def test_soc_o_two_officers_at_a_motorcycle(border: Border) -> None:
    anna, jan = border.officer("anna"), border.officer("jan")
    await border.checkpoint.sees("WY 4321")
    rider = await anna.person(border.travellers.passport().mrz)
    opened = await anna.open("SOC_O", {await anna.found("WY4321"): "MOTORCYCLE"})
    ridden = await anna.do("crossingComplete", opened, put={"members": in_roles({rider: "DRIVER"})})
    refused = {"version": ["2"], "officer": ["anna"]}
    told = await jan.is_refused("crossingRefuse", opened, code="DOCUMENTS", reason="There is no driver")
    assert told == ("CROSSING_CHANGED", refused)
    assert await jan.is_refused("crossingUndo", ridden) == ("ACT_NOT_YOURS", {})
    elsewhere = {rider: "DRIVER", await jan.vehicle("WY 4322"): "MOTORCYCLE"}
    with pytest.raises(Refused) as bound:
        await jan.open("SOC_O", elsewhere)
    told = (bound.value.code, facts(bound.value))
    assert told == ("REGISTRATION_BOUND", {"registration": [rider], "crossing": [opened["id"]]})
    released = await jan.do("crossingRelease", ridden)

    await shown_alike(border.topology, released)
    assert [(act["kind"], act["by"]) for act in released["acts"]] == [
        ("OPENED", "anna"),
        ("COMPLETED", "anna"),
        ("RELEASED", "jan"),
    ]
    assert await trail(border.topology, opened) == [
        ("anna", "OpenCrossing", "done"),
        ("anna", "CompleteCrossing", "done"),
        ("jan", "RefuseCrossing", "refused:CROSSING_CHANGED"),
        ("jan", "UndoAct", "refused:ACT_NOT_YOURS"),
        ("jan", "ReleaseCrossing", "done"),
    ]


async def test_soc_t_a_lorry_is_cleared(border: Border) -> None:
    at = await border.checkpoint.sees("WGM 1234A", rear="WGM 77XY")
    await border.checkpoint.weighs("WGM1234A", at, (7_000, 11_000, 6_800, 6_800, 6_800))
    await border.checkpoint.sounds(at)
    anna = border.officer("anna")
    tractor, trailer = await anna.found("WGM1234A"), await anna.found("WGM77XY")
    lorry = {tractor: "TRACTOR", trailer: "SEMITRAILER", await anna.container("CSQU 305438-3"): "CONTAINER"}
    lorry[await anna.person(border.travellers.passport().mrz)] = "DRIVER"
    opened = await anna.open("SOC_T", {})
    seals = in_roles(lorry, SEMITRAILER=["PL 0012"], CONTAINER=["hl-77 1", "hl-77 2"])
    bound = await anna.do("crossingComplete", opened, put={"members": seals})
    assert (bound["missing"], bound["nextStep"]) == (["goods_or_empty"], "goods")
    assert [(each["source"], each["totalKg"]) for each in bound["weighings"]] == [("SCALE", 38_400)]

    cargo = {
        "goods": [
            {"code": "0406 10 50", "description": "Mozzarella", "packages": 600, "grossKg": 9_000},
            {"code": "3208", "description": "Paint", "grossKg": 4_000, "unNumber": "UN 1263"},
        ],
        "documents": [{"kind": "MRN", "text": MRN_MISREAD}, {"kind": "CMR", "text": "CMR 88/2026"}],
    }
    loaded = await anna.do("crossingComplete", bound, put=cargo)
    assert (loaded["missing"], loaded["nextStep"]) == (["clearance"], "clearance")
    assert loaded["notices"] == [
        {"code": "radiation_alarm", "about": tractor},
        {"code": "document_check_failed", "about": "3"},
    ]
    open_ = ["veterinary", "adr"]
    assert await anna.is_refused("crossingRelease", loaded) == ("CLEARANCE_OPEN", {"requirements": open_})
    cleared = await _cleared(anna, border.officer("jan"), loaded)

    assert await anna.is_refused("crossingRelease", cleared) == ("MEMBER_ALARMED", {"registrations": [tractor]})
    alarm = await anna.take("WGM1234A")
    assert (alarm["cause"], alarm["priority"], alarm["registrationId"]) == ("radiation:gamma", 1, tractor)
    assert alarm["text"] == "Radiation: gamma; 7 sigma; Cs-137"
    released = await anna.do("crossingRelease", cleared)

    await known_at_the_centre(border.topology, released)
    centre = border.centre
    (told,) = await alarms_of(centre, SITE, "WGM1234A")
    assert told == alarm | {"state": "ACKNOWLEDGED", "acknowledgedBy": "anna"}
    assert (told["source"], told["priority"], told["repeats"]) == ("ANOMALY", 1, 0)
    kinds = [member["registration"]["kind"] for member in released["parts"]["members"]]
    assert kinds == ["VEHICLE", "VEHICLE", "CONTAINER", "PERSON"]
    assert [member["seals"] for member in released["parts"]["members"]] == [
        [],
        ["PL 0012"],
        ["HL-77 1", "HL-77 2"],
        [],
    ]
    for plate in ("WGM1234A", "WGM77XY"):
        assert len(await listed(centre, REGISTRATIONS, node=SITE, label=plate)) == 1


async def _cleared(anna: Officer, jan: Officer, crossing: Told) -> Told:
    """Have all that is required checked, and the X-ray, which is out of order, passed over by a decision."""
    shown = {"requirement": "veterinary", "outcome": "A1", "shown": "CHEDP.PL.2026.0000001"}
    checked = await anna.do("crossingCheck", crossing, **shown)
    controlled = await anna.do("crossingSendToControl", checked, reason="X-ray")
    state = ("CROSSING_STATE", {"state": ["in_control"]})
    assert await anna.is_refused("crossingCheck", checked, **shown) == (
        "CROSSING_CHANGED",
        {"version": [str(controlled["version"])], "officer": ["anna"]},
    )
    assert await anna.is_refused("crossingSendToControl", controlled, reason="X-ray") == state
    back = await jan.do("crossingReturnFromControl", controlled, result="B1", reason="The X-ray is out of order")
    open_ = {"requirements": ["adr", "control"]}
    assert await anna.is_refused("crossingRelease", back) == ("CLEARANCE_OPEN", open_)
    unknown = await anna.is_refused("crossingCheck", back, requirement="cites", outcome="A1")
    assert unknown == ("REQUIREMENT_UNKNOWN", {"required": ["adr", "control", "veterinary"]})
    driven = await anna.do("crossingCheck", back, requirement="adr", outcome="A2")
    return await jan.do("crossingOverride", driven, requirement="control", reason="Seals are whole")


async def test_soc_p_a_group_on_foot_and_the_shift_is_handed_over(border: Border) -> None:
    anna, jan = border.officer("anna"), border.officer("jan")
    shift = await anna.shift("shiftOpen")
    by_zone, refused_one = await _by_misread_zone(anna, border.travellers.passport()), border.travellers.passport()
    refused = await anna.person(refused_one.mrz)
    by_hand = await anna.person_by_hand(surname="Łęcka", givenNames="Izabela", nationality="POL", sex="F")
    group = dict.fromkeys((by_zone, by_hand, refused), "PEDESTRIAN")
    opened = await anna.open("SOC_P", group)
    with pytest.raises(Refused) as bound:
        await anna.open("SOC_P", {refused: "PEDESTRIAN"})
    assert bound.value.code == "REGISTRATION_BOUND"
    parted = await anna.do("crossingCorrect", opened, reason="Not of them", put={}, withoutMembers=[refused])
    alone = await anna.open("SOC_P", {refused: "PEDESTRIAN"})
    turned = await anna.do("crossingRefuse", alone, code="ENTRY_REFUSED", reason="No visa")
    occurrence = await anna.occurs(kind="REFUSED_ENTRY", text="Refused entry: no visa", registrationId=refused)

    closed = await anna.shift("shiftClose", shiftId=shift["id"], notes="A group waits for its luggage")
    assert {"id": parted["id"], "state": "OPEN"} in closed["handOver"]["crossings"]
    assert alone["id"] not in [crossing["id"] for crossing in closed["handOver"]["crossings"]]
    assert {"id": occurrence} in closed["handOver"]["occurrences"]
    assert (closed["handOver"]["notes"], closed["handOver"]["complete"]) == ("A group waits for its luggage", True)
    await jan.shift("shiftTakeOver", shiftId=shift["id"])
    with pytest.raises(Refused) as again:
        await anna.shift("shiftTakeOver", shiftId=shift["id"])
    assert (again.value.code, facts(again.value)) == ("SHIFT_STATE", {"state": ["taken_over"]})
    released = await jan.do("crossingRelease", parted)

    for crossing in (turned, released):
        await shown_alike(border.topology, crossing)
    await _handed_over(border, shift["id"], released)
    told = (await border.centre.look(OCCURRENCE, id=occurrence))["occurrence"]
    assert (told["node"], told["kind"], told["registrationId"], told["recordedBy"]) == (
        SITE,
        "REFUSED_ENTRY",
        refused,
        "anna",
    )
    assert [one[:2] for one in await trail(border.topology, turned)] == [
        ("anna", "OpenCrossing"),
        ("anna", "RefuseCrossing"),
    ]


async def _by_misread_zone(officer: Officer, passport: Passport) -> str:
    """Have a zone in which a naught was read as a letter: it is refused, and the correction that is offered is used."""
    first, second = passport.mrz
    misread = [first, f"{second[:23]}O{second[24:]}"]
    with pytest.raises(Refused) as refusal:
        await officer.person(misread)
    assert refusal.value.code == "CHECK_DIGITS_FAILED"
    offered = (await officer.desk.look(ZONE, lines=misread))["mrzRead"]
    assert offered["document"]["failedChecks"] == ["expiry_date", "composite"]
    assert offered["correction"]["lines"] == list(passport.mrz)
    return await officer.person(offered["correction"]["lines"])


async def _handed_over(border: Border, shift_id: str, crossing: Told) -> None:
    """See that the centre knows who handed a shift over to whom, and what has become of what was left to do."""
    query = "query One($id: ID!) { shift(id: $id) { node officer state takenBy handOver { crossings { id state } } } }"
    shift = (await border.centre.look(query, id=shift_id))["shift"]
    told = (shift["node"], shift["officer"], shift["state"], shift["takenBy"])
    assert told == (SITE, "anna", "TAKEN_OVER", "jan")
    assert {"id": crossing["id"], "state": "RELEASED"} in shift["handOver"]["crossings"]


async def test_soc_m_a_patrol_works_for_days_without_a_line(border: Border) -> None:
    region, olek, centre = border.topology.nodes[REGION], border.officer("olek", PATROL), border.centre
    await border.seek("plate", "SC 40404", "PL", PATROL)
    async with border.followed() as told:
        await asyncio.to_thread(region.stop)
        now = datetime.now(UTC)
        days = {"DW 1111A": 3, "SC 40404": 2, "KR 3333C": 1}
        done = [await _controlled(border, olek, plate, now - timedelta(days=ago)) for plate, ago in days.items()]
        with pytest.raises(Refused) as refusal:
            await olek.open("SOC_M", {}, at=(now - timedelta(days=31)).isoformat())
        assert refusal.value.code == "CROSSING_TIME_IMPOSSIBLE"
        assert await listed(centre, CROSSINGS, node=PATROL) == []

        region.start()
        await region.ready(border.http)
        acts = [(PATROL, crossing["id"], act["kind"]) for crossing in done for act in crossing["acts"]]
        await until(partial(_contains, told, acts[-1]), "the centre has heard of the last act")
        for crossing in done:
            await known_at_the_centre(border.topology, crossing)
        assert [one for one in told if one[0] == PATROL] == acts
    seen = await listed(centre, REGISTRATIONS, node=PATROL)
    assert seen == await listed(olek.desk, REGISTRATIONS, node=PATROL)
    vehicles = [one["label"] for one in reversed(seen) if one["kind"] == "VEHICLE"]
    assert (vehicles, len(seen)) == (["DW1111A", "SC40404", "KR3333C"], 6)
    (alarm,) = await alarms_of(centre, PATROL, "SC40404")
    assert (alarm["state"], alarm["acknowledgedBy"]) == ("ACKNOWLEDGED", "olek")


async def _contains(told: Sequence[object], one: object) -> bool:
    return one in told


async def _controlled(border: Border, olek: Officer, plate: str, at: datetime) -> Told:
    """Have a patrol stop a car, register all, say where it is, and let it go; return the crossing."""
    car, driver = await olek.vehicle(plate), await olek.person(border.travellers.passport().mrz)
    opened = await olek.open("SOC_M", {car: "CAR", driver: "DRIVER"}, at=at.isoformat())
    assert await olek.is_refused("crossingRelease", opened) == ("CROSSING_INCOMPLETE", {"missing": ["position"]})
    where = {"latitude": 51.2465, "longitude": 22.5684}
    placed = await olek.do("crossingComplete", opened, put={"position": where})
    if plate == "SC 40404":
        told = await olek.is_refused("crossingRelease", placed)
        assert told == ("MEMBER_ALARMED", {"registrations": [car]})
        await olek.take("SC40404")
    released = await olek.do("crossingRelease", placed)
    assert (released["parts"]["position"], released["state"]) == (where, "RELEASED")
    assert datetime.fromisoformat(released["parts"]["at"]) == at
    return released
