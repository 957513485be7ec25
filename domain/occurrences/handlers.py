"""How occurrences answer their commands."""

from datetime import datetime

from domain.occurrences import folding
from domain.occurrences.commands import CorrectOccurrence, EndOccurrence, RecordOccurrence
from domain.occurrences.errors import (
    OccurrenceEndedAlready,
    OccurrenceObjectUnknown,
    OccurrenceTimeImpossible,
    OccurrenceUnknown,
)
from domain.occurrences.events import OccurrenceCorrected, OccurrenceEnded, OccurrenceRecorded
from domain.occurrences.model import Occurrence
from domain.occurrences.ports import OccurrencesChange
from domain.shared.errors import NotHere
from domain.shared.lanes import check_lane
from domain.shared.ports import Change
from domain.shared.texts import PARAGRAPH_MAX, required


async def record_occurrence(command: RecordOccurrence, change: OccurrencesChange) -> Occurrence:
    """Put on record what happened.

    Raises:
        TextMissing, TextTooLong, LaneMalformed, OccurrenceTimeImpossible: a field does not make sense.
        OccurrenceObjectUnknown: the object that it is about is not on record here.
    """
    if command.lane:
        check_lane(command.lane)
    about = command.registration_id
    if about is not None and await change.registrations.find(about) is None:
        raise OccurrenceObjectUnknown(path=("registrationId",))
    occurrence = Occurrence(
        id=change.new_id(),
        node=change.node,
        kind=command.kind,
        lane=command.lane,
        text=required(command.text, "text", PARAGRAPH_MAX),
        at=_past(command.at, change),
        recorded_by=change.actor.name,
        recorded_at=change.now,
        registration_id=about,
    )
    await change.record(OccurrenceRecorded(occurrence=occurrence))
    return occurrence


async def correct_occurrence(command: CorrectOccurrence, change: Change) -> Occurrence:
    """Correct what was said.

    Raises:
        OccurrenceUnknown, NotHere: it is not one of this site.
        TextMissing, TextTooLong, OccurrenceTimeImpossible: a field does not make sense.
    """
    occurrence = await _of_this_site(command.occurrence_id, change)
    text, reason = required(command.text, "text", PARAGRAPH_MAX), required(command.reason, "reason")
    at = _past(command.at, change)
    if occurrence.ended_at is not None and occurrence.ended_at < at:
        raise OccurrenceTimeImpossible(path=("at",))
    event = OccurrenceCorrected(
        occurrence_id=occurrence.id,
        text=text,
        at=at,
        reason=reason,
        corrected_by=change.actor.name,
        corrected_at=change.now,
    )
    await change.record(event)
    return folding.correct(occurrence, event)


async def end_occurrence(command: EndOccurrence, change: Change) -> Occurrence:
    """Say that it is over.

    Raises:
        OccurrenceUnknown, NotHere: it is not one of this site.
        OccurrenceEndedAlready, OccurrenceTimeImpossible: it was over before, or has not begun by then.
    """
    occurrence = await _of_this_site(command.occurrence_id, change)
    if occurrence.ended_at is not None:
        raise OccurrenceEndedAlready(path=("occurrenceId",))
    at = _past(command.at, change)
    if at < occurrence.at:
        raise OccurrenceTimeImpossible(path=("at",))
    event = OccurrenceEnded(occurrence_id=occurrence.id, ended_at=at, ended_by=change.actor.name)
    await change.record(event)
    return folding.end(occurrence, event)


async def _of_this_site(occurrence_id: str, change: Change) -> Occurrence:
    occurrence = await change.entities.find(Occurrence, occurrence_id)
    if occurrence is None:
        raise OccurrenceUnknown(path=("occurrenceId",))
    if occurrence.node != change.node:
        raise NotHere(occurrence.node, path=("occurrenceId",))
    return occurrence


def _past(at: datetime | None, change: Change) -> datetime:
    if at is not None and at > change.now:
        raise OccurrenceTimeImpossible(path=("at",))
    return at or change.now
