"""What is permitted to some classes of vehicles alone, and to people on foot."""

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from domain.organisation.commands import PlaceLane
from domain.organisation.traffic import TrafficKind, VehicleClass
from domain.registrations.commands import CorrectRegistration, RegisterPersonByHand, RegisterVehicle, TakeReadings
from tests.domain.organisation.test_permitting import CAMERA_AT_LANE, HOUR, PASSENGER, permit
from tests.domain.organisation.test_placing import LANE, set_up
from tests.domain.registrations.test_measuring import weighed
from tests.nodes import ALL, CAMERA, NodeInMemory, carry
from tests.samples import MORNING, seen

NO_BUSES = {"kinds": (PASSENGER,), "classes": (VehicleClass.BUS,), "closed": True, "decree": "bez autobusów"}


async def open_without_buses(centre: NodeInMemory, site: NodeInMemory, **fields: Any) -> None:
    await set_up(centre)
    await centre.do(PlaceLane(lane=replace(LANE, kinds=(PASSENGER,)), is_new=False))
    await permit(centre, kinds=(PASSENGER,))
    await permit(centre, **{**NO_BUSES, "valid_from": MORNING + HOUR, **fields})
    await centre.do(CAMERA_AT_LANE)
    await carry(centre, site)


async def see(site: NodeInMemory, *told: tuple[str, str | None], **fields: Any) -> None:
    """Have the camera at the lane see a vehicle of these types, once each."""
    at = site.clock.now()
    for plate, word in told:
        sight = seen(plate, vehicle_type=word, device_time=at, **fields)
        await site.do(TakeReadings(device="cam-1", received_at=at, seen=(sight,)), CAMERA)


def not_permitted(site: NodeInMemory) -> list[tuple[str, str]]:
    raised = [event.alarm for event in site.happened("AlarmRaised")]
    return [(one.label, one.text) for one in raised if one.cause == "traffic_not_permitted"]


@pytest.mark.parametrize("order", sorted(set(permutations(("Bus", "Van", "Bus")))))
async def test_a_class_is_objected_to_whichever_reading_tells_it(
    centre: NodeInMemory, site: NodeInMemory, order: tuple[str, ...]
) -> None:
    await open_without_buses(centre, site)
    site.clock.step(2 * HOUR)
    await see(site, *(("AB12347", word) for word in order))
    await see(site, ("WA12345", "Sedan"), ("KR99999", None))

    assert not_permitted(site) == [("AB12347", "This traffic is not permitted here: closed (bez autobusów)")]
    assert site.happened("AlarmRepeated") == []
    site.clock.step(HOUR)
    await see(site, *(("AB12347", word) for word in order))
    assert (len(not_permitted(site)), len(site.happened("AlarmRepeated"))) == (1, 1)


async def test_readings_of_another_class_outvote_one_that_is_not_sure(centre: NodeInMemory, site: NodeInMemory) -> None:
    await open_without_buses(centre, site)
    site.clock.step(2 * HOUR)
    await see(site, ("AB12347", "Sedan"), confidence=0.9)
    await see(site, ("AB12347", "Bus"), confidence=0.3)
    assert not_permitted(site) == []
    await see(site, ("AB12347", "Bus"), ("AB12347", "largeBus"), confidence=0.7)
    assert len(not_permitted(site)) == 1


@pytest.mark.parametrize("first", ["class", "country"])
async def test_class_and_country_are_objected_to_together(centre: NodeInMemory, site: NodeInMemory, first: str) -> None:
    await open_without_buses(centre, site, closed=False, countries=("PL",), decree="autobusy tylko z PL")
    site.clock.step(2 * HOUR)
    for told in ("class", "country") if first == "class" else ("country", "class"):
        word, country = ("Bus", None) if told == "class" else (None, "BY")
        await see(site, ("AB12347", word), country=country)

    assert not_permitted(site) == [("AB12347", "This traffic is not permitted here: country (autobusy tylko z PL)")]


