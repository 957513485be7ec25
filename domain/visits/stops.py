"""Where a vehicle stopped: what was registered of it at one checkpoint, together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.visits.model import Point, Visit, near_any

TOGETHER = timedelta(minutes=5)
"""Tractor and trailer, and readings of one vehicle, are no farther apart than this at a checkpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """What was seen of a vehicle at a checkpoint at one time.

    Attributes:
        at, until: when it was first and last seen there.
        tractors, trailers: plates as they were read, folded; the trailers' as far as they are known to be such.
    """

    checkpoint: str
    direction: str
    at: datetime
    until: datetime
    tractors: tuple[str, ...]
    trailers: tuple[str, ...]
    gross_kg: float | None


def stops(visit: Visit) -> tuple[Stop, ...]:
    """Return the stops of a visit, in order of time; those at one checkpoint with nothing between them are one."""
    together: list[list[Point]] = []
    for point in visit.points:
        beside = next((one for one in reversed(together) if _is_beside(one, point, together)), None)
        if beside is None:
            together.append([point])
        else:
            beside.append(point)
    return tuple(_stop(points, visit) for points in together)


def _is_beside(points: Sequence[Point], point: Point, together: Sequence[Sequence[Point]]) -> bool:
    alike = (points[0].checkpoint, points[0].direction) == (point.checkpoint, point.direction)
    return alike and (points is together[-1] or point.at - points[-1].at <= TOGETHER)


def _stop(points: Sequence[Point], visit: Visit) -> Stop:
    drawn = {pair.trailer for pair in visit.pairs}
    trailers = {point.folded for point in visit.points if point.id in drawn}
    here = {point.id for point in points}
    weighed = [weight.gross_kg for weight in visit.weights if weight.registration_id in here]
    return Stop(
        checkpoint=points[0].checkpoint,
        direction=points[0].direction,
        at=points[0].at,
        until=points[-1].at,
        tractors=tuple(sorted({point.folded for point in points if not near_any(point.folded, trailers)})),
        trailers=tuple(sorted({point.folded for point in points if near_any(point.folded, trailers)})),
        gross_kg=max(weighed, default=None),
    )
