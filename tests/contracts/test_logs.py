"""Logs: read for sending, applied from batches exactly once, with the state that each is in."""

import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest

import adapters.memory.showing
from adapters.database import projections
from bus.codec import encode
from bus.recorded import Recorded
from bus.replication.batch import Batch, pack, unpack
from bus.replication.chain import GENESIS, chain
from bus.replication.log import START, LogId, Position
from bus.replication.ports import NotThisWay
from bus.replication.receiver import Apply, Corrupt, Duplicate, Fork, Gap
from bus.replication.record import HASH_BYTES, ID_BYTES, MAX_BODY, MAX_INT, SALT_BYTES, Record
from domain.access.events import Audited
from domain.alarms.events import AlarmRaised
from domain.shared.messages import Event
from domain.shared.views import Window
from domain.watchlist.events import EntryActivated
from tests.contracts.backends import Node, batch
from tests.samples import MORNING, NODE, alarm, audited, entry, new_id

THEIRS = LogId("koroszczyn", 5, "audit")


def records(*events: Event) -> list[Record]:
    """Return records of another site's log."""
    return [
        Record(uuid.UUID(new_id()).bytes, number << 16, number.to_bytes(16), encode(event, MORNING))
        for number, event in enumerate(events, start=1)
    ]


def batch_of(all_records: Sequence[Record], first: int = 1, last: int | None = None, log: LogId = THEIRS) -> Batch:
    """Return records ``first`` to ``last`` of a log that holds ``all_records``."""
    before = (GENESIS, *chain(GENESIS, all_records))[first - 1]
    return unpack(pack(log, first, before, all_records[first - 1 : last]).data)


def head_of(all_records: Sequence[Record]) -> Position:
    return Position(len(all_records), chain(GENESIS, all_records)[-1])


async def shown(node: Node) -> list[str]:
    """Return the ids of the audit records that show at the node, oldest first."""
    return [record.id for record in (await node.views.audit_records(Window(limit=500))).items][::-1]


def ids(events: Sequence[Audited]) -> list[str]:
    return [event.record_id for event in events]


async def test_a_nodes_own_log_can_be_read_and_applied_elsewhere(node: Node, neighbour: Node) -> None:
    await node.record(*(audited() for _ in range(5)))
    log = node.heard[0].log
    await neighbour.logs.apply([await batch(node.logs, log, 1, 3), await batch(node.logs, log, 4)], "down")

    assert await shown(neighbour) == await shown(node)
    assert [(one.id, one.seq, one.hash, one.body) for one in neighbour.arrived] == [
        (one.id, one.seq, one.hash, one.body) for one in node.heard
    ]


async def test_part_of_a_log_is_read_with_the_hash_ahead_of_it(node: Node) -> None:
    await node.record(*(audited() for _ in range(5)))
    log = node.heard[0].log

    before, found = await node.logs.read(log, 3, 2)
    assert before == node.heard[1].hash
    assert [record.body for record in found] == [one.body for one in node.heard[2:4]]
    assert await node.logs.read(log, 6, 10) == (node.heard[4].hash, [])


async def test_what_is_not_held_cannot_be_read(node: Node) -> None:
    await node.record(audited())

    with pytest.raises(LookupError):
        await node.logs.read(node.heard[0].log, 3, 1)
    with pytest.raises(LookupError):
        await node.logs.read(THEIRS, 1, 1)


async def test_hashes_are_given_where_they_are_held(node: Node) -> None:
    await node.record(audited(), audited())
    log = node.heard[0].log

    assert [await node.logs.hash_at(log, seq) for seq in range(4)] == [
        GENESIS,
        node.heard[0].hash,
        node.heard[1].hash,
        None,
    ]
    assert await node.logs.hash_at(THEIRS, 1) is None


async def test_held_logs_know_their_heads_and_where_they_come_from(node: Node) -> None:
    theirs = records(audited(), audited())
    await node.record(audited())
    await node.logs.apply([batch_of(theirs)], "west")

    ours = node.heard[0]
    held = {one.log: (one.head, one.via) for one in await node.logs.held()}
    assert held == {ours.log: (Position(1, ours.hash), None), THEIRS: (head_of(theirs), "west")}
    found = await node.logs.find(THEIRS)
    assert found is not None
    assert (found.head, found.receiver, found.centre) == (head_of(theirs), START, START)
    assert await node.logs.find(LogId("nobody", 1, "facts")) is None


