"""What several modules know together: with whom an object was registered, and the card of an object."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, Protocol

from domain.alarms.model import Alarm
from domain.crossings.model import Crossing, CrossingState
from domain.crossings.parts import MemberRole
from domain.identifiers.identifier import Identifier
from domain.occurrences.model import Occurrence
from domain.registrations.model import Match, Registration, Traveller, VehiclePair

COMPANIONS_MAX: Final = 50
CARD_MAX: Final = 20
PERIODS: Final[Mapping[str, timedelta]] = {
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
    "year": timedelta(days=365),
}
"""Back from now: over these registrations are counted, by the time when they were put on record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Companion:
    """An object that was registered together with another.

    Attributes:
        role: its own, in the crossing or of the pair.
        crossing_id: None where a camera alone paired the two.
    """

    registration: Registration
    role: MemberRole
    crossing_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """How often an object was a companion, among the registrations that a card shows; the last time tells which."""

    companion: Companion
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How often an object was registered at a site in one direction, over each of `PERIODS`."""

    node: str
    direction: str
    day: int
    week: int
    month: int
    year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An object at a glance.

    Attributes:
        registrations: the newest `CARD_MAX`.
        beside: the companions of each of these, by its id.
        tallies: by site and direction.
        alarms, occurrences: the newest `CARD_MAX` about registrations of the last year.
    """

    registrations: Sequence[Registration]
    beside: Mapping[str, Sequence[Companion]]
    tallies: Sequence[Tally]
    alarms: Sequence[Alarm]
    occurrences: Sequence[Occurrence]

    @property
    def identifiers(self) -> Sequence[Identifier]:
        """All that its registrations have, each once, the newest first."""
        return tuple(dict.fromkeys(one for each in self.registrations for one in each.identifiers))

    @property
    def traveller(self) -> Traveller | None:
        """As the newest travel document says."""
        return next((each.traveller for each in self.registrations if each.traveller), None)

    @property
    def matches(self) -> Sequence[Match]:
        """Those of its registrations, each once, the newest first."""
        return tuple(dict.fromkeys(one for each in self.registrations for one in each.screening.matches))

    @property
    def companions(self) -> Sequence[Together]:
        """With whom it was registered, whoever was there most often first; at most `COMPANIONS_MAX`."""
        all_ = [one for each in self.registrations for one in self.beside.get(each.id, ())]
        times = Counter(map(_object, all_))
        last = {_object(each): each for each in reversed(all_)}
        return tuple(Together(companion=last[key], times=n) for key, n in times.most_common(COMPANIONS_MAX))


class LookupViews(Protocol):
    """What several modules know together, as it stands at this node."""

    async def companions(self, registration_ids: Sequence[str]) -> Mapping[str, Sequence[Companion]]:
        """Return with whom each was registered, at most `COMPANIONS_MAX`, in one look.

        These are the other members of the crossing to which it was bound last, unless that was cancelled, and the
        other of a pair of vehicles that holds.
        """
        ...

    async def card(self, kind: str, canonical: str, now: datetime) -> Card:
        """Return the card of the object with this identifier, in one look; empty where it was never registered."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """What a companion was, and in which crossing."""

    role: MemberRole
    crossing_id: str | None


def ties(
    registration_ids: Iterable[str], bound: Mapping[str, Crossing], pairs: Iterable[VehiclePair]
) -> Mapping[str, Mapping[str, Tie]]:
    """Return by the id of each registration those of its companions.

    Args:
        registration_ids: whose companions are wanted.
        bound: the crossing to which each was bound last.
        pairs: of vehicles, one of which is wanted.
    """
    found = {each: _in_crossing(each, bound.get(each)) for each in registration_ids}
    for pair in sorted(pairs, key=lambda each: each.id):
        for one, other, role in (
            (pair.tractor, pair.trailer, MemberRole.TRAILER),
            (pair.trailer, pair.tractor, MemberRole.TRACTOR),
        ):
            if pair.holds and one in found:
                found[one].setdefault(other, Tie(role=role, crossing_id=None))
    return found


def companions(
    found: Mapping[str, Mapping[str, Tie]], registrations: Iterable[Registration]
) -> Mapping[str, Sequence[Companion]]:
    """Return the companions that are on record, in the order of their ties."""
    held = {each.id: each for each in registrations}
    return {
        one: tuple(
            Companion(registration=held[other], role=tie.role, crossing_id=tie.crossing_id)
            for other, tie in beside.items()
            if other in held
        )
        for one, beside in found.items()
    }


def _in_crossing(registration_id: str, crossing: Crossing | None) -> dict[str, Tie]:
    if crossing is None or crossing.state is CrossingState.CANCELLED:
        return {}
    members = {each.registration_id: each.role for each in crossing.parts.members}
    if members.pop(registration_id, None) is None:
        return {}
    ties_ = ((key, Tie(role=role, crossing_id=crossing.id)) for key, role in members.items())
    return dict(islice(ties_, COMPANIONS_MAX))


def _object(companion: Companion) -> tuple[str, str]:
    """Return what tells a companion from others; one without an identifier is told by its registration."""
    registration = companion.registration
    first = next(iter(registration.identifiers), None)
    return ("", registration.id) if first is None else (first.kind, first.canonical)
