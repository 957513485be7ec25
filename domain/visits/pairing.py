"""How a tractor and the trailer behind it are on one visit."""

from domain.organisation.events import Plan
from domain.registrations.events import Registration, VehiclesPaired, VehiclesParted
from domain.visits.events import VisitContinued
from domain.visits.finding import find_visit
from domain.visits.following import (
    go_on,
    join,
    judge_again,
    plan_of,
    point_of,
    recall,
    visit_knowing,
    visit_of_id,
    weights_of,
)
from domain.visits.model import Pair, Point, Visit
from domain.visits.ports import VisitsChange


async def pair_up(event: VehiclesPaired, change: VisitsChange) -> None:
    """Put the trailer on the visit of its tractor; a tractor that is seen first here is on the trailer's visit."""
    plan = await plan_of(change)
    visit = await visit_of_id(event.pair.tractor, plan, change)
    registration = await change.registrations.find(event.pair.trailer)
    if visit is None or registration is None:
        return
    trailer = point_of(registration, event.pair.checkpoint)
    if all(trailer.direction != point.direction for point in visit.points if point.id == event.pair.tractor):
        return  # two that met at a checkpoint
    drawn_so_far = await _visit_of_trailer(trailer, visit, plan, change)
    if drawn_so_far is not None:
        visit = await join([drawn_so_far, visit], change) or visit
    visit = await _take_from_others(registration, event.pair.tractor, visit, plan, change)
    told = VisitContinued(
        visit_id=visit.id,
        heard_at=change.now,
        points=(trailer,),
        pairs=(Pair(tractor=event.pair.tractor, trailer=event.pair.trailer),),
        weights=await weights_of(event.pair.trailer, change),
    )
    known = await go_on(visit, told, change)
    if not visit.has_read(trailer.folded):
        known = await recall(trailer, known, plan, change)
    await judge_again(known, plan, change)


async def _visit_of_trailer(trailer: Point, visit: Visit, plan: Plan, change: VisitsChange) -> Visit | None:
    """Return the visit on which a trailer was so far, if its tractor of now was nowhere else in the terminal."""
    if len({point.checkpoint for point in visit.points}) > 1 or visit.pairs:
        return None
    known = await change.entities.those(Visit, 20, node=change.node, trailer=trailer.folded)
    found = find_visit(trailer, (one for one in known if one.direction == visit.direction), plan)
    return None if found is None or found.id == visit.id else found


async def _take_from_others(
    trailer: Registration, tractor: str, visit: Visit, plan: Plan, change: VisitsChange
) -> Visit:
    """Take a trailer off another visit, on which it was by itself; one of nothing else is joined. Return its visit."""
    alone_on = await visit_knowing(trailer, change)
    if alone_on is None or alone_on.id == visit.id:
        return visit
    if all(point.id == trailer.id for point in alone_on.points):
        return await join([alone_on, visit], change) or visit
    told = VisitContinued(
        visit_id=alone_on.id, heard_at=change.now, parted=(Pair(tractor=tractor, trailer=trailer.id),)
    )
    await judge_again(await go_on(alone_on, told, change), plan, change)
    return visit


async def part(event: VehiclesParted, change: VisitsChange) -> None:
    """Take what turned out not to be the trailer of a tractor off its visit; it may tell of another by itself."""
    plan = await plan_of(change)
    visit = await visit_of_id(event.tractor, plan, change)
    if visit is None:
        return
    told = VisitContinued(
        visit_id=visit.id, heard_at=change.now, parted=(Pair(tractor=event.tractor, trailer=event.trailer),)
    )
    await judge_again(await go_on(visit, told, change), plan, change)
    if (alone_on := await visit_of_id(event.trailer, plan, change)) is not None:
        await judge_again(alone_on, plan, change)
