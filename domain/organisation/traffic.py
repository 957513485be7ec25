"""What traffic a post permits: facts with a date each, decided by decree; the newest of them holds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.organisation.places import COUNTRY
from domain.shared.lanes import DIRECTIONS


class TrafficKind(StrEnum):
    """How traffic passes."""

    ROAD_PASSENGER = "road_passenger"
    ROAD_FREIGHT = "road_freight"
    PEDESTRIAN = "pedestrian"
    RAIL_FREIGHT = "rail_freight"
    MOBILE_INLAND = "mobile_inland"
    TERMINAL = "terminal"


class VehicleClass(StrEnum):
    """What a vehicle is, as border statistics count them."""

    MOTORCYCLE = "motorcycle"
    BUS = "bus"
    CAR = "car"
    TRUCK = "truck"
    OTHER = "other"


class Objection(StrEnum):
    """Why traffic is not permitted."""

    NOT_OPEN = "not_open"
    CLOSED = "closed"
    COUNTRY = "country"
    TONNAGE = "tonnage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What would cross; None is unknown, and nothing is objected to for it.

    Attributes:
        kinds: one of them it is.
        country: of registration.
        mass_kg: of the vehicle, as far as anybody knows.
    """

    direction: str
    kinds: tuple[TrafficKind, ...]
    vehicle_class: VehicleClass | None = None
    country: str | None = None
    mass_kg: float | None = None
    is_empty: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PermittedTraffic:
    """What was decided of a post: it permits some traffic, or is closed to it, from a time on.

    Attributes:
        directions, kinds, classes: to what it applies; none named is every one.
        countries: of registration, two letters; none named is every one.
        max_kg: heavier vehicles may not pass; None: all may.
        heavier_empty: heavier ones may pass when they are empty; with ``max_kg`` 0 empty ones alone may.
        closed: nothing of it may pass.
        valid_until: from then on it is as was decided before; None: until further notice. Where it is ``valid_from`` it
            was taken back, and never held.
        decree: legal basis.
    """

    id: str = ""
    scope: str = COUNTRY
    post: str
    directions: tuple[str, ...] = ()
    kinds: tuple[TrafficKind, ...] = ()
    classes: tuple[VehicleClass, ...] = ()
    countries: tuple[str, ...] = ()
    max_kg: int | None = None
    heavier_empty: bool = False
    closed: bool = False
    valid_from: datetime
    valid_until: datetime | None = None
    decree: str
    decided_by: str = ""
    decided_at: datetime | None = None

    def is_in_force(self, at: datetime) -> bool:
        """Tell whether it is between its dates."""
        return self.valid_from <= at and (self.valid_until is None or at < self.valid_until)

    def applies_to(self, direction: str, kind: TrafficKind, vehicle_class: VehicleClass) -> bool:
        """Tell whether it says anything of such traffic."""
        return (
            direction in (self.directions or DIRECTIONS)
            and kind in (self.kinds or TrafficKind)
            and vehicle_class in (self.classes or VehicleClass)
        )

    def ended(self, at: datetime) -> "PermittedTraffic":
        """Return it as in force until ``at``."""
        return replace(self, valid_until=at)

    def objection(self, traffic: Traffic) -> Objection | None:
        """Return why it does not permit traffic that it applies to, or None."""
        if self.closed:
            return Objection.CLOSED
        if self.countries and traffic.country is not None and traffic.country not in self.countries:
            return Objection.COUNTRY
        is_heavier = self.max_kg is not None and traffic.mass_kg is not None and traffic.mass_kg > self.max_kg
        if is_heavier and not (self.heavier_empty and traffic.is_empty is not False):
            return Objection.TONNAGE
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What holds at a time, of one direction and kind of traffic.

    Attributes:
        classes: the vehicles of which it holds.
        decision: the newest in force; None: nothing was decided, so nothing may pass.
    """

    direction: str
    kind: TrafficKind
    classes: tuple[VehicleClass, ...]
    decision: PermittedTraffic | None

    @property
    def is_permitted(self) -> bool:
        """Whether any of it may pass."""
        return self.decision is not None and not self.decision.closed


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why traffic is not permitted, and by which decision; None: by none."""

    objection: Objection
    decision: PermittedTraffic | None


def standing(
    decided: Iterable[PermittedTraffic],
    at: datetime,
    directions: Sequence[str] = DIRECTIONS,
    kinds: Sequence[TrafficKind] = tuple(TrafficKind),
) -> tuple[Standing, ...]:
    """Return what holds at a post at a time: of each direction, kind and class the decision that began last."""
    in_force = sorted(
        (one for one in decided if one.is_in_force(at)), key=lambda one: (one.valid_from, one.id), reverse=True
    )
    found = []
    for direction in directions:
        for kind in kinds:
            holding: dict[str, tuple[PermittedTraffic | None, list[VehicleClass]]] = {}
            for each in VehicleClass:
                newest = next((one for one in in_force if one.applies_to(direction, kind, each)), None)
                holding.setdefault("" if newest is None else newest.id, (newest, []))[1].append(each)
            found += [
                Standing(direction=direction, kind=kind, classes=tuple(classes), decision=decision)
                for decision, classes in holding.values()
            ]
    return tuple(found)


def reasons_against(decided: Sequence[PermittedTraffic], traffic: Traffic, at: datetime) -> tuple[Reason, ...]:
    """Return why traffic was not permitted at a time; none when it was.

    It was when any of its kinds was, for any class it may be of. Of a post of which nothing was ever decided nothing
    is known, and nothing said.
    """
    reasons: dict[tuple[Objection, str], Reason] = {}
    if not decided:
        return ()
    for one in standing(decided, at, (traffic.direction,), traffic.kinds):
        if traffic.vehicle_class is not None and traffic.vehicle_class not in one.classes:
            continue
        objection = Objection.NOT_OPEN if one.decision is None else one.decision.objection(traffic)
        if objection is None:
            return ()
        key = (objection, "" if one.decision is None else one.decision.id)
        reasons[key] = Reason(objection=objection, decision=one.decision)
    return tuple(reasons.values())
