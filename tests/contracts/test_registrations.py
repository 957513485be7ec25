"""What registrations ask: lanes, readings, registrations."""

from datetime import timedelta

import pytest

from bus.ports import WholeChange
from domain.identifiers.documents import document_number
from domain.identifiers.plates import plate
from domain.organisation.events import DeviceEnrolled, VehicleClass
from domain.organisation.model import View
from domain.registrations.events import Registered
from domain.registrations.model import ObjectKind, ScreeningOutcome
from domain.registrations.passages import Nearby, Place, Source
from domain.registrations.ports import Stand
from tests.contracts.backends import Node
from tests.portals import weighing_taken
from tests.samples import (
    MORNING,
    device,
    linked,
    match,
    new_id,
    reading_taken,
    registration,
    rescreened,
    screening,
    traveller,
)

SECOND = timedelta(seconds=1)


async def near(node: Node, checkpoint: str = "gate-1", around: int = 0, window: timedelta = 5 * SECOND) -> list[Nearby]:
    at = MORNING + around * SECOND
    return list(await node.ask(lambda change: change.readings.near(checkpoint, at - window, at + window)))


async def test_a_device_stands_where_it_was_enrolled(node: Node) -> None:
    await node.record(DeviceEnrolled(device=device()))

    assert await node.ask(lambda change: change.lanes.stand_of("cam-1")) == Stand(
        device="cam-1",
        lane="lane-1",
        checkpoint="gate-1",
        direction="outbound",
        merge_window=timedelta(seconds=7, milliseconds=500),
    )


async def test_the_widest_window_at_a_checkpoint_is_that_of_all_its_devices(node: Node) -> None:
    minute = timedelta(minutes=1)
    await node.record(
        DeviceEnrolled(device=device()),
        DeviceEnrolled(device=device(code="cam-2", merge_window=9 * SECOND, view=View.REAR)),
        DeviceEnrolled(device=device(code="cam-3", checkpoint="gate-2", merge_window=minute)),
        DeviceEnrolled(device=device(code="cam-4", site="koroszczyn", merge_window=minute)),
    )

    stands = [await node.ask(lambda change, code=f"cam-{one}": change.lanes.stand_of(code)) for one in (1, 2, 3)]
    assert [(one.merge_window, one.view) for one in stands if one] == [
        (9 * SECOND, None),
        (9 * SECOND, "rear"),
        (minute, None),
    ]


async def test_measurements_are_found_by_checkpoint_and_time(node: Node) -> None:
    taken = [weighing_taken(at=MORNING + offset * SECOND) for offset in (3, -3, 4, -4)]
    await node.record(*taken, weighing_taken(checkpoint="gate-2"))

    found = await node.ask(
        lambda change: change.readings.measured("gate-1", MORNING - 3 * SECOND, MORNING + 3 * SECOND)
    )
    assert list(found) == [taken[1].measurement, taken[0].measurement]


async def test_a_device_of_another_site_or_of_no_site_stands_nowhere_here(node: Node) -> None:
    await node.record(DeviceEnrolled(device=device(code="cam-2", site="koroszczyn")))

    assert await node.ask(lambda change: change.lanes.stand_of("cam-2")) is None
    assert await node.ask(lambda change: change.lanes.stand_of("cam-3")) is None


async def test_a_reading_is_found_by_device_and_the_vendors_id(node: Node) -> None:
    taken = reading_taken(device="cam-1", vendor_id="żółw/1 '%")
    await node.record(taken)

    assert await node.ask(lambda change: change.readings.find("cam-1", "żółw/1 '%")) == Nearby(
        passage_id=taken.passage_id,
        registration_id=taken.registration_id,
        canonical=taken.plate.canonical,
        folded=taken.plate.folded,
        country=taken.plate.country,
        seen_at=taken.seen_at,
        kind="plate",
        place=Place(train="4711", track="2", position=7),
        view="rear",
        source=Source(device="cam-1", confidence=taken.confidence),
        lane=taken.lane,
    )
    assert await node.ask(lambda change: change.readings.find("cam-2", "żółw/1 '%")) is None
    assert await node.ask(lambda change: change.readings.find("cam-1", "another")) is None


