"""What is put on record of occurrences. The events travel up on the channel ``facts``.

The values that the events carry are offered here too, for the modules that look at them.
"""

from dataclasses import dataclass
from datetime import datetime

from domain.occurrences.model import Occurrence, OccurrenceKind
from domain.shared.messages import Event

__all__ = ["Occurrence", "OccurrenceCorrected", "OccurrenceEnded", "OccurrenceKind", "OccurrenceRecorded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OccurrenceRecorded(Event):
    """Something happened at a site."""

    occurrence: Occurrence


@dataclass(frozen=True, slots=True, kw_only=True)
class OccurrenceCorrected(Event):
    """What was said of an occurrence was wrong; the first stays on record."""

    occurrence_id: str
    text: str
    at: datetime
    reason: str
    corrected_by: str
    corrected_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OccurrenceEnded(Event):
    """It is over."""

    occurrence_id: str
    ended_at: datetime
    ended_by: str
