"""How units, posts, sites and their ground plans are set up, changed and ended. At the centre alone."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final, Protocol, TypeVar

from domain.organisation.commands import (
    EndPart,
    PartKind,
    PlaceCheckpoint,
    PlaceLane,
    PlaceLeg,
    PlacePost,
    PlaceSite,
    PlaceUnit,
)
from domain.organisation.errors import (
    CodeMalformed,
    CodeTaken,
    CountryMalformed,
    CustomsCodeMalformed,
    LegToItself,
    LongestImpossible,
    PartEnded,
    PartInUse,
    PartUnknown,
    PositionImpossible,
    UnitsInCircle,
)
from domain.organisation.events import CheckpointSet, LaneSet, LegSet, PostSet, SiteSet, UnitSet
from domain.organisation.layout import Checkpoint, Lane, Leg
from domain.organisation.places import COUNTRY, Position, Post, Site, Unit
from domain.shared.lanes import check_direction
from domain.shared.messages import Event
from domain.shared.ports import Change
from domain.shared.texts import PARAGRAPH_MAX, is_code, optional, required

LONGEST_MIN, LONGEST_MAX = timedelta(seconds=1), timedelta(days=30)
_CUSTOMS_CODE = re.compile(r"[0-9]{6}")
_COUNTRY = re.compile(r"[A-Z]{2}")


class _Part(Protocol):
    @property
    def ended_at(self) -> object: ...


P = TypeVar("P", bound=_Part)


async def place_unit(command: PlaceUnit, change: Change) -> Unit:
    """Set up a unit, or change it.

    Raises:
        CodeMalformed, TextMissing, TextTooLong, CustomsCodeMalformed: a field does not make sense.
        CodeTaken, PartUnknown, PartEnded: the code is in use; the unit, or the one above, is not there.
        UnitsInCircle: it would be above itself.
    """
    wish = command.unit
    unit = replace(
        wish,
        scope=COUNTRY,
        name=required(wish.name, "name"),
        seat=optional(wish.seat, "seat"),
        ended_at=None,
    )
    if unit.customs_code and not _CUSTOMS_CODE.fullmatch(unit.customs_code):
        raise CustomsCodeMalformed(path=("customsCode",))
    await _by_code(Unit, unit.code, change, is_new=command.is_new)
    above = unit.parent
    while above:
        if above == unit.code:
            raise UnitsInCircle(path=("parent",))
        above = (await _standing(Unit, above, "parent", change)).parent
    await change.record(UnitSet(unit=unit, set_by=change.actor.name, set_at=change.now))
    return unit


async def place_post(command: PlacePost, change: Change) -> Post:
    """Set up a post, or change it.

    Raises:
        CodeMalformed, TextMissing, TextTooLong, CountryMalformed, PositionImpossible: a field does not make sense.
        CodeTaken, PartUnknown, PartEnded: the code is in use; the post or its unit is not there.
    """
    wish = command.post
    post = replace(
        wish,
        scope=COUNTRY,
        name=required(wish.name, "name"),
        neighbour=optional(wish.neighbour, "neighbour"),
        note=optional(wish.note, "note", PARAGRAPH_MAX),
        ended_at=None,
    )
    check_country(post.border, "border")
    _check_position(post.position)
    await _by_code(Post, post.code, change, is_new=command.is_new)
    await _standing(Unit, post.unit, "unit", change)
    await change.record(PostSet(post=post, set_by=change.actor.name, set_at=change.now))
    return post


async def place_site(command: PlaceSite, change: Change) -> Site:
    """Set up a site, or change it.

    Raises:
        CodeMalformed, TextMissing, TextTooLong: a field does not make sense.
        CodeTaken, PartUnknown, PartEnded: the code is in use; the site, its post or its unit is not there.
    """
    wish = command.site
    site = replace(wish, scope=wish.code, name=required(wish.name, "name"), ended_at=None)
    await _by_code(Site, site.code, change, is_new=command.is_new)
    await _standing(Unit, site.unit, "unit", change)
    if site.post:
        await _standing(Post, site.post, "post", change)
    await change.record(SiteSet(site=site, set_by=change.actor.name, set_at=change.now))
    return site


async def place_lane(command: PlaceLane, change: Change) -> Lane:
    """Set up a lane, or change it.

    Raises:
        CodeMalformed, DirectionUnknown: a field does not make sense.
        CodeTaken, PartUnknown, PartEnded: the code is in use; the lane, its site or its post is not there.
    """
    wish = command.lane
    check_direction(wish.direction)
    await _standing(Site, wish.site, "site", change)
    if wish.post:
        await _standing(Post, wish.post, "post", change)
    before = await _at_site(Lane, wish.site, wish.code, change, is_new=command.is_new)
    lane = replace(wish, id=before.id if before else change.new_id(), ended_at=None)
    await change.record(LaneSet(lane=lane, set_by=change.actor.name, set_at=change.now))
    return lane


async def place_checkpoint(command: PlaceCheckpoint, change: Change) -> Checkpoint:
    """Set up a checkpoint, or change it.

    Raises:
        CodeMalformed, DirectionUnknown: a field does not make sense.
        CodeTaken, PartUnknown, PartEnded: the code is in use; the checkpoint, its site or its lane is not there.
    """
    wish = command.checkpoint
    for requirement in wish.required:
        check_direction(requirement.direction)
    await _standing(Site, wish.site, "site", change)
    if wish.lane:
        _stands(await _found(Lane, change, site=wish.site, code=wish.lane), "lane")
    before = await _at_site(Checkpoint, wish.site, wish.code, change, is_new=command.is_new)
    checkpoint = replace(wish, id=before.id if before else change.new_id(), ended_at=None)
    await change.record(CheckpointSet(checkpoint=checkpoint, set_by=change.actor.name, set_at=change.now))
    return checkpoint


async def place_leg(command: PlaceLeg, change: Change) -> Leg:
    """Set up a leg between two checkpoints of one site, or change how long it may take.

    A leg that has ended may be set up again: it has no code.

    Raises:
        DirectionUnknown, LegToItself, LongestImpossible: a field does not make sense.
        PartUnknown, PartEnded: the site, or one of the checkpoints, is not there.
        CodeTaken, PartUnknown: there is such a leg already; there is none to change.
    """
    wish = command.leg
    check_direction(wish.direction)
    if wish.origin == wish.target:
        raise LegToItself(path=("target",))
    if wish.longest is not None and not LONGEST_MIN <= wish.longest <= LONGEST_MAX:
        raise LongestImpossible(path=("longestSeconds",))
    await _standing(Site, wish.site, "site", change)
    for end, code in (("origin", wish.origin), ("target", wish.target)):
        _stands(await _found(Checkpoint, change, site=wish.site, code=code), end)
    alike = await change.entities.those(Leg, site=wish.site, origin=wish.origin, target=wish.target)
    before = next((leg for leg in alike if leg.direction == wish.direction and leg.ended_at is None), None)
    if command.is_new and before is not None:
        raise CodeTaken(path=("target",))
    if not command.is_new and before is None:
        raise PartUnknown(path=("target",))
    leg = replace(wish, id=before.id if before else change.new_id(), ended_at=None)
    await change.record(LegSet(leg=leg, set_by=change.actor.name, set_at=change.now))
    return leg


async def end_part(command: EndPart, change: Change) -> None:
    """End a part of the organisation for good.

    Raises:
        TextMissing, TextTooLong: no reason is given, or too much of it.
        PartUnknown, PartEnded: there is none that stands.
        PartInUse: something that stands refers to it.
    """
    reason, ending = required(command.reason, "reason"), _ENDINGS[command.kind]
    part: Any = await _standing(ending.type, command.key, "id", change)
    for type_, wanted in ending.users(part):
        if any(user.ended_at is None for user in await change.entities.those(type_, **wanted)):
            raise PartInUse(path=("id",))
    ended = replace(part, ended_at=change.now)
    await change.record(ending.event(ended, set_by=change.actor.name, set_at=change.now, reason=reason))


def check_country(country: str, field: str) -> None:
    """Refuse what is no country.

    Raises:
        CountryMalformed: it is not two capital letters.
    """
    if not _COUNTRY.fullmatch(country):
        raise CountryMalformed(path=(field,))


def _check_position(position: Position | None) -> None:
    if position is not None and not (abs(position.latitude) <= 90 and abs(position.longitude) <= 180):  # noqa: PLR2004 - degrees
        raise PositionImpossible(path=("position",))


async def _by_code(type_: type[P], code: str, change: Change, *, is_new: bool) -> P | None:
    if not is_code(code):
        raise CodeMalformed(path=("code",))
    return _there(await change.entities.find(type_, code), is_new=is_new)


async def _at_site(type_: type[P], site: str, code: str, change: Change, *, is_new: bool) -> P | None:
    if not is_code(code):
        raise CodeMalformed(path=("code",))
    return _there(await _found(type_, change, site=site, code=code), is_new=is_new)


def _there(before: P | None, *, is_new: bool) -> P | None:
    if not is_new:
        return _stands(before, "code")
    if before is not None:
        raise CodeTaken(path=("code",))
    return None


async def _found(type_: type[P], change: Change, **wanted: str) -> P | None:
    return next(iter(await change.entities.those(type_, 1, **wanted)), None)


async def _standing(type_: type[P], key: str, field: str, change: Change) -> P:
    return _stands(await change.entities.find(type_, key), field)


def _stands(part: P | None, field: str) -> P:
    if part is None:
        raise PartUnknown(path=(field,))
    if part.ended_at is not None:
        raise PartEnded(path=(field,))
    return part


_Users = tuple[tuple[type[Any], Mapping[str, Any]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ending:
    type: type[Any]
    event: Callable[..., Event]
    users: Callable[[Any], _Users]


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
    ),
    PartKind.LANE: _Ending(
        type=Lane,
        event=lambda lane, **said: LaneSet(lane=lane, **said),
        users=lambda lane: ((Checkpoint, {"site": lane.site, "lane": lane.code}),),
    ),
    PartKind.CHECKPOINT: _Ending(
        type=Checkpoint,
        event=lambda checkpoint, **said: CheckpointSet(checkpoint=checkpoint, **said),
        users=lambda point: (
            (Leg, {"site": point.site, "origin": point.code}),
            (Leg, {"site": point.site, "target": point.code}),
        ),
    ),
    PartKind.LEG: _Ending(type=Leg, event=lambda leg, **said: LegSet(leg=leg, **said), users=lambda _: ()),
}
