"""Events in quarantine whose log gives way: they are held wherever they stand then, and can be shown after all."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bus.replication.chain import GENESIS
from bus.replication.log import LogId, Position
from bus.replication.record import Record
from domain.alarms.events import AlarmAcknowledged, AlarmRaised
from domain.shared.quarantine import QuarantineState
from domain.upkeep import handlers
from domain.upkeep.commands import ReplayParked, SetEventAside
from domain.upkeep.model import QuarantinedEvent, Replayed
from tests.contracts.backends import Node
from tests.contracts.test_epochs import audit_shown, batch_behind, ids_of, position
from tests.contracts.test_held_events import ALL, bodies, newer, replay, upgrade
from tests.samples import MORNING, NODE, alarm, audited

THEIRS = LogId("koroszczyn", 5, "alarms")


async def quarantined(node: Node) -> Sequence[QuarantinedEvent]:
    return (await node.views.quarantined_events(ALL)).items


async def took_back(node: Node, lost: Sequence[Record], channel: str) -> LogId:
    """Have the node take back the lost end of a log of an earlier epoch of its own; return that log."""
    old = LogId(NODE, await node.logs.epoch(), channel)
    await node.logs.go_on(old.epoch)
    await node.logs.recall(batch_behind(old, Position(0, GENESIS), lost))
    return old


async def test_an_own_event_goes_along_and_shows_after_an_upgrade(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    raised, before = alarm(), alarm()
    old = await took_back(node, bodies(AlarmRaised(alarm=before), newer(AlarmRaised(alarm=raised))), "alarms")
    (was,) = await quarantined(node)
    await node.logs.give_way(old, 1)
    now = await node.logs.epoch()

    assert await quarantined(node) == [replace(was, epoch=now, seq=1)]
    assert await ids_of(node, LogId(NODE, now, "alarms")) == [was.id]
    upgrade(monkeypatch, AlarmRaised)
    assert await replay(node, ReplayParked()) == Replayed(shown=1, held=0)
    assert await node.views.alarm(raised.id) == raised
    later = await node.logs.go_on(now)
    (settled,) = await quarantined(node)
    assert (settled.epoch, settled.seq, settled.state) == (later, 1, QuarantineState.REPLAYED)
    assert await node.views.alarm(raised.id) == raised


async def test_an_audit_record_goes_along_and_shows_its_new_place(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    record = audited()
    old = await took_back(node, bodies(newer(record)), "audit")
    upgrade(monkeypatch, type(record))
    await node.logs.give_way(old, 0)
    assert await audit_shown(node) == []
    assert await replay(node, ReplayParked()) == Replayed(shown=1, held=0)

    now = LogId(NODE, await node.logs.epoch(), "audit")
    shown = next(one for one in (await node.views.audit_records(ALL)).items if one.id == record.record_id)
    assert (shown.seq, bytes.fromhex(shown.hash)) == (1, await node.logs.hash_at(now, 1))


async def test_what_was_set_aside_stays_so_with_all_that_was_said(node: Node) -> None:
    old = await took_back(node, bodies(newer(AlarmRaised(alarm=alarm()))), "alarms")
    (held,) = await quarantined(node)
    command = SetEventAside(event_id=held.id, reason="not needed")
    await node.ask(lambda change: handlers.set_event_aside(command, change))
    (was,) = await quarantined(node)
    await node.logs.give_way(old, 0)
    assert was.note == "not needed"
    assert await quarantined(node) == [replace(was, epoch=await node.logs.epoch())]


async def test_what_is_adopted_and_cannot_be_shown_is_held_through_another_epoch(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A newer event, and one that waits for it."""
    raised = alarm()
    taken = AlarmAcknowledged(alarm_id=raised.id, acknowledged_by="anna", acknowledged_at=MORNING)
    lost = batch_behind(LogId(NODE, 1, "alarms"), Position(0, GENESIS), bodies(newer(AlarmRaised(alarm=raised)), taken))
    await node.logs.adopt(lost)
    was = await quarantined(node)
    assert sorted((one.seq, one.reason) for one in was) == [
        (1, "EventTooNew: AlarmRaised version 99"),
        (2, "RowMissing: alarm"),
    ]
    now = await node.logs.go_on(await node.logs.epoch())
    assert await quarantined(node) == [replace(one, epoch=now) for one in was]
    upgrade(monkeypatch, AlarmRaised)
    assert await replay(node, ReplayParked()) == Replayed(shown=2, held=0)
    shown = await node.views.alarm(raised.id)
    assert shown is not None
    assert shown.acknowledged_by == "anna"


async def test_an_event_in_two_logs_of_a_copy_is_held_once_as_long_as_it_stands_in_one(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised, other = alarm(node="koroszczyn"), alarm(node="koroszczyn")
    twice, third = bodies(newer(AlarmRaised(alarm=raised)), AlarmRaised(alarm=other))
    first, later, last = (of_epoch(epoch) for epoch in (5, 6, 7))
    for log, record in ((first, twice), (later, twice), (last, third)):
        await node.logs.apply([batch_behind(log, Position(0, GENESIS), [record])], "koroszczyn")
    (was,) = await quarantined(node)
    assert was.epoch == first.epoch
    await node.logs.give_way(last, 0)
    assert await quarantined(node) == [was]
    await node.logs.give_way(first, 0)
    assert await quarantined(node) == [replace(was, epoch=later.epoch)]

    await node.logs.apply([batch_behind(first, Position(0, GENESIS), [twice])], "koroszczyn")
    assert await quarantined(node) == [replace(was, epoch=later.epoch)]
    upgrade(monkeypatch, AlarmRaised)
    await node.logs.recall(batch_behind(first, position([twice]), [third]))
    assert await node.views.alarm(raised.id) is None
    assert await replay(node, ReplayParked()) == Replayed(shown=1, held=0)
    assert await node.views.alarm(raised.id) == raised
    await node.logs.give_way(first, 0)
    await node.logs.give_way(later, 0)
    assert await quarantined(node) == []


def of_epoch(epoch: int) -> LogId:
    return LogId(THEIRS.origin, epoch, THEIRS.channel)
