"""An occurrence and what officers say of it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class OccurrenceKind(StrEnum):
    """What kind of thing happened."""

    REFUSED_ENTRY = "refused_entry"
    VEHICLE_ABANDONED = "vehicle_abandoned"
    INCIDENT = "incident"
    SEIZURE = "seizure"
    WEATHER = "weather"
    CLOSURE = "closure"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """Something that happened at a site.

    Attributes:
        node: the site, which alone may change it.
        lane: where; empty for the whole site.
        at: when it happened or began.
        ended_at: when it was over; None while it lasts, or for what does not last.
        registration_id: of the object it is about, if any.
        corrections: how often it was corrected; what stood before is in the log.
    """

    id: str
    node: str
    kind: OccurrenceKind
    lane: str
    text: str
    at: datetime
    recorded_by: str
    recorded_at: datetime
    registration_id: str | None = None
    ended_at: datetime | None = None
    corrections: int = 0

    def corrected(self, text: str, at: datetime) -> "Occurrence":
        """Return it with what it should have said."""
        return replace(self, text=text, at=at, corrections=self.corrections + 1)

    def ended(self, at: datetime) -> "Occurrence":
        """Return it as over since ``at``."""
        return replace(self, ended_at=at)
