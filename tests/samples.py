"""Domain objects and events with all fields filled; each test names only the fields it is about."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from domain.access.events import Audited
from domain.alarms.model import Alarm, AlarmSource, MatchSnapshot
from domain.crossings.events import CrossingOpened, RegistrationBound
from domain.crossings.model import Crossing, Subsystem
from domain.crossings.parts import Member, MemberRole, Parts
from domain.devices.model import DeviceState
from domain.erasure.events import EventsErased
from domain.erasure.model import LogHead
from domain.identifiers.plates import plate
from domain.organisation.events import DeviceKeyRenewed, DeviceWithdrawn
from domain.organisation.model import Device, digest
from domain.registrations.events import (
    PassagesLinked,
    PicturesAdded,
    PushQuarantined,
    QuarantineFilled,
    ReadingTaken,
    Rescreened,
)
from domain.registrations.model import (
    FeedVersion,
    KeptPicture,
    Match,
    ObjectKind,
    Registration,
    Screening,
    ScreeningOutcome,
    Traveller,
)
from domain.registrations.readings import Seen
from domain.shared.ids import first_id
from domain.watchlist.events import EntryWithdrawn
from domain.watchlist.model import Category, Criterion, Entry, EntryState

NODE = "dorohusk"
MORNING = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
_numbers: Iterator[int] = count(1)


def new_id() -> str:
    """Return an id greater than every one before."""
    return f"01950000-0000-7000-8000-{next(_numbers):012x}"


def id_at(at: datetime) -> str:
    """Return an id that was made at this time, greater than every one before of the same time."""
    return first_id(at)[:13] + new_id()[13:]


def reading_taken(**fields: Any) -> ReadingTaken:
    """Return what a camera said once."""
    reading_id = new_id()
    return replace(
        ReadingTaken(
            reading_id=reading_id,
            passage_id=new_id(),
            registration_id=new_id(),
            device="cam-1",
            vendor_id=reading_id,
            lane="lane-1",
            checkpoint="gate-1",
            plate=plate("WA 12345", "PL"),
            confidence=0.9,
            seen_at=MORNING,
            device_time=MORNING + timedelta(microseconds=123456),
            received_at=MORNING + timedelta(seconds=1),
            retransmitted=True,
            device_direction="forward",
            vehicle_type="Truck",
            make="Škoda",
            colour="żółty",
            pictures=(KeptPicture(hash="ab" * 32, size=123_456, media_type="image/jpeg", shows="plate"),),
            train="4711",
            track="2",
            position=7,
            view="rear",
        ),
        **fields,
    )


def pictures_added(of: ReadingTaken) -> PicturesAdded:
    """Return that a reading was told once more, with a picture."""
    shown = KeptPicture(hash="ef" * 32, size=7, media_type="image/png", shows="vehicle")
    return PicturesAdded(reading_id=of.reading_id, registration_id=of.registration_id, pictures=(shown,))


def match(**fields: Any) -> Match:
    """Return a match of a plate."""
    return replace(
        Match(
            entry_id=new_id(),
            kind="plate",
            key="folded",
            tier="T1",
            raw="WA 1234O",
            read="WA1234O",
            matched="WA12340",
            differences=(6,),
            title="Kradziony ciągnik",
            category=Category.SEIZE,
            priority=1,
            instructions="Zatrzymać",
        ),
        **fields,
    )


def screening(**fields: Any) -> Screening:
    """Return a check that found nothing."""
    version = FeedVersion(feed="watchlist.pl", epoch=7, seq=3, hash="ab" * 32)
    return replace(Screening(outcome=ScreeningOutcome.CHECKED, list_version=(version,)), **fields)


def registration(**fields: Any) -> Registration:
    """Return a lorry registered by a camera."""
    return replace(
        Registration(
            id=new_id(),
            node=NODE,
            kind=ObjectKind.VEHICLE,
            lane="lane-1",
            direction="outbound",
            source="device",
            registered_by="cam-1",
            seen_at=MORNING,
            registered_at=MORNING + timedelta(seconds=1),
            device_time=MORNING - timedelta(seconds=1),
            late=True,
            passage_id=new_id(),
            identifiers=(plate("WA 12345", "PL"),),
            screening=screening(),
        ),
        **fields,
    )


def crossed(members: Mapping[str, MemberRole], **fields: Any) -> list[CrossingOpened | RegistrationBound]:
    """Return that a crossing was opened with registrations in these roles, and that they were bound to it."""
    parts = Parts(members=tuple(Member(registration_id=each, role=role) for each, role in members.items()))
    opened = Crossing(
        id=new_id(), node=NODE, subsystem=Subsystem.SOC_T, opened_by="anna", opened_at=MORNING, parts=parts
    )
    crossing = replace(opened, **fields)
    return [
        CrossingOpened(crossing=crossing),
        *(
            RegistrationBound(registration_id=each, node=NODE, crossing_id=crossing.id, role=role)
            for each, role in members.items()
        ),
    ]


def traveller() -> Traveller:
    """Return the holder of a document."""
    return Traveller(
        surname="KOWALSKA ŁĘCKA", given_names="ANNA", nationality="POL", birth_date=MORNING.date(), sex="F"
    )


def rescreened(of: Registration, **fields: Any) -> Rescreened:
    """Return a further check of a registration that found nothing new."""
    return replace(
        Rescreened(
            registration_id=of.id,
            registered_at=of.registered_at,
            node=of.node,
            lane=of.lane,
            label=of.label,
            identifiers=(),
            screening=screening(),
            late=False,
        ),
        **fields,
    )


def linked(kept: ReadingTaken, other: ReadingTaken) -> PassagesLinked:
    """Return the correction that links the passage of ``other`` to that of ``kept``."""
    return PassagesLinked(
        passage_id=kept.passage_id,
        linked_passage_id=other.passage_id,
        registration_id=kept.registration_id,
        linked_registration_id=other.registration_id,
        reading_id=kept.reading_id,
        lane=kept.lane,
        label=kept.plate.canonical,
    )


def push_quarantined(**fields: Any) -> PushQuarantined:
    """Return a push that could not be read."""
    return replace(
        PushQuarantined(
            push_id=new_id(),
            node=NODE,
            device="cam-1",
            content_type="application/xml",
            digest="cd" * 32,
            size=40_000_000,
            truncated=True,
            reason="malformed",
            message="The XML is not well-formed.",
            received_at=MORNING,
        ),
        **fields,
    )


def quarantine_filled(**fields: Any) -> QuarantineFilled:
    """Return the first refusal of a push for want of room."""
    return replace(
        QuarantineFilled(node=NODE, device="cam-1", lane="lane-1", held=1, size=40_000_000, at=MORNING), **fields
    )


def alarm(**fields: Any) -> Alarm:
    """Return an alarm for a match."""
    snapshot = MatchSnapshot(
        entry_id=new_id(),
        title="Kradziony ciągnik",
        category="seize",
        instructions="Zatrzymać",
        tier="T1",
        key="exact",
        read="WA12345",
        matched="WA12345",
    )
    return replace(
        Alarm(
            id=new_id(),
            node=NODE,
            source=AlarmSource.MATCH,
            cause=f"entry:{snapshot.entry_id}",
            lane="lane-1",
            label="WA12345",
            registration_id=new_id(),
            priority=1,
            text="Kradziony ciągnik",
            late=True,
            raised_at=MORNING,
            match=snapshot,
        ),
        **fields,
    )


def entry(*plates: tuple[str, str | None], **fields: Any) -> Entry:
    """Return an active entry that seeks these plates, each with its country."""
    sought = plates or (("WA12345", "PL"),)
    return replace(
        Entry(
            id=new_id(),
            title="Kradziony ciągnik",
            category=Category.SEIZE,
            priority=1,
            legal_basis="art. 15 ustawy o KAS",
            instructions="Zatrzymać",
            scope="pl",
            valid_until=MORNING + timedelta(days=30),
            criteria=tuple(Criterion(id=new_id(), identifier=plate(raw, country)) for raw, country in sought),
            author="anna",
            created_at=MORNING - timedelta(hours=1),
            state=EntryState.ACTIVE,
            approver="bogdan",
            approved_at=MORNING,
        ),
        **fields,
    )


def withdrawn(entry_id: str) -> EntryWithdrawn:
    """Return that an active entry of the country was withdrawn."""
    return EntryWithdrawn(
        entry_id=entry_id,
        scope="pl",
        reason="odnaleziony",
        withdrawn_by="bogdan",
        withdrawn_at=MORNING,
        was_active=True,
    )


def submitted(**fields: Any) -> Entry:
    """Return an entry that nobody has approved yet."""
    return entry(state=EntryState.SUBMITTED, approver="", approved_at=None, **fields)


def device(**fields: Any) -> Device:
    """Return a camera at this site."""
    return replace(
        Device(
            code="cam-1",
            site=NODE,
            lane="lane-1",
            checkpoint="gate-1",
            direction="outbound",
            format="hikvision_isapi",
            key_digest=digest("a long random key"),
            merge_window=timedelta(seconds=7, milliseconds=500),
        ),
        **fields,
    )


def key_renewed(of: Device, **fields: Any) -> DeviceKeyRenewed:
    """Return that a device has another key."""
    return replace(DeviceKeyRenewed(code=of.code, site=of.site, key_digest=digest("another key")), **fields)


def device_withdrawn(of: Device, **fields: Any) -> DeviceWithdrawn:
    """Return that a device is out of service."""
    return replace(
        DeviceWithdrawn(code=of.code, site=of.site, reason="skradziona", withdrawn_by="jan", withdrawn_at=MORNING),
        **fields,
    )


def audited(**fields: Any) -> Audited:
    """Return a consultation."""
    return replace(
        Audited(
            record_id=new_id(),
            at=MORNING,
            who="anna",
            roles=("analyst", "officer"),
            action="registrations",
            target="WA12345",
            purpose="kontrola 12/2026",
            outcome="consulted",
        ),
        **fields,
    )


def erased(
    *events: str, subjects: tuple[str, ...] = (), scope: str = "koroszczyn", heads: tuple[LogHead, ...] = ()
) -> EventsErased:
    """Return that events, and all about some objects, were erased."""
    return EventsErased(
        erasure_id=new_id(),
        scope=scope,
        events=events,
        subjects=subjects,
        heads=heads,
        reason="żądanie osoby, której dane dotyczą",
        legal_basis="art. 17 RODO",
        erased_by="ewa",
        erased_at=MORNING,
    )


def seen(plate_as_read: str = "WA 12345", **fields: Any) -> Seen:
    """Return what a camera says; each time with another id of the vendor's."""
    return replace(
        Seen(
            vendor_id=f"vendor-{next(_numbers)}",
            plate=plate_as_read,
            country="PL",
            confidence=0.9,
            candidates=(),
            device_time=MORNING,
            direction="forward",
            vehicle_type="Truck",
            make=None,
            colour=None,
            retransmitted=False,
        ),
        **fields,
    )


def device_state(**fields: Any) -> DeviceState:
    """Return how a device is."""
    return replace(
        DeviceState(
            code="cam-1",
            node="koroszczyn",
            last_heard_at=MORNING,
            clock_offset_seconds=-1.25,
            silent=True,
            pushes=12,
        ),
        **fields,
    )
