"""How it is decided what traffic a post permits, and how others ask for it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from domain.organisation.commands import EndPermittedTraffic, PermitTraffic
from domain.organisation.errors import (
    PartEnded,
    PartUnknown,
    PeriodImpossible,
    PermittedTrafficEndedAlready,
    PermittedTrafficUnknown,
    TonnageImpossible,
)
from domain.organisation.events import PermittedTrafficEnded, TrafficPermitted
from domain.organisation.layout import Lane
from domain.organisation.places import COUNTRY, Post
from domain.organisation.placing import check_country
from domain.organisation.traffic import (
    Objection,
    PermittedTraffic,
    Reason,
    Traffic,
    TrafficKind,
    VehicleClass,
    reasons_against,
)
from domain.shared.entities import Entities
from domain.shared.lanes import check_direction
from domain.shared.ports import Change
from domain.shared.texts import distinct, required

MASS_MAX = 1_000_000


async def permit_traffic(command: PermitTraffic, change: Change) -> PermittedTraffic:
    """Decide what traffic a post permits. Earlier decisions stay as they are, and hold again when this one ends.

    Raises:
        DirectionUnknown, CountryMalformed, TonnageImpossible, PeriodImpossible: a field does not make sense.
        TextMissing, TextTooLong: no decree is named, or too much said of it.
        PartUnknown, PartEnded: there is no such post.
    """
    wish = command.permitted
    _check(wish)
    post = await change.entities.find(Post, wish.post)
    if post is None:
        raise PartUnknown(path=("post",))
    if post.ended_at is not None:
        raise PartEnded(path=("post",))
    permitted = replace(
        wish,
        id=change.new_id(),
        scope=COUNTRY,
        directions=distinct(wish.directions),
        kinds=distinct(wish.kinds),
        classes=distinct(wish.classes),
        countries=distinct(wish.countries),
        decree=required(wish.decree, "decree"),
        decided_by=change.actor.name,
        decided_at=change.now,
    )
    await change.record(TrafficPermitted(permitted=permitted))
    return permitted


async def end_permitted_traffic(command: EndPermittedTraffic, change: Change) -> PermittedTraffic:
    """Have what was decided end, or take it back before it begins; from then on it is as was decided before.

    Raises:
        TextMissing, TextTooLong: no reason is given, or too much of it.
        PermittedTrafficUnknown: there is no such decision.
        PermittedTrafficEndedAlready, PeriodImpossible: it has ended by then, or not begun.
    """
    reason = required(command.reason, "reason")
    permitted = await change.entities.find(PermittedTraffic, command.permitted_id)
    if permitted is None:
        raise PermittedTrafficUnknown(path=("permittedTrafficId",))
    at = command.at or max(change.now, permitted.valid_from)
    if permitted.valid_until is not None and permitted.valid_until <= at:
        raise PermittedTrafficEndedAlready(path=("permittedTrafficId",))
    if at < permitted.valid_from:
        raise PeriodImpossible(path=("at",))
    await change.record(
        PermittedTrafficEnded(
            permitted_id=permitted.id,
            valid_until=at,
            reason=reason,
            ended_by=change.actor.name,
            ended_at=change.now,
        )
    )
    return permitted.ended(at)


class TrafficAtLanes:
    """What the posts permit at the lanes of one site."""

    def __init__(self, entities: Entities, site: str) -> None:
        """Answer from the organisation as it is known at ``site``."""
        self._entities = entities
        self._site = site

    async def objections(
        self,
        lane: str,
        direction: str,
        country: str | None,
        at: datetime,
        vehicle_class: VehicleClass | None = None,
    ) -> tuple[Reason, ...]:
        """Return why a vehicle may not pass a lane; none for a lane, or of a post, of which nothing is known."""
        found = await self._lane(lane)
        if found is None:
            return ()
        traffic = Traffic(direction=direction, kinds=found.kinds, vehicle_class=vehicle_class, country=country)
        return await self._against(found, traffic, at)

    async def tells_classes_apart(self, lane: str) -> bool:
        """Tell whether anything was decided of some classes of vehicles alone at the post of a lane."""
        found = await self._lane(lane)
        return found is not None and any(one.classes for one in await self._decided(found))

    async def objections_to_person(self, lane: str, direction: str, at: datetime) -> tuple[Reason, ...]:
        """Return why a person may not pass a lane on foot; none where nobody walks, and none as above."""
        found = await self._lane(lane)
        if found is None or TrafficKind.PEDESTRIAN not in found.kinds:
            return ()
        return await self._against(found, Traffic(direction=direction, kinds=found.kinds), at)

    async def objections_to_train(self, lane: str, at: datetime) -> tuple[Reason, ...]:
        """Return why a train may not pass a lane, in the direction of the lane; none as above."""
        found = await self._lane(lane)
        if found is None:
            return ()
        return await self._against(found, Traffic(direction=found.direction, kinds=found.kinds), at)

    async def objections_to_mass(
        self, lane: str, mass_kg: float, at: datetime, vehicle_class: VehicleClass | None = None
    ) -> tuple[Reason, ...]:
        """Return why a vehicle is too heavy for a lane, whether it is empty or not; none as above."""
        found = await self._lane(lane)
        if found is None:
            return ()
        traffic = Traffic(direction=found.direction, kinds=found.kinds, vehicle_class=vehicle_class, mass_kg=mass_kg)
        return tuple(
            reason for reason in await self._against(found, traffic, at) if reason.objection is Objection.TONNAGE
        )

    async def _lane(self, code: str) -> Lane | None:
        """Return a lane of which it is known at which post it is and what passes there, or None."""
        found = next(iter(await self._entities.those(Lane, 1, site=self._site, code=code)), None)
        return found if found is not None and found.post and found.kinds else None

    async def _against(self, lane: Lane, traffic: Traffic, at: datetime) -> tuple[Reason, ...]:
        return reasons_against(await self._decided(lane), traffic, at)

    async def _decided(self, lane: Lane) -> Sequence[PermittedTraffic]:
        return await self._entities.every(PermittedTraffic, post=lane.post)


def _check(wish: PermittedTraffic) -> None:
    for direction in wish.directions:
        check_direction(direction)
    for country in wish.countries:
        check_country(country, "countries")
    if (wish.max_kg is None and wish.heavier_empty) or not 0 <= (wish.max_kg or 0) <= MASS_MAX:
        raise TonnageImpossible(path=("maxKg",))
    if wish.valid_until is not None and wish.valid_until <= wish.valid_from:
        raise PeriodImpossible(path=("validUntil",))
