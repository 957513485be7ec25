"""One message, one change: keys, audit of refusals, reactions that are never lost and never doubled."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NoReturn, TypeVar

import pytest
from structlog.testing import capture_logs

from adapters.memory.stores import MemoryAlarms, MemoryReactions
from bus.catalogue import COMMANDS, EVENTS, EVENTS_BY_KIND, REACTIONS, event_entry, feeds_of
from bus.dispatcher import ANSWERS_KEPT, Dispatcher, KeyReused
from bus.ports import Changes, WholeChange
from domain.access.commands import RecordAccess
from domain.alarms.commands import AcknowledgeAlarm, RaiseAlarm
from domain.alarms.model import Alarm
from domain.registrations.commands import RegisterVehicle
from domain.registrations.events import Registered, Screening, ScreeningOutcome
from domain.shared.actors import Actor
from domain.shared.errors import Unavailable
from domain.shared.lanes import LaneMalformed
from domain.shared.messages import Command, Event
from domain.watchlist.events import EntryActivated
from tests.nodes import ALL, ANALYST, OFFICER, NodeInMemory
from tests.samples import entry, match, registration, rescreened, screening

T = TypeVar("T")
VEHICLE = RegisterVehicle(lane="lane-1", direction="inbound", plate="WA 12345")
OTHER = RegisterVehicle(lane="lane-1", direction="inbound", plate="KR 99999")


async def seek(node: NodeInMemory, *plates: str) -> None:
    """Have an entry for each plate that is live at the node from now on."""

    async def work(change: WholeChange) -> None:
        for plate in plates:
            await change.record(EntryActivated(entry=entry((plate, None))))

    await node.changes.run(ANALYST, work)


async def alarms(node: NodeInMemory) -> list[Alarm]:
    """Return all alarms, oldest first."""
    return list((await node.views.alarms(ALL)).items)[::-1]


async def due(node: NodeInMemory) -> list[str]:
    """Return the names of reactions that wait."""

    async def work(change: WholeChange) -> list[str]:
        return [name for name in REACTIONS for _ in await change.reactions.due(name, None, 500)]

    return await node.changes.run(OFFICER, work)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Break what the reactions ask of the alarms; call it to mend them."""

    async def fail(*_: object) -> NoReturn:
        raise RuntimeError("broken")

    monkeypatch.setattr(MemoryAlarms, "open_for", fail)
    return monkeypatch.undo


# Keys


async def test_the_same_key_and_command_give_the_first_answer_and_one_effect(site: NodeInMemory) -> None:
    first = await site.do(VEHICLE, key="k")
    site.clock.step()
    before = len(site.heard)

    assert await site.do(VEHICLE, key="k") == first
    again = [one.event for one in site.heard[before:]]
    assert [(event.action, event.target, event.outcome) for event in again] == [
        ("RegisterVehicle", first.id, "answered_again")
    ]


async def test_without_a_key_or_with_another_a_command_is_carried_out_again(site: NodeInMemory) -> None:
    answers = [await site.do(VEHICLE, key=key) for key in ("k", "l", None, None)]

    assert len({answer.id for answer in answers}) == 4


@pytest.mark.parametrize("other", [OTHER, RaiseAlarm(lane="lane-1", label="x", priority=1, text="x")])
async def test_a_key_used_for_another_command_is_refused(site: NodeInMemory, other: Command) -> None:
    await site.do(VEHICLE, key="k")

    with pytest.raises(KeyReused) as refused:
        await site.do(other, key="k")
    assert refused.value.path == ("idempotencyKey",)
    assert len(site.happened("Registered")) == 1
    assert site.happened("AlarmRaised") == []


async def test_a_key_is_the_callers_own(site: NodeInMemory) -> None:
    first, second = await site.do(VEHICLE, OFFICER, key="k"), await site.do(OTHER, ANALYST, key="k")

    assert first.id != second.id


async def test_a_refusal_does_not_use_up_the_key(site: NodeInMemory) -> None:
    with pytest.raises(LaneMalformed):
        await site.do(RegisterVehicle(lane="?", direction="inbound", plate="WA 12345"), key="k")

    assert (await site.do(VEHICLE, key="k")).label == "WA12345"


async def test_an_answer_is_forgotten_after_seven_days_and_not_before(site: NodeInMemory) -> None:
    first = await site.do(VEHICLE, key="k")
    site.clock.step(ANSWERS_KEPT)
    await site.dispatcher.tidy()
    assert (await site.do(VEHICLE, key="k")).id == first.id

    site.clock.step(timedelta(microseconds=1))
    await site.dispatcher.tidy()
    assert (await site.do(VEHICLE, key="k")).id != first.id