async def test_the_country_of_a_correction_is_objected_to_together_with_the_class(
    centre: NodeInMemory, site: NodeInMemory
) -> None:
    await open_without_buses(centre, site, closed=False, countries=("PL",), decree="autobusy tylko z PL")
    site.clock.step(2 * HOUR)
    await see(site, ("AB12347", "Bus"), country=None)
    (first,) = (await site.views.registrations(ALL)).items
    right = RegisterVehicle(lane="", direction="", plate="AB12347", country="BY")
    await site.do(CorrectRegistration(registration_id=first.id, seen=0, reason="kraj odczytany z dowodu", right=right))

    assert not_permitted(site) == [("AB12347", "This traffic is not permitted here: country (autobusy tylko z PL)")]


async def test_passages_that_prove_to_be_one_tell_the_class_together(centre: NodeInMemory, site: NodeInMemory) -> None:
    await open_without_buses(centre, site)
    site.clock.step(2 * HOUR)
    for plate, word, confidence in (
        ("AB12347", "Sedan", 0.5),
        ("AB12347", "Bus", 0.4),
        ("AB123", "Big Truck", 0.5),
        ("AB123", "Bus", 0.4),
    ):
        await see(site, (plate, word), confidence=confidence)
    assert not_permitted(site) == []
    await see(site, ("AB1234", None))
    assert len(site.happened("PassagesLinked")) == 1
    assert [label for label, _ in not_permitted(site)] == ["AB12347"]


async def test_nothing_is_asked_of_a_class_where_everything_is_closed(centre: NodeInMemory, site: NodeInMemory) -> None:
    await open_without_buses(centre, site)
    await permit(centre, kinds=(), closed=True, valid_from=MORNING + 2 * HOUR, decree="zawieszenie")
    await carry(centre, site)
    site.clock.step(3 * HOUR)
    await see(site, ("AB12347", "Bus"), ("AB12347", "Bus"))
    assert site.happened("AlarmRepeated") == []
    assert not_permitted(site) == [("AB12347", "This traffic is not permitted here: closed (zawieszenie)")]


@pytest.mark.parametrize("order", list(permutations(("plate", "class", "mass"))))
async def test_a_limit_of_mass_for_a_class_alone_is_objected_to_whatever_is_told_first(
    centre: NodeInMemory, site: NodeInMemory, order: tuple[str, ...]
) -> None:
    await set_up(centre)
    await permit(centre, kinds=LANE.kinds)
    limit = {"classes": (VehicleClass.TRUCK,), "max_kg": 7500, "decree": "ciężarowe do 7,5 t"}
    await permit(centre, kinds=LANE.kinds, valid_from=MORNING - HOUR, **limit)
    await centre.do(CAMERA_AT_LANE)
    await carry(centre, site)
    at = site.clock.now()
    for told in order:
        for plate, word in (("AB12347", "Truck"), ("WA99999", "Bus")):
            if told == "mass":
                on_scale = weighed(1, began=at, vendor_id=f"w {plate}", plate=plate, gross_kg=12_000.0)
                await site.do(TakeReadings(device="cam-1", received_at=at, weighed=(on_scale,)), CAMERA)
            else:
                await see(site, (plate, word if told == "class" else None))

    assert not_permitted(site) == [("AB12347", "This traffic is not permitted here: tonnage (ciężarowe do 7,5 t)")]


@pytest.mark.parametrize(("kinds", "is_odd"), [((TrafficKind.PEDESTRIAN,), True), ((PASSENGER,), False)])
async def test_a_person_on_foot_at_a_post_that_is_closed_is_an_anomaly(
    centre: NodeInMemory, site: NodeInMemory, kinds: tuple[TrafficKind, ...], *, is_odd: bool
) -> None:
    await set_up(centre)
    await centre.do(PlaceLane(lane=replace(LANE, kinds=kinds), is_new=False))
    await permit(centre, kinds=())
    await permit(centre, kinds=(), closed=True, valid_from=MORNING + 2 * HOUR, decree="zawieszenie")
    await carry(centre, site)
    for _ in range(2):
        person = RegisterPersonByHand(
            lane=LANE.code,
            direction="inbound",
            surname="Kowalska",
            given_names="Anna",
            nationality="POL",
            sex="F",
            document="ZS0000017",
            issuer="POL",
        )
        await site.do(person)
        site.clock.step(3 * HOUR)
    assert [text for _, text in not_permitted(site)] == (
        ["This traffic is not permitted here: closed (zawieszenie)"] if is_odd else []
    )
