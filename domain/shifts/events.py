"""What is put on record of shifts. The events travel up on the channel ``facts``."""

from dataclasses import dataclass
from datetime import datetime

from domain.shared.messages import Event
from domain.shifts.model import HandOver, Shift


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftOpened(Event):
    """An officer has begun a shift."""

    shift: Shift


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftClosed(Event):
    """An officer has ended a shift, and leaves something to do."""

    shift_id: str
    hand_over: HandOver
    closed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftTakenOver(Event):
    """Somebody goes on with what a shift has left to do."""

    shift_id: str
    taken_by: str
    taken_at: datetime
