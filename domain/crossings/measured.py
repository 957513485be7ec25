"""What scales and radiation portals measured of the members of a crossing: taken as it is on record, never stored."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain
from typing import Final

from domain.crossings.model import Crossing
from domain.crossings.parts import PERSONS
from domain.registrations.events import Measurement
from domain.shared.ports import Change

MEASURED_MAX: Final = 50
"""Measurements that count of each member: the newest on record."""


class WeightSource(StrEnum):
    """Who says what a crossing weighs."""

    SCALE = "scale"
    TYPED = "typed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """A measured weight of a crossing.

    Attributes:
        axles_kg: of each axle, from the front; empty when they were not weighed one by one.
        by: code of the scale, or the officer who typed it.
        at: when it was weighed, or typed.
        number: of the part that was typed; None for a scale.
        measurement_id: what the scale measured; None for what was typed.
        registration_id: of the member that was weighed; None for what was typed.
    """

    source: WeightSource
    total_kg: float
    axles_kg: tuple[float, ...]
    by: str
    at: datetime
    number: int | None = None
    measurement_id: str | None = None
    registration_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What devices measured of a crossing.

    Attributes:
        weighing: the newest one of any member by a scale; None where there is none.
        radiating: the members for which a radiation portal sounded an alarm, in their order.
    """

    weighing: Weighing | None = None
    radiating: tuple[str, ...] = ()


def measurable(crossing: Crossing) -> tuple[str, ...]:
    """Return ids of the members that devices measure: not of persons."""
    return tuple(each.registration_id for each in crossing.parts.members if each.role not in PERSONS)


def measured(crossing: Crossing, measurements: Iterable[Measurement]) -> Measured:
    """Return what these measurements say of a crossing."""
    known = list(measurements)
    weighed = [each for each in map(_by_scale, known) if each is not None]
    radiating = {each.registration_id for each in known if each.radiation is not None and each.radiation.is_alarming}
    return Measured(
        weighing=max(weighed, key=lambda each: (each.at, each.measurement_id), default=None),
        radiating=tuple(each for each in measurable(crossing) if each in radiating),
    )


async def measured_by_now(crossing: Crossing, change: Change) -> Measured:
    """Return what devices have measured of a crossing by now."""
    beside = await change.entities.beside(Measurement, "registration_id", measurable(crossing), MEASURED_MAX)
    return measured(crossing, chain.from_iterable(beside.values()))


def weighings(crossing: Crossing, by_devices: Measured) -> tuple[Weighing, ...]:
    """Return all measured weights of a crossing: what the scale said, then what officers typed, by number."""
    of_scale = () if by_devices.weighing is None else (by_devices.weighing,)
    return (*of_scale, *typed(crossing))


def typed(crossing: Crossing) -> Iterator[Weighing]:
    """Yield the measured weights that officers typed, each as that of the act that said so last."""
    for weight in crossing.parts.weights:
        if weight.measured:
            act = next(each for each in reversed(crossing.acts) if weight in each.put.weights)
            yield Weighing(
                source=WeightSource.TYPED,
                total_kg=weight.total_kg,
                axles_kg=weight.axles_kg,
                by=act.by,
                at=act.at,
                number=weight.number,
            )


def _by_scale(measurement: Measurement) -> Weighing | None:
    weight = measurement.weight
    if weight is None or weight.gross_kg <= 0:
        return None
    return Weighing(
        source=WeightSource.SCALE,
        total_kg=weight.gross_kg,
        axles_kg=weight.axles_kg,
        by=measurement.device,
        at=measurement.at,
        measurement_id=measurement.id,
        registration_id=measurement.registration_id,
    )
