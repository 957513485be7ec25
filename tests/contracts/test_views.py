"""Lists: newest first, a page at a time, narrowed where asked."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from domain.access.model import AuditRecord
from domain.alarms.events import AlarmAcknowledged, AlarmRaised
from domain.alarms.model import AlarmState
from domain.organisation.events import DeviceEnrolled
from domain.registrations.events import PushSetAside, Registered, WeighingTaken
from domain.registrations.measurements import Measurement, Weight
from domain.registrations.model import KeptPicture, ObjectKind, Reading
from domain.registrations.views import Times
from domain.shared.messages import Event
from domain.shared.quarantine import QuarantineState
from domain.shared.views import Page, Window
from domain.watchlist.events import EntryActivated, EntrySubmitted, EntryWithdrawn
from domain.watchlist.model import EntryState
from tests.contracts.backends import Node, NodeViews, Receive
from tests.samples import (
    MORNING,
    NODE,
    alarm,
    audited,
    device,
    entry,
    new_id,
    pictures_added,
    push_quarantined,
    reading_taken,
    registration,
    submitted,
)

ALL = Window(limit=500)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list: how an object of a given key comes into it, how it is read, and the key of what is read."""

    make: Callable[[str], Event]
    read: Callable[[NodeViews, Window], Awaitable[Page[Any]]]
    key: str = "id"


LISTINGS = {
    "registrations": Listing(
        make=lambda key: Registered(registration=registration(id=key)), read=lambda views, w: views.registrations(w)
    ),
    "quarantine": Listing(make=lambda key: push_quarantined(push_id=key), read=lambda views, w: views.quarantine(w)),
    "entries": Listing(make=lambda key: EntryActivated(entry=entry(id=key)), read=lambda views, w: views.entries(w)),
    "alarms": Listing(make=lambda key: AlarmRaised(alarm=alarm(id=key)), read=lambda views, w: views.alarms(w)),
    "audit_records": Listing(make=lambda key: audited(record_id=key), read=lambda views, w: views.audit_records(w)),
    "devices": Listing(
        make=lambda key: DeviceEnrolled(device=device(code=f"cam-{key}")),
        read=lambda views, w: views.devices(w),
        key="code",
    ),
}


def keys(page: Page[Any], key: str = "id") -> list[str]:
    return [getattr(item, key) for item in page.items]


async def pages(listing: Listing, views: NodeViews, limit: int) -> list[Page[Any]]:
    """Read a list to its end."""
    read = [await listing.read(views, Window(limit=limit))]
    while read[-1].more:
        last = getattr(read[-1].items[-1], listing.key)
        read.append(await listing.read(views, Window(limit=limit, after=last)))
    return read


@pytest.mark.parametrize("name", LISTINGS)
async def test_a_list_is_read_to_its_end_without_gap_or_double(node: Node, name: str) -> None:
    listing = LISTINGS[name]
    order = [new_id() for _ in range(250)]
    await node.record(*(listing.make(key) for key in order[1::2] + order[-2::-2]))

    read = await pages(listing, node.views, limit=40)
    expected = order if listing.key == "id" else [f"cam-{key}" for key in order]
    assert [len(page.items) for page in read] == [40] * 6 + [10]
    assert [key for page in read for key in keys(page, listing.key)] == expected[::-1]


@pytest.mark.parametrize("name", LISTINGS)
async def test_more_is_said_only_when_more_follows(node: Node, name: str) -> None:
    listing = LISTINGS[name]
    assert await listing.read(node.views, ALL) == Page(items=[], more=False)

    await node.record(*(listing.make(new_id()) for _ in range(3)))
    assert [(await listing.read(node.views, Window(limit=limit))).more for limit in (2, 3, 4)] == [True, False, False]


@pytest.mark.parametrize("name", LISTINGS)
async def test_a_page_goes_on_after_a_key_that_is_not_in_the_list(node: Node, name: str) -> None:
    listing = LISTINGS[name]
    first, absent, last = new_id(), new_id(), new_id()
    await node.record(listing.make(first), listing.make(last))

    after = absent if listing.key == "id" else f"cam-{absent}"
    page = await listing.read(node.views, Window(limit=10, after=after))
    assert [key[-len(first) :] for key in keys(page, listing.key)] == [first]


