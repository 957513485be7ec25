"""Readings, registrations and links, from events to rows."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy import Table, bindparam, select, update

from adapters.database.session import Session
from adapters.database.stores.crossings import to_registration
from adapters.database.tables.crossings import passage_link, reading, registration
from bus.recorded import Recorded
from domain.crossings.events import PassagesLinked, ReadingTaken, Registered, Rescreened
from domain.shared.messages import Event

_REGISTRATION = select(registration).where(registration.c.id == bindparam("key")).with_for_update()
_RESCREEN = (
    update(registration)
    .where(registration.c.id == bindparam("key"))
    .values(
        identifiers=bindparam("identifiers"),
        outcome=bindparam("outcome"),
        reason=bindparam("reason"),
        list_version=bindparam("list_version"),
        matches=bindparam("matches"),
    )
)
_RELINK = (
    update(passage_link)
    .where(passage_link.c.passage_id == bindparam("linked_passage"))
    .values(passage_id=bindparam("passage"), registration_id=bindparam("registration"))
)
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
    )


def _link(recorded: Recorded, event: PassagesLinked) -> tuple[Any, ...]:
    return (
        event.linked_passage_id,
        recorded.log.origin,
        event.passage_id,
        event.registration_id,
        event.linked_registration_id,
    )


async def _rescreened(session: Session, _: Recorded, event: Rescreened) -> None:
    row = await session.row(_REGISTRATION, key=event.registration_id)
    if row is None:
        return
    after = to_registration(row).rescreened(event.identifiers, event.screening)
    await session.run(
        _RESCREEN,
        key=after.id,
        identifiers=_text(after.identifiers),
        outcome=after.screening.outcome.value,
        reason=after.screening.reason,
        list_version=_text(after.screening.list_version),
        matches=_text(after.screening.matches),
    )


async def _linked(session: Session, recorded: Recorded, event: PassagesLinked) -> None:
    await session.add(passage_link, [_link(recorded, event)])
    await session.run(
        _RELINK,
        linked_passage=event.linked_passage_id,
        passage=event.passage_id,
        registration=event.registration_id,
    )


ADDED: Mapping[type[Event], tuple[Table, Callable[[Recorded, Any], tuple[Any, ...]]]] = {
    ReadingTaken: (reading, _reading),
    Registered: (registration, _registration),
}
UPDATED: Mapping[type[Event], Callable[[Session, Recorded, Any], Awaitable[None]]] = {
    Rescreened: _rescreened,
    PassagesLinked: _linked,
}
