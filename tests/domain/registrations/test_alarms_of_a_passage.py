"""What a passage raises once, however often and however differently its vehicle is read."""

from collections.abc import Sequence
from datetime import datetime

import pytest

from domain.alarms.commands import AcknowledgeAlarm
from domain.alarms.model import Alarm
from domain.identifiers.identifier import Identifier
from domain.registrations.model import Match, Screening, ScreeningOutcome
from domain.watchlist.events import EntryActivated
from domain.watchlist.model import Entry
from tests.domain.registrations.sights import Look
from tests.nodes import ALL, ANALYST, NodeInMemory
from tests.samples import entry, match, new_id


async def seek(node: NodeInMemory, plate: str = "WA 12345") -> Entry:
    sought = entry((plate, None))
    await node.changes.run(ANALYST, lambda change: change.record(EntryActivated(entry=sought)))
    return sought


async def alarms(node: NodeInMemory) -> list[Alarm]:
    """Return all alarms, oldest first."""
    return list((await node.views.alarms(ALL)).items)[::-1]


async def take(node: NodeInMemory) -> None:
    """Take the newest alarm."""
    node.clock.step()
    await node.do(AcknowledgeAlarm(alarm_id=(await alarms(node))[-1].id))


def finds(node: NodeInMemory, monkeypatch: pytest.MonkeyPatch, *found: Match) -> None:
    """Have every check from now on find this."""

    async def screen(_: Sequence[Identifier], __: datetime) -> Screening:
        return Screening(outcome=ScreeningOutcome.CHECKED, list_version=(), matches=found)

    monkeypatch.setattr(node.changes.watchlist, "screen", screen)


async def test_a_look_alike_of_the_same_passage_does_not_raise_a_taken_alarm_again(
    post: NodeInMemory, look: Look
) -> None:
    await seek(post)
    await look("WA 12345", at=0)
    await take(post)
    again = await look("WA 1234S", at=8)

    (alarm,) = await alarms(post)
    assert again.status == "merged"
    assert (alarm.repeats, alarm.acknowledged_by) == (1, "anna")


async def test_a_taken_alarm_answers_for_every_passage_of_the_object_that_was_on_record(
    post: NodeInMemory, look: Look
) -> None:
    await seek(post)
    await look("WA 12345", at=0)
    await look("WA 12345", at=2, device="cam-3")
    await take(post)
    await look("WA 1234S", at=8, device="cam-3")

    (alarm,) = await alarms(post)
    assert alarm.repeats == 2


async def test_the_next_passage_raises_a_taken_alarm_anew(post: NodeInMemory, look: Look) -> None:
    await seek(post)
    await look("WA 12345", at=0)
    await take(post)
    again = await look("WA 12345", at=60)
    await look("WA 1234S", at=62)

    first, second = await alarms(post)
    assert again.status == "registered"
    assert (first.repeats, second.repeats, second.registration_id) == (0, 1, again.registration_id)


async def test_another_entry_raises_an_alarm_in_the_same_passage(post: NodeInMemory, look: Look) -> None:
    first = await seek(post)
    await look("WA 12345", at=0)
    await take(post)
    second = await seek(post, "WA 12346")
    await look("WA 12346", at=5)

    assert [alarm.cause for alarm in await alarms(post)] == [f"entry:{first.id}", f"entry:{second.id}"]


@pytest.mark.parametrize("taken", [False, True])
@pytest.mark.parametrize(("then", "tiers"), [("T1", ["T3", "T1"]), ("T3", ["T3"]), ("T4", ["T3"])])
async def test_stronger_evidence_raises_an_alarm_in_the_same_passage(
    post: NodeInMemory, look: Look, monkeypatch: pytest.MonkeyPatch, then: str, tiers: list[str], *, taken: bool
) -> None:
    entry_id = new_id()
    finds(post, monkeypatch, match(entry_id=entry_id, tier="T3"))
    await look("WA 12345", at=0)
    if taken:
        await take(post)
    finds(post, monkeypatch, match(entry_id=entry_id, tier=then))
    await look("WA 1234S", at=5)
    await look("WA 12346", at=6)

    found = await alarms(post)
    assert [alarm.match and alarm.match.tier for alarm in found] == tiers
    assert sum(alarm.repeats for alarm in found) == 3 - len(tiers)


async def test_of_several_matches_with_an_entry_the_strongest_is_alarmed(
    post: NodeInMemory, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry_id = new_id()
    finds(post, monkeypatch, match(entry_id=entry_id, tier="T3"), match(entry_id=entry_id, tier="T1"))
    await look("WA 12345")

    assert [alarm.match and alarm.match.tier for alarm in await alarms(post)] == ["T1"]


async def test_a_check_that_fails_again_in_the_same_passage_raises_no_second_fault(
    post: NodeInMemory, look: Look
) -> None:
    post.changes.watchlist.readable = False
    await look("WA 12345", at=0)
    await take(post)
    await look("WA 1234S", at=5)

    (fault,) = await alarms(post)
    assert (fault.cause, fault.repeats) == ("screening:not_checked", 1)
