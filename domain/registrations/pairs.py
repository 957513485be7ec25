"""Tractor and trailer: two plates that pass a checkpoint in one lane, each told to belong with the other.

A pair holds if and only if nothing was read in the lane between the last reading of the one passage, all of it from the
front, and the first of the other, all of it from the rear, and these two are near in time: a lane has one direction, so
that vehicles which meet at a checkpoint are no pair, nor come they between one. So a new reading can only change the
pairs of its own passage and the one pair in between which it falls, and their order makes no difference. Passages that
it links come no more between each other's pairs, in whatever lane, so that then all beside them are looked at.
"""

from collections.abc import AsyncIterator, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from domain.registrations.events import VehiclesPaired, VehiclesParted
from domain.registrations.model import VehiclePair
from domain.registrations.passages import Extent, Nearby
from domain.registrations.ports import RegistrationsChange
from domain.registrations.sightings import Sighting

PAIR_WINDOW: Final = timedelta(seconds=8)
"""From the front plate of a road train of 18.75 m, at a walking pace, to the rear one."""

_PLATE = "plate"
_FRONT: Final[frozenset[str | None]] = frozenset({"front"})
_REAR: Final[frozenset[str | None]] = frozenset({"rear"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """The registration of the passage that a reading was taken into, and of those that it linked to it."""

    kept: str
    others: Collection[str] = ()

    def now(self, registration_id: str) -> str:
        """Return under which registration another is known now."""
        return self.kept if registration_id in self.others else registration_id


async def pair_anew(sighting: Sighting, merged: Merged, change: RegistrationsChange) -> None:
    """Put on record which vehicles belong together now that a reading was taken, and which no longer do."""
    if not sighting.stand.has_views or sighting.read.kind != _PLATE:
        return
    neighbours = await _neighbours(sighting, merged.kept, change)
    on_record = {(pair.tractor, pair.trailer, pair.lane): pair async for pair in _on_record(merged, neighbours, change)}
    mapped = {(merged.now(tractor), merged.now(trailer), lane) for tractor, trailer, lane in on_record}
    near = {(tractor, trailer, sighting.stand.lane) for tractor, trailer in neighbours.pairs}
    if merged.others:
        near |= {pair async for pair in _beside_all(merged.kept, sighting, change)}
    holding = {pair for pair in mapped | near if await _holds(*pair, sighting, change)}
    for known, pair in on_record.items():
        if known not in holding:
            await change.record(
                VehiclesParted(pair_id=pair.id, tractor=pair.tractor, trailer=pair.trailer, at=change.now)
            )
    for tractor, trailer, lane in sorted(holding - on_record.keys()):
        pair = VehiclePair(
            id=change.new_id(),
            node=change.node,
            checkpoint=sighting.stand.checkpoint,
            lane=lane,
            tractor=tractor,
            trailer=trailer,
            paired_at=change.now,
        )
        await change.record(VehiclesPaired(pair=pair))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Neighbours:
    """What is near in time to a reading.

    Attributes:
        beside: the passages that end last before it and begin first after it: registration, and their views near it.
        pairs: that may have come to hold by the reading.
    """

    beside: tuple[tuple[str, frozenset[str | None]], ...]
    pairs: frozenset[tuple[str, str]]


async def _neighbours(sighting: Sighting, own: str, change: RegistrationsChange) -> _Neighbours:
    window = _window(sighting)
    near = await change.readings.near(sighting.stand.checkpoint, sighting.at - window, sighting.at + window)
    extents = _extents(one for one in near if _is_plate_in(sighting.stand.lane, one))
    mine = extents.pop(own)
    before = max(((one.last_at, key) for key, one in extents.items() if one.last_at <= sighting.at), default=None)
    after = min(((one.first_at, key) for key, one in extents.items() if one.first_at >= sighting.at), default=None)
    pairs = set()
    if before is not None and _follows(extents[before[1]], mine, window):
        pairs.add((before[1], own))
    if after is not None and _follows(mine, extents[after[1]], window):
        pairs.add((own, after[1]))
    beside = tuple((one[1], extents[one[1]].views) for one in (before, after) if one is not None)
    return _Neighbours(beside=beside, pairs=frozenset(pairs))


async def _beside_all(own: str, sighting: Sighting, change: RegistrationsChange) -> AsyncIterator[tuple[str, str, str]]:
    """Yield the pairs that a passage may be of with what was read before and behind it, in each of its lanes."""
    window, checkpoint = _window(sighting), sighting.stand.checkpoint
    for lane in await change.readings.lanes_of(own):
        extent = await change.readings.extent(own, lane)
        if extent is None:
            continue
        before = await change.readings.near(checkpoint, extent.first_at - window, extent.first_at)
        behind = await change.readings.near(checkpoint, extent.last_at, extent.last_at + window)
        for one in {one.registration_id for one in before if _is_plate_in(lane, one)} - {own}:
            yield one, own, lane
        for one in {one.registration_id for one in behind if _is_plate_in(lane, one)} - {own}:
            yield own, one, lane


def _extents(near: Iterable[Nearby]) -> dict[str, Extent]:
    """Return the extents of passages, as far as they are near, by their registrations."""
    found: dict[str, Extent] = {}
    for one in near:
        known = found.get(one.registration_id)
        alone = Extent(first_at=one.seen_at, last_at=one.seen_at, views=frozenset({one.view}))
        found[one.registration_id] = alone if known is None else known.with_(alone)
    return found


async def _on_record(merged: Merged, near: _Neighbours, change: RegistrationsChange) -> AsyncIterator[VehiclePair]:
    """Yield the pairs that hold as far as is on record, and may no longer."""
    own = [(registration_id, _FRONT | _REAR) for registration_id in (merged.kept, *merged.others)]
    for registration_id, views in (*own, *near.beside):
        if "front" in views:
            for pair in await change.entities.those(VehiclePair, tractor=registration_id, holds=True):
                yield pair
        if "rear" in views:
            for pair in await change.entities.those(VehiclePair, trailer=registration_id, holds=True):
                yield pair


async def _holds(tractor: str, trailer: str, lane: str, sighting: Sighting, change: RegistrationsChange) -> bool:
    front, rear = await change.readings.extent(tractor, lane), await change.readings.extent(trailer, lane)
    if front is None or rear is None or not _follows(front, rear, _window(sighting)):
        return False
    between = await change.readings.near(sighting.stand.checkpoint, front.last_at, rear.first_at)
    return {one.registration_id for one in between if _is_plate_in(lane, one)} == {tractor, trailer}


def _is_plate_in(lane: str, near: Nearby) -> bool:
    return near.kind == _PLATE and near.lane == lane


def _follows(front: Extent, rear: Extent, window: timedelta) -> bool:
    near = timedelta(0) <= rear.first_at - front.last_at <= window
    return near and front.views == _FRONT and rear.views == _REAR


def _window(sighting: Sighting) -> timedelta:
    """Return how near tractor and trailer are: no farther than readings that would be merged if they were alike."""
    return min(PAIR_WINDOW, sighting.stand.merge_window)


def begin(_: VehiclePair | None, event: VehiclesPaired) -> VehiclePair:
    """Return the pair that was recorded."""
    return event.pair


def part(before: VehiclePair, event: VehiclesParted) -> VehiclePair:
    """Return the pair as one that does not hold any more."""
    return replace(before, holds=False, parted_at=event.at)
