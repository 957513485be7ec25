"""From what rail portals read to passages and registrations of wagons and containers, and trains."""

from datetime import timedelta
from typing import Any

import pytest

from domain.alarms.model import AlarmSource
from domain.identifiers.kind import IdentifierUnreadable
from domain.identifiers.wagons import WAGON
from domain.registrations.commands import TakeReadings
from domain.registrations.intake import Taken
from domain.registrations.model import ObjectKind, TrainSighting
from domain.registrations.readings import TrainPassed
from domain.registrations.sightings import identified
from domain.watchlist.events import EntryActivated
from domain.watchlist.model import Criterion
from tests.nodes import ALL, CAMERA, OFFICER, NodeInMemory
from tests.portals import code_read
from tests.samples import entry, new_id

SULPHUR, COAL = "31 51 5385 001-3", "31 51 5385 002-1"


async def read(post: NodeInMemory, code: str, at: float = 0, *, device: str = "cam-1", **fields: Any) -> Taken:
    """Have a portal read a code so many seconds after the start."""
    seen_at = post.clock.now() + timedelta(seconds=at)
    command = TakeReadings(
        device=device, received_at=post.clock.now(), codes=(code_read(code, device_time=seen_at, **fields),)
    )
    (taken,) = await post.do(command, CAMERA)
    assert isinstance(taken, Taken)
    return taken


async def pass_by(post: NodeInMemory, **fields: Any) -> None:
    """Have a portal tell of a train."""
    told: dict[str, Any] = {"vendor_id": "1", "train": "4711", "track": "2", "began_at": None, "ended_at": None}
    passed = TrainPassed(**{**told, **fields})
    await post.do(TakeReadings(device="cam-1", received_at=post.clock.now(), trains=(passed,)), CAMERA)


async def test_a_wagon_is_registered_with_its_place_in_the_train(post: NodeInMemory) -> None:
    taken = await read(post, SULPHUR, position=3)

    registration = await post.views.registration(taken.registration_id)
    assert registration is not None
    assert (registration.kind, registration.label) == (ObjectKind.WAGON, "315153850013")
    (identifier,) = registration.identifiers
    assert (identifier.kind, identifier.check, identifier.country) == ("wagon", "holds", "PL")
    (reading,) = await post.views.readings([taken.registration_id])
    assert (reading.kind, reading.train, reading.track, reading.position) == ("wagon", "4711", "2", 3)


async def test_a_container_is_registered_as_one(post: NodeInMemory) -> None:
    taken = await read(post, "MSCU 123456-6", kind="container")

    registration = await post.views.registration(taken.registration_id)
    assert registration is not None
    assert (registration.kind, registration.label) == (ObjectKind.CONTAINER, "MSCU1234566")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (SULPHUR, "wagon"),
        ("MSCU1234566", "container"),
        ("MSCU1234560", "container"),
        ("315153850010", "wagon"),
        ("52345670", "wagon"),
        ("MSCU12345", "container"),
        ("3151538500", "wagon"),
    ],
)
def test_what_the_portal_does_not_tell_the_code_tells(code: str, kind: str) -> None:
    assert identified(code_read(code, kind="unknown")).kind == kind


def test_a_portal_that_tells_is_believed() -> None:
    assert identified(code_read("MSCU1234566", kind="wagon")).check == "fails"
    with pytest.raises(IdentifierUnreadable):
        identified(code_read("--", kind="unknown"))


@pytest.mark.parametrize("code", ["31 51 5385 001-3", "31 51 5385 001-8", "31 51 5385 01-3"])
async def test_cameras_of_both_sides_see_one_wagon(post: NodeInMemory, code: str) -> None:
    left = await read(post, SULPHUR)
    right = await read(post, code, at=1, device="cam-2")

    assert (left.status, right.status) == ("registered", "merged")
    assert right.registration_id == left.registration_id


async def test_two_codes_that_hold_are_two_wagons_however_alike(post: NodeInMemory) -> None:
    eight = WAGON.read("52345675")
    long = WAGON.read("523456755")
    assert (eight.check, long.check) == ("holds", "fails")
    first = await read(post, "MSCU1234566")
    second = await read(post, "MSCU1234580", at=1)

    assert (first.status, second.status) == ("registered", "registered")


async def test_a_misreading_at_another_place_of_the_train_is_another_wagon(post: NodeInMemory) -> None:
    first = await read(post, SULPHUR, position=1)
    second = await read(post, "31 51 5385 001-8", at=1, position=2)
    third = await read(post, "31 51 5385 001-8", at=2, position=1, train="4712")

    assert (first.status, second.status) == ("registered", "registered")
    assert third.status == "merged"


async def test_a_wagon_is_no_vehicle_of_the_same_letters(post: NodeInMemory) -> None:
    wagon = await read(post, "52345675")
    container = await read(post, "52345675", at=1, kind="container")

    assert (wagon.status, container.status) == ("registered", "registered")


async def test_a_wagon_that_is_sought_raises_an_alarm(post: NodeInMemory) -> None:
    sought = entry(criteria=(Criterion(id=new_id(), identifier=WAGON.read(SULPHUR)),))
    await post.changes.run(OFFICER, lambda change: change.record(EntryActivated(entry=sought)))
    await read(post, SULPHUR)

    (alarm,) = (await post.views.alarms(ALL)).items
    assert (alarm.source, alarm.label) == (AlarmSource.MATCH, "315153850013")


async def test_a_wagon_of_long_ago_is_late_and_told_again_is_known(post: NodeInMemory) -> None:
    first = await read(post, COAL, at=-600, vendor_id="7", retransmitted=True)
    again = await read(post, COAL, at=-600, vendor_id="7", retransmitted=True)

    assert (first.status, first.late) == ("registered", True)
    assert (again.status, again.registration_id) == ("duplicate", first.registration_id)


async def test_a_train_is_put_on_record_once(post: NodeInMemory) -> None:
    began = post.clock.now() - timedelta(minutes=2)
    for _ in range(2):
        await pass_by(post, began_at=began)
    await pass_by(post, vendor_id="2", began_at=began, ended_at=post.clock.now())

    first, second = post.happened("TrainSeen")
    assert (first.sighting.device, first.sighting.checkpoint, first.sighting.lane) == ("cam-1", "gate-1", "lane-1")
    assert (first.sighting.began_at, first.sighting.ended_at, first.sighting.late) == (began, None, False)
    assert second.sighting.ended_at == post.clock.now()
    page = await post.views.entities(TrainSighting, ALL, train="4711")
    assert set(page.items) == {first.sighting, second.sighting}


async def test_a_train_without_an_id_is_known_by_its_time(post: NodeInMemory) -> None:
    hour_ago = post.clock.now() - timedelta(hours=1)
    for ended_at in (hour_ago, hour_ago, hour_ago + timedelta(seconds=1)):
        await pass_by(post, vendor_id=None, ended_at=ended_at)

    assert [one.sighting.late for one in post.happened("TrainSeen")] == [True, True]
