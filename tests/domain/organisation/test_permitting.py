"""Permitted traffic: decided, replaced, ended, and what holds at a time."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from domain.alarms.model import Alarm, AlarmSource
from domain.organisation import errors
from domain.organisation.commands import EndPermittedTraffic, EnrolDevice, PermitTraffic, PlaceLane
from domain.organisation.events import TrafficPermitted
from domain.organisation.traffic import (
    Objection,
    PermittedTraffic,
    Traffic,
    TrafficKind,
    VehicleClass,
    reasons_against,
    standing,
)
from domain.registrations.commands import CorrectRegistration, RegisterVehicle, TakeReadings
from domain.registrations.readings import TrainPassed
from domain.shared.entities import THOSE_MAX
from domain.shared.errors import Refusal
from domain.shared.lanes import DirectionUnknown
from domain.shared.ports import Change
from domain.shared.texts import TextMissing
from tests.domain.organisation.test_placing import LANE, POST, set_up
from tests.domain.registrations.test_measuring import weighed
from tests.nodes import ALL, CAMERA, OFFICER, NodeInMemory, carry
from tests.samples import MORNING, new_id, seen

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PASSENGER, FREIGHT = TrafficKind.ROAD_PASSENGER, TrafficKind.ROAD_FREIGHT


def decision(**fields: Any) -> PermittedTraffic:
    return replace(
        PermittedTraffic(
            post=POST.code, kinds=(FREIGHT,), valid_from=MORNING - DAY, decree="Dz.U. 2010 poz. 1", id=new_id()
        ),
        **fields,
    )


def truck(**fields: Any) -> Traffic:
    return replace(
        Traffic(direction="inbound", kinds=(FREIGHT,), vehicle_class=VehicleClass.TRUCK, country="BY"), **fields
    )


def objections(decided: tuple[PermittedTraffic, ...], traffic: Traffic, after: timedelta = HOUR) -> list[Objection]:
    return [reason.objection for reason in reasons_against(decided, traffic, MORNING + after)]


@pytest.mark.parametrize(
    ("decided", "traffic", "objection"),
    [
        (decision(), truck(), None),
        (decision(), truck(kinds=(PASSENGER,)), Objection.NOT_OPEN),
        (decision(), truck(kinds=(PASSENGER, FREIGHT)), None),
        (decision(directions=("outbound",)), truck(), Objection.NOT_OPEN),
        (decision(classes=(VehicleClass.BUS,)), truck(), Objection.NOT_OPEN),
        (decision(classes=(VehicleClass.BUS,)), truck(vehicle_class=None), None),
        (decision(valid_from=MORNING + 2 * HOUR), truck(), Objection.NOT_OPEN),
        (decision(valid_until=MORNING + HOUR), truck(), Objection.NOT_OPEN),
        (decision(closed=True), truck(country=None), Objection.CLOSED),
        (decision(countries=("PL", "LT")), truck(), Objection.COUNTRY),
        (decision(countries=("PL", "LT")), truck(country="LT"), None),
        (decision(countries=("PL", "LT")), truck(country=None), None),
        (decision(max_kg=7500), truck(mass_kg=7501), Objection.TONNAGE),
        (decision(max_kg=7500), truck(mass_kg=7500), None),
        (decision(max_kg=7500), truck(), None),
        (decision(max_kg=7500, heavier_empty=True), truck(mass_kg=9000, is_empty=True), None),
        (decision(max_kg=0, heavier_empty=True), truck(mass_kg=9000, is_empty=False), Objection.TONNAGE),
    ],
)
def test_what_a_decision_permits(decided: PermittedTraffic, traffic: Traffic, objection: Objection | None) -> None:
    assert objections((decided,), traffic) == ([] if objection is None else [objection])


def test_nothing_is_said_of_a_post_of_which_nothing_was_decided() -> None:
    assert reasons_against((), truck(), MORNING) == ()


def test_a_closure_holds_while_it_lasts_and_then_what_was_decided_before() -> None:
    base, closure = decision(), decision(kinds=(), closed=True, valid_from=MORNING, valid_until=MORNING + DAY)
    reopened = decision(valid_from=MORNING + 3 * HOUR, countries=("PL",))
    decided = (reopened, closure, base)

    assert objections(decided, truck(), -HOUR) == []
    assert objections(decided, truck()) == [Objection.CLOSED]
    assert objections(decided, truck(), 4 * HOUR) == [Objection.COUNTRY]
    assert objections((closure, base), truck(), 2 * DAY) == []


def test_what_holds_is_told_for_each_direction_kind_and_class() -> None:
    base = decision(kinds=(PASSENGER,))
    no_buses = decision(kinds=(PASSENGER,), classes=(VehicleClass.BUS,), closed=True, valid_from=MORNING)
    told = standing((base, no_buses), MORNING, ("inbound",), (PASSENGER, FREIGHT))

    found = {(one.kind, one.decision.id if one.decision else None): one for one in told}
    assert set(found[PASSENGER, base.id].classes) == set(VehicleClass) - {VehicleClass.BUS}
    assert found[PASSENGER, no_buses.id].classes == (VehicleClass.BUS,)
    assert [one.is_permitted for one in told] == [True, False, False]
    assert found[FREIGHT, None].classes == tuple(VehicleClass)
    assert len(standing((), MORNING)) == 2 * len(TrafficKind)


async def permit(centre: NodeInMemory, **fields: Any) -> PermittedTraffic:
    made: PermittedTraffic = await centre.do(PermitTraffic(permitted=decision(**fields)))
    return made


async def held(node: NodeInMemory, at: datetime) -> list[str | None]:
    """Return by which decisions freight inbound is permitted at a node, or is not."""
    decided = await node.views.entities(PermittedTraffic, ALL, post=POST.code)
    standings = standing(decided.items, at, ("inbound",), (FREIGHT,))
    return [None if one.decision is None else one.decision.id for one in standings]


async def test_when_a_closure_is_lifted_what_was_decided_before_holds_again(
    centre: NodeInMemory, site: NodeInMemory
) -> None:
    await set_up(centre)
    now = centre.clock.now()
    base = await permit(centre)
    closed = await permit(centre, kinds=(), closed=True, valid_from=now - HOUR)
    await carry(centre, site)
    assert await held(site, now) == [closed.id]

    ended = await centre.do(EndPermittedTraffic(permitted_id=closed.id, reason="otwarte wcześniej"))
    await carry(centre, site)
    assert (ended.valid_until, base.valid_until) == (now, None)
    assert await held(site, now - HOUR) == [closed.id]
    assert await held(site, now) == [base.id]
    assert (closed.decided_by, closed.decided_at) == ("anna", now)

    with pytest.raises(errors.PermittedTrafficEndedAlready):
        await centre.do(EndPermittedTraffic(permitted_id=closed.id, reason="x"))
    with pytest.raises(errors.PeriodImpossible):
        await centre.do(EndPermittedTraffic(permitted_id=closed.id, reason="x", at=now - 2 * HOUR))
    with pytest.raises(errors.PermittedTrafficUnknown):
        await centre.do(EndPermittedTraffic(permitted_id=new_id(), reason="x"))


async def test_a_decision_that_has_not_begun_is_taken_back(centre: NodeInMemory) -> None:
    await set_up(centre)
    tomorrow = centre.clock.now() + DAY
    base = await permit(centre)
    wrong = await permit(centre, kinds=(), closed=True, valid_from=tomorrow)
    assert await held(centre, tomorrow) == [wrong.id]

    taken_back = await centre.do(EndPermittedTraffic(permitted_id=wrong.id, reason="nie to przejście"))
    assert taken_back.valid_until == tomorrow
    assert await held(centre, tomorrow) == [base.id]


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"directions": ("both",)}, DirectionUnknown),
        ({"countries": ("Polska",)}, errors.CountryMalformed),
        ({"max_kg": -1}, errors.TonnageImpossible),
        ({"heavier_empty": True}, errors.TonnageImpossible),
        ({"valid_until": MORNING - DAY}, errors.PeriodImpossible),
        ({"decree": " "}, TextMissing),
        ({"post": "nowhere"}, errors.PartUnknown),
    ],
)
async def test_a_decision_that_makes_no_sense_is_refused(
    centre: NodeInMemory, fields: dict[str, Any], refusal: type[Refusal]
) -> None:
    await set_up(centre)
    with pytest.raises(refusal):
        await permit(centre, **fields)


async def passed(site: NodeInMemory, plate: str, country: str | None, lane: str = LANE.code) -> list[Alarm]:
    before = len(site.happened("AlarmRaised"))
    await site.do(RegisterVehicle(lane=lane, direction="inbound", plate=plate, country=country))
    raised = [event.alarm for event in site.happened("AlarmRaised")[before:]]
    return [alarm for alarm in raised if alarm.source is AlarmSource.ANOMALY]


async def test_a_vehicle_that_its_post_does_not_permit_is_an_anomaly(centre: NodeInMemory, site: NodeInMemory) -> None:
    await set_up(centre)
    await permit(centre, countries=("PL", "LT"), decree="rozporządzenie z 17.11.2025")
    await carry(centre, site)

    (alarm,) = await passed(site, "AB12347", "BY")
    assert (alarm.cause, alarm.label, alarm.lane) == ("traffic_not_permitted", "AB12347", LANE.code)
    assert alarm.text == "This traffic is not permitted here: country (rozporządzenie z 17.11.2025)"
    assert await passed(site, "AB12347", "BY") == []
    assert [event.alarm_id for event in site.happened("AlarmRepeated")] == [alarm.id]
    assert await passed(site, "WA12345", "PL") == []
    assert await passed(site, "XX99999", None) == []
    assert await passed(site, "CD98765", "BY", lane="lane-9") == []


async def test_the_oldest_decision_holds_however_many_were_made_since(centre: NodeInMemory, site: NodeInMemory) -> None:
    await set_up(centre)
    await permit(centre, countries=("PL", "LT"))
    over = [decision(closed=True, valid_until=MORNING - HOUR) for _ in range(THOSE_MAX)]

    async def decide(change: Change) -> None:
        for one in over:
            await change.record(TrafficPermitted(permitted=one))

    await centre.changes.run(OFFICER, decide)
    for _ in range(2):  # 500 events at a time
        await carry(centre, site)
    assert len(await passed(site, "AB12347", "BY")) == 1
    assert await passed(site, "WA12345", "PL") == []


async def test_nothing_is_raised_at_a_lane_of_no_post_or_kind(centre: NodeInMemory, site: NodeInMemory) -> None:
    await set_up(centre)
    await permit(centre, kinds=(), closed=True)
    await centre.do(PlaceLane(lane=replace(LANE, code="lane-2", post=""), is_new=True))
    await centre.do(PlaceLane(lane=replace(LANE, code="lane-3", kinds=()), is_new=True))
    await carry(centre, site)

    assert await passed(site, "AB12347", "BY", "lane-2") == await passed(site, "AB12347", "BY", "lane-3") == []
    assert len(await passed(site, "AB12347", "BY")) == 1


async def test_what_a_decision_says_twice_counts_once(centre: NodeInMemory) -> None:
    await set_up(centre)
    made = await permit(centre, countries=("PL", "LT", "PL"), kinds=(FREIGHT, FREIGHT), directions=("inbound",) * 2)
    assert (made.countries, made.kinds, made.directions) == (("PL", "LT"), (FREIGHT,), ("inbound",))


CAMERA_AT_LANE = EnrolDevice(
    code="cam-1",
    site=LANE.site,
    lane=LANE.code,
    checkpoint="scale",
    direction=LANE.direction,
    format="hikvision_isapi",
    key_digest="00",
)


async def scale(site: NodeInMemory, plate: str, gross_kg: float, *, scale_first: bool) -> list[str]:
    """Have a vehicle read and weighed at the lane; return what is said of traffic that is not permitted."""
    before, began = len(site.happened("AlarmRaised")), site.clock.now()
    seen_there = seen(plate, vendor_id=f"read {plate}", device_time=began)
    on_scale = weighed(1, began=began, vendor_id=f"weighed {plate}", plate=plate, gross_kg=gross_kg)
    takes = [{"weighed": (on_scale,)}, {"seen": (seen_there,)}]
    for content in takes if scale_first else takes[::-1]:
        await site.do(TakeReadings(device="cam-1", received_at=began, **content), CAMERA)
    raised = [event.alarm for event in site.happened("AlarmRaised")[before:]]
    return [alarm.text for alarm in raised if (alarm.cause, alarm.label) == ("traffic_not_permitted", plate)]


@pytest.mark.parametrize("scale_first", [False, True])
async def test_a_vehicle_that_a_scale_finds_too_heavy_is_an_anomaly(
    centre: NodeInMemory, site: NodeInMemory, *, scale_first: bool
) -> None:
    await set_up(centre)
    await permit(centre, max_kg=7500, decree="do 7,5 t")
    await centre.do(CAMERA_AT_LANE)
    await carry(centre, site)

    too_heavy = ["This traffic is not permitted here: tonnage (do 7,5 t)"]
    assert await scale(site, "WA12345", 12_000.0, scale_first=scale_first) == too_heavy
    assert await scale(site, "KR99999", 7_500.0, scale_first=scale_first) == []


async def test_what_a_scale_finds_too_heavy_is_told_beside_its_country(
    centre: NodeInMemory, site: NodeInMemory
) -> None:
    await set_up(centre)
    await permit(centre, countries=("PL",), max_kg=7500, decree="tylko PL, do 7,5 t")
    await centre.do(CAMERA_AT_LANE)
    await carry(centre, site)
    began = site.clock.now()
    foreign = seen("AB12347", country="BY", device_time=began)
    await site.do(TakeReadings(device="cam-1", received_at=began, seen=(foreign,)), CAMERA)
    for number in (1, 2):
        on_scale = weighed(number, began=began, vendor_id=f"w{number}", plate="AB12347", gross_kg=12_000.0)
        await site.do(TakeReadings(device="cam-1", received_at=began, weighed=(on_scale,)), CAMERA)

    raised = [event.alarm.text for event in site.happened("AlarmRaised")]
    assert raised == [
        f"This traffic is not permitted here: {objection} (tylko PL, do 7,5 t)" for objection in ("country", "tonnage")
    ]
    assert len(site.happened("AlarmRepeated")) == 1


async def test_where_heavier_vehicles_pass_empty_a_scale_says_nothing(centre: NodeInMemory, site: NodeInMemory) -> None:
    await set_up(centre)
    await permit(centre, max_kg=7500, heavier_empty=True)
    await centre.do(CAMERA_AT_LANE)
    await carry(centre, site)
    assert await scale(site, "WA12345", 12_000.0, scale_first=False) == []


@pytest.mark.parametrize("order", list(permutations(("PL", None, "BY"))))
async def test_a_country_is_objected_to_whichever_reading_comes_first(
    centre: NodeInMemory, site: NodeInMemory, order: tuple[str | None, ...]
) -> None:
    await set_up(centre)
    await permit(centre, countries=("PL",), decree="tylko PL")
    await centre.do(CAMERA_AT_LANE)
    await carry(centre, site)
    began = site.clock.now()
    for country in order:
        sight = seen("AB12347", vendor_id=f"by {country}", country=country, device_time=began)
        await site.do(TakeReadings(device="cam-1", received_at=began, seen=(sight,)), CAMERA)

    raised = [event.alarm for event in site.happened("AlarmRaised") if event.alarm.source is AlarmSource.ANOMALY]
    assert [(one.cause, one.text) for one in raised] == [
        ("traffic_not_permitted", "This traffic is not permitted here: country (tylko PL)")
    ]


async def test_a_country_that_a_correction_tells_is_objected_to(centre: NodeInMemory, site: NodeInMemory) -> None:
    await set_up(centre)
    await permit(centre, countries=("PL",), decree="tylko PL")
    await carry(centre, site)
    polish = RegisterVehicle(lane=LANE.code, direction="inbound", plate="AB 12347", country="PL")
    first = await site.do(polish)
    for version, country in enumerate(("PL", "BY")):
        right = replace(polish, vin=f"1M8GDM9AXKP04278{version}", country=country)
        wish = CorrectRegistration(registration_id=first.id, seen=version, reason="misread", right=right)
        await site.do(wish)

    raised = [event.alarm for event in site.happened("AlarmRaised") if event.alarm.source is AlarmSource.ANOMALY]
    assert [(one.registration_id, one.text) for one in raised] == [
        (first.id, "This traffic is not permitted here: country (tylko PL)")
    ]


async def test_a_train_on_a_track_that_is_closed_is_one_anomaly(centre: NodeInMemory, site: NodeInMemory) -> None:
    await set_up(centre)
    await centre.do(PlaceLane(lane=replace(LANE, kinds=(TrafficKind.RAIL_FREIGHT,)), is_new=False))
    await permit(centre, kinds=(TrafficKind.RAIL_FREIGHT,))
    await permit(centre, kinds=(), closed=True, valid_from=MORNING + 2 * HOUR, decree="zawieszenie")
    await centre.do(CAMERA_AT_LANE)
    await carry(centre, site)
    for began in (MORNING + HOUR, MORNING + 3 * HOUR):
        passing = TrainPassed(vendor_id=began.isoformat(), train="41016", track="1", began_at=began, ended_at=None)
        await site.do(TakeReadings(device="cam-1", received_at=began, trains=(passing,)), CAMERA)

    raised = [event.alarm for event in site.happened("AlarmRaised") if event.alarm.cause == "traffic_not_permitted"]
    assert [(one.label, one.text) for one in raised] == [
        ("41016", "This traffic is not permitted here: closed (zawieszenie)")
    ]