async def test_a_batch_is_applied_and_shown_and_told_of(node: Node) -> None:
    events = [audited(), audited()]
    theirs = records(*events)
    (applied,) = await node.logs.apply([batch_of(theirs)], "west")

    assert isinstance(applied.verdict, Apply)
    assert applied.held.head == head_of(theirs)
    assert await shown(node) == ids(events)
    assert [(one.log, one.seq, one.kind, one.event, one.at) for one in node.arrived] == [
        (THEIRS, 1, "Audited", events[0], MORNING),
        (THEIRS, 2, "Audited", events[1], MORNING),
    ]
    assert node.heard == []


async def test_a_batch_that_comes_twice_has_its_effect_once(node: Node) -> None:
    events = [audited(), audited()]
    again = batch_of(records(*events))
    verdicts = [(await node.logs.apply([again], "west"))[0] for _ in range(2)]

    assert [type(one.verdict) for one in verdicts] == [Apply, Duplicate]
    assert verdicts[0].held.head == verdicts[1].held.head
    assert await shown(node) == ids(events)
    assert len(node.arrived) == 2


async def test_of_a_batch_that_overlaps_only_the_new_part_is_applied(node: Node) -> None:
    events = [audited() for _ in range(4)]
    theirs = records(*events)
    (first, second) = await node.logs.apply([batch_of(theirs, 1, 3), batch_of(theirs, 2, 4)], "west")

    assert isinstance(first.verdict, Apply)
    assert isinstance(second.verdict, Apply)
    assert second.verdict.skip == 2
    assert second.held.head == head_of(theirs)
    assert await shown(node) == ids(events)
    assert [one.seq for one in node.arrived] == [1, 2, 3, 4]


async def test_a_batch_after_a_gap_changes_nothing(node: Node) -> None:
    events = [audited() for _ in range(4)]
    theirs = records(*events)
    await node.logs.apply([batch_of(theirs, 1, 2)], "west")
    (applied,) = await node.logs.apply([batch_of(theirs, 4)], "west")

    assert applied.verdict == Gap(3)
    assert await shown(node) == ids(events[:2])
    assert await node.logs.hash_at(THEIRS, 4) is None


@pytest.mark.parametrize("first", [1, 2, 3])
async def test_another_history_is_a_fork_and_changes_nothing(node: Node, first: int) -> None:
    events = [audited() for _ in range(2)]
    theirs = records(*events)
    others = records(*(audited() for _ in range(3)))
    await node.logs.apply([batch_of(theirs)], "west")
    (applied,) = await node.logs.apply([batch_of(others, first)], "west")

    assert isinstance(applied.verdict, Fork)
    assert applied.held.head == head_of(theirs)
    assert await shown(node) == ids(events)


async def test_a_batch_whose_hashes_do_not_follow_from_its_records_changes_nothing(node: Node) -> None:
    good = batch_of(records(audited()))
    header = msgspec.structs.replace(good.header, after=bytes(32))
    (applied,) = await node.logs.apply([good._replace(header=header)], "west")

    assert applied.verdict == Corrupt()
    assert await shown(node) == []


async def test_an_event_that_cannot_be_read_goes_to_quarantine_and_blocks_nothing(node: Node) -> None:
    events = [audited(), audited()]
    first, last = records(*events)
    unreadable = Record(uuid.UUID(new_id()).bytes, 2 << 16, bytes(16), b"\xc1 not an event")
    too_new = Record(uuid.UUID(new_id()).bytes, 2 << 16, bytes(16), msgspec.msgpack.encode(("Later", 9, MORNING, {})))
    theirs = [first, unreadable, too_new, last]
    (applied,) = await node.logs.apply([batch_of(theirs)], "west")

    assert applied.held.head == head_of(theirs)
    assert await shown(node) == ids(events)
    assert [one.seq for one in node.arrived] == [1, 4]
    (status,) = await node.views.statuses()
    assert (status.seq, status.quarantined) == (4, 2)
    assert (await node.logs.read(THEIRS, 2, 1))[1] == [unreadable]


