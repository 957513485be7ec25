"""Matching as part of the change that registers; a failure is never the absence of a match."""

import pytest

from domain.alarms.model import AlarmSource
from domain.identifiers.plates import plate
from domain.registrations.commands import RegisterVehicle, ScreenAgain
from domain.registrations.errors import RegistrationUnknown
from domain.registrations.events import Registered
from domain.registrations.model import Registration, ScreeningOutcome
from domain.shared.errors import Unavailable
from domain.watchlist.events import EntryActivated
from domain.watchlist.model import Entry
from tests.domain.registrations.sights import Look
from tests.nodes import ALL, OFFICER, NodeInMemory, carry, open_node
from tests.samples import entry, new_id

WANTED = RegisterVehicle(lane="lane-1", direction="inbound", plate="WA 12345")


async def seek(node: NodeInMemory, *plates: str) -> Entry:
    """Have an entry that is live at the node from now on."""
    sought = entry(*((one, None) for one in plates))
    await node.changes.run(OFFICER, lambda change: change.record(EntryActivated(entry=sought)))
    return sought


async def stored(node: NodeInMemory, registration: Registration) -> Registration:
    found = await node.views.registration(registration.id)
    assert found is not None
    return found


async def test_a_registration_stands_with_its_matches_and_the_list_version(site: NodeInMemory) -> None:
    sought = await seek(site, "WA 12345")
    registration = await site.do(WANTED)

    (match,) = registration.screening.matches
    assert (match.entry_id, match.key, match.tier) == (sought.id, "exact", "T1")
    (version,) = registration.screening.list_version
    newest = [one for one in site.heard if one.kind == "EntryActivated"][-1]
    assert (version.feed, version.seq, version.hash) == ("watchlist.pl", 1, newest.hash.hex())
    assert await stored(site, registration) == registration


async def test_no_match_is_proven_by_the_list_version(site: NodeInMemory) -> None:
    await seek(site, "KR 1")
    registration = await site.do(WANTED)

    assert registration.screening.outcome is ScreeningOutcome.CHECKED
    assert registration.screening.matches == ()
    assert [(one.feed, one.seq) for one in registration.screening.list_version] == [("watchlist.pl", 1)]


async def test_a_check_that_fails_is_recorded_and_raises_a_fault(site: NodeInMemory) -> None:
    site.changes.watchlist.readable = False
    registration = await site.do(WANTED)

    assert registration.screening.outcome is ScreeningOutcome.NOT_CHECKED
    assert registration.screening.reason == "The watchlist cannot be read now."
    (alarm,) = (await site.views.alarms(ALL)).items
    assert (alarm.source, alarm.priority, alarm.cause) == (AlarmSource.FAULT, 1, "screening:not_checked")
    assert (alarm.registration_id, alarm.label) == (registration.id, "WA12345")


async def test_screening_again_mends_it_and_raises_what_it_finds(site: NodeInMemory) -> None:
    await seek(site, "WA 12345")
    site.changes.watchlist.readable = False
    registration = await site.do(WANTED)
    site.changes.watchlist.readable = True
    mended = await site.do(ScreenAgain(registration_id=registration.id))

    assert mended.screening.outcome is ScreeningOutcome.CHECKED
    assert len(mended.screening.matches) == 1
    assert await stored(site, registration) == mended
    assert [one.source for one in (await site.views.alarms(ALL)).items] == [AlarmSource.MATCH, AlarmSource.FAULT]


async def test_what_could_not_be_checked_is_screened_again_by_itself_as_soon_as_it_can(site: NodeInMemory) -> None:
    sought = await seek(site, "WA 12345")
    site.changes.watchlist.readable = False
    registration = await site.do(WANTED)
    await site.dispatcher.catch_up()
    assert (await stored(site, registration)).screening.outcome is ScreeningOutcome.NOT_CHECKED

    site.changes.watchlist.readable = True
    for _ in range(2):
        await site.dispatcher.catch_up()
    mended = await stored(site, registration)
    assert mended.screening.outcome is ScreeningOutcome.CHECKED
    assert [match.entry_id for match in mended.screening.matches] == [sought.id]
    assert [(one.source, one.repeats) for one in (await site.views.alarms(ALL)).items] == [
        (AlarmSource.MATCH, 0),
        (AlarmSource.FAULT, 0),
    ]