async def test_a_reading_is_found_and_near_in_the_change_that_takes_it(node: Node) -> None:
    taken = reading_taken(seen_at=MORNING)

    async def work(change: WholeChange) -> tuple[Nearby | None, int]:
        await change.record(taken)
        found = await change.readings.find(taken.device, taken.vendor_id)
        return found, len(await change.readings.near("gate-1", MORNING, MORNING))

    found, count = await node.ask(work)
    assert found is not None
    assert (found.passage_id, count) == (taken.passage_id, 1)


async def test_readings_are_near_up_to_both_ends_of_the_window_and_newest_first(node: Node) -> None:
    instant = timedelta(microseconds=1)
    offsets = [-5 * SECOND - instant, -5 * SECOND, -instant, 5 * SECOND, 5 * SECOND + instant]
    taken = [reading_taken(seen_at=MORNING + offset) for offset in offsets]
    await node.record(*reversed(taken))

    assert [one.seen_at - MORNING for one in await near(node)] == [5 * SECOND, -instant, -5 * SECOND]


async def test_readings_at_another_checkpoint_are_not_near(node: Node) -> None:
    await node.record(reading_taken(checkpoint="gate-1"), reading_taken(checkpoint="gate-10"))

    assert len(await near(node, "gate-1")) == 1
    assert await near(node, "gate") == []


