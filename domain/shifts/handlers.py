"""How shifts answer their commands."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeVar

from domain.crossings.events import Crossing, CrossingState
from domain.occurrences.events import Occurrence
from domain.shared.entities import THOSE_MAX
from domain.shared.errors import NotHere
from domain.shared.ports import Change
from domain.shared.texts import PARAGRAPH_MAX, optional
from domain.shifts.commands import CloseShift, OpenShift, TakeShiftOver
from domain.shifts.errors import ShiftNotYours, ShiftOpenAlready, ShiftStateForbids, ShiftUnknown
from domain.shifts.events import ShiftClosed, ShiftOpened, ShiftTakenOver
from domain.shifts.model import HandOver, Shift, ShiftState
from domain.trains.events import Train, TrainState
from domain.visits.events import Visit, VisitState

E = TypeVar("E")
TRAINS_MAX: Final = 50
_CROSSINGS: Final = (CrossingState.OPEN, CrossingState.IN_CONTROL)
_TRAINS: Final = (TrainState.PASSING, TrainState.PASSED, TrainState.IN_CONTROL)


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
    """End a shift; what is under way, lasts or is not accounted for goes to the next officer.

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
    crossings = [await _those(Crossing, THOSE_MAX, change, state=state) for state in _CROSSINGS]
    trains = [await _those(Train, TRAINS_MAX, change, state=state) for state in _TRAINS]
    lasting = await _those(Occurrence, THOSE_MAX, change, lasts=True)
    newest = await _those(Occurrence, THOSE_MAX, change)
    visits = await _those(Visit, THOSE_MAX, change, state=VisitState.OPEN)
    of_this_shift = [each for each in newest if each.ended_at is None and each.recorded_at >= shift.opened_at]
    return HandOver(
        notes=notes,
        crossings=_ids(each for those in crossings for each in those),
        occurrences=_ids((*lasting, *of_this_shift)),
        complete=len(of_this_shift) < THOSE_MAX
        and all(len(those) < THOSE_MAX for those in (*crossings, lasting, visits))
        and all(len(those) < TRAINS_MAX for those in trains),
        trains=_ids(each for those in trains for each in those),
        visits=_ids(each for each in visits if any(not odd.accounted_by for odd in each.standing)),
    )


async def _those(type_: type[E], limit: int, change: Change, **wanted: object) -> Sequence[E]:
    return await change.entities.those(type_, limit, node=change.node, **wanted)


def _ids(left: Iterable[Any]) -> tuple[str, ...]:
    """Return the ids, the newest first and each once."""
    return tuple(sorted({each.id for each in left}, reverse=True))


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
