"""Changes: atomic, one after the other, told of after the commit; logs without gaps, chained."""

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pytest

from bus.catalogue import event_entry
from bus.codec import decode
from bus.ports import WholeChange
from bus.recorded import Recorded
from bus.replication.chain import GENESIS, chain
from bus.replication.log import LogId
from bus.replication.record import Record
from domain.alarms.events import AlarmRaised, AlarmRepeated
from domain.organisation.events import DeviceEnrolled
from domain.registrations.events import Registered
from domain.shared.actors import Actor, Role
from domain.shared.lanes import LaneMalformed
from domain.shared.messages import Event
from domain.shared.views import Page, Window
from domain.watchlist.events import EntryActivated, EntrySubmitted
from tests.contracts.backends import FORMATS, Node
from tests.samples import NODE, alarm, audited, device, entry, push_quarantined, reading_taken, registration, submitted

OFFICER = Actor(name="anna", roles=frozenset({Role.OFFICER}), purpose="kontrola")


def one_of_each_log() -> list[Event]:
    return [
        Registered(registration=registration()),
        AlarmRaised(alarm=alarm()),
        push_quarantined(),
        audited(),
        EntrySubmitted(entry=submitted()),
        EntryActivated(entry=entry()),
        DeviceEnrolled(device=device()),
    ]


def by_log(recorded: Sequence[Recorded]) -> dict[LogId, list[Recorded]]:
    logs: defaultdict[LogId, list[Recorded]] = defaultdict(list)
    for one in recorded:
        logs[one.log].append(one)
    return logs


def assert_gapless_and_chained(recorded: Sequence[Recorded]) -> None:
    for events in by_log(recorded).values():
        assert [one.seq for one in events] == list(range(1, len(events) + 1))
        records = [Record(uuid.UUID(one.id).bytes, one.hlc, one.salt, one.body) for one in events]
        assert [one.hash for one in events] == chain(GENESIS, records)


async def test_a_change_knows_where_when_and_by_whom_it_is_made(node: Node) -> None:
    async def work(change: WholeChange) -> tuple[object, ...]:
        first = change.now
        node.clock.step()
        return change.node, first, change.now, change.actor, sorted(change.device_formats)

    began = node.clock.now()
    assert await node.changes.run(OFFICER, work) == (NODE, began, began, OFFICER, sorted(FORMATS))


async def test_new_ids_are_uuid7_and_grow(node: Node) -> None:
    async def work(change: WholeChange) -> list[str]:
        return [change.new_id() for _ in range(100)]

    ids = await node.ask(work)
    assert ids == sorted(set(ids))
    assert {(uuid.UUID(one).version, str(uuid.UUID(one)) == one) for one in ids} == {(7, True)}


async def test_what_is_recorded_shows_at_once_within_the_change_and_afterwards_to_everybody(node: Node) -> None:
    registered, raised, known = registration(), alarm(), device()

    async def work(change: WholeChange) -> tuple[object, ...]:
        await change.record(Registered(registration=registered))
        await change.record(AlarmRaised(alarm=raised))
        await change.record(DeviceEnrolled(device=known))
        return (
            await change.registrations.find(registered.id),
            await change.alarms.find(raised.id),
            await change.devices.find(known.code),
        )

    assert await node.ask(work) == (registered, raised, known)
    assert await node.views.registration(registered.id) == registered
    assert await node.views.alarm(raised.id) == raised
    assert await node.views.device(known.code) == known


@pytest.mark.parametrize(
    "failure", [LaneMalformed(), RuntimeError("broken"), KeyError("x")], ids=lambda f: type(f).__name__
)
async def test_whatever_is_raised_undoes_the_whole_change(node: Node, failure: Exception) -> None:
    events = one_of_each_log()
    reading, push = reading_taken(), push_quarantined()

    async def work(change: WholeChange) -> None:
        for event in (*events, reading, push):
            await change.record(event)
        await change.answers.keep("anna", "key", b"digest", b"answer")
        await change.quarantine.keep(push.push_id, b"body")
        await change.reactions.note(change.recorded[0].id, "raise_alarms")
        raise failure

    with pytest.raises(type(failure)) as raised:
        await node.ask(work)

    assert raised.value is failure
    window = Window(limit=10)
    pages: list[Page[Any]] = [
        await node.views.registrations(window),
        await node.views.alarms(window),
        await node.views.entries(window),
        await node.views.devices(window),
        await node.views.audit_records(window),
        await node.views.quarantine(window),
    ]
    assert [len(page.items) for page in pages] == [0] * 6
    assert await node.ask(lambda change: change.readings.find(reading.device, reading.vendor_id)) is None
    assert await node.ask(lambda change: change.answers.find("anna", "key")) is None
    assert await node.ask(lambda change: change.reactions.due("raise_alarms", None, 10)) == []
    assert node.heard == []
    assert all(status.seq == 0 for status in await node.views.statuses())


async def test_an_undone_change_leaves_no_hole_in_the_logs(node: Node) -> None:
    async def fail(change: WholeChange) -> None:
        for event in one_of_each_log():
            await change.record(event)
        raise LaneMalformed

    await node.record(Registered(registration=registration()), AlarmRaised(alarm=alarm()))
    with pytest.raises(LaneMalformed):
        await node.ask(fail)
    await node.record(AlarmRaised(alarm=alarm()), Registered(registration=registration()))

    assert [len(events) for events in by_log(node.heard).values()] == [2, 2]
    assert_gapless_and_chained(node.heard)


