"""Epochs: a node goes on under another one, a log gives way to what the parent holds of it, and takes that back."""

import uuid
from collections.abc import Sequence

import pytest

from adapters.database import shown_anew
from bus.codec import encode
from bus.replication.batch import Batch, pack, unpack
from bus.replication.chain import GENESIS, chain
from bus.replication.log import LogId, Position
from bus.replication.ports import NotThisWay
from bus.replication.receiver import Apply, Fork
from bus.replication.record import Record
from domain.alarms.events import AlarmAcknowledged, AlarmRaised, AlarmRepeated
from domain.alarms.model import AlarmState
from domain.organisation.events import DeviceEnrolled
from domain.shared.messages import Event
from domain.shared.views import Window
from tests.contracts.backends import Node, batch
from tests.samples import MORNING, NODE, alarm, audited, device, device_withdrawn, key_renewed, new_id

THEIRS = LogId("koroszczyn", 5, "alarms")


def record_of(event: Event, number: int) -> Record:
    return Record(uuid.UUID(new_id()).bytes, number << 16, number.to_bytes(16), encode(event, MORNING))


def batch_behind(log: LogId, before: Position, records: Sequence[Record]) -> Batch:
    return unpack(pack(log, before.seq + 1, before.hash, records).data)


def position(records: Sequence[Record]) -> Position:
    return Position(len(records), chain(GENESIS, records)[-1])


async def ids_of(node: Node, log: LogId) -> list[str]:
    _, found = await node.logs.read(log, 1, 100)
    return [str(uuid.UUID(bytes=one.id)) for one in found]


async def audit_shown(node: Node) -> list[str]:
    return [one.id for one in (await node.views.audit_records(Window(limit=100))).items][::-1]


async def confirm(node: Node, upto: int) -> None:
    """Have the parent confirm so many of the node's events, as they were heard."""
    for one in node.heard[:upto]:
        await node.logs.confirm({one.log: Position(one.seq, one.hash)}, {})


async def test_a_node_goes_on_under_a_greater_epoch(node: Node) -> None:
    await node.record(audited())
    before = await node.logs.epoch()
    after = await node.logs.go_on(before + 5)
    await node.record(audited())

    assert after > before + 5
    assert await node.logs.epoch() == after
    assert [one.log.epoch for one in node.heard] == [before, after]
    assert await node.logs.go_on(before) == after


async def test_a_new_epoch_is_later_than_the_nodes_earlier_ones(node: Node) -> None:
    """A node with an empty database has got back what it lost; its clock was wrong when that was new."""
    lost = LogId(NODE, 2**62, "audit")
    await node.logs.recall(batch_behind(lost, Position(0, GENESIS), [record_of(audited(), 1)]))
    assert await node.logs.go_on(await node.logs.epoch()) > 2**62


async def test_what_a_log_gives_way_with_is_recorded_anew(node: Node) -> None:
    """All of it stands ahead of what was recorded since."""
    events = [audited() for _ in range(5)]
    await node.record(*events)
    await confirm(node, 5)
    old = node.heard[0].log
    ids = await ids_of(node, old)
    await node.logs.go_on(old.epoch)
    await node.record(later := audited())
    since = node.heard[-1].log
    await node.logs.give_way(old, 2)
    now = LogId(NODE, await node.logs.epoch(), "audit")

    assert now.epoch > since.epoch
    assert await ids_of(node, old) == ids[:2]
    assert await ids_of(node, since) == []
    assert await ids_of(node, now) == [*ids[2:], node.heard[-1].id]
    held = {one.log: one for one in await node.logs.held()}
    assert held[old].head == Position(2, node.heard[1].hash)
    before, found = await node.logs.read(now, 1, 10)
    assert held[now].head == Position(4, chain(before, found)[-1])
    assert sorted(await audit_shown(node)) == sorted(one.record_id for one in [*events, later])


async def test_what_the_parent_has_not_confirmed_comes_along_under_a_new_epoch(node: Node) -> None:
    events = [audited() for _ in range(4)]
    await node.record(*events)
    await node.record(AlarmRaised(alarm=alarm()))
    await confirm(node, 2)
    old = node.heard[0].log
    ids = await ids_of(node, old)
    epoch = await node.logs.go_on(old.epoch)
    await node.record(later := audited())

    now = LogId(NODE, epoch, "audit")
    assert await ids_of(node, old) == ids[:2]
    assert await ids_of(node, now) == [*ids[2:], node.heard[-1].id]
    assert len(await ids_of(node, LogId(NODE, epoch, "alarms"))) == 1
    assert await ids_of(node, LogId(NODE, old.epoch, "alarms")) == []
    held = {one.log: one for one in await node.logs.held()}
    before, found = await node.logs.read(now, 1, 10)
    assert held[now].head == Position(3, chain(before, found)[-1])
    assert sorted(await audit_shown(node)) == sorted(one.record_id for one in [*events, later])


