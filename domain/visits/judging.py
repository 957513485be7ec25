"""What is odd about a visit: a pure function of what is known of it, whatever the order in which that came."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from domain.organisation.events import CheckpointKind, Graph, Plan, VehicleClass
from domain.visits.model import Anomaly, AnomalyKind, Tolerance, Visit, near_any
from domain.visits.stops import Stop, stops

USUAL_TOLERANCE = Tolerance()
_ON_THE_WAY_FOR = timedelta(hours=1)
"""What became so in this time before a vehicle was first seen is not held against it: it may have been farther on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How a visit stands.

    Attributes:
        at: the checkpoint where the vehicle was seen last.
        following: checkpoints that may come next; none when it has left.
        anomalies: each once, in the order of their keys.
        left_at: when it was seen where its way ends; None while it is in the terminal.
    """

    at: str
    following: tuple[str, ...]
    anomalies: tuple[Anomaly, ...]
    left_at: datetime | None


def judge(
    visit: Visit,
    plan: Plan,
    now: datetime,
    vehicle_class: VehicleClass | None = None,
    tolerance: Tolerance = USUAL_TOLERANCE,
) -> Judgement:
    """Judge what is known of a visit; ``now`` tells who is overdue.

    Each step is judged by the plan of the site as it was while the vehicle was under way, whatever it is by now. Of one
    whose class nobody knows nothing is asked that some classes alone must do.
    """
    seen = stops(visit)
    onward = _onward(seen, visit.direction)
    found: dict[str, Anomaly] = {}
    for anomaly in (
        *_of_the_way(onward, visit.direction, vehicle_class, plan),
        *_of_time(onward, visit, plan, now),
        *_of_turning(seen, onward, plan),
        *_of_release(onward, visit.direction, vehicle_class, plan),
        *_of_weight(seen, tolerance),
        *_of_plates(seen, {point.folded: point.plate for point in visit.points}),
    ):
        found.setdefault(anomaly.key, anomaly)
    last = seen[-1]
    left_at = next((stop.at for stop in seen if _has_left(stop, plan)), None)
    return Judgement(
        at=last.checkpoint,
        following=() if left_at else plan.at(now).following(last.checkpoint, last.direction),
        anomalies=tuple(found[key] for key in sorted(found)),
        left_at=left_at,
    )


def _onward(seen: Sequence[Stop], direction: str) -> tuple[Stop, ...]:
    """Return the stops in the visit's own direction."""
    return tuple(stop for stop in seen if stop.direction == direction)


def _has_left(stop: Stop, plan: Plan) -> bool:
    return stop.checkpoint in plan.at(stop.at).exits(stop.direction)


def _of_the_way(
    onward: Sequence[Stop], direction: str, vehicle_class: VehicleClass | None, plan: Plan
) -> Iterator[Anomaly]:
    passed = {stop.checkpoint for stop in onward}
    for before, after in pairwise(onward):
        graph = plan.during(before.at, after.at)
        if graph.way(before.checkpoint, after.checkpoint, direction) is not None:
            for code in graph.skipped(before.checkpoint, after.checkpoint, direction, vehicle_class):
                if not _is_passed(code, passed, direction, graph):
                    yield Anomaly(kind=AnomalyKind.SKIPPED, checkpoint=code)
        elif graph.way(after.checkpoint, before.checkpoint, direction) is not None:
            detail = f"{before.checkpoint} > {after.checkpoint}"
            yield Anomaly(kind=AnomalyKind.OUT_OF_ORDER, checkpoint=after.checkpoint, detail=detail)
    if not onward:
        return
    graph = plan.during(onward[0].at - _ON_THE_WAY_FOR, onward[0].at)
    for code in _before_the_first(onward[0].checkpoint, direction, vehicle_class, graph):
        if not _is_passed(code, passed, direction, graph):
            yield Anomaly(kind=AnomalyKind.SKIPPED, checkpoint=code)


def _before_the_first(first: str, direction: str, vehicle_class: VehicleClass | None, graph: Graph) -> Iterator[str]:
    """Yield what had to be passed before the first checkpoint at which the vehicle was seen."""
    entrances = graph.entrances(direction)
    if first in entrances:
        return
    for entrance in entrances:
        if graph.way(entrance, first, direction) is not None:
            if graph.checkpoints[entrance].is_required(direction, vehicle_class):
                yield entrance
            yield from graph.skipped(entrance, first, direction, vehicle_class)


