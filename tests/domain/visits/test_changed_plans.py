"""Visits under way while the plan of the terminal is changed."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, TypeVar

import pytest

from domain.organisation.events import Checkpoint, CheckpointKind, CheckpointSet, Leg, LegSet, Plan
from domain.visits.commands import WatchVisits
from domain.visits.judging import judge
from domain.visits.model import Point
from tests.domain.visits.test_following import PLATE, pass_by, visits
from tests.domain.visits.test_judging import visit
from tests.nodes import ALL, OFFICER, NodeInMemory
from tests.samples import MORNING, new_id
from tests.terminals import BOTH, CODES, LONGEST, checkpoints, legs, point

P = TypeVar("P", Checkpoint, Leg)
NEW = Checkpoint(id=new_id(), site="koroszczyn", code="xray", kind=CheckpointKind.XRAY, required=BOTH)


async def add_xray(node: NodeInMemory, minutes_ago: float) -> None:
    """Put a checkpoint that everybody must pass between scale and desk."""
    since = node.clock.now() - timedelta(minutes=minutes_ago)
    around = [
        Leg(id=new_id(), site=node.name, origin=origin, target=target, direction="outbound", longest=LONGEST)
        for origin, target in (("scale", "xray"), ("xray", "desk"))
    ]
    for event in (
        CheckpointSet(checkpoint=replace(NEW, since=since), set_by="jan", set_at=since),
        *(LegSet(leg=replace(one, since=since), set_by="jan", set_at=since) for one in around),
    ):
        await node.changes.run(OFFICER, lambda change, event=event: change.record(event))


@pytest.mark.parametrize("hears_after", range(len(CODES) + 1))
async def test_a_visit_is_judged_by_the_plan_as_it_was_whenever_its_site_hears_of_it(
    terminal: NodeInMemory, hears_after: int
) -> None:
    for place, code in enumerate(CODES):
        if place == hears_after:
            await add_xray(terminal, 60)
        for since, read in ((120, PLATE), (85, "PO9K881"), (55, "LU5533P")):
            await pass_by(terminal, code, since - 10 * place, read)
    if hears_after == len(CODES):
        await add_xray(terminal, 60)
    await terminal.do(WatchVisits())

    told = {visit.label: [one.key for one in visit.standing] for visit in await visits(terminal)}
    assert told == {PLATE: [], "PO9K881": [], "LU5533P": ["skipped:xray"]}


async def test_a_checkpoint_that_ends_stays_skipped_by_who_was_there_before(terminal: NodeInMemory) -> None:
    for code, minutes_ago in (("pre-gate", 100), ("gate", 90), ("desk", 70)):
        await pass_by(terminal, code, minutes_ago)
        await pass_by(terminal, code, minutes_ago - 25, "PO9K881")
    page = await terminal.views.entities(Checkpoint, ALL)
    scale = next(one for one in page.items if one.code == "scale")
    at = terminal.clock.now() - timedelta(minutes=55)
    end = CheckpointSet(checkpoint=replace(scale, since=at, ended_at=at), set_by="jan", set_at=at)
    await terminal.changes.run(OFFICER, lambda change: change.record(end))
    await pass_by(terminal, "road", 60)
    await pass_by(terminal, "road", 35, "PO9K881")

    told = {visit.label: [one.key for one in visit.standing] for visit in await visits(terminal)}
    assert told == {PLATE: ["skipped:scale"], "PO9K881": []}


LATER: Final = MORNING + timedelta(days=3)


def at(minute: float) -> datetime:
    return LATER + timedelta(minutes=minute)


def xray_is_added(when: datetime) -> Plan:
    around = (step("scale", "xray", when), step("xray", "desk", when))
    return Plan.of((*OLD, replace(NEW, since=when)), (*WAYS, *around))


def scale_ends(when: datetime) -> Plan:
    left = [ended(one, when) if one.code == "scale" else one for one in OLD]
    ways = [ended(one, when) if "scale" in (one.origin, one.target) else one for one in WAYS]
    return Plan.of(left, (*ways, step("gate", "desk", when)))


def all_is_to_be_quicker(when: datetime) -> Plan:
    quicker = [
        replace(one, longest=timedelta(minutes=5), since=when, earlier=(replace(one, earlier=()),)) for one in WAYS
    ]
    return Plan.of(OLD, quicker)


def the_exit_is_farther_on(when: datetime) -> Plan:
    bridge = Checkpoint(site="koroszczyn", code="bridge", kind=CheckpointKind.BORDER, required=BOTH, since=when)
    return Plan.of((*OLD, bridge), (*WAYS, step("border", "bridge", when)))


def the_entrance_is_farther_out(when: datetime) -> Plan:
    road = Checkpoint(site="koroszczyn", code="fore", kind=CheckpointKind.CUSTOMS_ROAD, required=BOTH, since=when)
    return Plan.of((*OLD, road), (*WAYS, step("fore", "pre-gate", when)))


def desk_is_elsewhere(when: datetime) -> Plan:
    left = [ended(one, when) if one.code == "desk" else one for one in OLD]
    hall = Checkpoint(site="koroszczyn", code="hall", kind=CheckpointKind.DESK, required=BOTH, since=when)
    ways = [ended(one, when) if "desk" in (one.origin, one.target) else one for one in WAYS]
    return Plan.of((*left, hall), (*ways, step("scale", "hall", when), step("hall", "road", when)))


def step(origin: str, target: str, since: datetime) -> Leg:
    site = "koroszczyn"
    return Leg(site=site, origin=origin, target=target, direction="outbound", longest=LONGEST, since=since)


def ended(part: P, when: datetime) -> P:
    return replace(part, ended_at=when, since=when, earlier=(part,))


OLD: Final = tuple(replace(one, since=MORNING) for one in checkpoints() if one.code != "special")
WAYS: Final = tuple(
    replace(one, since=MORNING)
    for one in legs()
    if one.direction == "outbound" and "special" not in (one.origin, one.target)
)
CHANGES: Final[Mapping[Callable[[datetime], Plan], tuple[str, str | None, str | None]]] = {
    xray_is_added: ("desk", None, "xray"),
    scale_ends: ("scale", "scale", None),
    the_exit_is_farther_on: ("", None, None),
    the_entrance_is_farther_out: ("", None, None),
    desk_is_elsewhere: ("desk", "desk", "hall"),
}
"""Changes of the plan; where who comes after the change is seen instead of at a checkpoint, or before it."""


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("minute", range(3, 63, 10))
def test_nothing_is_odd_about_who_followed_the_plan_as_it_was(change: Callable[[datetime], Plan], minute: int) -> None:
    where, gone, instead = CHANGES[change]
    seen: list[Point] = []
    for place, code in enumerate(CODES):
        is_changed = code == where and 10 * place > minute
        if is_changed and instead is not None:
            seen.append(replace(point(instead, 0), at=at(10 * place - 5)))
        if not (is_changed and code == gone):
            seen.append(replace(point(code, 0), at=at(10 * place)))
    plan = change(at(minute))

    assert judge(visit(seen), plan, seen[-1].at).anomalies == ()


@pytest.mark.parametrize(("minute", "slow"), [(3, 4), (23, 2), (43, 0), (63, 0)])
def test_only_who_set_out_after_the_change_is_to_be_quicker(minute: int, slow: int) -> None:
    seen = [replace(point(code, 0), at=at(10 * place)) for place, code in enumerate(CODES)]
    assert len(judge(visit(seen), all_is_to_be_quicker(at(minute)), seen[-1].at).anomalies) == slow


def test_what_is_odd_by_the_plan_of_today_is_told() -> None:
    seen = [replace(point(code, 0), at=at(10 * place)) for place, code in enumerate(CODES)]
    for change, found in (
        (xray_is_added, ["skipped:xray"]),
        (the_entrance_is_farther_out, ["skipped:fore"]),
    ):
        plan = change(at(-61))
        assert [anomaly.key for anomaly in judge(visit(seen), plan, seen[-1].at).anomalies] == found