async def test_what_arrives_while_a_list_is_read_does_not_disturb_it(node: Node) -> None:
    await node.record(*(Registered(registration=registration()) for _ in range(4)))
    first = await node.views.registrations(Window(limit=2))
    await node.record(Registered(registration=registration()))

    second = await node.views.registrations(Window(limit=2, after=first.items[-1].id))
    assert len(set(keys(first) + keys(second))) == 4


async def test_registrations_of_one_site_label_or_kind(node: Node, receive: Receive) -> None:
    ours = registration()
    person = registration(kind=ObjectKind.PERSON, identifiers=())
    theirs = registration(node="koroszczyn")
    await node.record(Registered(registration=ours), Registered(registration=person))
    await receive(Registered(registration=theirs))

    assert keys(await node.views.registrations(ALL)) == [theirs.id, person.id, ours.id]
    assert keys(await node.views.registrations(ALL, node=NODE)) == [person.id, ours.id]
    assert keys(await node.views.registrations(ALL, label="WA12345")) == [theirs.id, ours.id]
    assert keys(await node.views.registrations(ALL, label="WA1234")) == []
    assert keys(await node.views.registrations(ALL, kind=ObjectKind.PERSON)) == [person.id]
    assert keys(await node.views.registrations(ALL, node=NODE, label="WA12345", kind=ObjectKind.VEHICLE)) == [ours.id]


async def test_a_narrowed_list_is_paged_like_any_other(node: Node) -> None:
    kinds = [ObjectKind.PERSON if index % 3 == 0 else ObjectKind.VEHICLE for index in range(30)]
    made = [registration(kind=kind) for kind in kinds]
    await node.record(*(Registered(registration=one) for one in made))

    async def read(views: NodeViews, window: Window) -> Page[Any]:
        return await views.registrations(window, kind=ObjectKind.PERSON)

    found = await pages(Listing(make=lambda _: audited(), read=read), node.views, limit=4)
    persons = [one.id for one in made if one.kind is ObjectKind.PERSON]
    assert [len(page.items) for page in found] == [4, 4, 2]
    assert [key for page in found for key in keys(page)] == persons[::-1]


async def test_pushes_in_one_state(node: Node) -> None:
    held, aside = push_quarantined(), push_quarantined()
    await node.record(held, aside, PushSetAside(push_id=aside.push_id, reason="x"))

    assert keys(await node.views.quarantine(ALL, state=QuarantineState.HELD)) == [held.push_id]
    assert keys(await node.views.quarantine(ALL, state=QuarantineState.SET_ASIDE)) == [aside.push_id]
    assert keys(await node.views.quarantine(ALL, state=QuarantineState.REPLAYED)) == []


async def test_entries_in_one_state(node: Node) -> None:
    draft, active, ended = submitted(), entry(), entry()
    withdrawn = EntryWithdrawn(
        entry_id=ended.id, scope="pl", was_active=True, reason="x", withdrawn_by="anna", withdrawn_at=MORNING
    )
    await node.record(EntrySubmitted(entry=draft), EntryActivated(entry=active), EntryActivated(entry=ended), withdrawn)

    assert keys(await node.views.entries(ALL, state=EntryState.SUBMITTED)) == [draft.id]
    assert keys(await node.views.entries(ALL, state=EntryState.ACTIVE)) == [active.id]
    assert keys(await node.views.entries(ALL, state=EntryState.WITHDRAWN)) == [ended.id]


