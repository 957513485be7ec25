"""Shifts through the dispatcher: begun, ended with a hand-over, taken over."""

from dataclasses import replace

import pytest

from domain.crossings.commands import CancelCrossing
from domain.occurrences.commands import EndOccurrence, RecordOccurrence
from domain.occurrences.model import OccurrenceKind
from domain.shared.actors import Actor, Role
from domain.shared.entities import THOSE_MAX
from domain.shared.errors import NotHere
from domain.shared.ports import Change
from domain.shifts.commands import CloseShift, OpenShift, TakeShiftOver
from domain.shifts.errors import ShiftNotYours, ShiftOpenAlready, ShiftStateForbids, ShiftUnknown
from domain.shifts.model import HandOver, Shift, ShiftState
from domain.trains.events import TrainDeclared
from domain.trains.model import TrainState
from domain.visits.events import VisitOpened
from domain.visits.model import Anomaly, AnomalyKind
from tests.domain.crossings.lorry import open_lorry
from tests.domain.shifts.left import train, visit
from tests.nodes import NodeInMemory, carry
from tests.samples import new_id

NEXT = Actor(name="dorota", roles=frozenset({Role.OFFICER}), purpose="zmiana")


async def begun(site: NodeInMemory) -> Shift:
    shift: Shift = await site.do(OpenShift())
    site.clock.step()
    return shift


async def test_what_is_left_to_do_goes_to_the_next_officer(site: NodeInMemory) -> None:
    old = await site.do(RecordOccurrence(kind=OccurrenceKind.INCIDENT, text="Stłuczka"))
    closure = await site.do(RecordOccurrence(kind=OccurrenceKind.CLOSURE, text="Zamknięte"))
    site.clock.step()
    shift = await begun(site)
    fog, seizure = [
        await site.do(RecordOccurrence(kind=kind, text="x"))
        for kind in (OccurrenceKind.WEATHER, OccurrenceKind.SEIZURE)
    ]
    await site.do(EndOccurrence(occurrence_id=fog.id))
    gone, stays = await open_lorry(site), await open_lorry(site)
    await site.do(CancelCrossing(crossing_id=gone.id, seen=1, reason="zawrócił"))

    closed = await site.do(CloseShift(shift_id=shift.id, notes=" Kolejka do 4 "))
    assert closed.hand_over == HandOver(
        notes="Kolejka do 4", crossings=(stays.id,), occurrences=(seizure.id, closure.id), complete=True
    )
    assert old.id not in closed.hand_over.occurrences
    taken = await site.do(TakeShiftOver(shift_id=shift.id), NEXT)
    assert (taken.state, taken.taken_by, taken.taken_at) == (ShiftState.TAKEN_OVER, "dorota", site.clock.now())
    assert await site.views.entity(Shift, shift.id) == taken


async def test_a_closure_of_long_ago_is_handed_over_however_much_happened_since(site: NodeInMemory) -> None:
    closure = await site.do(RecordOccurrence(kind=OccurrenceKind.CLOSURE, text="Zamknięte"))
    site.clock.step()
    for _ in range(THOSE_MAX):
        await site.do(RecordOccurrence(kind=OccurrenceKind.OTHER, text="x"))
    site.clock.step()
    shift = await begun(site)
    closed = await site.do(CloseShift(shift_id=shift.id))
    assert (closed.hand_over.occurrences, closed.hand_over.complete) == ((closure.id,), True)


async def test_trains_and_visits_that_nobody_has_settled_are_handed_over(site: NodeInMemory) -> None:
    odd, settled, fine = (visit(*anomalies) for anomalies in ((SKIPPED,), (SETTLED,), ()))
    here, released = train(TrainState.PASSED), train(TrainState.RELEASED)

    async def tell(change: Change) -> None:
        for one in (odd, settled, fine):
            await change.record(VisitOpened(visit=one))
        for each in (here, released):
            await change.record(TrainDeclared(train=each))

    await site.changes.run(NEXT, tell)
    closed = await site.do(CloseShift(shift_id=(await begun(site)).id))
    assert (closed.hand_over.trains, closed.hand_over.visits) == ((here.id,), (odd.id,))


SKIPPED = Anomaly(kind=AnomalyKind.SKIPPED, checkpoint="scale")
SETTLED = replace(SKIPPED, accounted_by="anna", reason="waga zepsuta")


async def test_an_officer_has_one_shift_at_a_time(site: NodeInMemory) -> None:
    shift = await begun(site)
    with pytest.raises(ShiftOpenAlready) as refused:
        await site.do(OpenShift())
    assert refused.value.facts == {"shift": shift.id}
    assert (await site.do(OpenShift(), NEXT)).officer == "dorota"

    await site.do(CloseShift(shift_id=shift.id))
    assert (await site.do(OpenShift())).id != shift.id


async def test_who_may_not_end_or_take_over(site: NodeInMemory, centre: NodeInMemory) -> None:
    shift = await begun(site)
    with pytest.raises(ShiftStateForbids):
        await site.do(TakeShiftOver(shift_id=shift.id), NEXT)
    with pytest.raises(ShiftNotYours):
        await site.do(CloseShift(shift_id=shift.id), NEXT)
    with pytest.raises(ShiftUnknown):
        await site.do(CloseShift(shift_id=new_id()))
    await carry(site, centre)
    with pytest.raises(NotHere):
        await centre.do(CloseShift(shift_id=shift.id))

    await site.do(CloseShift(shift_id=shift.id))
    await site.do(TakeShiftOver(shift_id=shift.id), NEXT)
    for again in (CloseShift(shift_id=shift.id), TakeShiftOver(shift_id=shift.id)):
        with pytest.raises(ShiftStateForbids):
            await site.do(again)
