"""Readings, registrations and links, from events to rows."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import Table, bindparam, delete, select, update

from adapters.database.projections.subjects import Subject, change_row
from adapters.database.session import Session
from adapters.database.stores.registrations import to_registration
from adapters.database.tables.registrations import passage_link, reading, registration
from bus.recorded import Recorded, RowMissing
from domain.registrations.events import (
    PassagesLinked,
    PicturesAdded,
    ReadingTaken,
    Registered,
    RegistrationCorrected,
    Rescreened,
)
from domain.registrations.lookups import further_searched, holder_searched
from domain.registrations.model import Registration
from domain.shared.messages import Event

_REGISTRATION = select(registration).where(registration.c.id == bindparam("key")).with_for_update()
_MATCHED: Mapping[str, Any] = {
    "identifiers": bindparam("identifiers"),
    "further": bindparam("also"),
    "outcome": bindparam("outcome"),
    "reason": bindparam("reason"),
    "list_version": bindparam("list_version"),
    "matches": bindparam("matches"),
}
_RESCREEN = update(registration).where(registration.c.id == bindparam("key")).values(_MATCHED)
_CORRECT = (
    update(registration)
    .where(registration.c.id == bindparam("key"))
    .values(
        {
            **_MATCHED,
            "label": bindparam("called"),
            "traveller": bindparam("told_of"),
            "failed_checks": bindparam("failed"),
            "holder": bindparam("names"),
            "corrections": bindparam("told"),
        }
    )
)
_RELINK = (
    update(passage_link)
    .where(passage_link.c.passage_id == bindparam("linked_passage"))
    .values(passage_id=bindparam("passage"), registration_id=bindparam("registration"))
)
_PICTURED = update(reading).where(reading.c.id == bindparam("key")).values(pictures=bindparam("shown"))
_ONWARD = select(passage_link).where(passage_link.c.linked_passage_id == bindparam("kept"))
_AGAIN = (RegistrationCorrected, Rescreened)
_json = msgspec.json.Encoder()


def _text(value: object) -> str:
    return _json.encode(value).decode()


def _reading(recorded: Recorded, event: ReadingTaken) -> tuple[Any, ...]:
    return (
        event.reading_id,
        recorded.log.origin,
        event.passage_id,
        event.registration_id,
        event.device,
        event.vendor_id,
        event.lane,
        event.checkpoint,
        event.plate.canonical,
        event.plate.raw,
        event.plate.folded,
        event.plate.country,
        event.confidence,
        event.seen_at,
        event.device_time,
        event.received_at,
        event.retransmitted,
        event.device_direction,
        event.vehicle_type,
        event.make,
        event.colour,
        _text(event.pictures) if event.pictures else None,
        event.plate.kind,
        event.train,
        event.track,
        event.view,
        event.position,
    )


def _registration(recorded: Recorded, event: Registered) -> tuple[Any, ...]:
    registered = event.registration
    screening = registered.screening
    return (
        registered.id,
        recorded.log.origin,
        registered.kind.value,
        registered.lane,
        registered.direction,
        registered.source,
        registered.registered_by,
        registered.seen_at,
        registered.registered_at,
        registered.device_time,
        registered.late,
        registered.passage_id,
        registered.label,
        _text(registered.identifiers),
        None if registered.traveller is None else _text(registered.traveller),
        _text(registered.failed_checks),
        screening.outcome.value,
        screening.reason,
        _text(screening.list_version),
        _text(screening.matches),
        further_searched(registered),
        holder_searched(registered),
        _text(registered.corrections) if registered.corrections else None,
    )


def folded(recorded: Iterable[Recorded]) -> list[Recorded]:
    """Return events with each registration as it is after those that match it again, or correct it.

    These need no row of their own.
    """
    shown: list[Recorded] = []
    places: dict[str, int] = {}
    for one in recorded:
        event = one.event
        if isinstance(event, _AGAIN) and (place := places.get(event.registration_id)) is not None:
            shown[place] = _told_again(shown[place], event)
            continue
        if isinstance(event, Registered):
            places[event.registration.id] = len(shown)
        shown.append(one)
    return shown


def _told_again(registered: Recorded, again: RegistrationCorrected | Rescreened) -> Recorded:
    event: Any = registered.event
    return msgspec.structs.replace(registered, event=replace(event, registration=_after(event.registration, again)))


def _after(before: Registration, event: RegistrationCorrected | Rescreened) -> Registration:
    if isinstance(event, Rescreened):
        return before.rescreened(event.identifiers, event.screening)
    return before.corrected(event.correction, event.screening)


async def _rescreened(session: Session, _: Recorded, event: Rescreened) -> None:
    after = _after(await _before(session, event.registration_id), event)
    await session.run(_RESCREEN, key=after.id, **_matched(after))


async def _corrected(session: Session, _: Recorded, event: RegistrationCorrected) -> None:
    after = _after(await _before(session, event.registration_id), event)
    await session.run(
        _CORRECT,
        key=after.id,
        called=after.label,
        told_of=None if after.traveller is None else _text(after.traveller),
        failed=_text(after.failed_checks),
        names=holder_searched(after),
        told=_text(after.corrections),
        **_matched(after),
    )


async def _before(session: Session, registration_id: str) -> Registration:
    row = await session.row(_REGISTRATION, key=registration_id)
    if row is None:
        raise RowMissing(registration.name)
    return to_registration(row)


def _matched(after: Registration) -> Mapping[str, Any]:
    return {
        "identifiers": _text(after.identifiers),
        "also": further_searched(after),
        "outcome": after.screening.outcome.value,
        "reason": after.screening.reason,
        "list_version": _text(after.screening.list_version),
        "matches": _text(after.screening.matches),
    }


async def _pictures_added(session: Session, _: Recorded, event: PicturesAdded) -> None:
    await change_row(session, reading, _PICTURED, key=event.reading_id, shown=_text(event.pictures))


async def _linked(session: Session, recorded: Recorded, event: PassagesLinked) -> None:
    """Link a passage to the one that was kept; where that one was linked on before this event shows, to what was."""
    onward = await session.row(_ONWARD, kept=event.passage_id)
    passage = event.passage_id if onward is None else onward["passage_id"]
    kept = event.registration_id if onward is None else onward["registration_id"]
    row = (event.linked_passage_id, recorded.log.origin, passage, kept, event.linked_registration_id)
    await session.add(passage_link, [row])
    await session.run(_RELINK, linked_passage=event.linked_passage_id, passage=passage, registration=kept)


ADDED: Mapping[type[Event], tuple[Table, Callable[[Recorded, Any], tuple[Any, ...]]]] = {
    ReadingTaken: (reading, _reading),
    Registered: (registration, _registration),
}
UPDATED: Mapping[type[Event], Callable[[Session, Recorded, Any], Awaitable[None]]] = {
    RegistrationCorrected: _corrected,
    Rescreened: _rescreened,
    PassagesLinked: _linked,
    PicturesAdded: _pictures_added,
}
_REGISTERED = (delete(registration).where(registration.c.id == bindparam("key")),)
SUBJECTS: Mapping[type[Event], Callable[[Any], Subject]] = {
    Registered: lambda e: Subject(e.registration.id, _REGISTERED),
    RegistrationCorrected: lambda e: Subject(e.registration_id, _REGISTERED),
    Rescreened: lambda e: Subject(e.registration_id, _REGISTERED),
}