async def test_an_erased_event_keeps_its_place_and_shows_nowhere(node: Node) -> None:
    events = [audited(), audited()]
    first, last = records(*events)
    theirs = [first.erased(), last]
    (applied,) = await node.logs.apply([batch_of(theirs)], "west")

    assert applied.held.head == head_of([first, last])
    assert await shown(node) == ids(events[1:])
    assert (await node.logs.read(THEIRS, 1, 1))[1] == [first.erased()]


async def test_batches_of_several_logs_are_applied_together(node: Node) -> None:
    raised, sought = alarm(node="koroszczyn"), entry()
    alarms, feed = LogId("koroszczyn", 5, "alarms"), LogId("centre", 6, "watchlist.pl")
    applied = await node.logs.apply(
        [
            batch_of(records(AlarmRaised(alarm=raised)), log=alarms),
            batch_of(records(EntryActivated(entry=sought)), log=feed),
        ],
        "west",
    )

    assert [one.held.log for one in applied] == [alarms, feed]
    assert await node.views.alarm(raised.id) == raised
    assert await node.views.entry(sought.id) == sought


async def test_a_nodes_own_log_is_never_applied_and_nothing_beside_it(node: Node) -> None:
    await node.record(audited())
    own = msgspec.structs.replace(THEIRS, origin=NODE)

    with pytest.raises(NotThisWay):
        await node.logs.apply([batch_of(records(audited())), batch_of(records(audited()), log=own)], "west")
    assert await node.logs.find(own) is None
    assert len(await shown(node)) == 1


async def test_a_log_arrives_through_one_neighbour_only(node: Node) -> None:
    theirs = records(audited(), audited())
    await node.logs.apply([batch_of(theirs, 1, 1)], "west")

    with pytest.raises(NotThisWay):
        await node.logs.apply([batch_of(theirs, 2, 2)], "east")
    assert len(await shown(node)) == 1


async def test_two_epochs_of_one_origin_are_two_logs(node: Node) -> None:
    old, new = [audited()], [audited(), audited()]
    later = msgspec.structs.replace(THEIRS, epoch=2**63 - 1)
    await node.logs.apply([batch_of(records(*old)), batch_of(records(*new), log=later)], "west")

    assert sorted(await shown(node)) == sorted(ids(old + new))
    heads = {one.log: one.head.seq for one in await node.logs.held()}
    assert heads == {THEIRS: 1, later: 2}


async def test_hybrid_time_goes_past_what_arrives(node: Node) -> None:
    ahead = int((node.clock.now() + timedelta(seconds=30)).timestamp() * 1000) << 16
    (record,) = records(audited())
    theirs = [msgspec.structs.replace(record, hlc=ahead)]
    await node.logs.apply([batch_of(theirs)], "west")
    await node.record(audited())

    assert node.heard[0].hlc > ahead


async def test_the_status_of_a_log_tells_what_waits_for_the_centre(node: Node) -> None:
    began = node.clock.now()
    for _ in range(3):
        await node.record(audited())
        node.clock.step()
    log = node.heard[0].log
    places = [Position(one.seq, one.hash) for one in node.heard]

    async def status() -> tuple[object, ...]:
        (one,) = await node.views.statuses()
        assert (one.origin, one.epoch, one.channel) == (log.origin, log.epoch, log.channel)
        assert (one.seq, one.projected, one.quarantined) == (3, 3, 0)
        return one.parent, one.centre, one.waiting_since, one.waits_here_since

    second, third = (began + timedelta(seconds=late) for late in (1, 2))
    assert await status() == (0, 0, began, began)
    each = ((2, 1, second, third), (3, 1, second, None), (1, 2, third, third), (1, 3, None, None))
    for parent, centre, *since in each:
        await node.logs.confirm({log: places[parent - 1]}, {log: places[centre - 1]})
        assert await status() == (parent, centre, *since)


async def test_the_parent_may_take_back_a_confirmation_and_the_centre_may_not(node: Node) -> None:
    await node.record(audited(), audited())
    first, second = (Position(one.seq, one.hash) for one in node.heard)
    log = node.heard[0].log
    for position in (second, first):
        await node.logs.confirm({log: position}, {log: position})

    held = await node.logs.find(log)
    assert held is not None
    assert (held.receiver, held.centre) == (first, second)