async def test_alarms_in_one_state_or_of_one_site(node: Node, receive: Receive) -> None:
    raised, taken, theirs = alarm(), alarm(), alarm(node="koroszczyn")
    acknowledged = AlarmAcknowledged(alarm_id=taken.id, acknowledged_by="anna", acknowledged_at=MORNING)
    await node.record(AlarmRaised(alarm=raised), AlarmRaised(alarm=taken), acknowledged)
    await receive(AlarmRaised(alarm=theirs))

    assert keys(await node.views.alarms(ALL)) == [theirs.id, taken.id, raised.id]
    assert keys(await node.views.alarms(ALL, state=AlarmState.ACKNOWLEDGED)) == [taken.id]
    assert keys(await node.views.alarms(ALL, state=AlarmState.RAISED)) == [theirs.id, raised.id]
    assert keys(await node.views.alarms(ALL, node="koroszczyn")) == [theirs.id]
    assert keys(await node.views.alarms(ALL, state=AlarmState.RAISED, node=NODE)) == [raised.id]


async def test_an_audit_record_stands_with_its_place_in_the_chain_of_its_node(node: Node, receive: Receive) -> None:
    earlier, ours, theirs = audited(), audited(), audited(who="Żaneta")
    await node.record(earlier, ours)
    await receive(theirs)
    places = {one.event: one for one in (*node.heard, *node.arrived)}

    def stands(event: Any, origin: str) -> AuditRecord:
        return AuditRecord(
            id=event.record_id,
            node=origin,
            seq=places[event].seq,
            hash=places[event].hash.hex(),
            at=event.at,
            who=event.who,
            roles=event.roles,
            action=event.action,
            target=event.target,
            purpose=event.purpose,
            outcome=event.outcome,
        )

    newest = (await node.views.audit_records(Window(limit=2))).items
    assert list(newest) == [stands(theirs, "koroszczyn"), stands(ours, NODE)]
    assert [one.seq for one in newest] == [1, 2]


async def test_audit_records_of_one_person_or_about_one_object(node: Node) -> None:
    by_anna, about_x, both = audited(), audited(who="bogdan", target="x"), audited(target="x")
    await node.record(by_anna, about_x, both)

    assert keys(await node.views.audit_records(ALL, who="anna")) == [both.record_id, by_anna.record_id]
    assert keys(await node.views.audit_records(ALL, target="x")) == [both.record_id, about_x.record_id]
    assert keys(await node.views.audit_records(ALL, who="anna", target="x")) == [both.record_id]


async def test_readings_of_registrations_come_the_first_seen_first(node: Node) -> None:
    one, two, other = new_id(), new_id(), new_id()
    taken = [
        reading_taken(registration_id=owner, seen_at=MORNING + timedelta(seconds=offset))
        for owner, offset in ((one, 3), (two, 2), (other, 0), (one, 1), (two, 4))
    ]
    await node.record(*taken)

    found = await node.views.readings([two, one])
    assert [reading.id for reading in found] == [taken[index].reading_id for index in (3, 1, 0, 4)]
    assert await node.views.readings([]) == []
    assert await node.views.readings([new_id()]) == []


async def test_a_reading_comes_back_as_it_was_taken(node: Node) -> None:
    taken = reading_taken(device_time=None, retransmitted=False)
    await node.record(taken)

    found = await node.views.readings([taken.registration_id])
    assert list(found) == [
        Reading(
            id=taken.reading_id,
            node=NODE,
            passage_id=taken.passage_id,
            registration_id=taken.registration_id,
            device="cam-1",
            vendor_id=taken.vendor_id,
            lane="lane-1",
            checkpoint="gate-1",
            plate="WA12345",
            plate_raw="WA 12345",
            confidence=0.9,
            seen_at=MORNING,
            device_time=None,
            received_at=MORNING + timedelta(seconds=1),
            retransmitted=False,
            pictures=taken.pictures,
            train=taken.train,
            track=taken.track,
            position=taken.position,
            view=taken.view,
            kind=taken.plate.kind,
            country=taken.plate.country,
            vehicle_type=taken.vehicle_type,
            make=taken.make,
            colour=taken.colour,
        )
    ]


