"""Occurrences as events leave them."""

from domain.occurrences.events import OccurrenceCorrected, OccurrenceEnded, OccurrenceRecorded
from domain.occurrences.model import Occurrence


def begin(_: Occurrence | None, event: OccurrenceRecorded) -> Occurrence:
    """Return the occurrence that was recorded."""
    return event.occurrence


def correct(before: Occurrence, event: OccurrenceCorrected) -> Occurrence:
    """Return it as corrected."""
    return before.corrected(event.text, event.at)


def end(before: Occurrence, event: OccurrenceEnded) -> Occurrence:
    """Return it as over."""
    return before.ended(event.ended_at)
