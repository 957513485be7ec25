"""What may be asked of occurrences."""

from dataclasses import dataclass
from datetime import datetime

from domain.occurrences.model import OccurrenceKind
from domain.shared.messages import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOccurrence(Command):
    """Put on record what happened; ``at`` is None for now."""

    kind: OccurrenceKind
    text: str
    lane: str = ""
    at: datetime | None = None
    registration_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectOccurrence(Command):
    """Say what an occurrence should have said, and why."""

    occurrence_id: str
    text: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndOccurrence(Command):
    """Say that it is over; ``at`` is None for now."""

    occurrence_id: str
    at: datetime | None = None
