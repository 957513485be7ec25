"""An occurrence and what officers say of it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final


class OccurrenceKind(StrEnum):
    """What kind of thing happened."""

    REFUSED_ENTRY = "refused_entry"
    VEHICLE_ABANDONED = "vehicle_abandoned"
    INCIDENT = "incident"
    SEIZURE = "seizure"
    WEATHER = "weather"
    CLOSURE = "closure"
    OTHER = "other"


LASTING: Final = frozenset({OccurrenceKind.WEATHER, OccurrenceKind.CLOSURE})
"""What goes on until somebody says that it is over; the other kinds happen at one time."""
STATEMENTS_MAX: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What an occurrence said before it was corrected, who corrected it, and why."""

    text: str
    at: datetime
    corrected_by: str
    corrected_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """Something that happened at a site.

    Attributes:
        node: the site, which alone may change it.
        lane: where; empty for the whole site.
        at: when it happened or began.
        ended_at: when it was over; None while it lasts, or for what does not last.
        registration_id: of the object it is about, if any.
        ended_by: who said that it is over; empty while nobody has.
        corrections: how often it was corrected.
        earlier: what it said before that, oldest first; the newest 50.
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
    ended_by: str = ""
    earlier: tuple[Statement, ...] = ()

    @property
    def lasts(self) -> bool:
        """Whether it goes on."""
        return self.kind in LASTING and self.ended_at is None

    def corrected(self, text: str, at: datetime, correction: Statement) -> "Occurrence":
        """Return it with what it should have said; ``correction`` holds what it said until then."""
        earlier = (*self.earlier, correction)[-STATEMENTS_MAX:]
        return replace(self, text=text, at=at, corrections=self.corrections + 1, earlier=earlier)

    def ended(self, at: datetime, by: str) -> "Occurrence":
        """Return it as over since ``at``."""
        return replace(self, ended_at=at, ended_by=by)
