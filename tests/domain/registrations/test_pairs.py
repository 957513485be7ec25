"""Tractor and trailer, front and rear."""

import pytest

from domain.organisation.events import DeviceEnrolled
from domain.organisation.model import View
from domain.registrations.model import VehiclePair
from domain.registrations.passage import Passage
from tests.domain.registrations.sights import Look
from tests.nodes import ALL, OFFICER, NodeInMemory
from tests.samples import device

FRONT, REAR, SIDE, BLIND = "front-1", "rear-1", "side-1", "cam-1"


@pytest.fixture(autouse=True)
async def gate(post: NodeInMemory) -> None:
    """Have three cameras at the gate that say what they see, beside those that do not."""
    for code, view in ((FRONT, View.FRONT), (REAR, View.REAR), (SIDE, View.SIDE)):
        enrolled = DeviceEnrolled(device=device(code=code, site=post.name, view=view))
        await post.changes.run(OFFICER, lambda change, event=enrolled: change.record(event))


async def holding(post: NodeInMemory) -> list[VehiclePair]:
    """Return the pairs that hold, oldest first."""
    return list((await post.views.entities(VehiclePair, ALL, holds=True)).items)[::-1]


async def passage(post: NodeInMemory, registration_id: str) -> Passage:
    (found,) = await post.views.passages([registration_id])
    assert found is not None
    return found


async def test_front_and_rear_of_one_plate_are_one_passage(post: NodeInMemory, look: Look) -> None:
    front = await look("WA 12345", at=0, device=FRONT)
    rear = await look("WA 12345", at=3, device=REAR)

    assert rear.registration_id == front.registration_id
    assert (await passage(post, front.registration_id)).views == ("front", "rear")
    assert await holding(post) == []


async def test_a_rear_plate_that_follows_a_front_plate_is_the_trailers(post: NodeInMemory, look: Look) -> None:
    tractor = await look("WA 12345", at=0, device=FRONT)
    trailer = await look("LU 777P", at=8, device=REAR)

    (pair,) = await holding(post)
    assert (pair.tractor, pair.trailer) == (tractor.registration_id, trailer.registration_id)
    assert (pair.node, pair.checkpoint, pair.lane) == (post.name, "gate-1", "lane-1")


@pytest.mark.parametrize(
    ("first", "second", "apart"),
    [(FRONT, REAR, 8.1), (REAR, FRONT, 3), (FRONT, FRONT, 3), (REAR, REAR, 3), (FRONT, SIDE, 3), (BLIND, REAR, 3)],
)
async def test_other_plates_are_of_two_vehicles(
    post: NodeInMemory, look: Look, first: str, second: str, apart: float
) -> None:
    await look("WA 12345", at=0, device=first)
    await look("LU 777P", at=apart, device=second)

    assert await holding(post) == []


async def test_a_car_in_between_parts_them_however_late_it_is_told(post: NodeInMemory, look: Look) -> None:
    tractor = await look("WA 12345", at=0, device=FRONT)
    trailer = await look("LU 777P", at=6, device=REAR)
    (pair,) = await holding(post)
    between = await look("KR 99999", at=3, told=60, device=FRONT)

    (parted,) = post.happened("VehiclesParted")
    assert (parted.pair_id, parted.tractor, parted.trailer) == (
        pair.id,
        tractor.registration_id,
        trailer.registration_id,
    )
    (instead,) = await holding(post)
    assert (instead.tractor, instead.trailer) == (between.registration_id, trailer.registration_id)
    stands = await post.views.entity(VehiclePair, pair.id)
    assert stands is not None
    assert (stands.holds, stands.parted_at) == (False, parted.at)


async def test_a_trailer_whose_plate_was_in_front_too_is_none(post: NodeInMemory, look: Look) -> None:
    await look("WA 12345", at=0, device=FRONT)
    await look("LU 777P", at=6, device=REAR)
    await look("LU 777P", at=4, told=60, device=FRONT)

    assert await holding(post) == []


async def test_a_pair_goes_on_under_the_registration_that_is_kept(post: NodeInMemory, look: Look) -> None:
    first = await look("WA 12345", at=0, device=FRONT)
    second = await look("WA 12345", at=16, device=FRONT)
    trailer = await look("LU 777P", at=18, device=REAR)
    (before,) = await holding(post)
    await look("WA 12345", at=8, told=60, device=FRONT)

    assert (before.tractor, before.trailer) == (second.registration_id, trailer.registration_id)
    (after,) = await holding(post)
    assert (after.tractor, after.trailer) == (first.registration_id, trailer.registration_id)


async def test_each_trailer_has_its_own_tractor(post: NodeInMemory, look: Look) -> None:
    tractors = [await look(plate, at=at, device=FRONT) for plate, at in (("WA 12345", 0), ("KR 99999", 7))]
    trailers = [await look(plate, at=at, device=REAR) for plate, at in (("LU 777P", 4), ("GD 55555", 11))]

    pairs = {(pair.tractor, pair.trailer) for pair in await holding(post)}
    expected = zip(tractors, trailers, strict=True)
    assert pairs == {(tractor.registration_id, trailer.registration_id) for tractor, trailer in expected}


async def test_a_passage_is_what_its_readings_say_together(post: NodeInMemory, look: Look) -> None:
    first = await look("WA 1234S", at=0, device=FRONT, confidence=0.9, make="MAN", vehicle_type=None, country=None)
    for at, make in ((2, "DAF"), (4, "DAF")):
        await look("WA 12345", at=at, device=REAR, confidence=0.5, make=make, colour="red", vehicle_type=None)
    linked = await look("WA 12345", at=20)
    await look("WA 12345", at=13, told=60)

    told = await passage(post, linked.registration_id)
    assert told == await passage(post, first.registration_id)
    assert (told.id, told.readings, told.checkpoint, told.kind) == (first.passage_id, 5, "gate-1", "plate")
    assert (told.plate, told.country, told.spellings) == ("WA12345", "PL", ("WA12345", "WA1234S"))
    assert (told.make, told.colour, told.vehicle_type) == ("DAF", "red", "Truck")
    assert (told.last_seen_at - told.first_seen_at).total_seconds() == 20
    assert await post.views.passages([linked.passage_id]) == [None]


async def test_of_two_spellings_alike_likely_that_of_the_countrys_shape_is_told(post: NodeInMemory, look: Look) -> None:
    first = await look("4A 1234", at=0, confidence=0.8)
    await look("WA 1234", at=1, confidence=0.8)

    assert (await passage(post, first.registration_id)).plate == "WA1234"


async def test_vehicles_that_meet_at_a_checkpoint_are_no_pair_and_part_none(post: NodeInMemory, look: Look) -> None:
    for code, view in (("front-2", View.FRONT), ("rear-2", View.REAR)):
        enrolled = DeviceEnrolled(
            device=device(code=code, site=post.name, view=view, lane="lane-2", direction="inbound")
        )
        await post.changes.run(OFFICER, lambda change, event=enrolled: change.record(event))
    tractor = await look("WA 12345", at=0, device=FRONT)
    await look("PO 9K881", at=1, device="rear-2")
    await look("KR 5AC22", at=2, device="front-2")
    trailer = await look("LU 777P", at=3, device=REAR)

    assert [(pair.tractor, pair.trailer) for pair in await holding(post)] == [
        (tractor.registration_id, trailer.registration_id)
    ]
