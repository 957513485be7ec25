"""Events that cannot be shown: held without blocking their log, shown after all as if they had come in order."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

import msgspec
import pytest

import adapters.memory.showing
from adapters.database import projections
from bus.catalogue import EVENTS_BY_KIND
from bus.codec import encode
from bus.ports import WholeChange
from bus.recorded import Recorded, RowMissing
from bus.replication.log import LogId
from bus.replication.record import Record
from domain.alarms.events import AlarmAcknowledged, AlarmRaised, AlarmRepeated
from domain.alarms.model import AlarmState
from domain.organisation.events import DeviceEnrolled
from domain.registrations.events import Registered
from domain.shared.messages import Command, Event
from domain.shared.quarantine import QuarantineState
from domain.shared.views import Window
from domain.upkeep import handlers
from domain.upkeep.commands import ReplayEvent, ReplayLog, ReplayParked, ReplayWaiting, SetEventAside
from domain.upkeep.errors import EventStillRefused, QuarantinedEventSettled, QuarantinedEventUnknown
from domain.upkeep.model import QuarantinedEvent, Replayed, Trouble
from domain.watchlist.events import EntryActivated, EntrySubmitted, EntryWithdrawn
from tests.contracts.backends import Node
from tests.contracts.test_logs import batch_of
from tests.samples import (
    MORNING,
    NODE,
    alarm,
    audited,
    device,
    device_withdrawn,
    key_renewed,
    linked,
    match,
    new_id,
    reading_taken,
    registration,
    rescreened,
    screening,
    submitted,
)

ALARMS, FACTS = LogId("koroszczyn", 5, "alarms"), LogId("koroszczyn", 5, "facts")
LATER_ALARMS = LogId("koroszczyn", 6, "alarms")
LIST, DRAFTS = LogId("central", 6, "watchlist.pl"), LogId("central", 6, "watchlist.drafts")
POSTS = LogId("central", 6, f"organisation.{NODE}")
ALL = Window(limit=100)
LATER = 99

CLOCKS = pytest.mark.parametrize("goes_back", [False, True])

Work = Callable[[Command, WholeChange], object]


def newer(event: Event) -> bytes:
    """Return an event as a newer program would write it."""
    kind, _, at, payload = msgspec.msgpack.decode(
        encode(event, MORNING), type=tuple[str, int, msgspec.Raw, msgspec.Raw]
    )
    return msgspec.msgpack.encode((kind, LATER, at, payload))


def bodies(*events: Event | bytes, goes_back: bool = False) -> list[Record]:
    """Return records of another node's log, whose clock ``goes_back``; what is given as bytes stands as it is."""
    return [
        Record(
            uuid.UUID(new_id()).bytes,
            (len(events) - number if goes_back else number) << 16,
            number.to_bytes(16),
            event if isinstance(event, bytes) else encode(event, MORNING),
        )
        for number, event in enumerate(events, start=1)
    ]


async def come(node: Node, log: LogId, *events: Event | bytes, goes_back: bool = False) -> list[str]:
    """Have events of another node's log arrive, all in one batch; return their ids."""
    records = bodies(*events, goes_back=goes_back)
    await node.logs.apply([batch_of(records, log=log)], "west")
    return [str(uuid.UUID(bytes=record.id)) for record in records]


def upgrade(monkeypatch: pytest.MonkeyPatch, *types: type[Event]) -> None:
    """Have the program know the version that `newer` writes."""
    for type_ in types:
        entry = EVENTS_BY_KIND[type_.__name__]
        monkeypatch.setitem(EVENTS_BY_KIND, entry.kind, replace(entry, version=LATER))  # type: ignore[arg-type] # a dict


async def held(node: Node) -> list[tuple[int, Trouble, str]]:
    """Return number, trouble and reason of what is held, oldest first."""
    page = await node.views.quarantined_events(ALL, state=QuarantineState.HELD)
    found = [(one.seq, one.trouble, one.reason) for one in page.items][::-1]
    assert await node.views.held_event_count() == len(found)
    assert sum(status.quarantined for status in await node.views.statuses()) == len(found)
    return found


async def replay(node: Node, command: ReplayEvent | ReplayLog | ReplayParked | ReplayWaiting) -> Replayed:
    match command:
        case ReplayEvent():
            return await node.ask(lambda change: handlers.replay_event(command, change))
        case ReplayLog():
            return await node.ask(lambda change: handlers.replay_log(command, change))
        case ReplayParked():
            return await node.ask(lambda change: handlers.replay_parked(command, change))
        case ReplayWaiting():
            return await node.ask(lambda change: handlers.replay_waiting(command, change))


