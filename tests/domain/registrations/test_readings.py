"""From what cameras see to passages and registrations."""

from datetime import timedelta
from itertools import pairwise

import pytest

from domain.identifiers.plates import PlateUnreadable
from domain.organisation.commands import EnrolDevice
from domain.registrations.commands import TakeReadings
from domain.registrations.errors import DeviceUnknownHere
from domain.registrations.model import ObjectKind, Registration
from tests.domain.registrations.sights import Look
from tests.nodes import ALL, CAMERA, OFFICER, NodeInMemory
from tests.samples import seen


async def registrations(node: NodeInMemory) -> list[Registration]:
    """Return all registrations, oldest first."""
    return list((await node.views.registrations(ALL)).items)[::-1]


async def test_a_reading_opens_a_passage_and_registers_the_vehicle(post: NodeInMemory, look: Look) -> None:
    began = post.clock.now()
    taken = await look("wa 12345", at=3)

    (registration,) = await registrations(post)
    assert (taken.status, taken.late) == ("registered", False)
    assert (registration.id, registration.passage_id) == (taken.registration_id, taken.passage_id)
    assert (registration.node, registration.kind) == ("dorohusk", ObjectKind.VEHICLE)
    assert (registration.lane, registration.direction) == ("lane-1", "outbound")
    assert (registration.source, registration.registered_by) == ("device", "cam-1")
    assert (registration.label, registration.identifiers[0].country) == ("WA12345", "PL")
    assert registration.seen_at == registration.device_time == began + timedelta(seconds=3)
    assert registration.registered_at == began + timedelta(seconds=4)


async def test_the_reading_is_kept_with_all_the_camera_said(post: NodeInMemory, look: Look) -> None:
    taken = await look("WA 12345", colour="blue", make="MAN", retransmitted=True)

    (event,) = post.happened("ReadingTaken")
    assert (event.colour, event.make, event.device_direction, event.retransmitted) == ("blue", "MAN", "forward", True)
    (reading,) = await post.views.readings([taken.registration_id])
    assert (reading.plate, reading.plate_raw, reading.device) == ("WA12345", "WA 12345", "cam-1")


@pytest.mark.parametrize("plate", ["WA 12345", "WA 1234S", "WA 1234", "WA 12346", "WA 112345"])
@pytest.mark.parametrize("at", [0, 10, -10])
async def test_readings_within_the_window_and_one_edit_are_one_passage(
    post: NodeInMemory, look: Look, plate: str, at: int
) -> None:
    first = await look("WA 12345", at=0, told=20)
    second = await look(plate, at=at, told=21, device="cam-2")

    assert second.status == "merged"
    assert (second.passage_id, second.registration_id) == (first.passage_id, first.registration_id)
    assert len(await registrations(post)) == 1
    assert len(await post.views.readings([first.registration_id])) == 2


@pytest.mark.parametrize(
    ("plate", "at", "device"),
    [
        ("WA 12345", 10.001, "cam-1"),
        ("WA 12345", -10.001, "cam-1"),
        ("WA 12399", 1, "cam-1"),
        ("WA 12345", 1, "cam-3"),
    ],
    ids=["after the window", "before the window", "two edits", "another gate"],
)
async def test_other_readings_are_another_passage(
    post: NodeInMemory, look: Look, plate: str, at: float, device: str
) -> None:
    first = await look("WA 12345", at=0, told=20)
    second = await look(plate, at=at, told=21, device=device)

    assert second.status == "registered"
    assert second.passage_id != first.passage_id
    assert len(await registrations(post)) == 2
    assert post.happened("PassagesLinked") == []


async def test_a_passage_goes_on_as_long_as_each_reading_is_near_another(look: Look) -> None:
    taken = [await look("WA 12345", at=at) for at in (0, 9, 18, 27)]

    assert [one.status for one in taken] == ["registered", "merged", "merged", "merged"]
    assert all(a.passage_id == b.passage_id for a, b in pairwise(taken))


async def test_a_new_spelling_is_added_to_the_registration_and_a_known_one_is_not(
    post: NodeInMemory, look: Look
) -> None:
    for at, plate in enumerate(["WA 12345", "WA 1234S", "WA12345", "WA 1234S"]):
        await look(plate, at=at)

    (registration,) = await registrations(post)
    assert [identifier.canonical for identifier in registration.identifiers] == ["WA12345", "WA1234S"]
    assert registration.label == "WA12345"
    (rescreened,) = post.happened("Rescreened")
    assert (rescreened.label, [one.canonical for one in rescreened.identifiers]) == ("WA12345", ["WA1234S"])


