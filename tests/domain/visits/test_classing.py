"""What only some classes of vehicles must pass in a terminal, and how their class comes to be known."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from domain.organisation.events import CheckpointSet, Plan, Requirement, VehicleClass
from domain.registrations.commands import TakeReadings
from domain.visits.classing import tells_classes_apart
from domain.visits.model import Visit
from tests.nodes import ALL, CAMERA, OFFICER, NodeInMemory, open_node
from tests.samples import MORNING, seen
from tests.terminals import build, checkpoints, legs

TRUCKS = (VehicleClass.TRUCK,)


@pytest.fixture
async def terminal() -> NodeInMemory:
    """A terminal whose scale is for trucks alone."""
    node = open_node("koroszczyn")
    await build(node)
    trucks = (Requirement(direction="outbound", classes=TRUCKS),)
    (scale,) = [told.checkpoint for told in node.happened("CheckpointSet") if told.checkpoint.code == "scale"]
    told = CheckpointSet(checkpoint=replace(scale, required=trucks), set_by="jan", set_at=MORNING)
    await node.changes.run(OFFICER, lambda change: change.record(told))
    node.clock.step(timedelta(hours=3))
    return node


async def look(
    node: NodeInMemory, checkpoint: str, minutes_ago: float, word: str | None, plate: str, *, end: str = ""
) -> None:
    at = node.clock.now() - timedelta(minutes=minutes_ago)
    one = seen(plate, device_time=at, vehicle_type=word)
    await node.do(TakeReadings(device=f"{checkpoint}-outbound{end}", received_at=node.clock.now(), seen=(one,)), CAMERA)


async def standing(node: NodeInMemory) -> dict[str, list[str]]:
    visits = (await node.views.entities(Visit, ALL)).items
    return {visit.label: [one.key for one in visit.standing] for visit in visits}


async def test_what_trucks_must_pass_nobody_else_skips(terminal: NodeInMemory) -> None:
    for plate, word in {"WA12345": "Big Truck", "PO9K881": "Sedan", "KR4XY56": None}.items():
        for place, code in enumerate(("pre-gate", "gate", "desk")):
            await look(terminal, code, 50 - 10 * place, word, plate)

    assert await standing(terminal) == {"WA12345": ["skipped:scale"], "PO9K881": [], "KR4XY56": []}


@pytest.mark.parametrize("order", list(permutations(("Van", "Bus", "Truck", "Big Truck")))[::4])
async def test_the_readings_of_all_checkpoints_vote_in_whatever_order(
    terminal: NodeInMemory, order: tuple[str, ...]
) -> None:
    await look(terminal, "pre-gate", 50, None, "WA12345")
    await look(terminal, "gate", 40, None, "WA12345")
    await look(terminal, "desk", 30, None, "WA12345")
    assert await standing(terminal) == {"WA12345": []}
    for place, word in enumerate(order):
        await look(terminal, "gate" if place % 2 else "desk", 40 if place % 2 else 30, word, "WA12345")

    assert await standing(terminal) == {"WA12345": ["skipped:scale"]}


async def test_a_later_reading_explains_what_the_class_was_wrong_about(terminal: NodeInMemory) -> None:
    await look(terminal, "gate", 40, "Truck", "WA12345")
    await look(terminal, "desk", 30, None, "WA12345")
    assert "skipped:scale" in (await standing(terminal))["WA12345"]
    for _ in range(2):
        await look(terminal, "desk", 30, "Bus", "WA12345")
    assert "skipped:scale" not in (await standing(terminal))["WA12345"]


async def test_what_is_read_of_the_trailer_tells_nothing_of_the_tractor(terminal: NodeInMemory) -> None:
    for place, code in enumerate(("pre-gate", "gate", "desk")):
        await look(terminal, code, 50 - 10 * place, "Sedan" if code == "gate" else None, "WA12345")
        await look(terminal, code, 50 - 10 * place - 0.05, "Truck", "WGM7P5", end="-rear")

    assert terminal.happened("VehiclesPaired")
    assert await standing(terminal) == {"WA12345": []}


def test_classes_are_told_apart_too_where_they_were_once() -> None:
    everybody, trucks = Requirement(direction="outbound"), Requirement(direction="outbound", classes=TRUCKS)
    scale = next(one for one in checkpoints() if one.code == "scale")
    told = [
        replace(scale, required=(everybody,)),
        replace(scale, required=(trucks,)),
        replace(scale, required=(everybody,), earlier=(replace(scale, required=(trucks,)),)),
    ]
    assert [tells_classes_apart(Plan.of([one], legs())) for one in told] == [False, True, True]
