"""Shifts as events leave them."""

from domain.shifts.events import ShiftClosed, ShiftOpened, ShiftTakenOver
from domain.shifts.model import Shift


def begin(_: Shift | None, event: ShiftOpened) -> Shift:
    """Return the shift that was begun."""
    return event.shift


def close(before: Shift, event: ShiftClosed) -> Shift:
    """Return it as ended."""
    return before.closed(event.hand_over, event.closed_at)


def take_over(before: Shift, event: ShiftTakenOver) -> Shift:
    """Return it as handed over."""
    return before.taken_over(event.taken_by, event.taken_at)