async def test_the_same_key_at_once_has_one_effect(site: NodeInMemory) -> None:
    answers = await asyncio.gather(*(site.do(VEHICLE, key="k") for _ in range(10)))

    assert len({answer.id for answer in answers}) == 1
    assert len(site.happened("Registered")) == 1


async def test_a_command_that_can_be_carried_out_once_can_be_repeated_by_its_key(site: NodeInMemory) -> None:
    alarm = await site.do(RaiseAlarm(lane="lane-1", label="x", priority=1, text="x"), key="a")
    taken = await site.do(AcknowledgeAlarm(alarm_id=alarm.id), key="b")
    assert await site.do(AcknowledgeAlarm(alarm_id=alarm.id), key="b") == taken


async def test_a_command_without_an_answer_is_answered_with_nothing_again(site: NodeInMemory) -> None:
    look = RecordAccess(action="alarms", target="all", outcome="consulted")

    assert [await site.do(look, key="k") for _ in range(2)] == [None, None]
    assert len(site.happened("Audited")) == 1


# Reactions


async def test_a_reaction_that_fails_undoes_nothing_and_is_kept_as_due(
    site: NodeInMemory, broken: Callable[[], None]
) -> None:
    await seek(site, "WA 12345")
    answer = await site.do(VEHICLE)

    assert await site.views.registration(answer.id) == answer
    assert await alarms(site) == []
    assert await due(site) == ["raise_alarms"]
    assert [one.kind for one in site.heard] == ["EntryActivated", "Registered", "Audited"]
    broken()


async def test_it_is_carried_out_once_by_whoever_serves_the_node_next(
    site: NodeInMemory, broken: Callable[[], None]
) -> None:
    await seek(site, "WA 12345")
    await site.do(VEHICLE)
    broken()
    after_a_crash = Dispatcher(site.name, site.changes)
    await asyncio.gather(after_a_crash.catch_up(), site.dispatcher.catch_up())
    await after_a_crash.catch_up()

    assert [alarm.repeats for alarm in await alarms(site)] == [0]
    assert await due(site) == []


async def test_it_stays_due_until_it_succeeds(site: NodeInMemory, broken: Callable[[], None]) -> None:
    await seek(site, "WA 12345")
    await site.do(VEHICLE)
    for _ in range(3):
        await site.dispatcher.catch_up()
    assert await due(site) == ["raise_alarms"]

    broken()
    await site.dispatcher.catch_up()
    assert len(await alarms(site)) == 1


