"""Alarms: each node's own, open until somebody takes them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from bus.ports import WholeChange
from domain.alarms.events import AlarmAcknowledged, AlarmRaised, AlarmRepeated, FaultEnded
from domain.alarms.model import TECHNICAL, Alarm, AlarmSource, AlarmState
from tests.contracts.backends import Node, Receive
from tests.samples import MORNING, alarm, new_id

MOMENT = timedelta(microseconds=1)


def same(**fields: Any) -> Alarm:
    """Return an alarm for one object and cause."""
    return alarm(label="WA12345", cause="entry:7", **fields)


def acknowledged(of: Alarm) -> AlarmAcknowledged:
    return AlarmAcknowledged(alarm_id=of.id, acknowledged_by="anna", acknowledged_at=MORNING)


async def open_for(
    node: Node, label: str = "WA12345", cause: str = "entry:7", since: datetime | None = None
) -> Sequence[Alarm]:
    return await node.ask(lambda change: change.alarms.open_for(label, cause, since))


async def test_an_alarm_comes_back_as_it_was_raised(node: Node) -> None:
    matched = alarm()
    called = alarm(source=AlarmSource.OFFICER, registration_id=None, match=None, late=False, text="Łapać!")
    await node.record(AlarmRaised(alarm=matched), AlarmRaised(alarm=called))

    assert await node.ask(lambda change: change.alarms.find(matched.id)) == matched
    assert await node.views.alarm(called.id) == called
    assert await node.ask(lambda change: change.alarms.find(new_id())) is None
    assert await node.views.alarm(new_id()) is None


async def test_an_alarm_is_open_for_its_object_and_cause(node: Node) -> None:
    raised = same()
    await node.record(AlarmRaised(alarm=raised))

    assert await open_for(node) == [raised]
    assert await open_for(node, label="WA1234") == []
    assert await open_for(node, cause="entry:77") == []


async def test_an_alarm_is_open_in_the_change_that_raises_it(node: Node) -> None:
    raised = same()

    async def work(change: WholeChange) -> Sequence[Alarm]:
        await change.record(AlarmRaised(alarm=raised))
        return await change.alarms.open_for(raised.label, raised.cause, None)

    assert await node.ask(work) == [raised]


async def test_repetitions_are_counted(node: Node) -> None:
    raised = same()
    repeated = AlarmRepeated(alarm_id=raised.id, registration_id=new_id(), at=MORNING)
    await node.record(AlarmRaised(alarm=raised), repeated, repeated)

    (found,) = await open_for(node)
    assert (found.id, found.repeats) == (raised.id, 2)


async def test_an_acknowledged_alarm_is_no_longer_open(node: Node) -> None:
    raised, later = same(), same()
    await node.record(AlarmRaised(alarm=raised), acknowledged(raised))

    taken = await node.views.alarm(raised.id)
    assert taken is not None
    assert (taken.state, taken.acknowledged_by, taken.acknowledged_at) == (AlarmState.ACKNOWLEDGED, "anna", MORNING)
    assert await open_for(node) == []

    await node.record(AlarmRaised(alarm=later))
    assert await open_for(node) == [later]


async def test_an_alarm_was_open_until_it_was_taken(node: Node) -> None:
    first, second, third = same(), same(), same()
    await node.record(*(AlarmRaised(alarm=one) for one in (first, second, third)), acknowledged(first))

    assert [one.id for one in await open_for(node, since=MORNING - MOMENT)] == [third.id, second.id, first.id]
    assert await open_for(node, since=MORNING) == [third, second]
    assert await open_for(node, since=MORNING + MOMENT) == [third, second]


@pytest.mark.parametrize("taken", [0, 1])
async def test_of_two_alarms_for_the_same_the_one_not_taken_stays_open(node: Node, taken: int) -> None:
    alarms = [same(source=AlarmSource.OFFICER), same(source=AlarmSource.OFFICER)]
    await node.record(*(AlarmRaised(alarm=one) for one in alarms), acknowledged(alarms[taken]))

    assert await open_for(node) == [alarms[1 - taken]]


async def test_an_alarm_of_another_node_is_known_here_but_not_open_here(node: Node, receive: Receive) -> None:
    theirs = same(node="koroszczyn")
    await receive(AlarmRaised(alarm=theirs))

    assert await node.views.alarm(theirs.id) == theirs
    assert await node.ask(lambda change: change.alarms.find(theirs.id)) == theirs
    assert await open_for(node) == []

    await receive(AlarmRepeated(alarm_id=theirs.id, registration_id=None, at=MORNING), acknowledged(theirs))
    after = await node.views.alarm(theirs.id)
    assert after is not None
    assert (after.repeats, after.state) == (1, AlarmState.ACKNOWLEDGED)


async def standing(node: Node, of: Alarm) -> Sequence[Alarm]:
    return await node.ask(lambda change: change.alarms.standing(of.label, of.cause))


async def test_an_alarm_stands_until_its_cause_is_gone_whoever_takes_it(node: Node) -> None:
    raised, another = same(), alarm(label="KR1", cause="entry:7")
    await node.record(AlarmRaised(alarm=raised), AlarmRaised(alarm=another), acknowledged(raised))
    assert [one.id for one in await standing(node, raised)] == [raised.id]

    await node.record(FaultEnded(alarm_id=raised.id, ended_at=MORNING))
    assert await standing(node, raised) == []
    ended = await node.views.alarm(raised.id)
    assert ended is not None
    assert (ended.ended_at, ended.state) == (MORNING, AlarmState.ACKNOWLEDGED)
    assert await standing(node, another) == [another]


async def test_the_faults_that_stand_are_this_nodes_own_and_technical(node: Node, receive: Receive) -> None:
    cause = f"{TECHNICAL}silent"
    first, second, ended = (alarm(cause=cause, label=label, match=None) for label in ("a", "b", "c"))
    await node.record(*(AlarmRaised(alarm=one) for one in (same(), first, second, ended)), acknowledged(first))
    await node.record(FaultEnded(alarm_id=ended.id, ended_at=MORNING))
    await receive(AlarmRaised(alarm=alarm(node="koroszczyn", cause=cause)))

    assert [one.id for one in await node.views.standing_faults()] == [first.id, second.id]
