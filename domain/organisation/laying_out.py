"""How the ground plan of a site is set up and changed: its lanes, checkpoints and legs. At the centre alone."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from domain.organisation.commands import PlaceCheckpoint, PlaceLane, PlaceLeg
from domain.organisation.errors import CodeTaken, LegToItself, LongestImpossible, PartUnknown
from domain.organisation.events import CheckpointSet, LaneSet, LegSet
from domain.organisation.layout import Checkpoint, Lane, Leg
from domain.organisation.parts import at_site, found, next_version, require, standing
from domain.organisation.places import Post, Site
from domain.shared.lanes import check_direction
from domain.shared.ports import Change
from domain.shared.texts import distinct

LONGEST_MIN: Final = timedelta(seconds=1)
LONGEST_MAX: Final = timedelta(days=30)


async def place_lane(command: PlaceLane, change: Change) -> Lane:
    """Set up a lane, or change it.

    Raises:
        CodeMalformed, DirectionUnknown: a field does not make sense.
        CodeTaken, PartUnknown, PartEnded: the code is in use; the lane, its site or its post is not there.
        PartChangedMeanwhile: it is not as the caller saw it.
    """
    wish = command.lane
    check_direction(wish.direction)
    await require(Site, wish.site, "site", change)
    if wish.post:
        await require(Post, wish.post, "post", change)
    before = await at_site(Lane, wish.site, wish.code, change, is_new=command.is_new)
    version = next_version(before, command.seen)
    id_ = before.id if before else change.new_id()
    lane = replace(wish, id=id_, kinds=distinct(wish.kinds), version=version, ended_at=None)
    await change.record(LaneSet(lane=lane, set_by=change.actor.name, set_at=change.now))
    return lane


async def place_checkpoint(command: PlaceCheckpoint, change: Change) -> Checkpoint:
    """Set up a checkpoint, or change it.

    Raises:
        CodeMalformed, DirectionUnknown: a field does not make sense.
        CodeTaken, PartUnknown, PartEnded: the code is in use; the checkpoint, its site or its lane is not there.
        PartChangedMeanwhile: it is not as the caller saw it.
    """
    wish = command.checkpoint
    for requirement in wish.required:
        check_direction(requirement.direction)
    await require(Site, wish.site, "site", change)
    if wish.lane:
        standing(await found(Lane, change, site=wish.site, code=wish.lane), "lane")
    before = await at_site(Checkpoint, wish.site, wish.code, change, is_new=command.is_new)
    version = next_version(before, command.seen)
    id_ = before.id if before else change.new_id()
    required = distinct(wish.required)
    checkpoint = replace(wish, id=id_, required=required, version=version, since=change.now, ended_at=None)
    await change.record(CheckpointSet(checkpoint=checkpoint, set_by=change.actor.name, set_at=change.now))
    return checkpoint


async def place_leg(command: PlaceLeg, change: Change) -> Leg:
    """Set up a leg between two checkpoints of one site, or change how long it may take.

    A leg that has ended may be set up again: it has no code.

    Raises:
        DirectionUnknown, LegToItself, LongestImpossible: a field does not make sense.
        PartUnknown, PartEnded: the site, or one of the checkpoints, is not there.
        CodeTaken, PartUnknown: there is such a leg already; there is none to change.
        PartChangedMeanwhile: it is not as the caller saw it.
    """
    wish = command.leg
    check_direction(wish.direction)
    if wish.origin == wish.target:
        raise LegToItself(path=("target",))
    if wish.longest is not None and not LONGEST_MIN <= wish.longest <= LONGEST_MAX:
        raise LongestImpossible(path=("longestSeconds",))
    await require(Site, wish.site, "site", change)
    for end, code in (("origin", wish.origin), ("target", wish.target)):
        standing(await found(Checkpoint, change, site=wish.site, code=code), end)
    alike = await change.entities.every(Leg, site=wish.site, origin=wish.origin, target=wish.target)
    before = next((leg for leg in alike if leg.direction == wish.direction and leg.ended_at is None), None)
    if command.is_new and before is not None:
        raise CodeTaken(path=("target",))
    if not command.is_new and before is None:
        raise PartUnknown(path=("target",))
    version = next_version(before, command.seen)
    id_ = before.id if before else change.new_id()
    leg = replace(wish, id=id_, version=version, since=change.now, ended_at=None)
    await change.record(LegSet(leg=leg, set_by=change.actor.name, set_at=change.now))
    return leg
