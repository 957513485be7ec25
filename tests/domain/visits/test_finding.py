"""Of which visit something is, where several may be."""

from datetime import timedelta

import pytest

from domain.identifiers.plates import plate
from domain.organisation.events import DeviceEnrolled
from domain.registrations.commands import CorrectRegistration, RegisterVehicle, TakeReadings
from tests.domain.visits.test_following import PLATE, only, pass_by, pass_with, seen_at, visits, weigh
from tests.nodes import CAMERA, OFFICER, NodeInMemory
from tests.samples import device, seen
from tests.terminals import CODES


async def test_what_is_told_late_of_a_registration_is_on_the_visit_on_which_that_is(terminal: NodeInMemory) -> None:
    for since in (150, 75):
        for place, code in enumerate(CODES):
            await pass_by(terminal, code, since - 10 * place)
    await weigh(terminal, "scale", 130, 9_000)

    told = sorted(await visits(terminal), key=lambda visit: visit.opened_at)
    assert [seen_at(visit) for visit in told] == [list(CODES), list(CODES)]
    assert [[each.gross_kg for each in visit.weights] for visit in told] == [[9_000], []]


async def test_what_is_told_late_of_one_that_was_misread_is_on_the_visit_on_which_that_is(
    terminal: NodeInMemory,
) -> None:
    for since, read in ((150, PLATE), (75, "WGM1A28")):
        for place, code in enumerate(CODES):
            await pass_by(terminal, code, since - 10 * place, "WGM1A28" if code == "scale" else read)
    await weigh(terminal, "scale", 130, 9_000)

    told = sorted(await visits(terminal), key=lambda visit: visit.opened_at)
    assert [seen_at(visit) for visit in told] == [list(CODES), list(CODES)]
    assert [[each.gross_kg for each in visit.weights] for visit in told] == [[9_000], []]


async def test_a_reading_that_comes_late_is_on_the_visit_that_was_under_way(terminal: NodeInMemory) -> None:
    for since in (150, 75):
        for place, code in enumerate(CODES):
            if (since, code) != (150, "scale"):
                await pass_by(terminal, code, since - 10 * place)
    await pass_by(terminal, "scale", 130)

    assert [seen_at(visit) for visit in await visits(terminal)] == [list(CODES), list(CODES)]


async def test_a_trailer_that_a_camera_of_another_lane_read_first_is_on_the_visit_of_its_tractor(
    terminal: NodeInMemory,
) -> None:
    beside = device(
        code="gate-beside", site=terminal.name, checkpoint="gate", lane="lane-2", direction="outbound", view=None
    )
    await terminal.changes.run(OFFICER, lambda change: change.record(DeviceEnrolled(device=beside)))
    for code, minutes_ago, read in (
        ("gate-beside", 90, "LU5533P"),
        ("gate-outbound", 89.99, PLATE),
        ("gate-outbound-rear", 89.95, "LU5533P"),
    ):
        at = terminal.clock.now() - timedelta(minutes=minutes_ago)
        one = seen(read, device_time=at)
        await terminal.do(TakeReadings(device=code, received_at=terminal.clock.now(), seen=(one,)), CAMERA)

    visit = await only(terminal)
    assert (visit.label, len(visit.points), len(visit.pairs)) == (PLATE, 2, 1)


async def test_a_trailer_that_left_is_not_on_the_visit_on_which_it_comes_again(terminal: NodeInMemory) -> None:
    await pass_by(terminal, "border", 150, "LU5533P", "outbound-rear")
    await pass_with(terminal, "pre-gate", 90, "LU5533P")
    assert seen_at(await only(terminal)) == ["pre-gate", "pre-gate"]


async def test_what_is_told_of_a_registration_that_was_corrected_is_on_the_visit_on_which_that_is(
    terminal: NodeInMemory,
) -> None:
    await pass_by(terminal, "pre-gate", 60)
    await pass_by(terminal, "gate", 50)
    (gate,) = [one.id for one in (await only(terminal)).points if one.checkpoint == "gate"]
    right = RegisterVehicle(lane="", direction="", plate="PO9K881", country="PL")
    await terminal.do(CorrectRegistration(registration_id=gate, seen=0, reason="zabrudzona tablica", right=right))
    await weigh(terminal, "gate", 50, 9_000)

    visit = await only(terminal)
    assert (seen_at(visit), [each.gross_kg for each in visit.weights]) == (["pre-gate", "gate"], [9_000])


async def test_a_trailer_that_was_corrected_is_a_point_once(terminal: NodeInMemory) -> None:
    await pass_with(terminal, "pre-gate", 60, "LU5533P")
    await pass_by(terminal, "gate", 50, "LU5533P", "outbound-rear")
    (rear,) = [one.id for one in (await only(terminal)).points if one.checkpoint == "gate"]
    right = RegisterVehicle(lane="", direction="", plate="LU5534P", country="PL")
    await terminal.do(CorrectRegistration(registration_id=rear, seen=0, reason="zabrudzona tablica", right=right))
    await pass_by(terminal, "gate", 50.05)

    visit = await only(terminal)
    assert [(one.checkpoint, one.plate) for one in visit.points if one.checkpoint == "gate"] == [
        ("gate", PLATE),
        ("gate", "LU5533P"),
    ]


@pytest.mark.parametrize("corrected_first", [True, False])
async def test_a_correction_tears_no_visit_apart_whenever_it_comes(
    terminal: NodeInMemory, *, corrected_first: bool
) -> None:
    await pass_with(terminal, "pre-gate", 60, "LU5533P")
    await pass_by(terminal, "gate", 50, "LU5533P", "outbound-rear")
    (rear,) = [one.id for one in (await only(terminal)).points if one.checkpoint == "gate"]
    right = RegisterVehicle(lane="", direction="", plate="PO9K881", country="PL")
    correct = CorrectRegistration(registration_id=rear, seen=0, reason="zabrudzona tablica", right=right)
    if corrected_first:
        await terminal.do(correct)
    await pass_by(terminal, "gate", 50.05)
    if not corrected_first:
        await terminal.do(correct)
    await pass_with(terminal, "scale", 40, "LU5533P")

    visit = await only(terminal)
    assert (visit.trailer, visit.plates.split(), visit.standing) == (
        plate("LU5533P").folded,
        sorted(plate(each).folded for each in (PLATE, "LU5533P")),
        (),
    )


async def test_a_vehicle_without_a_trailer_whose_rear_is_told_first_is_on_a_visit(terminal: NodeInMemory) -> None:
    await pass_by(terminal, "pre-gate", 59.95, way="outbound-rear")
    await weigh(terminal, "pre-gate", 60, 9_000)
    assert await visits(terminal) == []
    await pass_by(terminal, "pre-gate", 60)
    await pass_by(terminal, "gate", 49.95, way="outbound-rear")
    await pass_by(terminal, "gate", 50)

    visit = await only(terminal)
    assert (seen_at(visit), [each.gross_kg for each in visit.weights]) == (["pre-gate", "gate"], [9_000])
