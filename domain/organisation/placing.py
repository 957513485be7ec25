"""How units, posts and sites are set up and changed. At the centre alone."""

import re
from dataclasses import replace

from domain.organisation.commands import PlacePost, PlaceSite, PlaceUnit
from domain.organisation.errors import (
    CodeTaken,
    CountryMalformed,
    CustomsCodeMalformed,
    PositionImpossible,
    UnitsInCircle,
)
from domain.organisation.events import PostSet, SiteSet, UnitSet
from domain.organisation.parts import by_code, next_version, require
from domain.organisation.places import COUNTRY, Position, Post, Site, Unit
from domain.shared.ports import Change
from domain.shared.texts import PARAGRAPH_MAX, distinct, optional, required

_CUSTOMS_CODE = re.compile(r"[0-9]{6}")
_COUNTRY = re.compile(r"[A-Z]{2}")


async def place_unit(command: PlaceUnit, change: Change) -> Unit:
    """Set up a unit, or change it.

    Raises:
        CodeMalformed, TextMissing, TextTooLong, CustomsCodeMalformed: a field does not make sense.
        CodeTaken, PartUnknown, PartEnded: a code is in use; the unit, or the one above, is not there.
        PartChangedMeanwhile: it is not as the caller saw it.
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
    before = await by_code(Unit, unit.code, change, is_new=command.is_new)
    unit = replace(unit, version=next_version(before, command.seen))
    await _check_alone(unit, change)
    above = unit.parent
    while above:
        if above == unit.code:
            raise UnitsInCircle(path=("parent",))
        above = (await require(Unit, above, "parent", change)).parent
    await change.record(UnitSet(unit=unit, set_by=change.actor.name, set_at=change.now))
    return unit


async def place_post(command: PlacePost, change: Change) -> Post:
    """Set up a post, or change it.

    Raises:
        CodeMalformed, TextMissing, TextTooLong, CountryMalformed, PositionImpossible: a field does not make sense.
        CodeTaken, PartUnknown, PartEnded: the code is in use; the post or its unit is not there.
        PartChangedMeanwhile: it is not as the caller saw it.
    """
    wish = command.post
    post = replace(
        wish,
        scope=COUNTRY,
        name=required(wish.name, "name"),
        neighbour=optional(wish.neighbour, "neighbour"),
        kinds=distinct(wish.kinds),
        note=optional(wish.note, "note", PARAGRAPH_MAX),
        ended_at=None,
    )
    check_country(post.border, "border")
    _check_position(post.position)
    before = await by_code(Post, post.code, change, is_new=command.is_new)
    post = replace(post, version=next_version(before, command.seen))
    await require(Unit, post.unit, "unit", change)
    await change.record(PostSet(post=post, set_by=change.actor.name, set_at=change.now))
    return post


async def place_site(command: PlaceSite, change: Change) -> Site:
    """Set up a site, or change it.

    Raises:
        CodeMalformed, TextMissing, TextTooLong: a field does not make sense.
        CodeTaken, PartUnknown, PartEnded: the code is in use; the site, its post or its unit is not there.
        PartChangedMeanwhile: it is not as the caller saw it.
    """
    wish = command.site
    before = await by_code(Site, wish.code, change, is_new=command.is_new)
    site = replace(
        wish,
        scope=wish.code,
        name=required(wish.name, "name"),
        subsystems=distinct(wish.subsystems),
        ended_at=None,
        version=next_version(before, command.seen),
    )
    await require(Unit, site.unit, "unit", change)
    if site.post:
        await require(Post, site.post, "post", change)
    await change.record(SiteSet(site=site, set_by=change.actor.name, set_at=change.now))
    return site


async def _check_alone(unit: Unit, change: Change) -> None:
    """Refuse the customs code of another unit that stands."""
    alike = await change.entities.every(Unit, customs_code=unit.customs_code) if unit.customs_code else ()
    if any(other.ended_at is None and other.code != unit.code for other in alike):
        raise CodeTaken(path=("customsCode",))


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
