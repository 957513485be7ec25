"""Companions of registrations, and the card of an object."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bus.lookups import Companion
from domain.alarms.events import AlarmRaised
from domain.crossings.model import CrossingState
from domain.crossings.parts import MemberRole
from domain.identifiers.documents import document_number
from domain.identifiers.plates import plate
from domain.occurrences.events import OccurrenceRecorded
from domain.occurrences.model import Occurrence, OccurrenceKind
from domain.registrations.events import Registered, VehiclesPaired, VehiclesParted
from domain.registrations.model import ObjectKind, Registration, VehiclePair
from tests.contracts.backends import Node, Receive
from tests.samples import (
    MORNING,
    NODE,
    alarm,
    crossed,
    erased,
    id_at,
    match,
    new_id,
    registration,
    screening,
    traveller,
)

DRIVER, TRACTOR, TRAILER = MemberRole.DRIVER, MemberRole.TRACTOR, MemberRole.TRAILER
DAY = timedelta(days=1)


def vehicle(*plates: str, **fields: Any) -> Registration:
    return registration(identifiers=tuple(plate(each, "PL") for each in plates), **fields)


def person(number: str, **fields: Any) -> Registration:
    identifiers = (document_number(number, "POL"),)
    return registration(kind=ObjectKind.PERSON, identifiers=identifiers, traveller=traveller(), **fields)


def pair(tractor: Registration, trailer: Registration) -> VehiclePair:
    return VehiclePair(
        id=new_id(),
        node=NODE,
        checkpoint="gate-1",
        lane="lane-1",
        tractor=tractor.id,
        trailer=trailer.id,
        paired_at=MORNING,
    )


def occurrence(of: Registration) -> Occurrence:
    return Occurrence(
        id=new_id(),
        node=NODE,
        kind=OccurrenceKind.INCIDENT,
        lane="",
        text="Kolizja",
        at=MORNING,
        recorded_by="anna",
        recorded_at=MORNING,
        registration_id=of.id,
    )


async def recorded(node: Node, *registrations: Registration) -> None:
    await node.record(*(Registered(registration=each) for each in registrations))


def told(found: Mapping[str, Sequence[Companion]], of: Registration) -> list[tuple[str, MemberRole]]:
    return [(each.registration.label, each.role) for each in found[of.id]]


async def test_companions_are_the_others_of_the_crossing(node: Node, receive: Receive) -> None:
    lorry, driver, alone = vehicle("WA 12345"), person("AB 123"), vehicle("KR 1")
    await recorded(node, lorry, driver, alone)
    await node.record(*crossed({lorry.id: TRACTOR, driver.id: DRIVER}))

    found = await node.views.companions([lorry.id, alone.id, driver.id])
    assert told(found, lorry) == [("AB123", DRIVER)]
    assert told(found, driver) == [("WA12345", TRACTOR)]
    assert told(found, alone) == []
    assert found[lorry.id][0].registration == driver

    await receive(erased(subjects=(driver.id,), scope=NODE))
    assert told(await node.views.companions([lorry.id]), lorry) == []


async def test_who_was_in_a_cancelled_crossing_or_bound_anew_is_no_companion(node: Node) -> None:
    lorry, driver, other = vehicle("WA 12345"), person("AB 123"), person("CD 456")
    await recorded(node, lorry, driver, other)
    await node.record(*crossed({lorry.id: TRACTOR, driver.id: DRIVER}))
    await node.record(*crossed({lorry.id: TRACTOR, other.id: DRIVER}))
    assert told(await node.views.companions([lorry.id]), lorry) == [("CD456", DRIVER)]

    await node.record(*crossed({lorry.id: TRACTOR, other.id: DRIVER}, state=CrossingState.CANCELLED))
    found = await node.views.companions([lorry.id, other.id])
    assert (told(found, lorry), told(found, other)) == ([], [])


async def test_the_other_of_a_pair_is_a_companion_while_the_pair_holds(node: Node) -> None:
    lorry, trailer = vehicle("WA 12345"), vehicle("RZ 999")
    together = pair(lorry, trailer)
    await recorded(node, lorry, trailer)
    await node.record(VehiclesPaired(pair=together))

    found = await node.views.companions([lorry.id, trailer.id])
    assert (told(found, lorry), told(found, trailer)) == ([("RZ999", TRAILER)], [("WA12345", TRACTOR)])
    assert found[lorry.id][0].crossing_id is None

    parted = VehiclesParted(pair_id=together.id, tractor=lorry.id, trailer=trailer.id, at=MORNING)
    await node.record(parted)
    assert told(await node.views.companions([lorry.id]), lorry) == []


async def test_a_card_counts_by_site_and_direction_over_periods(node: Node, receive: Receive) -> None:
    now = node.clock.now()
    ours = [vehicle("WA 12345", id=id_at(now - back)) for back in (DAY / 2, 6 * DAY, 29 * DAY, 300 * DAY, 400 * DAY)]
    towed = vehicle("X 1", "WA 12345", id=id_at(now), direction="inbound")
    await recorded(node, *ours, towed, person("WA12345", id=id_at(now)))
    await receive(Registered(registration=vehicle("WA 12345", id=id_at(now - 2 * DAY), node="koroszczyn")))

    card = await node.views.card("plate", "WA12345", now)
    assert [(each.node, each.direction, each.day, each.week, each.month, each.year) for each in card.tallies] == [
        (NODE, "inbound", 1, 1, 1, 1),
        (NODE, "outbound", 1, 2, 3, 4),
        ("koroszczyn", "outbound", 0, 1, 1, 1),
    ]
    assert len(card.registrations) == 7
    assert card.registrations[0] == towed


async def test_a_card_shows_who_was_there_most_often(node: Node) -> None:
    lorries = [vehicle("WA 12345") for _ in range(3)]
    drivers = [person("AB 123"), person("CD 456"), person("CD 456")]
    await recorded(node, *lorries, *drivers)
    for lorry, driver in zip(lorries, drivers, strict=True):
        await node.record(*crossed({lorry.id: TRACTOR, driver.id: DRIVER}))

    card = await node.views.card("plate", "WA12345", node.clock.now())
    assert [(each.companion.registration.id, each.times) for each in card.companions] == [
        (drivers[2].id, 2),
        (drivers[0].id, 1),
    ]


async def test_a_card_shows_what_is_about_the_object_alone(node: Node) -> None:
    now = node.clock.now()
    met = vehicle("WA 12345", "VIN 1", id=id_at(now - DAY), screening=screening(matches=(match(),)))
    namesake, before = person("WA12345", id=id_at(now)), vehicle("WA 12345", id=id_at(now - 400 * DAY))
    await recorded(node, met, namesake, before)
    raised = [replace(alarm(), node=NODE, label="WA12345", registration_id=each.id) for each in (met, namesake)]
    happened = [occurrence(each) for each in (met, namesake, met)]
    await node.record(*(AlarmRaised(alarm=each) for each in raised))
    await node.record(*(OccurrenceRecorded(occurrence=each) for each in happened))

    card = await node.views.card("plate", "WA12345", now)
    assert [each.id for each in card.registrations] == [met.id, before.id]
    assert [each.canonical for each in card.identifiers] == ["WA12345", "VIN1"]
    assert card.matches == met.screening.matches
    assert card.alarms == [raised[0]]
    assert card.occurrences == [happened[2], happened[0]]
    assert card.traveller is None
    assert (await node.views.card("document", "WA12345", now)).traveller == namesake.traveller


async def test_the_card_of_an_object_never_seen_is_empty(node: Node) -> None:
    card = await node.views.card("plate", "WA12345", node.clock.now())
    assert (card.registrations, card.tallies, card.alarms, card.occurrences) == ([], [], [], [])
    assert (card.identifiers, card.matches, card.companions) == ((), (), ())