async def test_what_a_later_log_holds_beyond_the_parent_alone_comes_along(node: Node) -> None:
    await node.record(audited(), audited())
    await confirm(node, 2)
    old = node.heard[0].log
    since = LogId(NODE, await node.logs.go_on(old.epoch), "audit")
    await node.record(audited(), audited())
    await node.logs.confirm({since: Position(1, node.heard[2].hash)}, {})
    await node.logs.give_way(old, 1)

    now = LogId(NODE, await node.logs.epoch(), "audit")
    heard = [one.id for one in node.heard]
    assert await ids_of(node, since) == [heard[2]]
    assert await ids_of(node, now) == [heard[1], heard[3]]


async def test_an_audit_record_that_stands_in_two_logs_shows_though_one_gives_way(node: Node) -> None:
    await node.record(audited(), audited())
    old = node.heard[0].log
    _, records = await node.logs.read(old, 1, 10)
    now = LogId(NODE, await node.logs.go_on(old.epoch), "audit")
    await node.logs.recall(batch_behind(old, Position(0, GENESIS), records))
    shown = await audit_shown(node)
    await node.logs.confirm({now: Position(2, await node.logs.hash_at(now, 2) or b"")}, {})
    later = LogId(NODE, await node.logs.go_on(now.epoch), "audit")
    await node.logs.give_way(now, 0)

    assert await node.logs.find(later) is None
    assert (await ids_of(node, now), len(await ids_of(node, old))) == ([], 2)
    assert sorted(await audit_shown(node)) == sorted(shown)
    await node.logs.give_way(old, 1)
    assert len(await ids_of(node, later)) == 1
    assert sorted(await audit_shown(node)) == sorted(shown)


async def test_a_copy_of_an_audit_record_shows_though_one_of_its_logs_gives_way(node: Node) -> None:
    trail, later = LogId("koroszczyn", 5, "audit"), LogId("koroszczyn", 6, "audit")
    twice = record_of(audited(), 1)
    for one in (trail, later):
        await node.logs.apply([batch_behind(one, Position(0, GENESIS), [twice])], "koroszczyn")
    (shown,) = await audit_shown(node)
    await node.logs.give_way(trail, 0)
    assert await audit_shown(node) == [shown]
    await node.logs.give_way(later, 0)
    assert await audit_shown(node) == []


async def test_an_audit_record_shows_its_new_place(node: Node) -> None:
    await node.record(audited())
    await confirm(node, 2)
    old = node.heard[0].log
    now = await node.logs.go_on(old.epoch)
    await node.logs.give_way(old, 0)

    (shown,) = (await node.views.audit_records(Window(limit=10))).items
    assert shown.seq == 1
    assert bytes.fromhex(shown.hash) == await node.logs.hash_at(LogId(NODE, now, "audit"), 1)


async def test_a_log_that_is_being_recorded_in_gives_way_to_nothing(node: Node) -> None:
    await node.record(audited())
    own = node.heard[0].log
    with pytest.raises(ValueError, match="being recorded in"):
        await node.logs.give_way(own, 0)
    with pytest.raises(NotThisWay):
        await node.logs.recall(batch_behind(own, Position(1, node.heard[0].hash), [record_of(audited(), 1)]))


async def test_a_log_cannot_give_way_to_a_place_it_does_not_hold(node: Node) -> None:
    await node.record(audited())
    await confirm(node, 2)
    old = node.heard[0].log
    await node.logs.go_on(old.epoch)
    with pytest.raises(LookupError):
        await node.logs.give_way(old, 2)


async def test_a_lost_end_is_taken_back_and_shown(node: Node) -> None:
    await node.record(audited())
    await confirm(node, 2)
    old = node.heard[0].log
    await node.logs.go_on(old.epoch)
    lost = audited()
    here = Position(1, node.heard[0].hash)
    applied = await node.logs.recall(batch_behind(old, here, [record_of(lost, 9)]))

    assert isinstance(applied.verdict, Apply)
    assert applied.held.via is None
    assert lost.record_id in await audit_shown(node)
    assert [one.seq for one in node.arrived] == [2]