async def test_an_updated_row_is_put_back_as_it_was(node: Node) -> None:
    raised = alarm()

    async def fail(change: WholeChange) -> None:
        await change.record(AlarmRepeated(alarm_id=raised.id, registration_id=None, at=change.now))
        raise LaneMalformed

    await node.record(AlarmRaised(alarm=raised))
    with pytest.raises(LaneMalformed):
        await node.ask(fail)

    assert await node.views.alarm(raised.id) == raised


async def test_each_event_stands_in_the_log_of_its_channel_with_time_salt_and_body(node: Node) -> None:
    events = one_of_each_log()
    node.clock.step()
    await node.record(*events)

    assert [one.event for one in node.heard] == events
    assert [one.log.channel for one in node.heard] == [event_entry(type(event)).channel(event) for event in events]
    assert {one.log.origin for one in node.heard} == {NODE}
    assert len({one.log.epoch for one in node.heard}) == 1
    for one in node.heard:
        assert decode(one.body) == (one.kind, node.clock.now(), one.event)
        assert (one.at, len(one.salt), one.kind) == (node.clock.now(), 16, type(one.event).__name__)
    assert len({one.salt for one in node.heard}) == len({one.id for one in node.heard}) == len(events)


async def test_logs_are_gapless_and_chained_over_many_changes(node: Node) -> None:
    for _ in range(5):
        await node.record(*(Registered(registration=registration()) for _ in range(3)), AlarmRaised(alarm=alarm()))

    assert sorted(len(events) for events in by_log(node.heard).values()) == [5, 15]
    assert_gapless_and_chained(node.heard)


async def test_hybrid_time_only_grows_even_when_the_clock_goes_back(node: Node) -> None:
    before = node.clock.now()
    await node.record(audited(), audited())
    node.clock.set(before.replace(year=2025))
    await node.record(audited(), audited())

    stamps = [one.hlc for one in node.heard]
    assert stamps == sorted(set(stamps))


async def test_listeners_hear_each_change_once_when_it_is_made_and_never_of_one_undone(node: Node) -> None:
    told: list[list[str]] = []
    node.changes.listeners.append(lambda recorded: told.append([one.kind for one in recorded]))
    before_commit: list[int] = []

    async def work(change: WholeChange) -> None:
        await change.record(audited())
        await change.record(AlarmRaised(alarm=alarm()))
        before_commit.append(len(told))

    async def fail(change: WholeChange) -> None:
        await work(change)
        raise LaneMalformed

    await node.ask(work)
    with pytest.raises(LaneMalformed):
        await node.ask(fail)
    await node.ask(lambda change: change.alarms.find(alarm().id))

    assert before_commit == [0, 1]
    assert told == [["Audited", "AlarmRaised"]]


async def test_a_failed_attempt_undoes_only_what_it_did(node: Node) -> None:
    kept, undone, later = registration(), registration(), registration()
    failure = RuntimeError("only this")

    async def attempted(change: WholeChange) -> None:
        await change.record(Registered(registration=undone))
        await change.record(AlarmRaised(alarm=alarm()))
        await change.answers.keep("anna", "undone", b"digest", b"answer")
        raise failure

    async def work(change: WholeChange) -> Exception | None:
        await change.record(Registered(registration=kept))
        outcome = await change.attempt(lambda: attempted(change))
        assert [one.kind for one in change.recorded] == ["Registered"]
        await change.record(Registered(registration=later))
        return outcome

    assert await node.ask(work) is failure
    page = await node.views.registrations(Window(limit=10))
    assert page.items == [later, kept]
    assert (await node.views.alarms(Window(limit=10))).items == []
    assert await node.ask(lambda change: change.answers.find("anna", "undone")) is None
    assert [one.event for one in node.heard] == [Registered(registration=kept), Registered(registration=later)]
    assert_gapless_and_chained(node.heard)


async def test_a_failed_attempt_that_comes_first_is_undone_as_well(node: Node) -> None:
    async def attempted(change: WholeChange) -> None:
        await change.record(Registered(registration=registration()))
        raise LaneMalformed

    async def work(change: WholeChange) -> None:
        assert isinstance(await change.attempt(lambda: attempted(change)), LaneMalformed)
        await change.record(audited())

    await node.ask(work)
    assert [one.kind for one in node.heard] == ["Audited"]
    assert (await node.views.registrations(Window(limit=1))).items == []


async def test_an_attempt_that_succeeds_is_part_of_its_change(node: Node) -> None:
    registered = registration()

    async def attempted(change: WholeChange) -> None:
        await change.record(Registered(registration=registered))

    async def work(change: WholeChange) -> Exception | None:
        return await change.attempt(lambda: attempted(change))

    async def fail(change: WholeChange) -> None:
        assert await change.attempt(lambda: attempted(change)) is None
        raise LaneMalformed

    with pytest.raises(LaneMalformed):
        await node.ask(fail)
    assert await node.views.registration(registered.id) is None
    assert await node.ask(work) is None
    assert await node.views.registration(registered.id) == registered


async def test_changes_asked_for_at_once_are_made_one_after_the_other(node: Node) -> None:
    async def work(change: WholeChange) -> None:
        earlier = await change.alarms.open_for("WA12345", "the same", None)
        if not earlier:
            await change.record(AlarmRaised(alarm=alarm(label="WA12345", cause="the same")))
        else:
            await change.record(AlarmRepeated(alarm_id=earlier[0].id, registration_id=None, at=change.now))

    await asyncio.gather(*(node.ask(work) for _ in range(20)))

    page = await node.views.alarms(Window(limit=20))
    assert [one.repeats for one in page.items] == [19]
    assert_gapless_and_chained(node.heard)


async def test_listeners_hear_of_changes_made_at_once_in_the_order_of_the_log(node: Node) -> None:
    await asyncio.gather(*(node.record(audited()) for _ in range(100)))

    assert [one.seq for one in node.heard] == list(range(1, 101))
