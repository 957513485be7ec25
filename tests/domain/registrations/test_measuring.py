"""Weighings and radiation: on record once, and of the same passage whichever comes first."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from domain.alarms.model import Alarm, AlarmSource
from domain.organisation.events import DeviceEnrolled
from domain.registrations.commands import TakeReadings
from domain.registrations.measurements import Measurement
from domain.registrations.readings import RadiationAlarm, RadiationMeasured, Weighed
from tests.domain.registrations.sights import Look
from tests.nodes import ALL, CAMERA, OFFICER, NodeInMemory
from tests.samples import MORNING, device

GAMMA = RadiationAlarm(category="gamma", description="above 5 sigma")
NEUTRON = RadiationAlarm(category="neutron", description="")


def weighed(at: float, *, began: Any, **fields: Any) -> Weighed:
    told: dict[str, Any] = {
        "vendor_id": f"weighing at {at}",
        "device_time": began + timedelta(seconds=at),
        "plate": None,
        "country": None,
        "gross_kg": 39_850.0,
        "axles_kg": (7_000.0,),
        "axle_distances_m": (),
        "limit_kg": None,
        "speed_kmh": None,
        "length_m": None,
        "width_m": None,
        "height_m": None,
        "direction": None,
        "retransmitted": False,
    }
    return Weighed(**{**told, **fields})


def measured(at: float, *, began: Any, **fields: Any) -> RadiationMeasured:
    told: dict[str, Any] = {
        "vendor_id": f"radiation at {at}",
        "device_time": began + timedelta(seconds=at),
        "seconds": 4.0,
        "occupied": True,
        "alarms": (GAMMA,),
        "nuclides": ("Cs-137",),
        "speed_kmh": 8.0,
        "lane": "1",
        "instrument": None,
    }
    return RadiationMeasured(**{**told, **fields})


async def take(post: NodeInMemory, **content: Any) -> None:
    await post.do(TakeReadings(device="cam-2", received_at=post.clock.now(), **content), CAMERA)


async def measurements(post: NodeInMemory) -> list[Measurement]:
    return list((await post.views.entities(Measurement, ALL)).items)


async def alarms(post: NodeInMemory) -> list[Alarm]:
    return list((await post.views.alarms(ALL)).items)[::-1]


@pytest.mark.parametrize("order", list(permutations(range(4))))
async def test_whichever_comes_first_a_weighing_is_of_the_same_passage(
    post: NodeInMemory, look: Look, order: tuple[int, ...]
) -> None:
    began = post.clock.now()
    readings = {0: ("WA 12345", 0), 1: ("KR 99999", 7), 2: ("GD 55555", 20)}
    passages = {}
    for one in order:
        if one in readings:
            plate, at = readings[one]
            passages[one] = (await look(plate, at=at, told=30)).passage_id
        else:
            await take(post, weighed=(weighed(8, began=began, plate="wa-12346"), weighed(9, began=began)))

    by_time, by_plate = await measurements(post)
    assert (by_plate.passage_id, by_time.passage_id) == (passages[0], passages[1])


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_a_weighing_is_of_a_vehicle_in_its_lane_and_not_of_one_that_comes_towards_it(
    post: NodeInMemory, look: Look, order: tuple[int, ...]
) -> None:
    towards = device(code="back-1", site=post.name, checkpoint="gate-1", lane="lane-2", direction="inbound")
    await post.changes.run(OFFICER, lambda change: change.record(DeviceEnrolled(device=towards)))
    began = post.clock.now()
    passages = {}
    for one in order:
        if one == 0:
            passages["weighed"] = (await look("WA 12345", at=0, told=30)).passage_id
        elif one == 1:
            await look("KR 99999", at=5, told=30, device="back-1")
        else:
            await take(post, weighed=(weighed(5, began=began),))

    assert [one.passage_id for one in await measurements(post)] == [passages["weighed"]]


async def test_a_weighing_is_on_record_once_with_all_the_scale_said(post: NodeInMemory) -> None:
    began = post.clock.now()
    for _ in range(2):
        await take(post, weighed=(weighed(-600, began=began, plate="--", rear_plate="WGM 1234", limit_kg=40_000.0),))

    (one,) = await measurements(post)
    assert one.weight is not None
    assert (one.weight.gross_kg, one.weight.axles_kg, one.weight.limit_kg) == (39_850.0, (7_000.0,), 40_000.0)
    assert [plate.canonical for plate in one.plates] == ["WGM1234"]
    assert (one.late, one.registration_id, one.checkpoint) == (True, None, "gate-1")


async def test_the_background_is_nobodys_and_no_alarm(post: NodeInMemory, look: Look) -> None:
    await look("WA 12345", at=0)
    await take(post, radiation=(measured(1, began=post.clock.now(), occupied=False),))

    (one,) = await measurements(post)
    assert (one.passage_id, await alarms(post)) == (None, [])


async def test_a_radiation_alarm_tells_of_the_vehicle(post: NodeInMemory, look: Look) -> None:
    began = post.clock.now()
    taken = await look("WA 12345", at=0)
    await take(post, radiation=(measured(1, began=began, alarms=(GAMMA, NEUTRON, GAMMA)),))

    gamma, neutron = await alarms(post)
    assert (gamma.source, gamma.priority, gamma.late) == (AlarmSource.ANOMALY, 1, False)
    assert (gamma.cause, neutron.cause) == ("radiation:gamma", "radiation:neutron")
    assert (gamma.registration_id, gamma.label) == (taken.registration_id, "WA12345")
    assert gamma.text == "Radiation: gamma; above 5 sigma; Cs-137"
    assert neutron.text == "Radiation: neutron; Cs-137"


async def test_a_radiation_alarm_does_not_wait_for_the_plate(post: NodeInMemory, look: Look) -> None:
    began = post.clock.now()
    await take(post, radiation=(measured(0, began=began),))
    (first,) = await alarms(post)
    taken = await look("WA 12345", at=1)
    await look("WA 12345", at=2)

    assert (first.registration_id, first.label) == (None, "cam-2")
    (_, second) = await alarms(post)
    assert (second.cause, second.registration_id, second.label) == (first.cause, taken.registration_id, "WA12345")
    (placed,) = post.happened("MeasurementPlaced")
    assert placed.passage_id == taken.passage_id


async def test_without_a_time_the_clock_of_the_site_counts(post: NodeInMemory, look: Look) -> None:
    taken = await look("WA 12345", at=0)
    await take(post, weighed=(weighed(0, began=MORNING, device_time=None, vendor_id=None),))

    (one,) = await measurements(post)
    assert (one.passage_id, one.at, one.device_time) == (taken.passage_id, post.clock.now(), None)