async def test_pictures_that_are_added_are_those_of_the_reading(node: Node) -> None:
    bare, other = reading_taken(pictures=()), reading_taken()
    added = pictures_added(bare)
    await node.record(bare, other)
    assert await node.views.picture_hashes(MORNING) == {"ab" * 32}

    await node.record(added)

    found = await node.views.reading(bare.reading_id)
    assert found is not None
    assert found.pictures == added.pictures
    assert await node.ask(lambda change: change.readings.told(bare.device, bare.vendor_id)) == found
    assert await node.ask(lambda change: change.readings.told("cam-9", bare.vendor_id)) is None
    assert await node.views.picture_hashes(MORNING) == {"ab" * 32, "ef" * 32}


async def test_at_most_the_first_1000_readings_are_given(node: Node) -> None:
    owner = new_id()
    taken = [reading_taken(registration_id=owner, seen_at=MORNING + timedelta(seconds=n)) for n in range(1003)]
    await node.record(*taken)

    found: Sequence[Reading] = await node.views.readings([owner])
    assert [reading.id for reading in found] == [one.reading_id for one in taken[:1000]]


async def test_nothing_is_found_where_nothing_is(node: Node) -> None:
    assert await node.views.registration(new_id()) is None
    assert await node.views.quarantine_count() == 0
    assert await node.views.statuses() == []


async def test_a_reading_is_found_with_its_pictures(node: Node) -> None:
    first = reading_taken()
    plain = reading_taken(pictures=(), received_at=first.received_at + timedelta(days=1))
    other = KeptPicture(hash="cd" * 32, size=1, media_type="image/png", shows="scene")
    later = reading_taken(pictures=(*first.pictures, other), received_at=plain.received_at)
    await node.record(first, plain, later)
    assert await node.views.reading(new_id()) is None
    for event in (first, plain, later):
        found = await node.views.reading(event.reading_id)
        assert found is not None
        assert (found.id, found.pictures) == (event.reading_id, event.pictures)
    assert await node.views.picture_hashes(MORNING) == {"ab" * 32, "cd" * 32}
    assert await node.views.picture_hashes(later.received_at) == {"ab" * 32, "cd" * 32}
    assert await node.views.picture_hashes(later.received_at + timedelta(seconds=1)) == frozenset()


HOUR = timedelta(hours=1)


def _measured(**fields: Any) -> Measurement:
    return replace(
        Measurement(
            id=new_id(),
            node=NODE,
            device="scale-1",
            vendor_id=new_id(),
            lane="lane-1",
            checkpoint="gate-1",
            at=MORNING,
            device_time=None,
            received_at=MORNING,
            late=False,
            weight=Weight(gross_kg=12_000.0),
        ),
        **fields,
    )


async def test_pictures_of_measurements_are_referred_to_as_those_of_readings_are(node: Node) -> None:
    picture = KeptPicture(hash="ef" * 32, size=1, media_type="image/png", shows="scene")
    taken = _measured(pictures=(picture,), received_at=MORNING + HOUR)
    await node.record(WeighingTaken(measurement=taken), WeighingTaken(measurement=_measured()), reading_taken())
    assert await node.views.entity(Measurement, taken.id) == taken
    assert await node.views.picture_hashes(MORNING) == {"ab" * 32, "ef" * 32}
    assert await node.views.picture_hashes(MORNING + HOUR) == {"ef" * 32}
    assert await node.views.picture_hashes(MORNING + HOUR + timedelta(seconds=1)) == frozenset()


async def test_measurements_are_found_by_checkpoint_and_time(node: Node) -> None:
    first, second, third = (_measured(at=MORNING + number * HOUR) for number in range(3))
    elsewhere = _measured(checkpoint="gate-2")
    await node.record(*(WeighingTaken(measurement=one) for one in (first, second, third, elsewhere)))

    async def found(limit: int = 10, **wanted: Any) -> list[Measurement]:
        return list((await node.views.measurements(Window(limit=limit), **wanted)).items)

    assert await found() == [elsewhere, third, second, first]
    assert await found(2) == [elsewhere, third]
    assert await found(checkpoint="gate-1", times=Times(since=MORNING + HOUR)) == [third, second]
    assert await found(checkpoint="gate-1", times=Times(until=MORNING + HOUR)) == [first]
    assert await found(node="elsewhere") == []
