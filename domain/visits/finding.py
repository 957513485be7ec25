"""Of which visit something is that was seen at a checkpoint."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from domain.organisation.events import Plan
from domain.visits.model import UNSEEN_AFTER, Point, Visit, VisitState, near_any
from domain.visits.stops import TOGETHER

_SURE: Final = 2
"""A plate that was read so often is hardly a misread one."""


def find_visit(point: Point, visits: Iterable[Visit], plan: Plan) -> Visit | None:
    """Return the visit to which a point belongs, or None: it is the first of one.

    Of several the one that has it, then the one on which this very plate was read more than once, then the one in this
    direction, then the one on which it was read at all, then the one that had begun by then, then the one that began
    last.
    """
    fitting = [visit for visit in visits if _is_of(point, visit, plan)]
    ranked = sorted(fitting, key=lambda visit: (visit.opened_at, visit.id), reverse=True)

    def distance(visit: Visit) -> tuple[bool, ...]:
        times, begins_later = _times_read(point, visit), visit.opened_at > point.at
        return not visit.knows(point.id), times < _SURE, visit.direction != point.direction, not times, begins_later

    return min(ranked, key=distance, default=None)


def _times_read(point: Point, visit: Visit) -> int:
    return sum(known.folded == point.folded for known in visit.points)


def _is_of(point: Point, visit: Visit, plan: Plan) -> bool:
    if visit.state is VisitState.JOINED or visit.knows(point.id):
        return visit.state is not VisitState.JOINED
    return (
        _first_possible(point, visit, plan) <= point.at <= _last_possible(visit, plan)
        and near_any(point.folded, (known.folded for known in visit.points))
        and not _is_other_vehicle(point, visit)
        and (point.direction == visit.direction or _may_turn_back(point, visit, plan))
    )


def _first_possible(point: Point, visit: Visit, plan: Plan) -> datetime:
    """Return since when a vehicle may have been seen; where a way ends not before it was seen elsewhere."""
    leaves = point.checkpoint in plan.at(point.at).exits(point.direction)
    return visit.last_at - TOGETHER if leaves else visit.opened_at - UNSEEN_AFTER


def _last_possible(visit: Visit, plan: Plan) -> datetime:
    """Return until when a vehicle may be seen that has left, or was not seen for long."""
    left = [known.at for known in visit.points if known.checkpoint in plan.at(known.at).exits(known.direction)]
    return min(left) + TOGETHER if left else visit.last_at + UNSEEN_AFTER


def _is_other_vehicle(point: Point, visit: Visit) -> bool:
    """Tell whether a plate that is only near those known was read where this vehicle was read at another time."""
    return not _times_read(point, visit) and any(
        (known.checkpoint, known.direction) == (point.checkpoint, point.direction)
        and near_any(point.folded, (known.folded,))
        and abs(known.at - point.at) > TOGETHER
        for known in visit.points
    )


def _may_turn_back(point: Point, visit: Visit, plan: Plan) -> bool:
    begins = point.checkpoint in plan.at(point.at).entrances(point.direction)
    return visit.opened_at < point.at and not begins
