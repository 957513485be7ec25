"""Corrections of registrations: what holds now shows, what was said stays, and both are found."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.database.canonical import row_hash
from domain.alarms.events import AlarmAcknowledged, AlarmRaised, AlarmRepeated
from domain.identifiers.documents import document_number
from domain.identifiers.plates import plate
from domain.registrations.events import Registered, RegistrationCorrected
from domain.registrations.lookups import Search, part_of
from domain.registrations.model import Correction, ObjectKind, Registration, Said
from domain.shared.views import Window
from tests.contracts.backends import Node, Receive
from tests.contracts.databases import postgresql, sqlite
from tests.contracts.test_custody import shown
from tests.contracts.test_held_events import FACTS, come, newer, replay_all
from tests.postgres import Postgres
from tests.samples import (
    MORNING,
    NODE,
    alarm,
    erased,
    id_at,
    match,
    new_id,
    registration,
    rescreened,
    screening,
    traveller,
)

ALL = Window(limit=10)
RIGHT = Said(identifiers=(plate("WA 12346", "PL"),))


def misread(**fields: object) -> Registration:
    return registration(screening=screening(matches=(match(),)), **fields)


def person() -> Registration:
    return registration(
        kind=ObjectKind.PERSON, identifiers=(document_number("ZS0000017", "POL"),), traveller=traveller()
    )


def corrected(of: Registration, said: Said, **fields: Any) -> RegistrationCorrected:
    """Return that an officer said what a registration should have said."""
    correction = Correction(
        number=of.version + 1,
        by="Żaneta O'Brien",
        at=MORNING + timedelta(minutes=1),
        reason="brudna tablica",
        before=of.said,
        after=said,
        met=of.screening.matches,
    )
    told = RegistrationCorrected(
        registration_id=of.id,
        registered_at=of.registered_at,
        lane=of.lane,
        direction=of.direction,
        seen_at=of.seen_at,
        correction=correction,
        screening=screening(),
        late=True,
    )
    return replace(told, **fields)


def now(one: Registration, event: RegistrationCorrected) -> Registration:
    return one.corrected(event.correction, event.screening)


async def test_a_registration_stands_as_corrected_with_what_it_said_before(node: Node, receive: Receive) -> None:
    mine, theirs = misread(), replace(person(), node="koroszczyn")
    renamed = replace(theirs.said, traveller=replace(traveller(), surname="NOWAK"), failed_checks=("number",))
    plate_told, name_told = corrected(mine, RIGHT, screening=screening(matches=(match(),))), corrected(theirs, renamed)
    await node.record(Registered(registration=mine))
    await node.record(plate_told)
    await receive(Registered(registration=theirs))
    await receive(name_told)

    assert await node.views.registration(mine.id) == now(mine, plate_told)
    assert await node.views.registration(theirs.id) == now(theirs, name_told)
    assert await node.ask(lambda change: change.registrations.find(mine.id)) == now(mine, plate_told)


async def test_corrections_follow_each_other_and_what_is_matched_again_between_them(node: Node) -> None:
    mine = misread()
    first = corrected(mine, RIGHT)
    once = now(mine, first)
    again = rescreened(once, identifiers=(plate("WA 12344", "PL"), *mine.identifiers))
    between = once.rescreened(again.identifiers, again.screening)
    second = corrected(between, Said(identifiers=(plate("WA 1", "PL"),)))
    await node.record(Registered(registration=mine))
    for event in (first, again, second):
        await node.record(event)

    stands = await node.views.registration(mine.id)
    assert stands == now(between, second)
    assert stands is not None
    assert [each.canonical for each in stands.former] == ["WA12345", "WA12346", "WA12344"]


async def test_what_is_corrected_in_the_same_batch_shows_as_it_is_then(node: Node) -> None:
    seen, other = registration(node="koroszczyn"), registration(node="koroszczyn")
    told = corrected(seen, RIGHT)
    again = rescreened(now(seen, told), screening=screening(matches=(match(),)))
    await come(node, FACTS, Registered(registration=seen), told, Registered(registration=other), again)

    assert await node.views.registration(seen.id) == now(seen, told).rescreened((), again.screening)
    assert await node.views.registration(other.id) == other


async def test_a_correction_that_shows_late_stands_where_it_would_have_stood(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = registration(node="koroszczyn")
    told = corrected(seen, RIGHT)
    again = rescreened(now(seen, told), identifiers=(plate("WA 12344", "PL"),))
    await come(node, FACTS, Registered(registration=seen), newer(told), again)
    await replay_all(node, monkeypatch, type(told))

    assert await node.views.registration(seen.id) == now(seen, told).rescreened(again.identifiers, again.screening)


async def test_it_is_found_by_what_it_says_and_by_what_it_said(node: Node) -> None:
    vehicle, holder = misread(id=id_at(MORNING)), person()
    other = registration(identifiers=(plate("KR 1", "PL"),))
    renamed = Said(identifiers=(document_number("ZX 9876543", "POL"),), traveller=replace(traveller(), surname="NOWAK"))
    await node.record(*(Registered(registration=each) for each in (vehicle, holder, other)))
    await node.record(corrected(vehicle, RIGHT), corrected(holder, renamed))

    for canonical in ("WA12345", "WA12346"):
        found = (await node.views.history(ALL, "plate", canonical)).items
        assert [(each.id, each.label) for each in found] == [(vehicle.id, "WA12346")]
        assert (await node.views.history(ALL, "document", canonical)).items == []
        card = await node.views.card("plate", canonical, MORNING)
        assert [each.canonical for each in card.identifiers] == ["WA12346"]
        assert [each.year for each in card.tallies] == [1]
    for part, whose in (("12345", vehicle), ("12346", vehicle), ("0017", holder), ("6543", holder)):
        assert [each.id for each in (await node.views.found(ALL, Search(part=part_of(part)))).items] == [whose.id]
    for part in ("kowalska", "nowak"):
        assert [each.id for each in (await node.views.found(ALL, Search(part=part_of(part)))).items] == [holder.id]
    assert [each.id for each in (await node.views.registrations(ALL, label="WA12346")).items] == [vehicle.id]
    assert (await node.views.registrations(ALL, label="WA12345")).items == []


async def test_a_crossing_goes_by_what_holds_now_and_by_an_alarm_for_the_misreading(node: Node) -> None:
    mine, quiet = misread(), registration()
    await node.record(Registered(registration=mine), Registered(registration=quiet))
    await node.record(corrected(mine, RIGHT), corrected(quiet, Said()))
    ids = [mine.id, quiet.id]

    sightings = await node.ask(lambda change: change.sightings.of(ids))
    assert [(sightings[each].label, sightings[each].checked) for each in ids] == [("WA12346", True), ("", True)]
    assert list(await node.ask(lambda change: change.sightings.alarmed(ids))) == [mine.id]
    raised = alarm(label=mine.label, registration_id=mine.id, node=NODE)
    await node.record(AlarmRaised(alarm=raised))
    assert list(await node.ask(lambda change: change.sightings.alarmed(ids))) == [mine.id]
    await node.record(AlarmAcknowledged(alarm_id=raised.id, acknowledged_by="jan", acknowledged_at=MORNING))
    assert list(await node.ask(lambda change: change.sightings.alarmed(ids))) == []


async def test_a_correction_does_not_make_an_alarm_go_away_that_was_raised_for_another_of_the_same_plate(
    node: Node,
) -> None:
    first, second = misread(), misread()
    raised = alarm(label=first.label, registration_id=first.id, node=NODE)
    await node.record(Registered(registration=first), AlarmRaised(alarm=raised), Registered(registration=second))
    await node.record(AlarmRepeated(alarm_id=raised.id, registration_id=second.id, at=MORNING))
    assert list(await node.ask(lambda change: change.sightings.alarmed([second.id]))) == [second.id]

    await node.record(corrected(second, RIGHT))
    assert list(await node.ask(lambda change: change.sightings.alarmed([second.id]))) == [second.id]
    await node.record(AlarmAcknowledged(alarm_id=raised.id, acknowledged_by="jan", acknowledged_at=MORNING))
    assert list(await node.ask(lambda change: change.sightings.alarmed([second.id]))) == []


async def test_what_was_corrected_is_erased_with_all_that_it_said(
    node: Node, neighbour: Node, receive: Receive
) -> None:
    holder = person()
    await receive(Registered(registration=holder), corrected(holder, replace(holder.said, failed_checks=("number",))))
    erasable = await neighbour.ask(lambda change: change.erasables.find(holder.id))
    assert erasable is not None
    named = erasable.by_scope["koroszczyn"]
    assert len(named.events) == 2
    await receive(erased(*named.events, subjects=tuple(named.subjects)))

    assert await node.views.registration(holder.id) is None
    assert (await node.views.found(ALL, Search(part=part_of("kowalska")))).items == []
    (log,) = [held.log for held in await node.logs.held() if held.log.channel == "facts"]
    assert [record.body for record in (await node.logs.read(log, 1, 10))[1]] == [None, None]


async def test_a_corrected_row_is_the_same_in_either_database(postgres_server: Postgres) -> None:
    mine = misread()
    async with sqlite() as on_file, postgresql(postgres_server) as on_server:
        for node in (on_file, on_server):
            await node.record(Registered(registration=mine))
        uncorrected = await shown(on_file, NODE, table="registration")
        for node in (on_file, on_server):
            await node.record(corrected(mine, RIGHT))
        after = await shown(on_file, NODE, table="registration")
        assert after == await shown(on_server, NODE, table="registration") != uncorrected


def test_a_row_that_was_never_corrected_has_the_hash_that_nodes_of_the_first_release_give_it() -> None:
    row = {"id": new_id(), "label": "WA12345"}
    assert row_hash(row) == row_hash({**row, "corrections": None}) != row_hash({**row, "corrections": "[]"})
