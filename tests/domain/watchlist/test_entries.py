"""An entry's life: one person submits, another approves, anybody entitled withdraws."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.registrations.commands import RegisterPerson, RegisterVehicle
from domain.shared.errors import Refusal
from domain.shared.texts import TextMissing, TextTooLong
from domain.watchlist.commands import ApproveEntry, CreateEntry, WantedIdentifier, WithdrawEntry
from domain.watchlist.errors import (
    ApproverIsAuthor,
    CriteriaMissing,
    CriterionKindUnknown,
    CriterionUnreadable,
    EntryExpired,
    EntryNotLive,
    EntryNotSubmitted,
    EntryUnknown,
    PriorityOutOfRange,
    ScopeMalformed,
    ValidityInPast,
)
from domain.watchlist.model import Category, Entry, EntryState
from tests.nodes import ALL, ANALYST, OFFICER, SUPERVISOR, NodeInMemory, carry
from tests.samples import MORNING, new_id

PLATE = WantedIdentifier(kind="plate", value="wa 12345", country="PL")
WISH = CreateEntry(
    title="  Kradziony ciągnik ",
    category=Category.SEIZE,
    priority=1,
    legal_basis=" art. 15 ",
    instructions=" Zatrzymać ",
    scope="pl",
    valid_until=MORNING + timedelta(days=30),
    criteria=(PLATE,),
)


async def submit(node: NodeInMemory, wish: CreateEntry = WISH) -> Entry:
    entry: Entry = await node.do(wish, ANALYST)
    return entry


async def activate(node: NodeInMemory, wish: CreateEntry = WISH) -> Entry:
    entry: Entry = await node.do(ApproveEntry(entry_id=(await submit(node, wish)).id), SUPERVISOR)
    return entry


async def matches(node: NodeInMemory, plate: str = "WA 12345") -> list[str]:
    registration = await node.do(RegisterVehicle(lane="lane-1", direction="inbound", plate=plate))
    return [match.entry_id for match in registration.screening.matches]


async def test_an_entry_is_submitted_as_it_is_wished(centre: NodeInMemory) -> None:
    entry = await submit(centre)

    assert await centre.views.entry(entry.id) == entry
    assert (entry.title, entry.legal_basis, entry.instructions) == ("Kradziony ciągnik", "art. 15", "Zatrzymać")
    assert (entry.category, entry.priority, entry.scope) == (Category.SEIZE, 1, "pl")
    assert [(one.identifier.canonical, one.identifier.country) for one in entry.criteria] == [("WA12345", "PL")]
    assert (entry.author, entry.created_at) == (ANALYST.name, centre.clock.now())
    assert (entry.state, entry.approver, entry.approved_at) == (EntryState.SUBMITTED, "", None)


@pytest.mark.parametrize(
    ("wish", "refusal", "path"),
    [
        (replace(WISH, title="  "), TextMissing, ("title",)),
        (replace(WISH, title="x" * 201), TextTooLong, ("title",)),
        (replace(WISH, instructions="x" * 4001), TextTooLong, ("instructions",)),
        (replace(WISH, legal_basis=""), TextMissing, ("legalBasis",)),
        (replace(WISH, priority=0), PriorityOutOfRange, ("priority",)),
        (replace(WISH, priority=4), PriorityOutOfRange, ("priority",)),
        (replace(WISH, scope="PL"), ScopeMalformed, ("scope",)),
        (replace(WISH, scope="drafts"), ScopeMalformed, ("scope",)),
        (replace(WISH, scope="pl.>"), ScopeMalformed, ("scope",)),
        (replace(WISH, scope="a" * 41), ScopeMalformed, ("scope",)),
        (replace(WISH, valid_until=MORNING), ValidityInPast, ("validUntil",)),
        (replace(WISH, valid_until=MORNING + timedelta(days=5 * 366, seconds=1)), ValidityInPast, ("validUntil",)),
        (replace(WISH, criteria=()), CriteriaMissing, ("criteria",)),
        (replace(WISH, criteria=(PLATE,) * 21), CriteriaMissing, ("criteria",)),
        (replace(WISH, criteria=(PLATE, replace(PLATE, kind="face"))), CriterionKindUnknown, ("criteria", "1", "kind")),
        (replace(WISH, criteria=(replace(PLATE, value="--"),)), CriterionUnreadable, ("criteria", "0", "value")),
        (
            replace(WISH, criteria=(PLATE, WantedIdentifier(kind="document", value="Z" * 33))),
            CriterionUnreadable,
            ("criteria", "1", "value"),
        ),
    ],
)
async def test_a_wish_that_makes_no_sense_is_refused(
    centre: NodeInMemory, wish: CreateEntry, refusal: type[Refusal], path: tuple[str, ...]
) -> None:
    with pytest.raises(refusal) as refused:
        await submit(centre, wish)

    assert refused.value.path == path
    assert (await centre.views.entries(ALL)).items == []


@pytest.mark.parametrize(
    "wish",
    [
        replace(WISH, criteria=(PLATE,) * 20),
        replace(WISH, valid_until=MORNING + timedelta(days=5 * 366)),
        replace(WISH, valid_until=MORNING + timedelta(microseconds=1)),
        replace(WISH, instructions=""),
    ],
)
async def test_what_just_makes_sense_is_taken(centre: NodeInMemory, wish: CreateEntry) -> None:
    assert (await submit(centre, wish)).state is EntryState.SUBMITTED


async def test_nothing_is_sought_before_another_person_approves(centre: NodeInMemory) -> None:
    entry = await submit(centre)
    assert await matches(centre) == []

    with pytest.raises(ApproverIsAuthor):
        await centre.do(ApproveEntry(entry_id=entry.id), ANALYST)
    assert await matches(centre) == []

    active = await centre.do(ApproveEntry(entry_id=entry.id), SUPERVISOR)
    assert (active.state, active.approver, active.approved_at) == (
        EntryState.ACTIVE,
        SUPERVISOR.name,
        centre.clock.now(),
    )
    assert await centre.views.entry(entry.id) == active
    assert await matches(centre) == [entry.id]


async def test_an_entry_is_approved_once(centre: NodeInMemory) -> None:
    entry = await activate(centre)

    with pytest.raises(EntryNotSubmitted) as refused:
        await centre.do(ApproveEntry(entry_id=entry.id), SUPERVISOR)
    assert refused.value.facts == {"state": "active"}


async def test_an_entry_whose_validity_is_over_is_neither_approved_nor_met(centre: NodeInMemory) -> None:
    waiting, active = await submit(centre), await activate(centre)
    centre.clock.set(WISH.valid_until - timedelta(microseconds=1))
    assert await matches(centre) == [active.id]

    centre.clock.set(WISH.valid_until)
    with pytest.raises(EntryExpired):
        await centre.do(ApproveEntry(entry_id=waiting.id), SUPERVISOR)
    assert await matches(centre) == []


async def test_a_withdrawn_entry_is_no_longer_met(centre: NodeInMemory) -> None:
    entry = await activate(centre)
    ended = await centre.do(WithdrawEntry(entry_id=entry.id, reason="found"), OFFICER)

    assert ended.state is EntryState.WITHDRAWN
    assert await centre.views.entry(entry.id) == ended
    assert await matches(centre) == []
    (event,) = centre.happened("EntryWithdrawn")
    assert (event.reason, event.withdrawn_by, event.was_active) == ("found", OFFICER.name, True)


async def test_an_entry_ends_once_and_for_a_reason(centre: NodeInMemory) -> None:
    entry = await submit(centre)
    with pytest.raises(TextMissing):
        await centre.do(WithdrawEntry(entry_id=entry.id, reason=" "))
    await centre.do(WithdrawEntry(entry_id=entry.id, reason="a mistake"))

    with pytest.raises(EntryNotLive):
        await centre.do(WithdrawEntry(entry_id=entry.id, reason="again"))
    with pytest.raises(EntryNotSubmitted):
        await centre.do(ApproveEntry(entry_id=entry.id), SUPERVISOR)


async def test_an_unknown_entry_can_be_neither_approved_nor_withdrawn(centre: NodeInMemory) -> None:
    with pytest.raises(EntryUnknown):
        await centre.do(ApproveEntry(entry_id=new_id()), SUPERVISOR)
    with pytest.raises(EntryUnknown):
        await centre.do(WithdrawEntry(entry_id=new_id(), reason="x"))


async def test_a_document_is_sought_by_its_number(centre: NodeInMemory) -> None:
    sought = WantedIdentifier(kind="document", value="l898902c3", country="UTO")
    entry = await activate(centre, replace(WISH, criteria=(sought,)))
    mrz = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
    registration = await centre.do(RegisterPerson(lane="lane-1", direction="inbound", mrz=mrz))

    assert [(match.entry_id, match.kind) for match in registration.screening.matches] == [(entry.id, "document")]


async def test_drafts_and_what_comes_of_them_travel_on_feeds_of_their_own(centre: NodeInMemory) -> None:
    active, draft = await activate(centre), await submit(centre)
    for entry in (active, draft):
        await centre.do(WithdrawEntry(entry_id=entry.id, reason="x"))

    assert [(one.kind, one.log.channel) for one in centre.heard if one.log.channel != "audit"] == [
        ("EntrySubmitted", "watchlist.drafts"),
        ("EntryActivated", "watchlist.pl"),
        ("EntrySubmitted", "watchlist.drafts"),
        ("EntryWithdrawn", "watchlist.pl"),
        ("EntryWithdrawn", "watchlist.drafts"),
    ]


async def test_an_entry_approved_at_the_centre_is_met_at_a_site_until_it_is_withdrawn(
    centre: NodeInMemory, site: NodeInMemory
) -> None:
    entry = await activate(centre)
    assert await matches(site) == []
    await carry(centre, site)
    assert await matches(site) == [entry.id]

    await centre.do(WithdrawEntry(entry_id=entry.id, reason="found"))
    assert await matches(site) == [entry.id]
    await carry(centre, site)
    assert await matches(site) == []
