"""What portals tell of trains: each wagon, each container, the beginning and the end, in whichever order they come."""

from datetime import datetime
from typing import Protocol

from domain.registrations.events import ReadingTaken, TrainSeen
from domain.shared.ports import Change
from domain.trains.events import CodeOfTrainRead, TrainPassageBegan, TrainPassageTimed
from domain.trains.linking import end_passage, settle
from domain.trains.model import CodeOfTrain, TrainPassage

KINDS = ("wagon", "container")
_OF_ONE_NUMBER, _ON_ONE_TRACK = 5, 20


class _Where(Protocol):
    @property
    def checkpoint(self) -> str: ...

    @property
    def lane(self) -> str: ...


def is_of_train(event: ReadingTaken) -> bool:
    """Tell whether a reading is of a wagon or container."""
    return event.plate.kind in KINDS


async def take_code(event: ReadingTaken, change: Change) -> None:
    """Put a wagon or container into the train it was read in; compare anew when that has passed already."""
    code = CodeOfTrain(
        registration_id=event.registration_id,
        kind=event.plate.kind,
        canonical=event.plate.canonical,
        holds=event.plate.check == "holds",
        position=event.position,
        seen_at=event.seen_at,
    )
    passage = await _passage(event, event.train or "", event.track or "", event.seen_at, change)
    if passage.reading(code) == passage:
        return
    await change.record(CodeOfTrainRead(passage_id=passage.id, code=code))
    if passage.is_over:
        await settle(passage.id, change)


async def take_sighting(event: TrainSeen, change: Change) -> None:
    """Take when a train was there; its end says that it has passed."""
    seen = event.sighting
    began = seen.began_at or seen.ended_at or seen.received_at
    last = seen.ended_at or began
    passage = await _passage(event.sighting, seen.train, seen.track or "", began, change)
    if passage.timed(began, last) != passage:
        await change.record(TrainPassageTimed(passage_id=passage.id, began_at=began, last_at=last))
        passage = passage.timed(began, last)
    if seen.ended_at is not None and not passage.is_over:
        await end_passage(passage, "portal", change)


async def _passage(where: _Where, number: str, track: str, at: datetime, change: Change) -> TrainPassage:
    """Return the passage of a train, which begins unless it has begun."""
    there = {"node": change.node, "checkpoint": where.checkpoint, "track": track}
    for passage in await change.entities.those(TrainPassage, _OF_ONE_NUMBER, **there, number=number):
        if passage.is_near(at):
            return passage
    passage = TrainPassage(
        id=change.new_id(),
        node=change.node,
        checkpoint=where.checkpoint,
        lane=where.lane,
        track=track,
        number=number,
        began_at=at,
        last_at=at,
    )
    await change.record(TrainPassageBegan(passage=passage))
    for earlier in await change.entities.those(TrainPassage, _ON_ONE_TRACK, **there):
        if not earlier.is_over and earlier.began_at < at:
            await end_passage(earlier, "next_train", change)
    await settle(passage.id, change)
    return passage
