"""A list that has never arrived: what was not met is not checked, and is matched again as soon as it is there."""

from collections.abc import Sequence
from datetime import datetime

import pytest

from adapters.memory.clock import SteppingClock
from bus.catalogue import lists_of
from bus.replication import LogId
from domain.alarms.model import AlarmSource
from domain.identifiers.identifier import Identifier
from domain.registrations.commands import RegisterVehicle, ScreenAgain
from domain.registrations.errors import ListsMissing
from domain.registrations.model import FeedVersion, Match, Screening, ScreeningOutcome
from domain.registrations.screening import concluded
from domain.watchlist.events import EntryActivated
from domain.watchlist.model import Entry
from tests.nodes import ALL, OFFICER, NodeInMemory, carry, open_node
from tests.samples import entry, match

WANTED = RegisterVehicle(lane="lane-1", direction="inbound", plate="WA 12345")
VERSION = (FeedVersion(feed="watchlist.pl", epoch=1, seq=0, hash="00"),)


@pytest.fixture
def centre() -> NodeInMemory:
    return open_node("central", clock=SteppingClock(), is_centre=True)


@pytest.fixture
def needy(centre: NodeInMemory) -> NodeInMemory:
    """A site whose lists have not arrived yet."""
    return open_node("dorohusk", clock=centre.clock, lists=lists_of(("pl", "dorohusk")))


async def seek(centre: NodeInMemory, scope: str = "pl") -> Entry:
    sought = entry(("WA 12345", None), scope=scope)
    await centre.changes.run(OFFICER, lambda change: change.record(EntryActivated(entry=sought)))
    return sought


async def arrive(centre: NodeInMemory, site: NodeInMemory, *scopes: str) -> None:
    """Have all that the centre holds arrive at the site, and these lists be complete."""
    await carry(centre, site)
    for scope in scopes:
        await site.logs.note_arrival(LogId("central", centre.changes.epoch, f"watchlist.{scope}"), "central")


async def sources(site: NodeInMemory) -> Sequence[AlarmSource]:
    return sorted(alarm.source for alarm in (await site.views.alarms(ALL)).items)


def test_without_a_list_nothing_is_checked_and_what_is_met_stands() -> None:
    grave, light = match(priority=1), match(priority=3)
    screening = concluded([light, grave], VERSION, {"watchlist.pl", "watchlist.lublin"})

    assert (screening.outcome, screening.matches) == (ScreeningOutcome.NOT_CHECKED, (grave, light))
    assert screening.reason == "never arrived here: watchlist.lublin, watchlist.pl"
    assert screening.list_version == VERSION


@pytest.mark.parametrize("matches", [(), (match(),)])
def test_with_all_lists_it_is_checked(matches: tuple[Match, ...]) -> None:
    screening = concluded(matches, VERSION, ())

    assert (screening.outcome, screening.reason) == (ScreeningOutcome.CHECKED, "")
    assert (screening.matches, screening.list_version) == (matches, VERSION)


async def test_an_object_registered_before_the_lists_came_is_not_checked_and_a_fault_says_so(
    needy: NodeInMemory,
) -> None:
    registration = await needy.do(WANTED)

    assert registration.screening.outcome is ScreeningOutcome.NOT_CHECKED
    (alarm,) = (await needy.views.alarms(ALL)).items
    assert (alarm.source, alarm.cause) == (AlarmSource.FAULT, "screening:not_checked")
    assert alarm.text.endswith("never arrived here: watchlist.dorohusk, watchlist.pl")


async def test_it_raises_its_alarm_once_the_lists_are_there(centre: NodeInMemory, needy: NodeInMemory) -> None:
    registration = await needy.do(WANTED)
    sought = await seek(centre)
    await arrive(centre, needy, "pl")
    await needy.dispatcher.catch_up()
    assert needy.happened("Rescreened") == []
    assert await sources(needy) == [AlarmSource.FAULT]

    await arrive(centre, needy, "dorohusk")
    await needy.dispatcher.catch_up()
    mended = await needy.views.registration(registration.id)
    assert mended is not None
    assert mended.screening.outcome is ScreeningOutcome.CHECKED
    assert [met.entry_id for met in mended.screening.matches] == [sought.id]
    assert [(one.feed, one.seq) for one in mended.screening.list_version] == [
        ("watchlist.dorohusk", 0),
        ("watchlist.pl", 1),
    ]
    assert await sources(needy) == [AlarmSource.FAULT, AlarmSource.MATCH]


async def test_all_that_waits_is_matched_when_the_lists_are_there(centre: NodeInMemory, needy: NodeInMemory) -> None:
    registered = [
        await needy.do(RegisterVehicle(lane="lane-1", direction="inbound", plate=f"WA {number}")) for number in range(5)
    ]
    await needy.dispatcher.catch_up()
    await arrive(centre, needy, "pl", "dorohusk")
    await needy.dispatcher.catch_up()

    assert {event.registration_id for event in needy.happened("Rescreened")} == {one.id for one in registered}


async def test_while_the_lists_are_missing_one_attempt_stands_for_all(needy: NodeInMemory) -> None:
    for number in range(5):
        await needy.do(RegisterVehicle(lane="lane-1", direction="inbound", plate=f"WA {number}"))
    screen, attempts = needy.changes.watchlist.screen, 0

    async def counted(identifiers: Sequence[Identifier], at: datetime) -> Screening:
        nonlocal attempts
        attempts += 1
        return await screen(identifiers, at)

    needy.changes.watchlist.screen = counted  # type: ignore[method-assign] # to count
    await needy.dispatcher.catch_up()
    assert attempts == 1


async def test_what_is_met_before_the_last_list_comes_raises_its_alarm_at_once(
    centre: NodeInMemory, needy: NodeInMemory
) -> None:
    await seek(centre)
    await arrive(centre, needy, "pl")
    registration = await needy.do(WANTED)

    assert registration.screening.outcome is ScreeningOutcome.NOT_CHECKED
    assert await sources(needy) == [AlarmSource.FAULT, AlarmSource.MATCH]
    await arrive(centre, needy, "dorohusk")
    await needy.dispatcher.catch_up()
    mended = await needy.views.registration(registration.id)
    assert mended is not None
    assert (mended.screening.outcome, len(mended.screening.matches)) == (ScreeningOutcome.CHECKED, 1)
    assert [alarm.source for alarm in (await needy.views.alarms(ALL)).items].count(AlarmSource.MATCH) == 1


async def test_screening_again_is_refused_while_a_list_is_missing(needy: NodeInMemory) -> None:
    registration = await needy.do(WANTED)

    with pytest.raises(ListsMissing) as refusal:
        await needy.do(ScreenAgain(registration_id=registration.id))
    assert refusal.value.facts == {"reason": "never arrived here: watchlist.dorohusk, watchlist.pl"}
    assert needy.happened("Rescreened") == []


async def test_the_centre_needs_no_list_but_its_own(centre: NodeInMemory) -> None:
    assert (await centre.do(WANTED)).screening.outcome is ScreeningOutcome.CHECKED
