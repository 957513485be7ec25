"""How crossings answer their commands: control and back, release, refusal, and what takes a decision back."""

from datetime import timedelta
from typing import Final

from domain.crossings.acting import Deed, at_hand, do, put_on_record, require_clear
from domain.crossings.clearance import CONTROL, requirements
from domain.crossings.commands import (
    CancelCrossing,
    RefuseCrossing,
    ReleaseCrossing,
    ReopenCrossing,
    ReturnFromControl,
    SendToControl,
    UndoAct,
)
from domain.crossings.errors import (
    ActNotUndone,
    ActNotYours,
    ClearanceOpen,
    CrossingIncomplete,
    ResultUnfit,
    SeenSince,
    UndoTooLate,
)
from domain.crossings.measured import measured_by_now
from domain.crossings.model import Act, ActKind, Crossing
from domain.crossings.parts import RESULTS, Check, Parts
from domain.crossings.ports import CrossingsChange
from domain.crossings.profiles import missing
from domain.shared.texts import optional, required

UNDO_WITHIN: Final = timedelta(minutes=10)


async def send_to_control(command: SendToControl, change: CrossingsChange) -> Crossing:
    """Send a crossing to control.

    Raises:
        TextMissing: no reason is given.
        CrossingUnknown, NotHere, CrossingChangedMeanwhile, CrossingStateForbids, CrossingFull: see `acting`.
    """
    reason = required(command.reason, "reason")
    crossing = await at_hand(command.crossing_id, command.seen, change)
    return await do(crossing, Deed(kind=ActKind.SENT_TO_CONTROL, reason=reason), change)


async def return_from_control(command: ReturnFromControl, change: CrossingsChange) -> Crossing:
    """Take a crossing back from control; a result that is not satisfactory stands against its release.

    Raises:
        ResultUnfit: this is no result of a control.
        CrossingUnknown, NotHere, CrossingChangedMeanwhile, CrossingStateForbids, CrossingFull: see `acting`.
    """
    if command.result not in RESULTS:
        raise ResultUnfit(path=("result",))
    reason = optional(command.reason, "reason")
    crossing = await at_hand(command.crossing_id, command.seen, change)
    check = Check(requirement=CONTROL, outcome=command.result, by=change.actor.name, at=change.now, reason=reason)
    earlier = tuple(each for each in crossing.parts.checks if each.requirement == CONTROL)
    deed = Deed(
        kind=ActKind.RETURNED,
        reason=reason,
        code=command.result.value,
        put=Parts(checks=(check,)),
        took=Parts(checks=earlier),
    )
    return await do(crossing, deed, change)


async def release_crossing(command: ReleaseCrossing, change: CrossingsChange) -> Crossing:
    """Let a crossing go.

    Raises:
        ClearanceOpen: something required is not checked, or not satisfactory.
        CrossingIncomplete: something is not known that its profile needs.
        MemberNotChecked, MemberAlarmed: a member was not screened, or there is an alarm for it that nobody has taken.
        CrossingUnknown, NotHere, CrossingChangedMeanwhile, CrossingStateForbids, CrossingFull: see `acting`.
    """
    crossing = await at_hand(command.crossing_id, command.seen, change)
    in_the_way = tuple(each.code for each in requirements(crossing) if not each.is_satisfied)
    if in_the_way:
        raise ClearanceOpen(path=("crossingId",), requirements=in_the_way)
    lacking = missing(crossing, await measured_by_now(crossing, change))
    if lacking:
        raise CrossingIncomplete(path=("crossingId",), missing=lacking)
    await require_clear([each.registration_id for each in crossing.parts.members], change)
    return await do(crossing, Deed(kind=ActKind.RELEASED), change)


async def refuse_crossing(command: RefuseCrossing, change: CrossingsChange) -> Crossing:
    """Do not let a crossing pass.

    Raises:
        TextMissing: no reason is given.
        CrossingUnknown, NotHere, CrossingChangedMeanwhile, CrossingStateForbids, CrossingFull: see `acting`.
    """
    reason = required(command.reason, "reason")
    crossing = await at_hand(command.crossing_id, command.seen, change)
    return await do(crossing, Deed(kind=ActKind.REFUSED, code=command.code.value, reason=reason), change)


async def cancel_crossing(command: CancelCrossing, change: CrossingsChange) -> Crossing:
    """Say that there is no such crossing.

    Raises:
        TextMissing: no reason is given.
        CrossingUnknown, NotHere, CrossingChangedMeanwhile, CrossingStateForbids, CrossingFull: see `acting`.
    """
    reason = required(command.reason, "reason")
    crossing = await at_hand(command.crossing_id, command.seen, change)
    return await do(crossing, Deed(kind=ActKind.CANCELLED, reason=reason), change)


async def reopen_crossing(command: ReopenCrossing, change: CrossingsChange) -> Crossing:
    """Take up a crossing again on which somebody has decided.

    Raises:
        TextMissing: no reason is given.
        RegistrationBoundElsewhere: one of its members belongs to another crossing that is under way.
        CrossingUnknown, NotHere, CrossingChangedMeanwhile, CrossingStateForbids, CrossingFull: see `acting`.
    """
    reason = required(command.reason, "reason")
    crossing = await at_hand(command.crossing_id, command.seen, change)
    return await do(crossing, Deed(kind=ActKind.REOPENED, reason=reason), change)


async def undo_act(command: UndoAct, change: CrossingsChange) -> Crossing:
    """Take back one's own last act, which stays on record as done and undone.

    Raises:
        ActNotUndone: the last act opened the crossing, or undid another.
        ActNotYours, UndoTooLate: it is another officer's, or longer ago than ten minutes.
        SeenSince: a vehicle of the crossing was seen since then.
        RegistrationBoundElsewhere: a member that would be back belongs to another crossing that is under way.
        CrossingUnknown, NotHere, CrossingChangedMeanwhile, CrossingFull: see `acting`.
    """
    crossing = await at_hand(command.crossing_id, command.seen, change)
    last = crossing.acts[-1]
    await _require_undoable(crossing, last, change)
    undone = Act(
        number=crossing.version + 1,
        kind=ActKind.UNDONE,
        by=change.actor.name,
        at=change.now,
        before=crossing.state,
        after=last.before,
        put=last.took,
        took=last.put,
        undoes=last.number,
    )
    return await put_on_record(crossing, undone, change)


async def _require_undoable(crossing: Crossing, last: Act, change: CrossingsChange) -> None:
    if last.kind in (ActKind.OPENED, ActKind.UNDONE):
        raise ActNotUndone(path=("crossingId",), kind=last.kind.value)
    if last.by != change.actor.name:
        raise ActNotYours(path=("crossingId",))
    if change.now - last.at > UNDO_WITHIN:
        raise UndoTooLate(path=("crossingId",))
    seen = await change.sightings.seen_since([each.registration_id for each in crossing.vehicles], last.at)
    if seen:
        raise SeenSince(path=("crossingId",), registrations=tuple(seen))
