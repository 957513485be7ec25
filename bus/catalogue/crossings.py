"""Messages of crossings."""

from bus.catalogue.entries import FACTS, EntityEntry, Shows, always, command, event
from domain.crossings import folding
from domain.crossings.binding import Binding
from domain.crossings.commands import (
    CancelCrossing,
    CheckRequirement,
    CompleteCrossing,
    CorrectCrossing,
    OpenCrossing,
    OverrideRequirement,
    RefuseCrossing,
    ReleaseCrossing,
    ReopenCrossing,
    ReturnFromControl,
    SendToControl,
    UndoAct,
)
from domain.crossings.deciding import (
    cancel_crossing,
    refuse_crossing,
    release_crossing,
    reopen_crossing,
    return_from_control,
    send_to_control,
    undo_act,
)
from domain.crossings.events import CrossingActed, CrossingOpened, RegistrationBound
from domain.crossings.handlers import (
    check_requirement,
    complete_crossing,
    correct_crossing,
    open_crossing,
    override_requirement,
)
from domain.crossings.model import Crossing

COMMANDS = (
    command(OpenCrossing, open_crossing, Crossing, lambda c, a: a.id if a else c.subsystem.value),
    *(
        command(type_, handler, Crossing, lambda c, _: c.crossing_id)
        for type_, handler in (
            (CompleteCrossing, complete_crossing),
            (CorrectCrossing, correct_crossing),
            (CheckRequirement, check_requirement),
            (OverrideRequirement, override_requirement),
            (SendToControl, send_to_control),
            (ReturnFromControl, return_from_control),
            (ReleaseCrossing, release_crossing),
            (RefuseCrossing, refuse_crossing),
            (CancelCrossing, cancel_crossing),
            (ReopenCrossing, reopen_crossing),
            (UndoAct, undo_act),
        )
    ),
)

EVENTS = (
    event(
        "CrossingOpened",
        CrossingOpened,
        always(FACTS),
        Shows(entity=Crossing, key=lambda e: e.crossing.id, fold=folding.begin, begins=True),
    ),
    event(
        "CrossingActed",
        CrossingActed,
        always(FACTS),
        Shows(entity=Crossing, key=lambda e: e.crossing_id, fold=folding.act),
    ),
    event(
        "RegistrationBound",
        RegistrationBound,
        always(FACTS),
        Shows(entity=Binding, key=lambda e: e.registration_id, fold=folding.bind, begins=True),
    ),
)

ENTITIES: tuple[EntityEntry, ...] = (
    EntityEntry(
        type=Crossing,
        table="crossing",
        columns={"state": "text", "subsystem": "text", "lane": "text"},
        indexes=(("node",), ("node", "state"), ("state",), ("subsystem",)),
    ),
    EntityEntry(
        type=Binding,
        table="crossing_binding",
        columns={"crossing_id": "id"},
        indexes=(("crossing_id",),),
    ),
)