def raised_and_taken() -> tuple[str, Sequence[Event]]:
    """Return an alarm's id, and what happens to it."""
    raised = alarm(node="koroszczyn")
    return raised.id, (
        AlarmRaised(alarm=raised),
        AlarmRepeated(alarm_id=raised.id, registration_id=None, at=MORNING),
        AlarmAcknowledged(alarm_id=raised.id, acknowledged_by="anna", acknowledged_at=MORNING),
    )


@CLOCKS
async def test_a_newer_event_is_parked_and_so_is_what_waits_for_it_and_the_upgrade_mends_all(
    node: Node, monkeypatch: pytest.MonkeyPatch, *, goes_back: bool
) -> None:
    seen: list[Recorded] = []
    node.changes.watchers.append(seen.extend)
    alarm_id, (raised, repeated, taken) = raised_and_taken()
    other = alarm(node="koroszczyn")
    await come(node, ALARMS, newer(raised), repeated, AlarmRaised(alarm=other), taken, goes_back=goes_back)

    assert await node.views.alarm(other.id) == other
    assert await held(node) == [
        (1, Trouble.PARKED, "EventTooNew: AlarmRaised version 99"),
        (2, Trouble.PARKED, "RowMissing: alarm"),
        (4, Trouble.PARKED, "RowMissing: alarm"),
    ]
    assert await replay(node, ReplayParked()) == Replayed(shown=0, held=3)
    assert await node.views.alarm(alarm_id) is None
    upgrade(monkeypatch, AlarmRaised)
    assert await replay(node, ReplayParked()) == Replayed(shown=3, held=0)

    shown = await node.views.alarm(alarm_id)
    assert shown is not None
    assert (shown.state, shown.repeats, shown.acknowledged_by) == (AlarmState.ACKNOWLEDGED, 1, "anna")
    assert await held(node) == []
    assert [one.seq for one in seen] == [1, 2, 4]
    assert await replay(node, ReplayParked()) == Replayed(shown=0, held=0)


async def test_what_waits_for_an_event_of_another_log_shows_behind_it(node: Node) -> None:
    alarm_id, (raised, repeated, taken) = raised_and_taken()
    await come(node, LATER_ALARMS, AlarmRaised(alarm=alarm(node="koroszczyn")), repeated, newer(raised), taken)
    assert await replay(node, ReplayWaiting(skip=0, limit=10)) == Replayed(shown=0, held=2)
    await come(node, ALARMS, raised)
    shown = await node.views.alarm(alarm_id)
    assert shown is not None
    assert shown.repeats == 0

    assert await replay(node, ReplayWaiting(skip=0, limit=10)) == Replayed(shown=2, held=0)
    shown = await node.views.alarm(alarm_id)
    assert shown is not None
    assert (shown.state, shown.repeats, shown.acknowledged_by) == (AlarmState.ACKNOWLEDGED, 1, "anna")
    assert await held(node) == [(3, Trouble.PARKED, "EventTooNew: AlarmRaised version 99")]
    assert await replay(node, ReplayWaiting(skip=0, limit=10)) == Replayed(shown=0, held=0)


async def test_what_waits_is_tried_some_at_a_time_in_the_order_of_its_log(node: Node) -> None:
    _, (_, in_vain, _) = raised_and_taken()
    alarm_id, (raised, repeated, taken) = raised_and_taken()
    other = AlarmRaised(alarm=alarm(node="koroszczyn"))
    await come(node, LATER_ALARMS, other, in_vain, repeated, taken)
    await come(node, ALARMS, raised)
    assert await replay(node, ReplayWaiting(skip=0, limit=1)) == Replayed(shown=0, held=1)
    assert await replay(node, ReplayWaiting(skip=1, limit=1)) == Replayed(shown=1, held=0)
    assert [one[0] for one in await held(node)] == [2, 4]
    assert await replay(node, ReplayWaiting(skip=1, limit=1)) == Replayed(shown=1, held=0)
    assert await replay(node, ReplayWaiting(skip=1, limit=1)) == Replayed(shown=0, held=0)
    shown = await node.views.alarm(alarm_id)
    assert shown is not None
    assert (shown.state, shown.repeats) == (AlarmState.ACKNOWLEDGED, 1)