async def test_a_reaction_that_fails_half_way_is_undone_whole(
    site: NodeInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    answered = MemoryAlarms.open_for

    async def fail_second(self: MemoryAlarms, label: str, cause: str, since: datetime | None) -> Sequence[Alarm]:
        calls.append(cause)
        if len(calls) == 2:
            raise RuntimeError("broken")
        return await answered(self, label, cause, since)

    monkeypatch.setattr(MemoryAlarms, "open_for", fail_second)
    await seek(site, "WA 12345", "WA 1234S")
    await site.do(VEHICLE)
    assert await alarms(site) == []

    await site.dispatcher.catch_up()
    assert [(alarm.match is not None and alarm.match.key, alarm.repeats) for alarm in await alarms(site)] == [
        ("exact", 0),
        ("folded", 0),
    ]


async def test_one_reaction_that_fails_does_not_hold_up_the_others(
    site: NodeInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = MemoryAlarms.open_for

    async def fail_for_one(self: MemoryAlarms, label: str, cause: str, since: datetime | None) -> Sequence[Alarm]:
        if label == "WA12345":
            raise RuntimeError("broken")
        return await answered(self, label, cause, since)

    monkeypatch.setattr(MemoryAlarms, "open_for", fail_for_one)
    await seek(site, "WA 12345", "KR 99999")
    await site.do(VEHICLE)
    await site.do(OTHER)
    await site.dispatcher.catch_up()

    assert [alarm.label for alarm in await alarms(site)] == ["KR99999"]
    assert await due(site) == ["raise_alarms"]


async def test_what_is_due_is_carried_out_page_by_page(
    site: NodeInMemory, broken: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    await seek(site, "WA 12345")
    for _ in range(5):
        await site.do(VEHICLE)
    broken()
    pages: list[int] = []
    answered = MemoryReactions.due

    async def paged(self: MemoryReactions, name: str, after: str | None, limit: int) -> Sequence[tuple[str, bytes]]:
        page = await answered(self, name, after, limit)
        if name == "raise_alarms":
            pages.append(len(page))
        return page

    monkeypatch.setattr(MemoryReactions, "due", paged)
    monkeypatch.setattr("bus.dispatcher.DUE_AT_ONCE", 2)
    await site.dispatcher.catch_up()

    assert pages == [2, 2, 1, 0]
    assert await due(site) == []
    assert [alarm.repeats for alarm in await alarms(site)] == [4]


async def test_what_waits_is_neither_read_further_nor_in_the_way_of_another_reaction(
    site: NodeInMemory, broken: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    site.changes.watchlist.readable = False
    for _ in range(3):
        await site.do(VEHICLE)
    monkeypatch.setattr("bus.dispatcher.DUE_AT_ONCE", 1)
    tried: list[int] = []

    async def away(*_: object) -> NoReturn:
        tried.append(1)
        raise Unavailable

    monkeypatch.setattr(MemoryAlarms, "open_for", away)
    site.changes.watchlist.readable = True
    await site.dispatcher.catch_up()

    assert len(tried) == 1
    assert await due(site) == ["raise_alarms"] * 3
    broken()


async def test_an_event_that_cannot_be_read_holds_up_nothing_and_is_told_of_once(
    site: NodeInMemory, broken: Callable[[], None]
) -> None:
    await seek(site, "WA 12345")
    for _ in range(3):
        await site.do(VEHICLE)
    broken()
    table = site.changes.tables.due
    (key, (event_id, _)), *_ = table.items()
    table.put((event_id, b"damaged"), *key)

    with capture_logs() as told:
        for _ in range(2):
            await site.dispatcher.catch_up()

    assert [alarm.repeats for alarm in await alarms(site)] == [1]
    assert await due(site) == ["raise_alarms"]
    assert [(one["event"], one["event_id"]) for one in told] == [("reaction_unreadable", event_id)]


async def test_a_repeated_command_does_not_react_again(site: NodeInMemory) -> None:
    await seek(site, "WA 12345")
    for _ in range(2):
        await site.do(VEHICLE, key="k")

    assert [alarm.repeats for alarm in await alarms(site)] == [0]


class AwayAtFirst(Changes):
    """Changes of a node whose database does not answer at first."""

    def __init__(self, changes: Changes, times: int) -> None:
        """Be away so many times, then pass everything on."""
        self._changes = changes
        self.times = times

    async def run(self, actor: Actor, work: Callable[[Any], Awaitable[T]]) -> T:
        """Run ``work``, or not."""
        self.times -= 1
        if self.times >= 0:
            raise Unavailable
        return await self._changes.run(actor, work)


async def test_whoever_serves_the_node_goes_on_trying(
    site: NodeInMemory, broken: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    await seek(site, "WA 12345")
    await site.do(VEHICLE)
    broken()
    monkeypatch.setattr("bus.dispatcher.RETRY_AFTER_SECONDS", 0)
    changes = AwayAtFirst(site.changes, times=2)

    with site.live.watch("AlarmRaised") as watch:
        serving = asyncio.create_task(Dispatcher(site.name, changes).run())
        async with asyncio.timeout(5):
            raised = await anext(watch.events())
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)

    assert serving.cancelled()
    assert (raised.kind, changes.times < 0) == ("AlarmRaised", True)


async def test_a_change_that_cannot_be_made_is_answered_so(site: NodeInMemory) -> None:
    away = Dispatcher(site.name, AwayAtFirst(site.changes, times=9))

    with pytest.raises(Unavailable):
        await away.dispatch(VEHICLE, OFFICER)


# The table of messages


def test_every_event_has_its_name_on_the_wire() -> None:
    assert {entry.kind: entry.type for entry in EVENTS.values()} == {kind: e.type for kind, e in EVENTS_BY_KIND.items()}
    assert len(EVENTS_BY_KIND) == len(EVENTS)


def names(types: Iterable[type]) -> set[str]:
    return {f"{one.__module__}.{one.__qualname__}" for one in types}


def test_every_command_and_every_event_stands_in_the_table() -> None:
    assert names(Command.__subclasses__()) == names(COMMANDS)
    assert names(Event.__subclasses__()) == names(EVENTS)


@pytest.mark.parametrize(
    ("found", "reactions"),
    [
        (screening(), []),
        (screening(matches=(match(),)), ["raise_alarms"]),
        (screening(outcome=ScreeningOutcome.NOT_CHECKED), ["raise_alarms", "screen"]),
    ],
)
def test_an_event_calls_for_its_reactions_only_when_there_is_something_to_do(
    found: Screening, reactions: list[str]
) -> None:
    known = registration(screening=found)
    for event in (Registered(registration=known), rescreened(known, screening=found)):
        called = event_entry(type(event)).due(event)
        assert [name for name in called if name not in {"visit", "ask_if_permitted"}] == reactions


def test_a_node_holds_the_feeds_of_its_scopes() -> None:
    assert feeds_of(("pl", "dorohusk")) == {
        "watchlist.pl",
        "watchlist.dorohusk",
        "organisation.pl",
        "organisation.dorohusk",
        "erasure.pl",
        "erasure.dorohusk",
    }
