"""How shifts answer their commands."""

from domain.crossings.events import Crossing, CrossingState
from domain.occurrences.events import Occurrence, OccurrenceKind
from domain.shared.entities import THOSE_MAX
from domain.shared.errors import NotHere
from domain.shared.ports import Change
from domain.shared.texts import PARAGRAPH_MAX, optional
from domain.shifts.commands import CloseShift, OpenShift, TakeShiftOver
from domain.shifts.errors import ShiftNotYours, ShiftOpenAlready, ShiftStateForbids, ShiftUnknown
from domain.shifts.events import ShiftClosed, ShiftOpened, ShiftTakenOver
from domain.shifts.model import HandOver, Shift, ShiftState

_LAST = frozenset({OccurrenceKind.WEATHER, OccurrenceKind.CLOSURE})


async def open_shift(_: OpenShift, change: Change) -> Shift:
    """Begin a shift.

    Raises:
        ShiftOpenAlready: the officer has one that has not ended.
    """
    mine = await change.entities.those(Shift, 1, node=change.node, officer=change.actor.name, state=ShiftState.OPEN)
    if mine:
        raise ShiftOpenAlready(shift=mine[0].id)
    shift = Shift(id=change.new_id(), node=change.node, officer=change.actor.name, opened_at=change.now)
    await change.record(ShiftOpened(shift=shift))
    return shift


async def close_shift(command: CloseShift, change: Change) -> Shift:
    """End a shift; crossings that are under way and occurrences that have not ended go to the next officer.

    Raises:
        ShiftUnknown, NotHere: it is not one of this site.
        ShiftNotYours, ShiftStateForbids: it is another officer's, or over.
        TextTooLong: there is too much of the notes.
    """
    shift = await _of_this_site(command.shift_id, change)
    if shift.officer != change.actor.name:
        raise ShiftNotYours(path=("shiftId",))
    _require(shift, ShiftState.OPEN)
    hand_over = await _left_to_do(shift, optional(command.notes, "notes", PARAGRAPH_MAX), change)
    await change.record(ShiftClosed(shift_id=shift.id, hand_over=hand_over, closed_at=change.now))
    return shift.closed(hand_over, change.now)


async def take_shift_over(command: TakeShiftOver, change: Change) -> Shift:
    """Go on with what a shift has left to do.

    Raises:
        ShiftUnknown, NotHere: it is not one of this site.
        ShiftStateForbids: it lasts, or somebody has taken it over.
    """
    shift = await _of_this_site(command.shift_id, change)
    _require(shift, ShiftState.CLOSED)
    await change.record(ShiftTakenOver(shift_id=shift.id, taken_by=change.actor.name, taken_at=change.now))
    return shift.taken_over(change.actor.name, change.now)


async def _left_to_do(shift: Shift, notes: str, change: Change) -> HandOver:
    here = change.node
    states = (CrossingState.OPEN, CrossingState.IN_CONTROL)
    found = [await change.entities.those(Crossing, node=here, state=state) for state in states]
    crossings = sorted((crossing.id for those in found for crossing in those), reverse=True)
    occurrences = await change.entities.those(Occurrence, node=here)
    return HandOver(
        notes=notes,
        crossings=tuple(crossings),
        occurrences=tuple(each.id for each in occurrences if _concerns_the_next(each, shift)),
        complete=all(len(those) < THOSE_MAX for those in found),
    )


def _concerns_the_next(occurrence: Occurrence, shift: Shift) -> bool:
    """Tell whether it lasts, or has happened in this shift and nobody has said that it is over."""
    return occurrence.ended_at is None and (occurrence.kind in _LAST or occurrence.recorded_at >= shift.opened_at)


async def _of_this_site(shift_id: str, change: Change) -> Shift:
    shift = await change.entities.find(Shift, shift_id)
    if shift is None:
        raise ShiftUnknown(path=("shiftId",))
    if shift.node != change.node:
        raise NotHere(shift.node, path=("shiftId",))
    return shift


def _require(shift: Shift, state: ShiftState) -> None:
    if shift.state is not state:
        raise ShiftStateForbids(path=("shiftId",), state=shift.state.value)
