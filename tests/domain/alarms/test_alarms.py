"""What raises an alarm, and who may take it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.alarms.commands import AcknowledgeAlarm, RaiseAlarm, ReportFaults
from domain.alarms.errors import AlarmAcknowledgedAlready, AlarmPriorityOutOfRange, AlarmUnknown
from domain.alarms.model import Alarm, AlarmSource, AlarmState, Fault
from domain.registrations.commands import RegisterVehicle
from domain.registrations.model import Registration
from domain.shared.actors import system
from domain.shared.errors import NotHere, Refusal
from domain.shared.lanes import LaneMalformed
from domain.shared.texts import TextMissing, TextTooLong
from domain.watchlist.events import EntryActivated
from domain.watchlist.model import Category, Entry
from tests.nodes import ALL, ANALYST, OFFICER, NodeInMemory, carry
from tests.samples import alarm, entry, new_id

CALL = RaiseAlarm(lane="lane-1", label="WA12345", priority=2, text=" Kierowca uciekł ")


async def seek(node: NodeInMemory, plate: str = "WA 12345", **fields: object) -> Entry:
    """Have an entry that is live at the node from now on."""
    sought = entry((plate, None), **fields)
    await node.changes.run(ANALYST, lambda change: change.record(EntryActivated(entry=sought)))
    return sought


async def register(node: NodeInMemory, plate: str = "WA 12345") -> Registration:
    node.clock.step()
    registration: Registration = await node.do(RegisterVehicle(lane="lane-1", direction="inbound", plate=plate))
    return registration


async def alarms(node: NodeInMemory) -> list[Alarm]:
    """Return all alarms, oldest first."""
    return list((await node.views.alarms(ALL)).items)[::-1]


@pytest.mark.parametrize(("plate", "key"), [("WA 12345", "exact"), ("WA 1234S", "folded")])
async def test_a_match_raises_an_alarm_with_all_an_officer_must_know(site: NodeInMemory, plate: str, key: str) -> None:
    sought = await seek(site, title="Kradziony", category=Category.DETAIN, priority=2, instructions="Stój!")
    registration = await register(site, plate)

    (alarm,) = await alarms(site)
    assert (alarm.source, alarm.node, alarm.state) == (AlarmSource.MATCH, "dorohusk", AlarmState.RAISED)
    assert (alarm.cause, alarm.label, alarm.lane) == (f"entry:{sought.id}", registration.label, "lane-1")
    assert (alarm.registration_id, alarm.raised_at, alarm.late) == (registration.id, site.clock.now(), False)
    assert (alarm.priority, alarm.text, alarm.repeats) == (2, "Kradziony", 0)
    assert alarm.match is not None
    assert (alarm.match.title, alarm.match.category, alarm.match.instructions) == ("Kradziony", "detain", "Stój!")
    assert (alarm.match.tier, alarm.match.key) == ("T1", key)
    assert (alarm.match.read, alarm.match.matched) == (registration.label, "WA12345")


async def test_no_match_raises_no_alarm(site: NodeInMemory) -> None:
    await seek(site, "KR 1")
    await register(site)

    assert await alarms(site) == []


async def test_the_same_again_is_counted_while_the_alarm_is_open(site: NodeInMemory) -> None:
    await seek(site)
    registrations = [await register(site) for _ in range(3)]

    (alarm,) = await alarms(site)
    assert (alarm.repeats, alarm.registration_id) == (2, registrations[0].id)
    assert [event.registration_id for event in site.happened("AlarmRepeated")] == [one.id for one in registrations[1:]]


async def test_the_same_again_raises_anew_once_the_alarm_is_taken(site: NodeInMemory) -> None:
    await seek(site)
    await register(site)
    (first,) = await alarms(site)
    await site.do(AcknowledgeAlarm(alarm_id=first.id))
    await register(site)

    taken, second = await alarms(site)
    assert (taken.id, taken.repeats, taken.state) == (first.id, 0, AlarmState.ACKNOWLEDGED)
    assert (second.cause, second.state) == (first.cause, AlarmState.RAISED)


@pytest.mark.parametrize(
    ("earlier", "later", "answers"),
    [("T1", "T1", True), ("T1", "T3", True), ("T2", "T1", False), ("T4", "T3", False), (None, None, True)],
)
def test_an_alarm_answers_for_evidence_that_is_no_stronger(
    earlier: str | None, later: str | None, *, answers: bool
) -> None:
    assert of_tier(earlier).answers_for(of_tier(later)) is answers


def of_tier(tier: str | None) -> Alarm:
    raised = alarm()
    assert raised.match is not None
    return replace(raised, match=None if tier is None else replace(raised.match, tier=tier))


async def test_another_object_and_another_entry_raise_alarms_of_their_own(site: NodeInMemory) -> None:
    first, second = await seek(site, "WA 12345"), await seek(site, "WA 12345", priority=3)
    third = await seek(site, "KR 99999")
    await register(site, "WA 12345")
    await register(site, "KR 99999")
    await register(site, "WA 12345")

    found = [(alarm.cause, alarm.label, alarm.repeats) for alarm in await alarms(site)]
    assert found == [
        (f"entry:{first.id}", "WA12345", 1),
        (f"entry:{second.id}", "WA12345", 1),
        (f"entry:{third.id}", "KR99999", 0),
    ]


async def test_an_entry_met_by_several_criteria_raises_one_alarm(site: NodeInMemory) -> None:
    sought = entry(("WA 12345", None), ("WA 12345", "PL"))
    await site.changes.run(ANALYST, lambda change: change.record(EntryActivated(entry=sought)))
    registration = await register(site)

    assert len(registration.screening.matches) == 2
    assert [alarm.repeats for alarm in await alarms(site)] == [0]


async def test_an_alarm_is_raised_in_the_change_that_registers(site: NodeInMemory) -> None:
    told: list[list[str]] = []
    await seek(site)
    site.changes.listeners.append(lambda recorded: told.append([one.kind for one in recorded]))
    await register(site)

    assert told == [["Registered", "Audited", "AlarmRaised"]]


async def test_an_officer_takes_an_alarm(site: NodeInMemory) -> None:
    await seek(site)
    await register(site)
    (alarm,) = await alarms(site)
    site.clock.step(timedelta(minutes=1))
    taken = await site.do(AcknowledgeAlarm(alarm_id=alarm.id))

    assert (taken.state, taken.acknowledged_by) == (AlarmState.ACKNOWLEDGED, OFFICER.name)
    assert taken.acknowledged_at == site.clock.now()
    assert await site.views.alarm(alarm.id) == taken


async def test_an_alarm_is_taken_once(site: NodeInMemory) -> None:
    alarm = await site.do(CALL)
    await site.do(AcknowledgeAlarm(alarm_id=alarm.id), OFFICER)

    with pytest.raises(AlarmAcknowledgedAlready) as refused:
        await site.do(AcknowledgeAlarm(alarm_id=alarm.id), ANALYST)
    assert refused.value.facts == {"acknowledged_by": OFFICER.name}


async def test_an_unknown_alarm_cannot_be_taken(site: NodeInMemory) -> None:
    with pytest.raises(AlarmUnknown):
        await site.do(AcknowledgeAlarm(alarm_id=new_id()))


async def test_only_the_node_that_raised_an_alarm_decides_it(site: NodeInMemory, centre: NodeInMemory) -> None:
    alarm = await site.do(CALL)
    await carry(site, centre)
    assert await centre.views.alarm(alarm.id) == alarm

    with pytest.raises(NotHere) as refused:
        await centre.do(AcknowledgeAlarm(alarm_id=alarm.id), ANALYST)
    assert refused.value.facts == {"node": "dorohusk"}

    taken = await site.do(AcknowledgeAlarm(alarm_id=alarm.id))
    await carry(site, centre)
    assert await centre.views.alarm(alarm.id) == taken


async def test_an_alarm_of_a_site_raises_nothing_at_the_centre(site: NodeInMemory, centre: NodeInMemory) -> None:
    await seek(site)
    await register(site)
    await carry(site, centre)
    await centre.dispatcher.catch_up()

    assert [alarm.node for alarm in await alarms(centre)] == ["dorohusk"]
    assert centre.heard == []


async def test_an_officer_raises_an_alarm(site: NodeInMemory) -> None:
    alarm = await site.do(CALL)

    assert await site.views.alarm(alarm.id) == alarm
    assert (alarm.source, alarm.cause, alarm.text) == (AlarmSource.OFFICER, "officer:anna", "Kierowca uciekł")
    assert (alarm.lane, alarm.label, alarm.priority) == ("lane-1", "WA12345", 2)
    assert (alarm.registration_id, alarm.match, alarm.late) == (None, None, False)


async def test_each_call_of_an_officer_is_an_alarm(site: NodeInMemory) -> None:
    await site.do(CALL)
    await site.do(CALL)

    assert [alarm.repeats for alarm in await alarms(site)] == [0, 0]


@pytest.mark.parametrize(
    ("call", "refusal"),
    [
        (RaiseAlarm(lane="lane-1", label="x", priority=2, text="  "), TextMissing),
        (RaiseAlarm(lane="lane-1", label="x", priority=2, text="x" * 201), TextTooLong),
        (RaiseAlarm(lane="lane-1", label=" ", priority=2, text="look"), TextMissing),
        (RaiseAlarm(lane="NO LANE", label="x", priority=2, text="look"), LaneMalformed),
        (RaiseAlarm(lane="lane-1", label="x", priority=0, text="x"), AlarmPriorityOutOfRange),
        (RaiseAlarm(lane="lane-1", label="x", priority=4, text="x"), AlarmPriorityOutOfRange),
    ],
)
async def test_a_call_that_makes_no_sense_is_refused(
    site: NodeInMemory, call: RaiseAlarm, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        await site.do(call)
    assert await alarms(site) == []


SILENT = Fault(cause="silent", label="koroszczyn", text="koroszczyn has said nothing since 06:00", priority=2)
FULL = Fault(cause="disk", label="dorohusk", text="3 % of the disk are free", priority=1)


async def report(node: NodeInMemory, begun: tuple[Fault, ...] = (), ended: tuple[Fault, ...] = ()) -> None:
    await node.do(ReportFaults(begun=begun, ended=ended), system(node.name))


async def test_a_fault_of_the_installation_is_an_alarm_of_no_lane(site: NodeInMemory) -> None:
    await report(site, (SILENT,))

    (alarm,) = await alarms(site)
    assert (alarm.source, alarm.cause, alarm.label) == (AlarmSource.FAULT, "technical:silent", "koroszczyn")
    assert (alarm.lane, alarm.registration_id, alarm.priority, alarm.text) == ("", None, 2, SILENT.text)
    assert (alarm.state, alarm.ended_at) == (AlarmState.RAISED, None)


async def test_a_fault_is_told_once_until_it_ends_even_when_it_was_taken(site: NodeInMemory) -> None:
    await report(site, (SILENT,))
    (alarm,) = await alarms(site)
    await site.do(AcknowledgeAlarm(alarm_id=alarm.id))
    await report(site, (SILENT, FULL))

    assert [(one.cause, one.repeats) for one in await alarms(site)] == [("technical:silent", 0), ("technical:disk", 0)]


async def test_a_fault_that_ended_and_came_back_is_another_alarm(site: NodeInMemory) -> None:
    await report(site, (SILENT, FULL))
    site.clock.step()
    await report(site, ended=(SILENT,))
    ended_at = site.clock.now()
    await report(site, ended=(SILENT,))
    await report(site, (SILENT,))

    assert [(one.cause, one.ended_at) for one in await alarms(site)] == [
        ("technical:silent", ended_at),
        ("technical:disk", None),
        ("technical:silent", None),
    ]
    assert len(site.happened("FaultEnded")) == 1