def _is_passed(code: str, passed: set[str], direction: str, graph: Graph) -> bool:
    """Tell whether a checkpoint was passed, or one of its kind that stands beside it."""
    if code in passed:
        return True
    kind = graph.checkpoints[code].kind
    return any(
        graph.checkpoints[other].kind is kind
        and graph.way(code, other, direction) is None
        and graph.way(other, code, direction) is None
        for other in passed
        if other in graph.checkpoints
    )


def _of_time(onward: Sequence[Stop], visit: Visit, plan: Plan, now: datetime) -> Iterator[Anomaly]:
    for before, after in pairwise(onward):
        longest = plan.during(before.at, after.at).longest(before.checkpoint, after.checkpoint, visit.direction)
        if longest is not None and after.at - before.until > longest:
            yield _too_slow(before, longest)
    if onward and visit.closed_at is None and visit.points[-1].direction == visit.direction:
        last = onward[-1]
        graph = plan.during(last.at, now)
        following = graph.following(last.checkpoint, visit.direction)
        times = [graph.longest(last.checkpoint, code, visit.direction) for code in following]
        known = [time for time in times if time is not None]
        if known and len(known) == len(times) and now - last.until > max(known):
            yield _too_slow(last, max(known))


def _too_slow(before: Stop, longest: timedelta) -> Anomaly:
    minutes = round(longest.total_seconds() / 60)
    return Anomaly(kind=AnomalyKind.TOO_SLOW, checkpoint=before.checkpoint, detail=f"> {minutes} min")


def _of_turning(seen: Sequence[Stop], onward: Sequence[Stop], plan: Plan) -> Iterator[Anomaly]:
    """Yield that the vehicle was seen in the other direction before it had left."""
    for stop in seen:
        if stop in onward and _has_left(stop, plan):
            return
        if stop not in onward:
            yield Anomaly(kind=AnomalyKind.TURNED_BACK, checkpoint=stop.checkpoint)
            return


def _of_release(
    onward: Sequence[Stop], direction: str, vehicle_class: VehicleClass | None, plan: Plan
) -> Iterator[Anomaly]:
    """Yield that the vehicle left and was at no desk, where vehicles are released, though it had to be."""
    for stop in onward:
        if not _has_left(stop, plan):
            continue
        desks = _desks(direction, vehicle_class, plan.during(onward[0].at, stop.at))
        if desks and not desks & {each.checkpoint for each in onward}:
            yield Anomaly(kind=AnomalyKind.LEFT_WITHOUT_RELEASE, checkpoint=stop.checkpoint)


def _desks(direction: str, vehicle_class: VehicleClass | None, graph: Graph) -> set[str]:
    return {
        code
        for code, checkpoint in graph.checkpoints.items()
        if checkpoint.kind is CheckpointKind.DESK and checkpoint.is_required(direction, vehicle_class)
    }


def _of_weight(seen: Sequence[Stop], tolerance: Tolerance) -> Iterator[Anomaly]:
    weighed = [(stop.checkpoint, stop.gross_kg) for stop in seen if stop.gross_kg is not None]
    for (_, before), (checkpoint, after) in pairwise(weighed):
        if not tolerance.allows(before, after):
            detail = f"{before:.0f} kg > {after:.0f} kg"
            yield Anomaly(kind=AnomalyKind.WEIGHT_CHANGED, checkpoint=checkpoint, detail=detail)


def _of_plates(seen: Sequence[Stop], read: Mapping[str, str]) -> Iterator[Anomaly]:
    """Yield other plates than those seen until then: near-equal ones are the same, badly read."""
    tractors: list[str] = []
    trailers: list[str] = []
    for stop in seen:
        if trailers and stop.trailers and not any(near_any(one, trailers) for one in stop.trailers):
            detail = f"{read[trailers[-1]]} > {read[stop.trailers[0]]}"
            yield Anomaly(kind=AnomalyKind.TRAILER_CHANGED, checkpoint=stop.checkpoint, detail=detail)
        if tractors and stop.tractors and not any(near_any(one, tractors) for one in stop.tractors):
            detail = f"{read[tractors[-1]]} > {read[stop.tractors[0]]}"
            yield Anomaly(kind=AnomalyKind.TRACTOR_CHANGED, checkpoint=stop.checkpoint, detail=detail)
        tractors += stop.tractors
        trailers += stop.trailers
