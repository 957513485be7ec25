"""Erasing what is on record: who names what, why, and what is refused."""

from dataclasses import replace

import msgspec
import pytest

from domain.alarms.events import AlarmRaised
from domain.erasure.commands import Erase
from domain.erasure.errors import EntryStillSought, IdsOutOfRange, NothingToErase
from domain.erasure.events import EventsErased
from domain.organisation.events import DeviceEnrolled
from domain.registrations.events import Registered
from domain.shared.actors import Actor, Role
from domain.shared.errors import Refusal
from domain.shared.texts import TextMissing
from domain.watchlist.events import EntryActivated
from tests.nodes import ALL, NodeInMemory, carry
from tests.samples import alarm, device, entry, new_id, reading_taken, registration, traveller, withdrawn

EWA = Actor(name="ewa", roles=frozenset({Role.ADMINISTRATOR}), purpose="wniosek 12/2026")


def wish(*ids: str) -> Erase:
    return Erase(ids=ids, reason=" żądanie osoby ", legal_basis="art. 17 RODO")


async def record(node: NodeInMemory, *events: object) -> None:
    async def work(change: object) -> None:
        for event in events:
            await change.record(event)  # type: ignore[attr-defined] # a change

    await node.changes.run(EWA, work)


async def test_an_erasure_names_all_that_is_about_it_and_holds_nothing_of_it(
    site: NodeInMemory, centre: NodeInMemory
) -> None:
    one = registration(traveller=traveller())
    raised = alarm(registration_id=one.id, label="KOWALSKA")
    await record(site, Registered(registration=one), reading_taken(registration_id=one.id), AlarmRaised(alarm=raised))
    await carry(site, centre)
    (erasure,) = await centre.do(wish(one.id), EWA, key="a key")

    assert (erasure.scope, erasure.size, erasure.erased_by) == (site.name, 5, "ewa")
    assert (erasure.reason, erasure.legal_basis) == ("żądanie osoby", "art. 17 RODO")
    (event,) = centre.happened("EventsErased")
    assert isinstance(event, EventsErased)
    assert set(event.events) == {one.id for one in site.heard}
    assert set(event.subjects) == {one.id, raised.id}
    assert [(head.channel, head.seq) for head in event.heads] == [("alarms", 1), ("facts", 2)]
    assert b"KOWALSKA" not in msgspec.json.encode(event)
    assert [one.log.channel for one in centre.heard if one.kind == "EventsErased"] == [f"erasure.{site.name}"]

    assert await centre.views.registration(one.id) is None
    assert await centre.do(wish(one.id), EWA, key="a key") == (erasure,)
    with pytest.raises(NothingToErase):
        await centre.do(wish(one.id), EWA)
    await carry(centre, site)
    assert await site.views.registration(one.id) is None
    assert (await site.views.erasures(ALL)).items == (await centre.views.erasures(ALL)).items == [erasure]


async def test_who_erased_what_and_why_is_on_audit(centre: NodeInMemory) -> None:
    one = registration()
    await record(centre, Registered(registration=one))
    await centre.do(wish(one.id), EWA)
    (on_audit,) = (await centre.views.audit_records(ALL, who="ewa")).items
    assert (on_audit.action, on_audit.target, on_audit.purpose) == ("Erase", one.id, "wniosek 12/2026")


async def test_what_belongs_to_two_scopes_makes_an_erasure_of_each(centre: NodeInMemory) -> None:
    one, two = entry(), entry(scope="lublin")
    await record(centre, *(EntryActivated(entry=each) for each in (one, two)), withdrawn(one.id))
    await record(centre, replace(withdrawn(two.id), scope="lublin"))
    assert [(each.scope, each.size) for each in await centre.do(wish(one.id, two.id), EWA)] == [
        ("lublin", 3),
        ("pl", 3),
    ]
    assert (await centre.views.entries(ALL)).items == []


async def test_an_entry_is_withdrawn_before_it_is_erased(centre: NodeInMemory) -> None:
    one = entry()
    await record(centre, EntryActivated(entry=one))
    with pytest.raises(EntryStillSought) as refused:
        await centre.do(wish(one.id), EWA)
    assert refused.value.path == ("ids", "0")
    await record(centre, withdrawn(one.id))
    await centre.do(wish(one.id), EWA)
    assert await centre.views.entry(one.id) is None


@pytest.mark.parametrize(
    ("asked", "refusal", "path"),
    [
        (wish(), IdsOutOfRange, ("ids",)),
        (wish(*(new_id() for _ in range(101))), IdsOutOfRange, ("ids",)),
        (wish(new_id()), NothingToErase, ("ids", "0")),
        (replace(wish(new_id()), reason=" "), TextMissing, ("reason",)),
        (replace(wish(new_id()), legal_basis=""), TextMissing, ("legalBasis",)),
    ],
)
async def test_a_wish_that_makes_no_sense_is_refused(
    centre: NodeInMemory, asked: Erase, refusal: type[Refusal], path: tuple[str, ...]
) -> None:
    with pytest.raises(refusal) as refused:
        await centre.do(asked, EWA)
    assert refused.value.path == path


async def test_events_of_which_the_house_depends_are_not_erased(centre: NodeInMemory) -> None:
    await record(centre, DeviceEnrolled(device=device()))
    with pytest.raises(NothingToErase):
        await centre.do(wish(centre.heard[0].id), EWA)
    assert await centre.views.device("cam-1") is not None