async def test_the_registration_keeps_its_label_when_only_another_spelling_is_near(
    post: NodeInMemory, look: Look
) -> None:
    await look("WA 12345", at=0)
    await look("WA 1234S", at=8)
    await look("WA 1234", at=16)

    assert [event.label for event in post.happened("Rescreened")] == ["WA12345", "WA12345"]


async def test_the_same_reading_twice_is_taken_once(post: NodeInMemory, look: Look) -> None:
    first = await look("WA 12345", at=0, vendor_id="event-7")
    before = len(post.heard)
    again = await look("WA 12345", at=0, told=300, vendor_id="event-7")

    assert again.status == "duplicate"
    assert (again.registration_id, again.passage_id) == (first.registration_id, first.passage_id)
    assert len(post.heard) == before


async def test_the_vendors_id_is_the_devices_own(look: Look) -> None:
    await look("WA 12345", at=0, vendor_id="event-7")

    assert (await look("KR 999", at=0, vendor_id="event-7", device="cam-2")).status == "registered"


async def test_without_an_id_of_the_vendors_time_and_plate_tell_readings_apart(look: Look) -> None:
    first = await look("WA 12345", at=0, vendor_id=None)

    assert (await look("WA 12345", at=0, told=60, vendor_id=None)).status == "duplicate"
    assert (await look("WA 12345", at=1, vendor_id=None)).status == "merged"
    assert first.status == "registered"


async def test_a_reading_of_long_ago_is_late(post: NodeInMemory, look: Look) -> None:
    on_time = await look("WA 12345", at=0, told=300)
    late = await look("KR 99999", at=0, told=301)

    assert (on_time.late, late.late) == (False, True)
    assert [one.late for one in await registrations(post)] == [False, True]


async def test_a_late_reading_joins_the_passage_of_its_time(look: Look) -> None:
    first = await look("WA 12345", at=0)
    await look("WA 12345", at=3600)
    late = await look("WA 12345", at=2, told=3700, device="cam-2")

    assert (late.status, late.late, late.passage_id) == ("merged", True, first.passage_id)


async def test_a_camera_whose_clock_runs_ahead_is_believed_for_a_minute_and_no_more(
    post: NodeInMemory, look: Look
) -> None:
    began = post.clock.now()
    await look("WA 12345", at=60, told=0)
    await look("KR 99999", at=61, told=0)

    ahead, beyond = await registrations(post)
    assert ahead.seen_at == began + timedelta(seconds=60)
    assert beyond.seen_at == began
    assert beyond.device_time == began + timedelta(seconds=61)
    assert not beyond.late


async def test_a_camera_without_a_clock_is_taken_at_the_time_of_its_push(post: NodeInMemory) -> None:
    received = post.clock.step()
    await post.do(TakeReadings(device="cam-1", seen=(seen(device_time=None),), received_at=received), CAMERA)

    (registration,) = await registrations(post)
    assert (registration.seen_at, registration.device_time) == (received, None)


async def test_readings_of_one_push_are_taken_in_order_and_together(post: NodeInMemory) -> None:
    sights = (seen("WA 12345"), seen("KR 99999"), seen("WA 1234S"))
    taken = await post.do(TakeReadings(device="cam-1", seen=sights, received_at=post.clock.now()), CAMERA)

    assert [one.status for one in taken] == ["registered", "registered", "merged"]
    assert taken[0].passage_id == taken[2].passage_id != taken[1].passage_id


async def test_of_a_push_with_an_unreadable_plate_nothing_is_recorded(post: NodeInMemory) -> None:
    before = len(post.heard)
    for plate in ("---", "A" * 200):
        with pytest.raises(PlateUnreadable):
            await post.do(
                TakeReadings(device="cam-1", seen=(seen("WA 12345"), seen(plate)), received_at=post.clock.now()),
                CAMERA,
            )

    assert len(post.heard) == before
    assert await registrations(post) == []


async def test_a_device_that_does_not_stand_here_is_refused(post: NodeInMemory) -> None:
    elsewhere = EnrolDevice(
        code="cam-9",
        site="koroszczyn",
        lane="lane-1",
        checkpoint="gate-1",
        direction="inbound",
        format="hikvision_isapi",
        key_digest="00" * 32,
    )
    await post.do(elsewhere, OFFICER)

    for code in ("cam-9", "cam-0"):
        with pytest.raises(DeviceUnknownHere):
            await post.do(TakeReadings(device=code, seen=(seen(),), received_at=post.clock.now()), CAMERA)
