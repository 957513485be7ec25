"""Profiles of the subsystems: what each must know before a release, in which steps. A table as data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from domain.crossings.clearance import requirements
from domain.crossings.measured import Measured, weighings
from domain.crossings.model import Crossing, CrossingState
from domain.crossings.parts import DocumentKind, MemberRole
from domain.organisation.events import Subsystem, TrafficKind

_CARGO: Final = frozenset({MemberRole.TRUCK, MemberRole.TRACTOR, MemberRole.TRAILER, MemberRole.SEMITRAILER})
_PASSENGER: Final = frozenset({MemberRole.CAR, MemberRole.BUS, MemberRole.MOTORCYCLE, MemberRole.TRAILER})
_TRAVELLING: Final = frozenset({MemberRole.DRIVER, MemberRole.CREW, MemberRole.PASSENGER})
_DECLARATIONS: Final = frozenset({DocumentKind.MRN, DocumentKind.TIR})
HAULING: Final = frozenset({MemberRole.TRUCK, MemberRole.TRACTOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of an officer's work, and the names of what must be known after it."""

    name: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How a subsystem works.

    Attributes:
        traffic: the kind of traffic.
        steps: in their order.
        roles: which members are usual; others are noticed, not refused.
        persons_usual: how many persons a crossing usually has at most; more are noticed, not refused.
    """

    subsystem: Subsystem
    traffic: TrafficKind
    steps: tuple[Step, ...]
    roles: frozenset[MemberRole]
    persons_usual: int

    @property
    def needs(self) -> tuple[str, ...]:
        """What must be known before a release, in the order of the steps."""
        return tuple(need for step in self.steps for need in step.needs)


PROFILES: Final[Mapping[Subsystem, Profile]] = {
    profile.subsystem: profile
    for profile in (
        Profile(
            subsystem=Subsystem.SOC_O,
            traffic=TrafficKind.ROAD_PASSENGER,
            steps=(
                Step(name="vehicle", needs=("vehicle",)),
                Step(name="persons", needs=("driver",)),
                Step(name="goods"),
                Step(name="clearance", needs=("clearance",)),
                Step(name="release"),
            ),
            roles=_PASSENGER | _TRAVELLING,
            persons_usual=90,
        ),
        Profile(
            subsystem=Subsystem.SOC_T,
            traffic=TrafficKind.ROAD_FREIGHT,
            steps=(
                Step(name="vehicle", needs=("freight_vehicle",)),
                Step(name="persons", needs=("driver",)),
                Step(name="goods", needs=("goods_or_empty", "gross_masses")),
                Step(name="documents", needs=("declaration",)),
                Step(name="weighing", needs=("weight",)),
                Step(name="clearance", needs=("clearance",)),
                Step(name="release"),
            ),
            roles=_CARGO | {MemberRole.CONTAINER, MemberRole.DRIVER, MemberRole.CREW},
            persons_usual=4,
        ),
        Profile(
            subsystem=Subsystem.SOC_P,
            traffic=TrafficKind.PEDESTRIAN,
            steps=(
                Step(name="persons", needs=("person",)),
                Step(name="goods"),
                Step(name="clearance", needs=("clearance",)),
                Step(name="release"),
            ),
            roles=frozenset({MemberRole.PEDESTRIAN}),
            persons_usual=60,
        ),
        Profile(
            subsystem=Subsystem.SOC_M,
            traffic=TrafficKind.MOBILE_INLAND,
            steps=(
                Step(name="position", needs=("position",)),
                Step(name="members", needs=("member",)),
                Step(name="goods", needs=("gross_masses",)),
                Step(name="clearance", needs=("clearance",)),
                Step(name="release"),
            ),
            roles=frozenset(MemberRole) - {MemberRole.PEDESTRIAN, MemberRole.WAGON, MemberRole.LOCOMOTIVE},
            persons_usual=90,
        ),
    )
}


def missing(crossing: Crossing, by_devices: Measured) -> tuple[str, ...]:
    """Return what a crossing still lacks for a release, in the order of the steps of its profile."""
    return tuple(need for need in PROFILES[crossing.subsystem].needs if not _IS_KNOWN[need](crossing, by_devices))


def next_step(crossing: Crossing, by_devices: Measured) -> str:
    """Return the step that is next; empty when somebody has decided on the crossing."""
    if crossing.state is CrossingState.IN_CONTROL:
        return "control"
    if not crossing.is_under_way:
        return ""
    lacking = set(missing(crossing, by_devices))
    steps = PROFILES[crossing.subsystem].steps
    return next((step.name for step in steps if lacking.intersection(step.needs)), steps[-1].name)


def _has_driver(crossing: Crossing, _: Measured) -> bool:
    return bool(crossing.members(frozenset({MemberRole.DRIVER})))


def _has_declaration(crossing: Crossing, _: Measured) -> bool:
    goods = crossing.parts.goods
    return not goods or any(document.kind in _DECLARATIONS for document in crossing.parts.documents)


_IS_KNOWN: Final[Mapping[str, Callable[[Crossing, Measured], bool]]] = {
    "vehicle": lambda crossing, _: bool(crossing.vehicles),
    "freight_vehicle": lambda crossing, _: bool(crossing.members(HAULING)),
    "driver": _has_driver,
    "person": lambda crossing, _: bool(crossing.persons),
    "member": lambda crossing, _: bool(crossing.parts.members),
    "goods_or_empty": lambda crossing, _: bool(crossing.parts.goods) or bool(crossing.parts.empty),
    "gross_masses": lambda crossing, _: all(line.gross_kg is not None for line in crossing.parts.goods),
    "declaration": _has_declaration,
    "weight": lambda crossing, by_devices: bool(weighings(crossing, by_devices)),
    "position": lambda crossing, _: crossing.parts.position is not None,
    "clearance": lambda crossing, _: all(each.is_satisfied for each in requirements(crossing)),
}
