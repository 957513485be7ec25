"""Occurrences as events leave them."""

from domain.occurrences.events import OccurrenceCorrected, OccurrenceEnded, OccurrenceRecorded
from domain.occurrences.model import Occurrence, Statement


def begin(_: Occurrence | None, event: OccurrenceRecorded) -> Occurrence:
    """Return the occurrence that was recorded."""
    return event.occurrence


def correct(before: Occurrence, event: OccurrenceCorrected) -> Occurrence:
    """Return it as corrected."""
    correction = Statement(
        text=before.text,
        at=before.at,
        corrected_by=event.corrected_by,
        corrected_at=event.corrected_at,
        reason=event.reason,
    )
    return before.corrected(event.text, event.at, correction)


def end(before: Occurrence, event: OccurrenceEnded) -> Occurrence:
    """Return it as over."""
    return before.ended(event.ended_at, event.ended_by)