@CLOCKS
async def test_one_event_is_replayed_with_what_waits_for_it_alone(
    node: Node, monkeypatch: pytest.MonkeyPatch, *, goes_back: bool
) -> None:
    first, first_events = raised_and_taken()
    second, second_events = raised_and_taken()
    damaged = encode(second_events[0], MORNING)[:-3]
    events = newer(first_events[0]), first_events[2], damaged, second_events[2]
    ids = await come(node, ALARMS, *events, goes_back=goes_back)

    assert [one[:2] for one in await held(node)] == [
        (1, Trouble.PARKED),
        (2, Trouble.PARKED),
        (3, Trouble.POISON),
        (4, Trouble.PARKED),
    ]
    with pytest.raises(EventStillRefused) as refusal:
        await replay(node, ReplayEvent(event_id=ids[0]))
    assert refusal.value.facts["reason"] == "EventTooNew: AlarmRaised version 99"
    upgrade(monkeypatch, AlarmRaised)
    assert await replay(node, ReplayEvent(event_id=ids[0])) == Replayed(shown=2, held=1)
    shown = await node.views.alarm(first)
    assert shown is not None
    assert shown.state is AlarmState.ACKNOWLEDGED
    assert await node.views.alarm(second) is None
    assert [one[0] for one in await held(node)] == [3, 4]
    with pytest.raises(QuarantinedEventSettled):
        await replay(node, ReplayEvent(event_id=ids[0]))
    with pytest.raises(QuarantinedEventUnknown):
        await replay(node, ReplayEvent(event_id=new_id()))


