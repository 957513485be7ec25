"""What crossings are promised of registrations and alarms, and that an entity of many parts comes back whole."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bus.dispatcher import Dispatcher
from domain.alarms.events import AlarmAcknowledged, AlarmRaised
from domain.crossings.binding import Binding
from domain.crossings.commands import CompleteCrossing, OpenCrossing
from domain.crossings.errors import CrossingChangedMeanwhile, RegistrationBoundElsewhere
from domain.crossings.model import Crossing
from domain.crossings.parts import (
    Document,
    DocumentKind,
    GoodsLine,
    Member,
    MemberRole,
    Parts,
    Position,
    Weight,
)
from domain.identifiers.plates import plate
from domain.organisation.events import Subsystem
from domain.registrations.events import RadiationTaken, Registered
from domain.registrations.measurements import Radiation
from domain.registrations.model import ObjectKind, Registration, Screening, ScreeningOutcome
from domain.registrations.readings import RadiationAlarm
from tests.contracts.backends import Node, Receive
from tests.nodes import OFFICER
from tests.portals import measurement
from tests.samples import MORNING, NODE, alarm, erased, match, new_id, registration, screening

_LATER = MORNING + timedelta(hours=1)
COLLEAGUE = replace(OFFICER, name="dorota")
UNCHECKED = Screening(outcome=ScreeningOutcome.NOT_CHECKED, list_version=())


async def recorded(node: Node, *registrations: Registration) -> Sequence[str]:
    await node.record(*(Registered(registration=each) for each in registrations))
    return [each.id for each in registrations]


async def test_registrations_are_told_as_crossings_need_them(node: Node, receive: Receive) -> None:
    mine, unchecked, theirs = registration(), registration(screening=UNCHECKED), registration(node="koroszczyn")
    ids = await recorded(node, mine, unchecked)
    await receive(Registered(registration=theirs))

    known = await node.ask(lambda change: change.sightings.of([*ids, theirs.id, new_id()]))
    assert {id_: (each.node, each.kind, each.label, each.checked) for id_, each in known.items()} == {
        mine.id: (NODE, "vehicle", mine.label, True),
        unchecked.id: (NODE, "vehicle", mine.label, False),
        theirs.id: ("koroszczyn", "vehicle", mine.label, True),
    }
    assert known[mine.id].seen_at == MORNING


async def test_alarms_that_nobody_has_taken_are_told_by_the_object(node: Node) -> None:
    mine, other = registration(), registration(identifiers=(plate("LU 1111", "PL"),))
    nameless, stranger = registration(identifiers=()), registration(identifiers=())
    ids = await recorded(node, mine, other, nameless, stranger)
    ended = alarm(label=other.label, ended_at=MORNING)
    for_it, for_nameless = alarm(label=mine.label), alarm(label="", registration_id=nameless.id)
    raised = [AlarmRaised(alarm=replace(each, node=NODE)) for each in (for_it, for_nameless, ended)]
    await node.record(*raised)
    assert list(await node.ask(lambda change: change.sightings.alarmed(ids))) == [mine.id, nameless.id]

    taken = AlarmAcknowledged(alarm_id=for_it.id, acknowledged_by="jan", acknowledged_at=_LATER)
    await node.record(taken)
    assert list(await node.ask(lambda change: change.sightings.alarmed(ids))) == [nameless.id]


async def test_a_match_whose_alarm_is_still_to_come_counts_as_one(node: Node) -> None:
    met = registration(screening=screening(matches=(match(),)))
    ids = await recorded(node, met)
    assert list(await node.ask(lambda change: change.sightings.alarmed(ids))) == ids

    raised = alarm(label=met.label, node=NODE)
    taken = AlarmAcknowledged(alarm_id=raised.id, acknowledged_by="jan", acknowledged_at=_LATER)
    await node.record(AlarmRaised(alarm=raised), taken)
    assert not await node.ask(lambda change: change.sightings.alarmed(ids))


async def test_an_alarm_of_the_registration_counts_however_it_is_called(node: Node) -> None:
    mine, other = registration(), registration(identifiers=(plate("LU 1111", "PL"),))
    ids = await recorded(node, mine, other)
    misread = alarm(label="WA12346", registration_id=mine.id, node=NODE)
    await node.record(AlarmRaised(alarm=misread))
    assert list(await node.ask(lambda change: change.sightings.alarmed(ids))) == [mine.id]

    await node.record(AlarmAcknowledged(alarm_id=misread.id, acknowledged_by="jan", acknowledged_at=_LATER))
    assert not await node.ask(lambda change: change.sightings.alarmed(ids))


async def test_radiation_whose_alarm_is_still_to_come_counts_as_one(node: Node) -> None:
    mine, other = registration(), registration(identifiers=(plate("LU 1111", "PL"),))
    ids = await recorded(node, mine, other)
    sounded = Radiation(seconds=4.0, occupied=True, alarms=(RadiationAlarm(category="gamma", description=""),))
    calm = replace(sounded, alarms=())
    of = {mine.id: sounded, other.id: calm}
    taken = [measurement(weight=None, radiation=told, registration_id=id_) for id_, told in of.items()]
    answered = alarm(label=mine.label, node=NODE)
    await node.record(
        *(RadiationTaken(measurement=each, label="") for each in taken),
        AlarmRaised(alarm=answered),
        AlarmAcknowledged(alarm_id=answered.id, acknowledged_by="jan", acknowledged_at=_LATER),
    )
    assert list(await node.ask(lambda change: change.sightings.alarmed(ids))) == [mine.id]

    raised = alarm(label=mine.label, cause="radiation:gamma", node=NODE)
    acknowledged = AlarmAcknowledged(alarm_id=raised.id, acknowledged_by="jan", acknowledged_at=_LATER)
    await node.record(AlarmRaised(alarm=raised), acknowledged)
    assert not await node.ask(lambda change: change.sightings.alarmed(ids))


async def test_of_a_registration_that_is_erased_nothing_is_left_in_its_crossing(node: Node, receive: Receive) -> None:
    mine = registration(kind=ObjectKind.PERSON, identifiers=())
    ids = await recorded(node, mine)
    member = Member(registration_id=mine.id, role=MemberRole.PEDESTRIAN)
    put = Parts(lane="lane-1", direction="inbound", members=(member,), at=node.clock.now())
    crossing = await Dispatcher(NODE, node.changes).dispatch(OpenCrossing(subsystem=Subsystem.SOC_P, put=put), OFFICER)

    await receive(erased(subjects=(mine.id,), scope=NODE))
    assert await node.views.entities_of(Binding, ids) == []
    assert await node.views.registrations_of(ids) == []
    assert await node.views.entity(Crossing, crossing.id) == crossing


async def test_what_was_registered_anew_is_told(node: Node, receive: Receive) -> None:
    mine, nameless = registration(), registration(identifiers=())
    ids = await recorded(node, mine, nameless)
    await receive(Registered(registration=registration(node="koroszczyn", seen_at=_LATER)))
    await recorded(node, registration(identifiers=(), seen_at=_LATER))
    assert not await node.ask(lambda change: change.sightings.seen_since(ids, MORNING))

    await recorded(node, registration(seen_at=_LATER))
    assert list(await node.ask(lambda change: change.sightings.seen_since(ids, MORNING))) == [mine.id]
    assert not await node.ask(lambda change: change.sightings.seen_since(ids, _LATER))


async def test_registrations_are_looked_up_at_once(node: Node) -> None:
    one, other = registration(), registration()
    await recorded(node, one, other)
    found = await node.views.registrations_of([other.id, new_id(), one.id, other.id])
    assert sorted(each.id for each in found) == [one.id, other.id]


async def test_a_crossing_of_many_parts_comes_back_whole_and_keeps_two_officers_apart(node: Node) -> None:
    ids = await recorded(node, registration())
    dispatcher = Dispatcher(NODE, node.changes)
    put = Parts(
        lane="lane-1",
        direction="inbound",
        members=(Member(registration_id=ids[0], role=MemberRole.TRUCK, seals=("PL 1",)),),
        goods=(GoodsLine(code="0207", description="Mięso", packages=2, gross_kg=0.5, un_number="1202"),),
        documents=(Document(kind=DocumentKind.MRN, text="18GB0000601001EB15"),),
        weights=(Weight(total_kg=7000.5, axles_kg=(3000.5, 4000.0)),),
        position=Position(latitude=51.5, longitude=23.25),
        empty=False,
        cash_eur=1,
        pets=0,
        at=node.clock.now(),
    )
    crossing = await dispatcher.dispatch(OpenCrossing(subsystem=Subsystem.SOC_T, put=put), OFFICER)
    assert await node.views.entity(Crossing, crossing.id) == crossing

    complete = CompleteCrossing(crossing_id=crossing.id, seen=1, put=Parts(goods=(GoodsLine(description="Ser"),)))
    changed = await dispatcher.dispatch(complete, OFFICER)
    assert await node.views.entity(Crossing, crossing.id) == changed
    with pytest.raises(CrossingChangedMeanwhile):
        await dispatcher.dispatch(complete, OFFICER)


async def test_of_two_officers_at_once_one_is_told_of_the_other(node: Node) -> None:
    dispatcher = Dispatcher(NODE, node.changes)
    empty = Parts(lane="lane-1", direction="inbound")
    crossing = await dispatcher.dispatch(OpenCrossing(subsystem=Subsystem.SOC_O, put=empty), OFFICER)
    complete = CompleteCrossing(crossing_id=crossing.id, seen=1, put=Parts(pets=1))
    rivals = (dispatcher.dispatch(complete, OFFICER), dispatcher.dispatch(complete, COLLEAGUE))
    told = await asyncio.gather(*rivals, return_exceptions=True)

    assert {type(each) for each in told} == {Crossing, CrossingChangedMeanwhile}
    stands = await node.views.entity(Crossing, crossing.id)
    assert stands is not None
    assert stands.version == 2


async def test_a_registration_is_not_taken_by_two_crossings_at_once(node: Node) -> None:
    ids = await recorded(node, registration())
    dispatcher = Dispatcher(NODE, node.changes)
    put = Parts(lane="lane-1", direction="inbound", members=(Member(registration_id=ids[0], role=MemberRole.CAR),))
    begin = OpenCrossing(subsystem=Subsystem.SOC_O, put=replace(put, at=node.clock.now()))
    rivals = (dispatcher.dispatch(begin, OFFICER), dispatcher.dispatch(begin, COLLEAGUE))
    told = await asyncio.gather(*rivals, return_exceptions=True)

    (made,) = [each for each in told if isinstance(each, Crossing)]
    (refused,) = [each for each in told if isinstance(each, RegistrationBoundElsewhere)]
    assert refused.facts == {"registration": ids[0], "crossing": made.id}
    bound = await node.views.entities_of(Binding, [new_id(), *ids])
    assert [each.crossing_id for each in bound] == [made.id]