async def test_what_is_taken_back_was_there_before_what_happened_since(node: Node) -> None:
    raised = alarm()
    taken = [AlarmAcknowledged(alarm_id=raised.id, acknowledged_by=who, acknowledged_at=MORNING) for who in ("x", "y")]
    await node.record(AlarmRaised(alarm=raised))
    await confirm(node, 1)
    old = node.heard[0].log
    await node.logs.go_on(old.epoch)
    await node.record(audited(), taken[1])
    (_, (first,)) = await node.logs.read(old, 1, 1)
    lost = Record(uuid.UUID(new_id()).bytes, first.hlc + 1, bytes(16), encode(taken[0], MORNING))
    await node.logs.recall(batch_behind(old, Position(1, node.heard[0].hash), [lost]))

    found = await node.views.alarm(raised.id)
    assert found is not None
    assert found.acknowledged_by == "y"


async def test_what_is_taken_back_must_chain(node: Node) -> None:
    await node.record(audited())
    await confirm(node, 2)
    old = node.heard[0].log
    await node.logs.go_on(old.epoch)
    applied = await node.logs.recall(batch_behind(old, Position(1, bytes(31) + b"x"), [record_of(audited(), 9)]))
    assert isinstance(applied.verdict, Fork)


async def test_an_event_that_was_recorded_anew_shows_once_wherever_it_comes_from(node: Node) -> None:
    """The parent took it under the old epoch after all: it was under way when the log gave way."""
    await node.record(audited(), audited())
    await confirm(node, 2)
    old = node.heard[0].log
    _, records = await node.logs.read(old, 1, 10)
    await node.logs.go_on(old.epoch)
    await node.logs.give_way(old, 1)
    shown = await audit_shown(node)
    await node.logs.recall(batch_behind(old, Position(1, node.heard[0].hash), records[1:]))

    assert await audit_shown(node) == shown
    assert len(await ids_of(node, old)) == 2
    assert await node.logs.go_on(old.epoch) != old.epoch
    await node.logs.give_way(old, 1)
    assert await audit_shown(node) == shown


async def test_a_copy_shows_an_event_once_that_stands_in_two_logs(node: Node, neighbour: Node) -> None:
    await neighbour.record(audited(), audited())
    old = neighbour.heard[0].log
    await confirm(neighbour, 2)
    await node.logs.apply([await batch(neighbour.logs, old)], "neighbour")
    await neighbour.logs.go_on(old.epoch)
    await neighbour.logs.give_way(old, 1)
    now = LogId(old.origin, await neighbour.logs.epoch(), old.channel)
    (applied,) = await node.logs.apply([await batch(neighbour.logs, now)], "neighbour")

    assert isinstance(applied.verdict, Apply)
    assert len(await audit_shown(node)) == 2


@pytest.mark.parametrize("is_later_first", [False, True])
async def test_a_copy_takes_both_logs_at_once_in_which_an_event_stands(node: Node, *, is_later_first: bool) -> None:
    """The origin moved what was not confirmed to its next log, and the batch before waited all the while."""
    one = alarm(node="koroszczyn")
    raised, repeated, taken = (
        record_of(event, number)
        for number, event in enumerate(
            (
                AlarmRaised(alarm=one),
                AlarmRepeated(alarm_id=one.id, registration_id=None, at=MORNING),
                AlarmAcknowledged(alarm_id=one.id, acknowledged_by="anna", acknowledged_at=MORNING),
            ),
            start=1,
        )
    )
    later = LogId("koroszczyn", 6, "alarms")
    start = Position(0, GENESIS)
    batches = [batch_behind(THEIRS, start, [raised, repeated]), batch_behind(later, start, [raised, repeated, taken])]
    applied = await node.logs.apply(batches[::-1] if is_later_first else batches, "koroszczyn")

    assert [type(outcome.verdict) for outcome in applied] == [Apply, Apply]
    found = await node.views.alarm(one.id)
    assert found is not None
    assert (found.repeats, found.acknowledged_by) == (1, "anna")
    assert await node.views.held_event_count() == 0
    assert len(node.arrived) == len({heard.id for heard in node.arrived}) == 3