async def test_what_somebody_screened_again_is_not_screened_a_third_time(site: NodeInMemory) -> None:
    site.changes.watchlist.readable = False
    registration = await site.do(WANTED)
    site.changes.watchlist.readable = True
    await site.do(ScreenAgain(registration_id=registration.id))
    await site.dispatcher.catch_up()

    assert len(site.happened("Rescreened")) == 1


async def test_screening_again_may_fail_again(site: NodeInMemory) -> None:
    site.changes.watchlist.readable = False
    registration = await site.do(WANTED)

    with pytest.raises(Unavailable):
        await site.do(ScreenAgain(registration_id=registration.id))
    assert await stored(site, registration) == registration


async def test_what_is_checked_is_not_screened_again(site: NodeInMemory) -> None:
    registration = await site.do(WANTED)

    assert await site.do(ScreenAgain(registration_id=registration.id)) == registration
    assert site.happened("Rescreened") == []


async def test_only_a_registration_of_this_node_can_be_screened_again(site: NodeInMemory) -> None:
    other = open_node("koroszczyn")
    other.changes.watchlist.readable = False
    theirs = await other.do(WANTED)
    await carry(other, site)
    assert await site.views.registration(theirs.id) is not None

    for unknown in (theirs.id, new_id()):
        with pytest.raises(RegistrationUnknown):
            await site.do(ScreenAgain(registration_id=unknown))


async def test_a_further_spelling_of_a_passage_is_matched_as_well(post: NodeInMemory, look: Look) -> None:
    sought = await seek(post, "WA 12346")
    first = await look("WA 12345", at=0)
    assert (await post.views.alarms(ALL)).items == []
    await look("WA 12346", at=1)

    registration = await post.views.registration(first.registration_id)
    assert registration is not None
    assert [match.entry_id for match in registration.screening.matches] == [sought.id]
    (alarm,) = (await post.views.alarms(ALL)).items
    assert (alarm.label, alarm.match is not None and alarm.match.read) == ("WA12345", "WA12346")


async def test_a_further_spelling_does_not_hide_that_the_first_was_not_checked(post: NodeInMemory, look: Look) -> None:
    sought = await seek(post, "WA 12345")
    post.changes.watchlist.readable = False
    first = await look("WA 12345", at=0)
    post.changes.watchlist.readable = True
    await look("WA 12346", at=1)

    registration = await post.views.registration(first.registration_id)
    assert registration is not None
    assert registration.screening.outcome is ScreeningOutcome.CHECKED
    assert [match.entry_id for match in registration.screening.matches] == [sought.id]


async def test_a_further_spelling_that_cannot_be_checked_leaves_the_registration_to_be_screened_again(
    post: NodeInMemory, look: Look
) -> None:
    sought = await seek(post, "WA 12346")
    first = await look("WA 12345", at=0)
    post.changes.watchlist.readable = False
    await look("WA 12346", at=1)
    post.changes.watchlist.readable = True

    unchecked = await post.views.registration(first.registration_id)
    assert unchecked is not None
    assert unchecked.screening.outcome is ScreeningOutcome.NOT_CHECKED
    mended = await post.do(ScreenAgain(registration_id=first.registration_id))
    assert [match.entry_id for match in mended.screening.matches] == [sought.id]


async def test_what_was_found_before_stands_once_after_screening_again(post: NodeInMemory, look: Look) -> None:
    await seek(post, "WA 12345")
    first = await look("WA 12345", at=0)
    post.changes.watchlist.readable = False
    await look("WA 12346", at=1)
    post.changes.watchlist.readable = True
    mended = await post.do(ScreenAgain(registration_id=first.registration_id))

    assert len(mended.screening.matches) == 1
    assert await post.views.registration(first.registration_id) == mended


async def test_a_registration_is_recorded_together_with_its_screening(site: NodeInMemory) -> None:
    await seek(site, "WA 12345")
    registration = await site.do(WANTED)

    assert site.happened("Registered") == [Registered(registration=registration)]
    assert registration.identifiers == (plate("WA 12345"),)


async def test_a_check_that_breaks_in_any_way_leaves_the_object_on_record_as_not_checked(site: NodeInMemory) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError("inside the watchlist")

    site.changes.watchlist.screen = broken  # type: ignore[assignment, method-assign]
    registered = await site.do(RegisterVehicle(lane="lane-1", direction="inbound", plate="WA 12345"))

    assert registered.screening.outcome is ScreeningOutcome.NOT_CHECKED
    assert registered.screening.reason == "the check failed: ZeroDivisionError"
