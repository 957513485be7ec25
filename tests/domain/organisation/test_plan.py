"""The ground plan of a site through time, as pure functions of its parts."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from domain.organisation.layout import Checkpoint, CheckpointKind, Leg, Requirement
from domain.organisation.plan import LAID_OUT_WITHIN, Plan
from domain.organisation.traffic import VehicleClass
from tests.samples import MORNING

DAY = timedelta(days=1)
LATER = MORNING + 3 * DAY
ALL = (Requirement(direction="inbound"),)
TRUCKS = (Requirement(direction="inbound", classes=(VehicleClass.TRUCK,)),)
SECOND = timedelta(seconds=1)
P = TypeVar("P", Checkpoint, Leg)


def checkpoint(code: str, since: datetime = MORNING, required: tuple[Requirement, ...] = ALL) -> Checkpoint:
    return Checkpoint(site="koroszczyn", code=code, kind=CheckpointKind.OTHER, required=required, since=since)


def leg(origin: str, target: str, since: datetime = MORNING, minutes: int | None = 10) -> Leg:
    longest = None if minutes is None else timedelta(minutes=minutes)
    return Leg(site="koroszczyn", origin=origin, target=target, direction="inbound", longest=longest, since=since)


def then(before: P, after: P) -> P:
    """Return a part that was otherwise before."""
    return replace(after, earlier=(*before.earlier, replace(before, earlier=())))


def ended(part: P, at: datetime) -> P:
    return then(part, replace(part, ended_at=at, since=at))


FIRST = (checkpoint("border"), checkpoint("gate"))
WAY = leg("border", "gate")


def test_a_checkpoint_is_there_from_the_time_on_at_which_it_was_set_up() -> None:
    plan = Plan.of(
        (*FIRST, checkpoint("scale", LATER)), (WAY, leg("border", "scale", LATER), leg("scale", "gate", LATER))
    )

    assert plan.at(LATER - SECOND).skipped("border", "gate", "inbound", VehicleClass.TRUCK) == ()
    assert plan.at(LATER).skipped("border", "gate", "inbound", VehicleClass.TRUCK) == ("scale",)
    under_way = plan.during(LATER - SECOND, LATER + SECOND)
    assert under_way.following("border", "inbound") == ("gate", "scale")
    assert under_way.skipped("border", "gate", "inbound", VehicleClass.TRUCK) == ()
    assert plan.during(LATER + SECOND, LATER - SECOND) is under_way


def test_a_checkpoint_is_there_until_it_ends() -> None:
    scale = checkpoint("scale")
    plan = Plan.of((*FIRST, ended(scale, LATER)), (WAY, leg("border", "scale"), leg("scale", "gate")))

    assert plan.at(LATER - SECOND).skipped("border", "gate", "inbound", VehicleClass.TRUCK) == ("scale",)
    assert plan.at(LATER).following("border", "inbound") == ("gate",)
    under_way = plan.during(LATER - SECOND, LATER)
    assert under_way.is_step("border", "scale", "inbound")
    assert under_way.skipped("border", "gate", "inbound", VehicleClass.TRUCK) == ()


def test_only_who_had_to_pass_all_the_time_must() -> None:
    scale = then(checkpoint("scale", required=(*ALL, *TRUCKS)), checkpoint("scale", LATER, TRUCKS))
    plan = Plan.of((*FIRST, scale), (leg("border", "scale"), leg("scale", "gate")))

    found = [plan.at(time).checkpoints["scale"].required for time in (MORNING, LATER)]
    assert found == [(*ALL, *TRUCKS), TRUCKS]
    assert plan.during(MORNING, LATER).checkpoints["scale"].required == TRUCKS


def test_who_had_to_pass_by_a_wider_rule_before_had_to_pass_all_the_time() -> None:
    truck, bus = VehicleClass.TRUCK, VehicleClass.BUS
    both = (Requirement(direction="inbound", classes=(truck, bus)),)
    swapped = (Requirement(direction="inbound", classes=(bus, truck)),)
    spans = ((ALL, TRUCKS, {truck}), (TRUCKS, both, {truck}), (both, swapped, {truck, bus}), (TRUCKS, (), set()))
    for before, after, always in spans:
        scale = then(checkpoint("scale", required=before), checkpoint("scale", LATER, after))
        plan = Plan.of((*FIRST, scale), (leg("border", "scale"), leg("scale", "gate")))
        under_way = plan.during(LATER - SECOND, LATER).checkpoints["scale"]

        found = {each for each in (None, *VehicleClass) if under_way.is_required("inbound", each)}
        assert found == always


def test_the_longest_time_is_the_longest_that_was_allowed() -> None:
    plan = Plan.of(FIRST, (then(leg("border", "gate", minutes=20), leg("border", "gate", LATER, minutes=5)),))

    spans = ((MORNING, MORNING), (MORNING, LATER), (LATER, LATER))
    found = [plan.during(*span).longest("border", "gate", "inbound") for span in spans]
    assert found == [timedelta(minutes=minutes) for minutes in (20, 20, 5)]
    unlimited = Plan.of(FIRST, (then(leg("border", "gate", minutes=None), leg("border", "gate", LATER)),))
    assert unlimited.during(MORNING, LATER).longest("border", "gate", "inbound") is None


def test_a_leg_that_is_set_up_again_leads_on_once() -> None:
    again = leg("border", "gate", LATER + DAY, minutes=30)
    plan = Plan.of(FIRST, (ended(WAY, LATER), again))

    assert [plan.at(time).is_step("border", "gate", "inbound") for time in (MORNING, LATER, LATER + DAY)] == [
        True,
        False,
        True,
    ]
    through = plan.during(MORNING, LATER + DAY)
    assert through.following("border", "inbound") == ("gate",)
    assert through.longest("border", "gate", "inbound") == timedelta(minutes=30)


def test_a_plan_that_is_laid_out_is_of_what_was_there_before() -> None:
    soon, too_late = MORNING + LAID_OUT_WITHIN, MORNING + LAID_OUT_WITHIN + SECOND
    plan = Plan.of(
        (*FIRST, checkpoint("scale", soon), checkpoint("xray", too_late)), (WAY, leg("border", "scale", soon))
    )

    assert set(plan.at(MORNING - 30 * DAY).checkpoints) == {"border", "gate", "scale"}
    assert set(plan.at(too_late).checkpoints) == {"border", "gate", "scale", "xray"}
    assert Plan.of((), ()).at(MORNING).legs == {}
