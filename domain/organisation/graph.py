"""The ways through a site: which checkpoint follows which, what was skipped, how long it may take."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from domain.organisation.layout import Checkpoint, Leg
from domain.organisation.traffic import VehicleClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """The checkpoints of one site, by code, and the legs between them. All functions are pure.

    Attributes:
        checkpoints: those in use.
        legs: by direction, by checkpoint, what leads on from there.

    What was found once of a way is kept: a graph does not change.
    """

    checkpoints: Mapping[str, Checkpoint]
    legs: Mapping[tuple[str, str], Sequence[Leg]]
    _ways: dict[tuple[str, str, str], tuple[Leg, ...] | None] = field(default_factory=dict, compare=False, repr=False)
    _skipped: dict[tuple[str, str, str, VehicleClass | None], tuple[str, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )
    _exits: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)

    @staticmethod
    def of(checkpoints: Iterable[Checkpoint], legs: Iterable[Leg]) -> "Graph":
        """Return the graph of a site's checkpoints and legs; what has ended is left out."""
        standing = {one.code: one for one in checkpoints if one.ended_at is None}
        leading: dict[tuple[str, str], list[Leg]] = {}
        for leg in sorted(legs, key=lambda leg: leg.target):
            if leg.ended_at is None and leg.origin in standing and leg.target in standing:
                leading.setdefault((leg.direction, leg.origin), []).append(leg)
        return Graph(checkpoints=standing, legs=leading)

    def following(self, code: str, direction: str) -> tuple[str, ...]:
        """Return the checkpoints that may come next, by code."""
        return tuple(leg.target for leg in self.legs.get((direction, code), ()))

    def is_step(self, origin: str, target: str, direction: str) -> bool:
        """Tell whether a leg leads from one to the other."""
        return target in self.following(origin, direction)

    def entrances(self, direction: str) -> tuple[str, ...]:
        """Return the checkpoints at which a way in this direction begins, by code."""
        reached = {leg.target for (way, _), legs in self.legs.items() if way == direction for leg in legs}
        return tuple(sorted({code for way, code in self.legs if way == direction} - reached))

    def exits(self, direction: str) -> tuple[str, ...]:
        """Return the checkpoints at which a way in this direction ends, by code."""
        if direction not in self._exits:
            reached = {leg.target for (way, _), legs in self.legs.items() if way == direction for leg in legs}
            self._exits[direction] = tuple(sorted(code for code in reached if not self.following(code, direction)))
        return self._exits[direction]

    def way(self, origin: str, target: str, direction: str) -> tuple[Leg, ...] | None:
        """Return the legs from one to the other, as few as possible; None: nothing leads there."""
        asked = (origin, target, direction)
        if asked not in self._ways:
            self._ways[asked] = self._find_way(origin, target, direction)
        return self._ways[asked]

    def _find_way(self, origin: str, target: str, direction: str) -> tuple[Leg, ...] | None:
        ways: dict[str, tuple[Leg, ...]] = {origin: ()}
        waiting = deque([origin])
        while waiting:
            at = waiting.popleft()
            for leg in self.legs.get((direction, at), ()):
                if leg.target == target:
                    return (*ways[at], leg)
                if leg.target not in ways:
                    ways[leg.target] = (*ways[at], leg)
                    waiting.append(leg.target)
        return None

    def longest(self, origin: str, target: str, direction: str) -> timedelta | None:
        """Return the longest time allowed from one to the other, over as few legs as possible; None: any."""
        way = self.way(origin, target, direction)
        times = [leg.longest for leg in way or ()]
        known = [time for time in times if time is not None]
        return sum(known, timedelta()) if known and len(known) == len(times) else None

    def skipped(
        self, origin: str, target: str, direction: str, vehicle_class: VehicleClass | None = None
    ) -> tuple[str, ...]:
        """Return what such a vehicle had to pass between the two, which it passed one right after the other.

        In the order of the way. Of checkpoints of one kind to which the same checkpoint leads one is enough, and named.
        """
        asked = (origin, target, direction, vehicle_class)
        if asked not in self._skipped:
            self._skipped[asked] = self._find_skipped(origin, target, direction, vehicle_class)
        return self._skipped[asked]

    def _find_skipped(
        self, origin: str, target: str, direction: str, vehicle_class: VehicleClass | None
    ) -> tuple[str, ...]:
        between = [
            (len(there), code)
            for code, checkpoint in self.checkpoints.items()
            if code not in (origin, target)
            and checkpoint.is_required(direction, vehicle_class)
            and (there := self.way(origin, code, direction)) is not None
            and self.way(code, target, direction) is not None
        ]
        skipped: list[str] = []
        for _, code in sorted(between):
            if not any(self._side_by_side(code, other, direction) for other in skipped):
                skipped.append(code)
        return tuple(skipped)

    def _side_by_side(self, one: str, other: str, direction: str) -> bool:
        alike = self.checkpoints[one].kind is self.checkpoints[other].kind
        return alike and not self._origins(one, direction).isdisjoint(self._origins(other, direction))

    def _origins(self, code: str, direction: str) -> set[str]:
        return {at for (way, at), legs in self.legs.items() if way == direction for leg in legs if leg.target == code}