async def test_a_copy_that_gives_way_shows_what_is_left_and_then_what_comes(node: Node) -> None:
    raised, other = alarm(), alarm()
    ours = [
        record_of(AlarmRaised(alarm=raised), 1),
        record_of(AlarmAcknowledged(alarm_id=raised.id, acknowledged_by="x", acknowledged_at=MORNING), 2),
    ]
    theirs = [ours[0], record_of(AlarmRaised(alarm=other), 3)]
    await node.logs.apply([batch_behind(THEIRS, Position(0, GENESIS), ours)], "koroszczyn")
    await node.logs.give_way(THEIRS, 1)

    found = await node.views.alarm(raised.id)
    assert found is not None
    assert found.state is AlarmState.RAISED
    await node.logs.recall(batch_behind(THEIRS, position(theirs[:1]), theirs[1:]))
    held = await node.logs.find(THEIRS)
    assert held is not None
    assert (held.head, held.via) == (position(theirs), "koroszczyn")
    assert await node.views.alarm(other.id) is not None


async def test_a_copy_that_gives_way_shows_events_as_they_follow_each_other(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their stamps say otherwise: the clock of their origin was put back."""
    monkeypatch.setattr(shown_anew, "SHOWN_AT_ONCE", 2)
    posts, later = (LogId("central", epoch, f"organisation.{NODE}") for epoch in (6, 7))
    enrolled = device(site=NODE)
    first, second, third = (key_renewed(enrolled, key_digest=digit * 64) for digit in "123")
    events = (DeviceEnrolled(device=enrolled), first, second, device_withdrawn(enrolled))
    records = [record_of(event, 9 - number) for number, event in enumerate(events)]
    start = Position(0, GENESIS)
    moved = [records[2], record_of(third, 1)]
    await node.logs.apply([batch_behind(posts, start, records), batch_behind(later, start, moved)], "west")
    await node.logs.give_way(posts, 3)

    assert await node.views.device(enrolled.code) == enrolled.with_key(third.key_digest)
    assert await node.views.held_event_count() == 0


async def test_what_is_gone_is_not_confirmed(node: Node) -> None:
    await node.record(audited(), audited())
    await confirm(node, 2)
    old = node.heard[0].log
    await node.logs.confirm({}, {old: Position(2, node.heard[1].hash)})
    await node.logs.go_on(old.epoch)
    await node.logs.give_way(old, 1)
    held = await node.logs.find(old)
    assert held is not None
    assert held.centre == Position(1, node.heard[0].hash)
    await node.logs.confirm({}, {old: Position(2, node.heard[1].hash)})  # what was said before it gave way
    assert await node.logs.find(old) == held


async def test_a_recalled_log_that_was_not_here_counts_as_arriving_through_its_origin(node: Node) -> None:
    """It has to go up again, should the parent lose it: what arrives through the parent does not."""
    await node.logs.recall(batch_behind(THEIRS, Position(0, GENESIS), [record_of(audited(), 1)]))
    held = await node.logs.find(THEIRS)
    assert held is not None
    assert held.via == THEIRS.origin


async def test_what_another_held_of_a_log_is_recorded_anew_once(node: Node) -> None:
    await node.record(audited())
    await confirm(node, 2)
    old = node.heard[0].log
    now = LogId(NODE, await node.logs.go_on(old.epoch), "audit")
    put_back = [record_of(audited(), 2), record_of(audited(), 1)]
    theirs = batch_behind(old, Position(1, node.heard[0].hash), put_back)
    for _ in range(2):
        await node.logs.adopt(theirs)

    assert await ids_of(node, now) == [str(uuid.UUID(bytes=one.id)) for one in theirs.records]
    assert [(one.log, one.seq) for one in node.arrived] == [(now, 1), (now, 2)]
    assert len(await audit_shown(node)) == 3


async def test_it_is_known_where_events_stand(node: Node) -> None:
    """In the node's own logs, all of them, and not in those of others."""
    await node.record(audited(), audited())
    await confirm(node, 2)
    old = node.heard[0].log
    _, (first, second) = await node.logs.read(old, 1, 9)
    now = LogId(NODE, await node.logs.go_on(old.epoch), "audit")
    await node.record(audited())
    _, (third,) = await node.logs.read(now, 1, 9)
    earlier = LogId(NODE, 5, "audit")
    await node.logs.recall(batch_behind(earlier, Position(0, GENESIS), [second]))
    theirs = record_of(audited(), 1)
    await node.logs.apply([batch_behind(LogId("koroszczyn", 5, "audit"), Position(0, GENESIS), [theirs])], "koroszczyn")

    places = await node.logs.places(NODE, [one.id for one in (second, third, theirs)])
    assert {one: set(found) for one, found in places.items() if found} == {
        second.id: {(earlier, 1), (old, 2)},
        third.id: {(now, 1)},
    }
    assert not await node.logs.places(NODE, [])
    assert first.id not in places