async def test_at_most_the_500_newest_readings_are_near(node: Node) -> None:
    millisecond = timedelta(milliseconds=1)
    await node.record(*(reading_taken(seen_at=MORNING + index * millisecond) for index in range(505)))

    assert [(one.seen_at - MORNING) // millisecond for one in await near(node)] == list(range(504, 4, -1))


async def test_readings_of_a_linked_passage_stand_under_the_one_that_was_kept(node: Node) -> None:
    first, second = reading_taken(seen_at=MORNING), reading_taken(seen_at=MORNING + SECOND)
    await node.record(first, second, linked(kept=first, other=second))

    kept = (first.passage_id, first.registration_id)
    assert [(one.passage_id, one.registration_id) for one in await near(node)] == [kept, kept]
    found = await node.ask(lambda change: change.readings.find(second.device, second.vendor_id))
    assert found is not None
    assert (found.passage_id, found.registration_id) == kept


async def test_all_readings_of_registrations_and_what_is_linked_to_them_tell_the_class(node: Node) -> None:
    car = reading_taken(vehicle_type="Sedan", confidence=0.5)
    bus = reading_taken(vehicle_type="Bus", confidence=0.4)
    further = reading_taken(
        vehicle_type="largeBus", confidence=0.2, registration_id=car.registration_id, passage_id=car.passage_id
    )
    await node.record(car, bus, further)

    async def told(*registrations: str, without: str | None = None) -> VehicleClass | None:
        return await node.ask(lambda change: change.readings.vehicle_class(registrations, without))

    assert await told(car.registration_id) is VehicleClass.CAR
    assert await told(car.registration_id, bus.registration_id) is VehicleClass.BUS
    assert await told(new_id()) is await told() is None
    await node.record(linked(kept=car, other=bus))
    for one in (car, bus):
        assert await told(one.registration_id) is VehicleClass.BUS
        assert await told(one.registration_id, without=bus.reading_id) is VehicleClass.CAR


@pytest.mark.parametrize("order", ["from the root", "from the leaf"])
async def test_links_are_followed_to_the_end(node: Node, order: str) -> None:
    first, second, third, fourth = (reading_taken(seen_at=MORNING + index * SECOND) for index in range(4))
    links = [linked(kept=second, other=third), linked(kept=first, other=second)]
    if order == "from the root":
        links = [linked(kept=first, other=second), linked(kept=first, other=third)]
    await node.record(first, second, third, fourth, *links)

    kept = (first.passage_id, first.registration_id)
    alone = (fourth.passage_id, fourth.registration_id)
    assert [(one.passage_id, one.registration_id) for one in await near(node)] == [alone, kept, kept, kept]


async def test_a_registration_comes_back_as_it_was_recorded(node: Node) -> None:
    vehicle = registration(screening=screening(matches=(match(), match(priority=2))))
    person = registration(
        kind=ObjectKind.PERSON,
        source="officer",
        registered_by="Żaneta O'Brien",
        device_time=None,
        late=False,
        passage_id=None,
        identifiers=(document_number("ZS0000017", "POL", check="fails"),),
        traveller=traveller(),
        failed_checks=("number", "composite"),
        screening=screening(outcome=ScreeningOutcome.NOT_CHECKED, list_version=(), reason="nie działa"),
    )
    await node.record(Registered(registration=vehicle), Registered(registration=person))

    assert await node.ask(lambda change: change.registrations.find(vehicle.id)) == vehicle
    assert await node.ask(lambda change: change.registrations.find(person.id)) == person
    assert await node.ask(lambda change: change.registrations.find(new_id())) is None


async def test_registrations_are_found_by_label_and_time_the_newest_first(node: Node) -> None:
    first, second, third = (registration(seen_at=MORNING + timedelta(minutes=minute)) for minute in range(3))
    other = registration(identifiers=(plate("KR 99999", "PL"),))
    await node.record(*(Registered(registration=one) for one in (first, second, third, other)))

    async def labelled(label: str) -> list[str]:
        until = MORNING + timedelta(minutes=1)
        return [one.id for one in await node.ask(lambda change: change.registrations.labelled(label, MORNING, until))]

    assert await labelled(first.label) == [second.id, first.id]
    assert await labelled("nobody") == []


async def test_a_further_check_adds_what_it_found(node: Node) -> None:
    known = registration(screening=screening(matches=(match(title="first"),)))
    plates = (plate("WA 1234S", "PL"), plate("WA 12344", "PL"))
    newer = screening(list_version=(), matches=(match(title="second", priority=1), match(title="third")))
    await node.record(Registered(registration=known), rescreened(known, identifiers=plates, screening=newer))

    after = await node.views.registration(known.id)
    assert after is not None
    assert after == known.rescreened(plates, newer)
    assert [one.canonical for one in after.identifiers] == ["WA12345", "WA1234S", "WA12344"]
    assert [one.title for one in after.screening.matches] == ["first", "second", "third"]
    assert after.screening.list_version == ()


async def test_what_a_further_check_finds_again_stands_once(node: Node) -> None:
    known = registration(screening=screening(matches=(match(),)))
    again = screening(matches=(*known.screening.matches, match(title="new")))
    await node.record(Registered(registration=known), rescreened(known, identifiers=known.identifiers, screening=again))

    after = await node.views.registration(known.id)
    assert after is not None
    assert after.identifiers == known.identifiers
    assert after.screening.matches == again.matches


async def test_a_further_check_that_fails_leaves_the_registration_unchecked_but_keeps_what_is_known(node: Node) -> None:
    known = registration(screening=screening(matches=(match(),)))
    failed = screening(outcome=ScreeningOutcome.NOT_CHECKED, list_version=(), reason="away")
    await node.record(Registered(registration=known), rescreened(known, screening=failed))

    after = await node.views.registration(known.id)
    assert after is not None
    assert (after.screening.outcome, after.screening.reason) == (ScreeningOutcome.NOT_CHECKED, "away")
    assert after.screening.list_version == known.screening.list_version
    assert after.screening.matches == known.screening.matches


async def test_a_check_that_succeeds_mends_one_that_failed(node: Node) -> None:
    failed = screening(outcome=ScreeningOutcome.NOT_CHECKED, list_version=(), reason="away")
    known = registration(screening=failed)
    await node.record(Registered(registration=known), rescreened(known, screening=screening()))

    after = await node.views.registration(known.id)
    assert after is not None
    assert after.screening == screening()