async def test_one_event_is_replayed_with_what_waits_for_it_in_a_later_log(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    alarm_id, (raised, repeated, taken) = raised_and_taken()
    _, event_id = await come(node, ALARMS, AlarmRaised(alarm=alarm(node="koroszczyn")), newer(raised))
    await come(node, LATER_ALARMS, taken, repeated, goes_back=True)
    upgrade(monkeypatch, AlarmRaised)
    assert await replay(node, ReplayEvent(event_id=event_id)) == Replayed(shown=3, held=0)
    shown = await node.views.alarm(alarm_id)
    assert shown is not None
    assert (shown.repeats, shown.acknowledged_by) == (1, "anna")


async def test_an_event_set_aside_is_kept_and_no_longer_counts(node: Node) -> None:
    damaged = b"\xc1 not an event"
    (event_id,) = await come(node, ALARMS, damaged)
    aside = SetEventAside(event_id=event_id, reason=" a test of the line ")
    await node.ask(lambda change: handlers.set_event_aside(aside, change))

    assert await held(node) == []
    expected = QuarantinedEvent(
        id=event_id,
        origin="koroszczyn",
        epoch=5,
        channel="alarms",
        seq=1,
        size=len(damaged),
        trouble=Trouble.POISON,
        state=QuarantineState.SET_ASIDE,
        reason="EventUnreadable: the frame",
        at=node.clock.now(),
        note="a test of the line",
        settled_by=NODE,
        settled_at=node.clock.now(),
    )
    assert await node.views.quarantined_event(event_id) == (expected, damaged)
    assert list((await node.views.quarantined_events(ALL)).items) == [expected]
    for command in (ReplayParked(), ReplayLog(origin="koroszczyn", epoch=5, channel="alarms")):
        assert await replay(node, command) == Replayed(shown=0, held=0)
    with pytest.raises(QuarantinedEventSettled):
        await node.ask(lambda change: handlers.set_event_aside(aside, change))
    assert await node.views.quarantined_event(new_id()) is None


async def test_held_events_are_found_by_state_trouble_and_origin_a_page_at_a_time(node: Node) -> None:
    _, (raised, _, taken) = raised_and_taken()
    ids = await come(node, ALARMS, newer(raised), taken, b"\xc1")
    (other,) = await come(node, LIST, b"\xc1")

    async def found(window: Window = ALL, **wanted: object) -> list[str]:
        page = await node.views.quarantined_events(window, **wanted)  # type: ignore[arg-type] # as the test says
        assert page.more == (len(page.items) == window.limit)
        return [one.id for one in page.items]

    assert await found() == [other, *ids[::-1]]
    assert await found(trouble=Trouble.PARKED) == [ids[1], ids[0]]
    assert await found(origin="central") == [other]
    assert await found(state=QuarantineState.REPLAYED) == []
    assert await found(Window(limit=2)) == [other, ids[2]]
    assert await found(Window(limit=100, after=ids[2])) == [ids[1], ids[0]]


async def test_an_event_that_no_table_took_is_shown_when_one_does(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    raised = alarm(node="koroszczyn")
    with monkeypatch.context() as broken:
        table, _ = projections.ADDED[AlarmRaised]
        broken.setattr(adapters.memory.showing, "project", refuse)
        broken.setitem(projections.ADDED, AlarmRaised, (table, refuse))
        (event_id,) = await come(node, ALARMS, AlarmRaised(alarm=raised))
        assert await held(node) == [(1, Trouble.POISON, "ZeroDivisionError")]
        with pytest.raises(EventStillRefused):
            await replay(node, ReplayEvent(event_id=event_id))
    assert await replay(node, ReplayLog(origin="koroszczyn", epoch=5, channel="alarms")) == Replayed(shown=1, held=0)
    assert await node.views.alarm(raised.id) == raised


def refuse(*_: object, **__: object) -> None:
    raise ZeroDivisionError("no table takes it")


@CLOCKS
async def test_an_entry_withdrawn_meanwhile_does_not_come_to_life(
    node: Node, monkeypatch: pytest.MonkeyPatch, *, goes_back: bool
) -> None:
    draft = submitted()
    active = draft.approved(by="bogdan", at=MORNING)
    ended = EntryWithdrawn(
        entry_id=draft.id, scope=draft.scope, was_active=True, reason="x", withdrawn_by="anna", withdrawn_at=MORNING
    )
    await come(node, DRAFTS, EntrySubmitted(entry=draft))
    await come(node, LIST, newer(EntryActivated(entry=active)), ended, goes_back=goes_back)
    upgrade(monkeypatch, EntryActivated)
    assert await replay(node, ReplayParked()) == Replayed(shown=1, held=0)

    assert await node.views.entry(draft.id) == active.withdrawn()
    (criterion, *_) = active.criteria
    found = await node.ask(lambda change: change.watchlist.screen((criterion.identifier,), MORNING))
    assert found.matches == ()


async def test_a_late_check_stands_where_it_would_have_stood(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = registration(node="koroszczyn")
    first, second = (rescreened(seen, screening=screening(matches=(match(),))) for _ in range(2))
    other = registration(node="koroszczyn")
    await come(node, FACTS, Registered(registration=seen), newer(first), Registered(registration=other), second)
    await replay_all(node, monkeypatch, type(first))

    expected = seen.rescreened(first.identifiers, first.screening).rescreened(second.identifiers, second.screening)
    assert await node.views.registration(seen.id) == expected
    assert await node.views.registration(other.id) == other


async def test_what_is_matched_again_in_the_same_batch_shows_as_it_is_then(node: Node) -> None:
    seen, other = (registration(node="koroszczyn") for _ in range(2))
    first, second = (rescreened(seen, screening=screening(matches=(match(),))) for _ in range(2))
    await come(node, FACTS, Registered(registration=seen), first, Registered(registration=other), second)

    expected = seen.rescreened(first.identifiers, first.screening).rescreened(second.identifiers, second.screening)
    assert await node.views.registration(seen.id) == expected
    assert await node.views.registration(other.id) == other


@CLOCKS
async def test_the_last_key_of_a_device_stays_the_last(
    node: Node, monkeypatch: pytest.MonkeyPatch, *, goes_back: bool
) -> None:
    enrolled = device(site=NODE)
    first, second = key_renewed(enrolled, key_digest="aa" * 32), key_renewed(enrolled, key_digest="bb" * 32)
    ended = device_withdrawn(enrolled)
    await come(node, POSTS, DeviceEnrolled(device=enrolled), newer(first), second, ended, goes_back=goes_back)
    await replay_all(node, monkeypatch, type(first))

    found = await node.views.device(enrolled.code)
    assert found == enrolled.with_key(second.key_digest).withdrawn(ended.withdrawn_at)


async def test_links_are_followed_to_the_end_even_when_one_shows_late(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings = [reading_taken() for _ in range(3)]
    first, then = linked(kept=readings[1], other=readings[0]), linked(kept=readings[2], other=readings[1])
    await come(node, FACTS, *readings, newer(first), audited(), then)
    await replay_all(node, monkeypatch, type(first))

    found = await node.ask(lambda change: change.readings.near("gate-1", MORNING, MORNING))
    assert {one.passage_id for one in found} == {readings[2].passage_id}


async def replay_all(node: Node, monkeypatch: pytest.MonkeyPatch, type_: type[Event]) -> None:
    assert await held(node) != []
    upgrade(monkeypatch, type_)
    assert (await replay(node, ReplayParked())).held == 0
    assert await held(node) == []


async def test_at_its_origin_a_change_whose_event_cannot_show_is_refused_whole(node: Node) -> None:
    with pytest.raises(RowMissing):
        await node.record(audited(), AlarmRepeated(alarm_id=new_id(), registration_id=None, at=MORNING))
    assert [status.seq for status in await node.views.statuses() if status.seq] == []
    assert node.heard == []
