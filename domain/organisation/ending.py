"""How parts of the organisation are ended. At the centre alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from domain.organisation.commands import EndPart, PartKind
from domain.organisation.errors import PartInUse
from domain.organisation.events import CheckpointSet, LaneSet, LegSet, PostSet, SiteSet, UnitSet
from domain.organisation.layout import Checkpoint, Lane, Leg
from domain.organisation.parts import require
from domain.organisation.places import Post, Site, Unit
from domain.organisation.ports import OrganisationChange
from domain.shared.messages import Event
from domain.shared.texts import required


async def end_part(command: EndPart, change: OrganisationChange) -> None:
    """End a part of the organisation for good.

    Raises:
        TextMissing, TextTooLong: no reason is given, or too much of it.
        PartUnknown, PartEnded: there is none that stands.
        PartInUse: something that stands refers to it, or a device in service stands there.
    """
    reason, ending = required(command.reason, "reason"), _ENDINGS[command.kind]
    part: Any = await require(ending.type, command.key, "id", change)
    for type_, wanted in ending.users(part):
        if any(user.ended_at is None for user in await change.entities.every(type_, **wanted)):
            raise PartInUse(path=("id",))
    if ending.place is not None and await change.devices.stand_at(**ending.place(part)):
        raise PartInUse(path=("id",))
    ended = replace(part, ended_at=change.now, version=part.version + 1)
    await change.record(ending.event(ended, set_by=change.actor.name, set_at=change.now, reason=reason))


_Users = tuple[tuple[type[Any], Mapping[str, Any]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ending:
    type: type[Any]
    event: Callable[..., Event]
    users: Callable[[Any], _Users]
    place: Callable[[Any], Mapping[str, str]] | None = None


_ENDINGS: Final[Mapping[PartKind, _Ending]] = {
    PartKind.UNIT: _Ending(
        type=Unit,
        event=lambda unit, **said: UnitSet(unit=unit, **said),
        users=lambda unit: ((Unit, {"parent": unit.code}), (Post, {"unit": unit.code}), (Site, {"unit": unit.code})),
    ),
    PartKind.POST: _Ending(
        type=Post,
        event=lambda post, **said: PostSet(post=post, **said),
        users=lambda post: ((Site, {"post": post.code}), (Lane, {"post": post.code})),
    ),
    PartKind.SITE: _Ending(
        type=Site,
        event=lambda site, **said: SiteSet(site=site, **said),
        users=lambda site: ((Lane, {"site": site.code}), (Checkpoint, {"site": site.code})),
        place=lambda site: {"site": site.code},
    ),
    PartKind.LANE: _Ending(
        type=Lane,
        event=lambda lane, **said: LaneSet(lane=lane, **said),
        users=lambda lane: ((Checkpoint, {"site": lane.site, "lane": lane.code}),),
        place=lambda lane: {"site": lane.site, "lane": lane.code},
    ),
    PartKind.CHECKPOINT: _Ending(
        type=Checkpoint,
        event=lambda checkpoint, **said: CheckpointSet(
            checkpoint=replace(checkpoint, since=checkpoint.ended_at, earlier=()), **said
        ),
        users=lambda point: (
            (Leg, {"site": point.site, "origin": point.code}),
            (Leg, {"site": point.site, "target": point.code}),
        ),
        place=lambda point: {"site": point.site, "checkpoint": point.code},
    ),
    PartKind.LEG: _Ending(
        type=Leg,
        event=lambda leg, **said: LegSet(leg=replace(leg, since=leg.ended_at, earlier=()), **said),
        users=lambda _: (),
    ),
}
