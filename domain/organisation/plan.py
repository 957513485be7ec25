"""The ground plan of a site through time: its graph at any time, and between any two."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, TypeVar

from domain.organisation.graph import Graph
from domain.organisation.layout import Checkpoint, Leg, Requirement
from domain.organisation.traffic import VehicleClass
from domain.shared.lanes import DIRECTIONS

LAID_OUT_WITHIN: Final = timedelta(days=1)
"""What is set up so soon after the first leg of a site is as if it had always been there.

A plan is laid out part by part, and of a terminal that stood long before.
"""
_ALWAYS: Final = datetime.min.replace(tzinfo=UTC)
P = TypeVar("P", Checkpoint, Leg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The checkpoints and legs of one site, as they are and as they were. All functions are pure.

    Attributes:
        laid_out: when it was there for the first time; for earlier times it is taken as it was then.
        changes: when it became otherwise since, in order of time.

    Graphs that were asked for once are kept: a plan does not change.
    """

    checkpoints: tuple[Checkpoint, ...]
    legs: tuple[Leg, ...]
    laid_out: datetime
    changes: tuple[datetime, ...]
    _graphs: dict[tuple[int, int], Graph] = field(default_factory=dict, compare=False, repr=False)

    @staticmethod
    def of(checkpoints: Iterable[Checkpoint], legs: Iterable[Leg]) -> "Plan":
        """Return the plan of a site's checkpoints and legs, those that have ended among them."""
        return _plan(tuple(checkpoints), tuple(legs))

    def at(self, time: datetime) -> Graph:
        """Return the graph at a time."""
        return self.during(time, time)

    def during(self, one: datetime, other: datetime) -> Graph:
        """Return the graph by which nothing is held against who was under way between two times.

        What stood at any time between them leads on, for as long as it allowed at any; what must be passed was to be
        passed all the time.
        """
        span = bisect_right(self.changes, min(one, other)), bisect_right(self.changes, max(one, other))
        if span not in self._graphs:
            times = (self.laid_out, *self.changes)[span[0] : span[1] + 1]
            self._graphs[span] = Graph.of(_checkpoints(self.checkpoints, times), _legs(self.legs, times))
        return self._graphs[span]


@lru_cache(maxsize=16)
def _plan(checkpoints: tuple[Checkpoint, ...], legs: tuple[Leg, ...]) -> Plan:
    """Return the same plan for the same parts, with the graphs that were asked for."""
    begun = min((form.since or _ALWAYS for leg in legs for form in (leg, *leg.earlier)), default=_ALWAYS)
    laid_out = begun + LAID_OUT_WITHIN
    parts: tuple[Checkpoint | Leg, ...] = (*checkpoints, *legs)
    times = {form.since for part in parts for form in (part, *part.earlier) if form.since is not None}
    changes = tuple(sorted(time for time in times if time > laid_out))
    return Plan(checkpoints=checkpoints, legs=legs, laid_out=laid_out, changes=changes)


def _checkpoints(known: Iterable[Checkpoint], times: Sequence[datetime]) -> Iterator[Checkpoint]:
    for checkpoint in known:
        forms = _standing(checkpoint, times)
        if forms:
            yield replace(forms[-1], required=_required(forms) if len(forms) == len(times) else ())


def _required(forms: Sequence[Checkpoint]) -> tuple[Requirement, ...]:
    """Return who had to pass a checkpoint in all of these forms of it, however each of them says so."""
    if len({form.required for form in forms}) == 1:
        return forms[0].required
    always = []
    for direction in DIRECTIONS:
        asked = [each for each in (None, *VehicleClass) if all(form.is_required(direction, each) for form in forms)]
        if asked:
            classes = () if None in asked else tuple(each for each in asked if each is not None)
            always.append(Requirement(direction=direction, classes=classes))
    return tuple(always)


def _legs(known: Iterable[Leg], times: Sequence[datetime]) -> Iterator[Leg]:
    by_ends: dict[tuple[str, str, str], list[Leg]] = {}
    for leg in known:
        by_ends.setdefault((leg.origin, leg.target, leg.direction), []).extend(_standing(leg, times))
    for forms in by_ends.values():
        if forms:
            longest = [form.longest for form in forms if form.longest is not None]
            yield replace(forms[-1], longest=max(longest) if len(longest) == len(forms) else None)


def _standing(part: P, times: Sequence[datetime]) -> list[P]:
    """Return how a part was at each of these times at which it stood."""
    forms = [_at(part, time) for time in times]
    return [form for form in forms if form is not None and form.ended_at is None]


def _at(part: P, time: datetime) -> P | None:
    forms: list[P] = [*part.earlier, part]
    return next((form for form in reversed(forms) if form.since is None or form.since <= time), None)
