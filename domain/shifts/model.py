"""A shift and its hand-over."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

USUAL: Final = timedelta(hours=12)


class ShiftState(StrEnum):
    """How far a shift has come."""

    OPEN = "open"
    CLOSED = "closed"
    TAKEN_OVER = "taken_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """What is left to do when a shift ends.

    Attributes:
        crossings: ids of those that are under way, the newest first.
        occurrences: ids of those that have not ended, the newest first.
        trains: ids of those that are here and not decided on, the newest first.
        visits: ids of those of which something odd is neither explained nor accounted for, the newest first.
        complete: nothing had to be left out because it was too much.
    """

    notes: str
    crossings: tuple[str, ...]
    occurrences: tuple[str, ...]
    complete: bool
    trains: tuple[str, ...] = ()
    visits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """An officer's time at a site.

    Attributes:
        node: the site.
        hand_over: what was left to do; None while it lasts.
        taken_by: who went on with that; empty while nobody has.
    """

    id: str
    node: str
    officer: str
    opened_at: datetime
    state: ShiftState = ShiftState.OPEN
    closed_at: datetime | None = None
    hand_over: HandOver | None = None
    taken_by: str = ""
    taken_at: datetime | None = None

    @property
    def due_at(self) -> datetime:
        """When it usually ends."""
        return self.opened_at + USUAL

    def closed(self, hand_over: HandOver, at: datetime) -> "Shift":
        """Return it as ended."""
        return replace(self, state=ShiftState.CLOSED, hand_over=hand_over, closed_at=at)

    def taken_over(self, by: str, at: datetime) -> "Shift":
        """Return it as handed over."""
        return replace(self, state=ShiftState.TAKEN_OVER, taken_by=by, taken_at=at)
