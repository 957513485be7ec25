"""How crossings answer their commands: opening, completing, correcting, checking what is required."""

from dataclasses import replace

from domain.crossings.acting import Deed, at_hand, do, require_clear, require_objects_once, sightings
from domain.crossings.binding import bind
from domain.crossings.clearance import requirements
from domain.crossings.commands import (
    CheckRequirement,
    CompleteCrossing,
    CorrectCrossing,
    OpenCrossing,
    OverrideRequirement,
)
from domain.crossings.errors import PartsMissing, RequirementUnknown, ResultUnfit, SubsystemUnfit
from domain.crossings.events import CrossingOpened
from domain.crossings.model import Act, ActKind, Crossing, CrossingState
from domain.crossings.parts import NOTHING, RESULTS, Check, Outcome, Parts
from domain.crossings.ports import CrossingsChange
from domain.crossings.profiles import PROFILES
from domain.crossings.reading import read
from domain.crossings.revising import added, corrected, require_documents_once
from domain.shared.texts import optional, required


async def open_crossing(command: OpenCrossing, change: CrossingsChange) -> Crossing:
    """Begin with a crossing.

    Raises:
        SubsystemUnfit: trains and visits have records of their own.
        PartsMissing, MemberUnknown, MemberTwice, RoleUnfit, RegistrationBoundElsewhere: its members are not in order.
        DocumentTwice, ObjectTwice: a paper, somebody or something stands twice, and nobody has confirmed it.
        Invalid: a field makes no sense; see `reading.read`.
    """
    if command.subsystem not in PROFILES:
        raise SubsystemUnfit(path=("subsystem",))
    empty = Crossing(
        id=change.new_id(),
        node=change.node,
        subsystem=command.subsystem,
        opened_by=change.actor.name,
        opened_at=change.now,
    )
    for name in ("lane", "direction"):
        if not getattr(command.put, name):
            raise PartsMissing(path=(name,))
    put, _ = added(empty, read(command.put, change.now))
    seen = await sightings(put.members, change)
    if not command.confirm_duplicates:
        await _require_once(NOTHING, put, change)
    put = replace(put, at=put.at or min((each.seen_at for each in seen), default=change.now))
    opened = empty.after(_opening(put, change))
    await bind(put.members, opened.id, change)
    await change.record(CrossingOpened(crossing=opened))
    return opened


async def complete_crossing(command: CompleteCrossing, change: CrossingsChange) -> Crossing:
    """Put more into a crossing.

    Raises:
        PartStandsAlready: something is known already, and otherwise.
        CrossingUnknown, NotHere, CrossingChangedMeanwhile, CrossingStateForbids, CrossingFull: see `acting`.
        Invalid, NotFound, Conflict: as `open_crossing`.
    """
    crossing = await at_hand(command.crossing_id, command.seen, change)
    put, took = added(crossing, read(command.put, change.now))
    await sightings(put.members, change)
    if not command.confirm_duplicates:
        await _require_once(crossing.parts, put, change)
    return await do(crossing, Deed(kind=ActKind.COMPLETED, put=put, took=took), change)


async def correct_crossing(command: CorrectCrossing, change: CrossingsChange) -> Crossing:
    """Put right what is wrong of a crossing; what was said first stays in its acts.

    Raises:
        TextMissing: no reason is given.
        PartUnknown: what is to go or to be replaced is not there.
        MemberNotChecked, MemberAlarmed: the crossing is released, and somebody or something comes into it that could
            not have been.
        CrossingUnknown, NotHere, CrossingChangedMeanwhile, CrossingStateForbids, CrossingFull: see `acting`.
        Invalid, NotFound, Conflict: as `open_crossing`.
    """
    crossing = await at_hand(command.crossing_id, command.seen, change)
    reason = required(command.reason, "reason")
    read_ = read(command.put, change.now)
    put, took = corrected(crossing, read_, command.without, command.without_members)
    await sightings(put.members, change)
    if not command.confirm_duplicates:
        await _require_once(crossing.parts.changed(NOTHING, took), put, change)
    if crossing.state is CrossingState.RELEASED:
        known = {each.registration_id for each in crossing.parts.members}
        await require_clear([each.registration_id for each in put.members if each.registration_id not in known], change)
    return await do(crossing, Deed(kind=ActKind.CORRECTED, reason=reason, put=put, took=took), change)


async def check_requirement(command: CheckRequirement, change: CrossingsChange) -> Crossing:
    """Put on record what a check came to.

    Raises:
        RequirementUnknown, ResultUnfit, TextMissing: nothing such is required, or so it cannot be settled.
        CrossingUnknown, NotHere, CrossingChangedMeanwhile, CrossingStateForbids, CrossingFull: see `acting`.
    """
    if command.outcome not in RESULTS | {Outcome.WAIVED}:
        raise ResultUnfit(path=("outcome",))
    waived = command.outcome is Outcome.WAIVED
    reason = required(command.reason, "reason") if waived else optional(command.reason, "reason")
    crossing = await at_hand(command.crossing_id, command.seen, change)
    check = Check(
        requirement=command.requirement,
        outcome=command.outcome,
        by=change.actor.name,
        at=change.now,
        reason=reason,
        shown=optional(command.shown, "shown"),
    )
    return await do(crossing, _settling(crossing, check, ActKind.CHECKED), change)


async def override_requirement(command: OverrideRequirement, change: CrossingsChange) -> Crossing:
    """Decide that a requirement shall not stand against a release.

    Raises:
        RequirementUnknown, TextMissing: nothing such is required, or no reason is given.
        CrossingUnknown, NotHere, CrossingChangedMeanwhile, CrossingStateForbids, CrossingFull: see `acting`.
    """
    reason = required(command.reason, "reason")
    crossing = await at_hand(command.crossing_id, command.seen, change)
    check = Check(
        requirement=command.requirement,
        outcome=Outcome.OVERRIDDEN,
        by=change.actor.name,
        at=change.now,
        reason=reason,
    )
    return await do(crossing, _settling(crossing, check, ActKind.OVERRIDDEN), change)


async def _require_once(before: Parts, put: Parts, change: CrossingsChange) -> None:
    require_documents_once(before, put)
    await require_objects_once(before, put, change)


def _opening(put: Parts, change: CrossingsChange) -> Act:
    return Act(
        number=1,
        kind=ActKind.OPENED,
        by=change.actor.name,
        at=change.now,
        before=CrossingState.OPEN,
        after=CrossingState.OPEN,
        put=put,
    )


def _settling(crossing: Crossing, check: Check, kind: ActKind) -> Deed:
    known = {each.code for each in requirements(crossing)}
    if check.requirement not in known:
        raise RequirementUnknown(path=("requirement",), required=tuple(sorted(known)))
    earlier = tuple(each for each in crossing.parts.checks if each.requirement == check.requirement)
    return Deed(
        kind=kind,
        reason=check.reason,
        code=check.requirement,
        put=Parts(checks=(check,)),
        took=Parts(checks=earlier),
    )