async def test_confirmations_of_several_logs_are_stored_together_and_of_unknown_ones_passed_over(node: Node) -> None:
    await node.record(audited(), AlarmRaised(alarm=alarm()))
    heads = {one.log: Position(one.seq, one.hash) for one in node.heard}
    await node.logs.confirm({**heads, THEIRS: Position(1, bytes(32))}, heads)

    held = {one.log: (one.receiver, one.centre) for one in await node.logs.held()}
    assert held == {log: (head, head) for log, head in heads.items()}


async def test_a_feed_waits_for_nobody(node: Node) -> None:
    await node.record(EntryActivated(entry=entry()))

    (status,) = await node.views.statuses()
    assert (status.channel, status.waiting_since, status.waits_here_since) == ("watchlist.pl", None, None)


async def test_statuses_come_by_origin_and_channel(node: Node) -> None:
    await node.record(audited(), AlarmRaised(alarm=alarm()))
    await node.logs.apply([batch_of(records(audited())), batch_of(records(audited()), log=LogId("a", 1, "facts"))], "w")

    assert [(one.origin, one.channel) for one in await node.views.statuses()] == [
        ("a", "facts"),
        (NODE, "alarms"),
        (NODE, "audit"),
        ("koroszczyn", "audit"),
    ]


def told(recorded: Sequence[Recorded]) -> list[str]:
    return [one.kind for one in recorded]


async def test_listeners_of_the_logs_are_not_told_of_what_is_held_already(node: Node) -> None:
    heard: list[list[str]] = []
    node.logs.listeners.append(lambda recorded: heard.append(told(recorded)))
    again = batch_of(records(audited()))
    await node.logs.apply([again], "west")
    await node.logs.apply([again], "west")

    assert [one for one in heard if one] == [["Audited"]]


async def test_an_event_that_no_table_takes_goes_to_quarantine_and_blocks_nothing(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = [audited() for _ in range(5)]
    memory, (table, to_row) = adapters.memory.showing, projections.ADDED[Audited]
    monkeypatch.setattr(memory, "project", refusing(events[2], memory.project))
    monkeypatch.setitem(projections.ADDED, Audited, (table, refusing(events[2], to_row)))
    theirs = records(*events)
    (applied,) = await node.logs.apply([batch_of(theirs)], "west")

    assert applied.held.head == head_of(theirs)
    assert await shown(node) == ids([*events[:2], *events[3:]])
    (status,) = await node.views.statuses()
    assert (status.seq, status.quarantined) == (5, 1)
    assert (await node.logs.read(THEIRS, 3, 1))[1] == theirs[2:3]


async def test_a_log_takes_whatever_a_batch_may_hold(node: Node) -> None:
    """So no event stands in the way of those behind it: what its bytes mean is another matter."""
    extremes = [
        Record(bytes(ID_BYTES), 0, bytes(SALT_BYTES), b""),
        Record(b"\xff" * ID_BYTES, MAX_INT, b"\xff" * SALT_BYTES, b"\x00\xff" * (MAX_BODY // 2)),
        Record(bytes(ID_BYTES), MAX_INT, None, None, b"\xff" * HASH_BYTES),
        Record(bytes(ID_BYTES), 0, bytes(SALT_BYTES), encode(audited(), MORNING)),
    ]
    log = LogId("Z" * 64, MAX_INT, "facts")
    for place in range(len(extremes)):
        (applied,) = await node.logs.apply([batch_of(extremes, place + 1, place + 1, log)], "west")
        assert isinstance(applied.verdict, Apply)
    assert (await node.logs.read(log, 1, 9))[1] == extremes


def refusing(event: Event, show: Callable[..., Any]) -> Callable[..., Any]:
    """Return what shows events in tables, but refuses one."""

    def refuse(recorded: Recorded, *args: Any, **kwargs: Any) -> Any:
        if recorded.event == event:
            raise ZeroDivisionError("no table takes it")
        return show(recorded, *args, **kwargs)

    return refuse
