"""A passage as it is told: all that its readings say, weighed against each other.

It is computed from the readings alone, so it is the same in whatever order they came.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import fsum

from domain.identifiers.kinds import parse
from domain.organisation.events import VehicleClass
from domain.registrations.model import Reading
from domain.registrations.vehicle_classes import class_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Readings of one object at one checkpoint.

    Attributes:
        kind: of the identifier: ``plate``, ``wagon`` or ``container``.
        plate: the spelling for which most speaks, with its ``country``.
        spellings: all that were read, the likeliest first.
        views: from which sides it was read.
        vehicle_type, make, colour: the vendor's words, as most readings have it.
        vehicle_class: what these words mean, as `voted_class` finds it.
    """

    id: str
    checkpoint: str
    kind: str
    plate: str
    country: str | None
    spellings: tuple[str, ...]
    views: tuple[str, ...]
    vehicle_type: str | None
    make: str | None
    colour: str | None
    first_seen_at: datetime
    last_seen_at: datetime
    readings: int
    vehicle_class: VehicleClass | None = None


def passage_of(passage_id: str, readings: Sequence[Reading]) -> Passage | None:
    """Return what the readings of a passage, and of those linked to it, say together; None where there is none."""
    if not readings:
        return None
    spellings = _ranked(readings, lambda one: one.plate, _fits)
    best = [one for one in readings if one.plate == spellings[0]]
    return Passage(
        id=passage_id,
        checkpoint=readings[0].checkpoint,
        kind=readings[0].kind,
        plate=spellings[0],
        country=_voted(best, lambda one: one.country),
        spellings=spellings,
        views=tuple(sorted({one.view for one in readings if one.view})),
        vehicle_type=_voted(readings, lambda one: one.vehicle_type),
        make=_voted(readings, lambda one: one.make),
        colour=_voted(readings, lambda one: one.colour),
        first_seen_at=min(one.seen_at for one in readings),
        last_seen_at=max(one.seen_at for one in readings),
        readings=len(readings),
        vehicle_class=voted_class((one.vehicle_type, one.confidence) for one in readings),
    )


def voted_class(told: Iterable[tuple[str | None, float]]) -> VehicleClass | None:
    """Return the class for which most speaks: the sum of the confidences of the readings whose word means it.

    None where no reading tells, and where two classes have as much: then nothing is held against the vehicle.

    Args:
        told: of each reading the vendor's word for the vehicle, and its confidence.
    """
    votes: defaultdict[VehicleClass, list[float]] = defaultdict(list)
    for word, confidence in told:
        if (meant := class_of(word)) is not None:
            votes[meant].append(confidence)
    sums = {meant: fsum(confidences) for meant, confidences in votes.items()}
    most = [meant for meant, speaks in sums.items() if speaks == max(sums.values())]
    return most[0] if len(most) == 1 else None


def _ranked(
    readings: Iterable[Reading], told: Callable[[Reading], str | None], fits: Callable[[Reading], bool]
) -> tuple[str, ...]:
    """Return what readings tell, that for which most speaks first: confidences, then the shape, then the alphabet."""
    votes: defaultdict[str, list[Reading]] = defaultdict(list)
    for one in readings:
        value = told(one)
        if value is not None:
            votes[value].append(one)

    def rank(value: str) -> tuple[float, bool, str]:
        voters = votes[value]
        return -fsum(one.confidence for one in voters), not any(map(fits, voters)), value

    return tuple(sorted(votes, key=rank))


def _voted(readings: Iterable[Reading], told: Callable[[Reading], str | None]) -> str | None:
    return next(iter(_ranked(readings, told, lambda _: False)), None)


def _fits(reading: Reading) -> bool:
    """Tell whether what was read looks like a plate of its country, or has a check digit that agrees."""
    return parse(reading.kind, reading.plate, reading.country).check == "holds"
