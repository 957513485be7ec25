"""How what is registered at the checkpoints of a terminal becomes visits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Final

from domain.organisation.events import Checkpoint, Graph, Leg, Plan
from domain.registrations.events import (
    Measurement,
    ObjectKind,
    PassagesLinked,
    ReadingTaken,
    Registered,
    Registration,
    VehiclePair,
)
from domain.visits.classing import class_of, tells_classes_apart
from domain.visits.events import VisitAnomalyExplained, VisitAnomalyFound, VisitClosed, VisitContinued, VisitOpened
from domain.visits.finding import find_visit
from domain.visits.folding import go_on as go_on_with
from domain.visits.judging import judge
from domain.visits.model import UNSEEN_AFTER, Point, Visit, VisitState, Weight, near_any
from domain.visits.ports import VisitsChange

OPEN_MAX: Final = 5_000
"""So many visits may be open: a terminal has a thousand vehicles a day, and a visit ends after one unseen."""
_RECENT_MAX: Final = 300
"""Of visits that are over, so many of the newest are compared with a plate that is not on record."""
_KNOWN_BY: Final = ("tractor", "trailer")
LATE_AFTER = timedelta(minutes=5)
"""An anomaly that is older when it is found is told as late: the vehicle may be gone."""


def is_of_a_vehicle(event: Registered) -> bool:
    """Tell whether a device saw a vehicle, which may be on a visit."""
    return event.registration.kind is ObjectKind.VEHICLE and event.registration.source == "device"


def is_plate(event: ReadingTaken) -> bool:
    """Tell whether a device read the plate of a vehicle."""
    return event.plate.kind == "plate"


async def plan_of(change: VisitsChange) -> Plan:
    """Return the checkpoints of this site and what leads from one to the other, as they are and as they were."""
    legs = await change.entities.every(Leg, site=change.node)
    return Plan.of(await change.entities.every(Checkpoint, site=change.node) if legs else (), legs)


async def follow(event: Registered, change: VisitsChange) -> None:
    """Put a vehicle that was registered at a checkpoint of the terminal on its visit."""
    plan = await plan_of(change)
    visit = await visit_of(event.registration, plan, change)
    if visit is not None:
        await judge_again(visit, plan, change)


async def take_class(event: ReadingTaken, change: VisitsChange) -> None:
    """Judge a visit by what one more reading tells of the class of its vehicle, where its terminal asks."""
    plan = await plan_of(change)
    seen = await change.registrations.find(event.registration_id) if tells_classes_apart(plan) else None
    visit = None if seen is None else await visit_knowing(seen, change)
    if visit is not None:
        await judge_again(visit, plan, change)


def is_from_the_front(event: ReadingTaken) -> bool:
    """Tell whether a device read the plate of a vehicle from its front."""
    return is_plate(event) and event.view == "front"


async def follow_front(event: ReadingTaken, change: VisitsChange) -> None:
    """Put on a visit what a rear camera told first, now that the front has the same plate: it is no trailer."""
    plan = await plan_of(change)
    registration = await change.registrations.find(event.registration_id) if plan.legs else None
    if registration is None or not registration.identifiers or not await _is_rear(registration, change):
        return
    visit = await visit_with(registration, plan, change)
    if visit is None and _is_on_a_way(event.checkpoint, plan.at(registration.seen_at)):
        point = point_of(registration, event.checkpoint)
        visit = await recall(point, await _add(point, await _open(point, change), change), plan, change)
    if visit is not None:
        await judge_again(visit, plan, change)


async def join_linked(event: PassagesLinked, change: VisitsChange) -> None:
    """Make one of two visits whose vehicles proved to be one."""
    plan = await plan_of(change)
    both = [await change.registrations.find(one) for one in (event.registration_id, event.linked_registration_id)]
    seen = [one for one in both if one is not None and not await _is_rear(one, change)]
    visits = [await visit_with(one, plan, change) for one in seen]
    kept = await join([visit for visit in visits if visit is not None], change)
    if kept is not None:
        await judge_again(kept, plan, change)


async def visit_of_id(registration_id: str, plan: Plan, change: VisitsChange) -> Visit | None:
    """Return the visit of a registration of this id, as `visit_with` does."""
    registration = await change.registrations.find(registration_id)
    return None if registration is None else await visit_with(registration, plan, change)


async def visit_with(registration: Registration, plan: Plan, change: VisitsChange) -> Visit | None:
    """Return the visit on which a registration is already, though others fit by now; else as `visit_of` does."""
    if not plan.legs or not registration.identifiers:
        return None
    return await visit_knowing(registration, change) or await visit_of(registration, plan, change)


async def visit_knowing(registration: Registration, change: VisitsChange) -> Visit | None:
    """Return the visit of which a registration is a point, found by its plate or that before a correction, or None."""
    said = {each.folded for each in (*registration.identifiers[:1], *registration.former)}
    for folded, column in product(sorted(said), _KNOWN_BY):
        known = await change.entities.those(Visit, 20, node=change.node, **{column: folded})
        if (visit := _knowing(registration.id, known)) is not None:
            return visit
    read = [key for key, plates in (await _plates(change)).items() if not said.isdisjoint(plates.split())]
    return _knowing(registration.id, await _visits(read, change))


def _knowing(registration_id: str, visits: Sequence[Visit]) -> Visit | None:
    known = (visit for visit in visits if visit.knows(registration_id) and visit.state is not VisitState.JOINED)
    return next(known, None)


async def visit_of(registration: Registration, plan: Plan, change: VisitsChange) -> Visit | None:
    """Return the visit of a registration, with it: found or opened; None when it is not at a checkpoint of a terminal.

    What a rear camera saw opens none: it is of the trailer as a rule, and comes with its tractor. Where nothing else
    was read it tells by itself that the vehicle was there, as soon as its plate is known.
    """
    stand = await change.lanes.stand_of(registration.registered_by) if plan.legs else None
    if (
        stand is None
        or not _is_on_a_way(stand.checkpoint, plan.at(registration.seen_at))
        or not registration.identifiers
    ):
        return None
    point = point_of(registration, stand.checkpoint)
    visit = await find(point, plan, change)
    if visit is not None and visit.knows(point.id):
        return visit
    if stand.view == "rear":
        return None if visit is None or await _is_drawn(point, change) else await _add(point, visit, change)
    if visit is None:
        return await recall(point, await _open(point, change), plan, change)
    known = await go_on(visit, VisitContinued(visit_id=visit.id, heard_at=change.now, points=(point,)), change)
    return known if visit.has_read(point.folded) else await recall(point, known, plan, change)


async def recall(point: Point, visit: Visit, plan: Plan, change: VisitsChange) -> Visit:
    """Return a visit with what rear cameras read of it alone before the plate of one of its points was known."""
    since, until = visit.opened_at - UNSEEN_AFTER, visit.last_at + UNSEEN_AFTER
    for registration in await change.registrations.labelled(point.plate, since, until):
        if not visit.knows(registration.id) and await _is_rear(registration, change):
            found = await visit_with(registration, plan, change)
            if found is not None and found.id == visit.id:
                visit = found
            elif found is not None:
                await judge_again(found, plan, change)
    return visit


async def _add(point: Point, visit: Visit, change: VisitsChange) -> Visit:
    """Put what a rear camera read alone on a visit, with what was weighed there."""
    told = VisitContinued(
        visit_id=visit.id, heard_at=change.now, points=(point,), weights=await weights_of(point.id, change)
    )
    return await go_on(visit, told, change)


async def weights_of(registration_id: str, change: VisitsChange) -> tuple[Weight, ...]:
    """Return what scales said so far of the vehicle of a registration."""
    measured = await change.entities.those(Measurement, registration_id=registration_id)
    return tuple(
        Weight(id=one.id, registration_id=registration_id, gross_kg=one.weight.gross_kg)
        for one in measured
        if one.weight is not None
    )


async def _is_rear(registration: Registration, change: VisitsChange) -> bool:
    stand = await change.lanes.stand_of(registration.registered_by)
    return stand is not None and stand.view == "rear"


async def _is_drawn(point: Point, change: VisitsChange) -> bool:
    """Tell whether it is known behind which tractor a trailer was seen."""
    return bool(await change.entities.those(VehiclePair, 1, trailer=point.id, holds=True))


def _is_on_a_way(checkpoint: str, graph: Graph) -> bool:
    """Tell whether a leg begins or ends at a checkpoint."""
    return any(checkpoint in (leg.origin, leg.target) for legs in graph.legs.values() for leg in legs)


def point_of(registration: Registration, checkpoint: str) -> Point:
    """Return a registration at a checkpoint as a point of a visit: by what its device read, corrected or not."""
    read = registration.first_said.identifiers[0]
    return Point(
        id=registration.id,
        checkpoint=checkpoint,
        at=registration.seen_at,
        direction=registration.direction,
        plate=read.canonical,
        folded=read.folded,
    )


async def find(point: Point, plan: Plan, change: VisitsChange) -> Visit | None:
    """Return the visit of a point: by this very plate, else by one that is near, of those open or begun of late."""
    for column in _KNOWN_BY:
        known = await change.entities.those(Visit, 20, node=change.node, **{column: point.folded})
        if (visit := find_visit(point, known, plan)) is not None:
            return visit
    near = [key for key, plates in (await _plates(change)).items() if near_any(point.folded, plates.split())]
    return find_visit(point, await _visits(near, change), plan)


async def _plates(change: VisitsChange) -> Mapping[str, str]:
    """Return the plates of the visits that are open or begun of late, by id."""
    under_way = await change.entities.column(Visit, "plates", OPEN_MAX, node=change.node, state=VisitState.OPEN)
    recent = await change.entities.column(Visit, "plates", _RECENT_MAX, node=change.node)
    return {**under_way, **recent}


async def _visits(ids: Iterable[str], change: VisitsChange) -> Sequence[Visit]:
    found = [await change.entities.find(Visit, key) for key in ids]
    return [visit for visit in found if visit is not None]


async def _open(point: Point, change: VisitsChange) -> Visit:
    visit = Visit(
        id=change.new_id(),
        node=change.node,
        direction=point.direction,
        tractor=point.folded,
        checkpoint=point.checkpoint,
        opened_at=point.at,
        last_at=point.at,
        heard_at=change.now,
        points=(point,),
    )
    await change.record(VisitOpened(visit=visit))
    return visit


async def go_on(visit: Visit, event: VisitContinued, change: VisitsChange) -> Visit:
    """Put on record what more is known of a visit, and return it so."""
    await change.record(event)
    return go_on_with(visit, event)


async def join(visits: Sequence[Visit], change: VisitsChange) -> Visit | None:
    """Return the one of several visits that began first, with all that is known of the others; these are over."""
    ordered = sorted({visit.id: visit for visit in visits}.values(), key=lambda visit: (visit.opened_at, visit.id))
    if not ordered:
        return None
    kept, *others = ordered
    for other in others:
        facts = VisitContinued(
            visit_id=kept.id, heard_at=change.now, points=other.points, pairs=other.pairs, weights=other.weights
        )
        kept = await go_on(kept, facts, change)
        for anomaly in other.standing:
            await _explain(other, anomaly.key, anomaly.plate, change)
        await change.record(
            VisitClosed(visit_id=other.id, state=VisitState.JOINED, closed_at=change.now, joined_into=kept.id)
        )
    return kept


async def judge_again(visit: Visit, plan: Plan, change: VisitsChange, now: datetime | None = None) -> None:
    """Put on record what is odd about a visit by all that is known now, and what no longer is; close it when it left.

    With ``now`` it is known that until then the vehicle was not seen any more.
    """
    until = max(now or visit.known_until, visit.known_until)
    judgement = judge(visit, plan, until, await class_of(visit, plan, change))
    odd = {anomaly.key: anomaly for anomaly in judgement.anomalies}
    for standing in visit.standing:
        if standing.key not in odd:
            await _explain(visit, standing.key, standing.plate, change)
    standing_keys = {anomaly.key for anomaly in visit.standing}
    for key, anomaly in odd.items():
        if key not in standing_keys:
            found = replace(anomaly, plate=visit.label, found_at=change.now, as_of=until)
            await change.record(
                VisitAnomalyFound(
                    visit_id=visit.id,
                    anomaly=found,
                    registration_id=visit.points[-1].id,
                    late=change.now - until > LATE_AFTER,
                )
            )
    if judgement.left_at is not None and visit.state is VisitState.OPEN:
        await change.record(VisitClosed(visit_id=visit.id, state=VisitState.LEFT, closed_at=judgement.left_at))


async def _explain(visit: Visit, key: str, plate: str, change: VisitsChange) -> None:
    await change.record(VisitAnomalyExplained(visit_id=visit.id, key=key, plate=plate, explained_at=change.now))
