"""Messages of occurrences."""

from bus.catalogue.entries import FACTS, EntityEntry, Shows, always, command, event
from domain.occurrences import folding
from domain.occurrences.commands import CorrectOccurrence, EndOccurrence, RecordOccurrence
from domain.occurrences.events import OccurrenceCorrected, OccurrenceEnded, OccurrenceRecorded
from domain.occurrences.handlers import correct_occurrence, end_occurrence, record_occurrence
from domain.occurrences.model import Occurrence

COMMANDS = (
    command(RecordOccurrence, record_occurrence, Occurrence, lambda c, a: a.id if a else c.kind.value),
    command(CorrectOccurrence, correct_occurrence, Occurrence, lambda c, _: c.occurrence_id),
    command(EndOccurrence, end_occurrence, Occurrence, lambda c, _: c.occurrence_id),
)

EVENTS = (
    event(
        "OccurrenceRecorded",
        OccurrenceRecorded,
        always(FACTS),
        Shows(
            entity=Occurrence,
            key=lambda e: e.occurrence.id,
            fold=folding.begin,
            begins=True,
            erased_with=lambda e: (e.occurrence.registration_id,),
        ),
    ),
    event(
        "OccurrenceCorrected",
        OccurrenceCorrected,
        always(FACTS),
        Shows(entity=Occurrence, key=lambda e: e.occurrence_id, fold=folding.correct),
    ),
    event(
        "OccurrenceEnded",
        OccurrenceEnded,
        always(FACTS),
        Shows(entity=Occurrence, key=lambda e: e.occurrence_id, fold=folding.end),
    ),
)

ENTITIES: tuple[EntityEntry, ...] = (
    EntityEntry(
        type=Occurrence,
        table="occurrence",
        columns={"kind": "text", "lane": "text", "at": "instant", "registration_id": "id", "lasts": "flag"},
        indexes=(("node", "kind"), ("node", "lasts"), ("registration_id",)),
    ),
)
