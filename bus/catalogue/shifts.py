"""Messages of shifts."""

from bus.catalogue.entries import FACTS, EntityEntry, Shows, always, command, event
from domain.shifts import folding
from domain.shifts.commands import CloseShift, OpenShift, TakeShiftOver
from domain.shifts.events import ShiftClosed, ShiftOpened, ShiftTakenOver
from domain.shifts.handlers import close_shift, open_shift, take_shift_over
from domain.shifts.model import Shift

COMMANDS = (
    command(OpenShift, open_shift, Shift, lambda _, a: a.id if a else "shift"),
    command(CloseShift, close_shift, Shift, lambda c, _: c.shift_id),
    command(TakeShiftOver, take_shift_over, Shift, lambda c, _: c.shift_id),
)

EVENTS = (
    event(
        "ShiftOpened",
        ShiftOpened,
        always(FACTS),
        Shows(entity=Shift, key=lambda e: e.shift.id, fold=folding.begin, begins=True),
    ),
    event("ShiftClosed", ShiftClosed, always(FACTS), Shows(entity=Shift, key=lambda e: e.shift_id, fold=folding.close)),
    event(
        "ShiftTakenOver",
        ShiftTakenOver,
        always(FACTS),
        Shows(entity=Shift, key=lambda e: e.shift_id, fold=folding.take_over),
    ),
)

ENTITIES: tuple[EntityEntry, ...] = (
    EntityEntry(
        type=Shift,
        table="shift",
        columns={"state": "text", "officer": "text"},
        indexes=(("node", "state"), ("officer",)),
    ),
)
