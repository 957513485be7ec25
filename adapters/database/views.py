"""What can be looked up at a node, on its last committed state."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Column, Select, Table, bindparam, func, or_, select

from adapters.database import cards, lookups
from adapters.database.session import Database, Row, Session
from adapters.database.stores.access import to_audit_record
from adapters.database.stores.alarms import STANDING_FAULTS, AlarmStore, to_alarm
from adapters.database.stores.devices import ContactStore
from adapters.database.stores.entities import EntityStore, to_entity
from adapters.database.stores.erasure import to_erasure
from adapters.database.stores.organisation import DeviceStore, to_device
from adapters.database.stores.passages import passage
from adapters.database.stores.quarantine import to_quarantine_tally, to_quarantined_push
from adapters.database.stores.registrations import RegistrationStore, to_pictures, to_reading, to_registration
from adapters.database.stores.upkeep import (
    QUARANTINED_BATCHES,
    QUARANTINED_EVENTS,
    to_quarantined_batch,
    to_quarantined_event,
)
from adapters.database.stores.watchlist import EntryStore, WatchlistStore, to_entry
from adapters.database.tables.access import audit_record
from adapters.database.tables.alarms import alarm
from adapters.database.tables.entities import TABLES
from adapters.database.tables.erasure import erasure
from adapters.database.tables.logs import batch_quarantine, batch_quarantine_drop, event, event_quarantine, log
from adapters.database.tables.organisation import device
from adapters.database.tables.registrations import (
    OF_RARE_KIND,
    push_body,
    push_refusal,
    quarantine_tally,
    quarantined_push,
    reading,
    registration,
)
from adapters.database.tables.watchlist import entry
from bus.lookups import Card, Companion
from bus.ports import LogStatus, LogViews
from domain.access.model import AuditRecord
from domain.alarms.model import Alarm, AlarmState
from domain.devices.model import Contact
from domain.erasure.model import Erasure
from domain.organisation.model import Device
from domain.registrations.lookups import Search
from domain.registrations.measurements import Measurement
from domain.registrations.model import KeptPicture, ObjectKind, QuarantinedPush, QuarantineTally, Reading, Registration
from domain.registrations.passage import Passage
from domain.registrations.views import ANY_TIME, READINGS_MAX, Times
from domain.shared.quarantine import QuarantineState
from domain.shared.views import Page, Window
from domain.upkeep.model import DroppedBatches, QuarantinedBatch, QuarantinedEvent, Trouble
from domain.watchlist.model import Entry, EntryState

T = TypeVar("T")
E = TypeVar("E")
_PICTURED_PAGE = 2000
_RARE_KINDS = frozenset(ObjectKind) - {ObjectKind.VEHICLE, ObjectKind.PERSON}
_BEFORE_ALL = "00000000-0000-0000-0000-000000000000"
_READING = select(reading).where(reading.c.id == bindparam("id"))


def _received_since(table: Table, *columns: Any) -> Select[Any]:
    """Return the query of a page of rows by when they were received."""
    return (
        select(table.c.id, table.c.received_at, *columns)
        .where(
            table.c.received_at >= bindparam("since"),
            or_(table.c.received_at > bindparam("since"), table.c.id > bindparam("last")),
        )
        .order_by(table.c.received_at, table.c.id)
        .limit(_PICTURED_PAGE)
    )


_PICTURED = _received_since(reading, reading.c.pictures).where(reading.c.pictures.is_not(None))
_measurement = TABLES[Measurement]
_MEASURED = _received_since(_measurement, _measurement.c.body).where(_measurement.c.is_pictured.is_(True))
_BODY = (
    select(quarantined_push, push_body.c.body)
    .join(push_body, push_body.c.push_id == quarantined_push.c.id)
    .where(quarantined_push.c.id == bindparam("id"))
)
_HELD = select(func.count().label("n")).where(quarantined_push.c.state == QuarantineState.HELD.value)
_HELD_EVENTS = select(func.count().label("n")).where(event_quarantine.c.state == QuarantineState.HELD.value)
_HELD_BATCHES = select(func.count().label("n")).where(batch_quarantine.c.state == QuarantineState.HELD.value)
_BATCH = select(batch_quarantine).where(batch_quarantine.c.id == bindparam("id"))
_EVENT = QUARANTINED_EVENTS.where(event.c.id == bindparam("id"))
_DROPPED = select(batch_quarantine_drop).order_by(batch_quarantine_drop.c.room)
_TALLIES = select(quarantine_tally, push_refusal.c.refused).outerjoin(
    push_refusal, push_refusal.c.device == quarantine_tally.c.device
)


class DatabaseViews:
    """Every module's views over one database."""

    def __init__(self, database: Database, node: str, logs: LogViews, lists: Collection[str] = ()) -> None:
        """Read ``database`` of ``node``, which needs the feeds ``lists``; how far ``logs`` are is theirs to tell."""
        self._database = database
        self._node = node
        self._logs = logs
        self._lists = lists

    async def statuses(self) -> Sequence[LogStatus]:
        """Return the state of every log, by origin and channel."""
        return await self._logs.statuses()

    async def entity(self, type_: type[E], key: str) -> E | None:
        """Return the entity of this id or code, or None."""
        return await self._database.read(lambda session: EntityStore(session).find(type_, key))

    async def entities_of(self, type_: type[E], keys: Sequence[str]) -> Sequence[E]:
        """Return the entities of these ids or codes, in this order."""

        async def within(session: Session) -> Sequence[E]:
            store = EntityStore(session)
            found = [await store.find(type_, key) for key in keys]
            return [each for each in found if each is not None]

        return await self._database.read(within)

    async def entities_beside(
        self, type_: type[E], column: str, ids: Sequence[str], limit: int
    ) -> Mapping[str, Sequence[E]]:
        """Return for each id the entities whose column holds it, the greatest key first."""
        return await self._database.read(lambda session: EntityStore(session).beside(type_, column, ids, limit))

    async def every_entity(self, type_: type[E], **wanted: object) -> Sequence[E]:
        """Return all entities with these columns, the greatest key first."""
        return await self._database.read(lambda session: EntityStore(session).every(type_, **wanted))

    async def entities(self, type_: type[E], window: Window, **wanted: object) -> Page[E]:
        """Return the entities with these columns, the greatest key first."""
        return await self._database.read(lambda session: EntityStore(session).page(type_, window, **wanted))

    async def registration(self, registration_id: str) -> Registration | None:
        """Return one registration, or None."""
        return await self._database.read(lambda session: RegistrationStore(session).find(registration_id))

    async def registrations_of(self, registration_ids: Sequence[str]) -> Sequence[Registration]:
        """Return the registrations of these ids."""

        async def within(session: Session) -> Sequence[Registration]:
            store = RegistrationStore(session)
            found = [await store.find(each) for each in dict.fromkeys(registration_ids)]
            return [each for each in found if each is not None]

        return await self._database.read(within)

    async def registrations(
        self, window: Window, *, node: str | None = None, label: str | None = None, kind: ObjectKind | None = None
    ) -> Page[Registration]:
        """Return registrations, newest first."""
        wanted = {registration.c.node: node, registration.c.label: label, registration.c.kind: kind and kind.value}
        query = _narrowed(select(registration), wanted)
        if kind in _RARE_KINDS:
            query = query.where(OF_RARE_KIND)
        return await self._page(query, registration.c.id, window, to_registration)

    async def history(self, window: Window, kind: str, canonical: str) -> Page[Registration]:
        """Return the registrations that have this identifier, newest first."""
        return await self._database.read(lambda session: lookups.history(session, window, kind, canonical))

    async def found(self, window: Window, search: Search) -> Page[Registration]:
        """Return the registrations that are searched for, newest first."""
        return await self._database.read(lambda session: lookups.found(session, window, search))

    async def companions(self, registration_ids: Sequence[str]) -> Mapping[str, Sequence[Companion]]:
        """Return with whom each was registered."""
        return await self._database.read(lambda session: cards.companions_of(session, registration_ids))

    async def card(self, kind: str, canonical: str, now: datetime) -> Card:
        """Return the card of an object."""
        return await self._database.read(lambda session: cards.card(session, kind, canonical, now))

    async def readings(self, registration_ids: Sequence[str]) -> Sequence[Reading]:
        """Return the readings of these registrations' passages, oldest first."""

        async def within(session: Session) -> Sequence[Reading]:
            rows = [row for one in registration_ids for row in await session.rows(_READINGS, registration_id=one)]
            rows.sort(key=lambda row: (row["seen_at"], str(row["id"])))
            return [to_reading(row) for row in rows[:READINGS_MAX]]

        return await self._database.read(within)

    async def passages(self, registration_ids: Sequence[str]) -> Sequence[Passage | None]:
        """Return the passage of each registration, with all linked to it, or None."""

        async def within(session: Session) -> Sequence[Passage | None]:
            return [await passage(session, one) for one in registration_ids]

        return await self._database.read(within)

    async def reading(self, reading_id: str) -> Reading | None:
        """Return one reading, or None."""
        row = await self._database.read(lambda session: session.row(_READING, id=reading_id))
        return None if row is None else to_reading(row)

    async def picture_hashes(self, since: datetime) -> frozenset[str]:
        """Return the hashes of the pictures of all readings and measurements that were received since then."""
        found: set[str] = set()
        for statement, pictures in ((_PICTURED, _of_reading), (_MEASURED, _of_measurement)):
            after, last = since, _BEFORE_ALL
            while rows := await self._database.read(partial(_rows, statement, since=after, last=last)):
                found.update(one.hash for row in rows for one in pictures(row))
                after, last = rows[-1]["received_at"], str(rows[-1]["id"])
        return frozenset(found)

    async def measurements(
        self, window: Window, *, node: str | None = None, checkpoint: str | None = None, times: Times = ANY_TIME
    ) -> Page[Measurement]:
        """Return measurements, newest on record first."""
        query = _narrowed(select(_measurement), {_measurement.c.node: node, _measurement.c.checkpoint: checkpoint})
        if times.since is not None:
            query = query.where(_measurement.c.at >= times.since)
        if times.until is not None:
            query = query.where(_measurement.c.at < times.until)
        return await self._page(query, _measurement.c.id, window, partial(to_entity, Measurement))

    async def quarantine(self, window: Window, *, state: QuarantineState | None = None) -> Page[QuarantinedPush]:
        """Return pushes that could not be taken, newest first."""
        query = _narrowed(select(quarantined_push), {quarantined_push.c.state: state and state.value})
        return await self._page(query, quarantined_push.c.id, window, to_quarantined_push)

    async def quarantined(self, push_id: str) -> tuple[QuarantinedPush, bytes] | None:
        """Return a push with its body, or None."""
        row = await self._database.read(lambda session: session.row(_BODY, id=push_id))
        return None if row is None else (to_quarantined_push(row), row["body"])

    async def quarantine_count(self) -> int:
        """Return how many pushes are held."""
        return await self._count(_HELD)

    async def quarantine_tallies(self, window: Window) -> Page[QuarantineTally]:
        """Return what quarantine holds by device, by code descending."""
        return await self._page(_TALLIES, quarantine_tally.c.device, window, self._to_tally)

    async def quarantined_event(self, event_id: str) -> tuple[QuarantinedEvent, bytes] | None:
        """Return an event with its body, or None."""
        row = await self._database.read(lambda session: session.row(_EVENT, id=event_id))
        return None if row is None else (to_quarantined_event(row), row["body"] or b"")

    async def quarantined_events(
        self,
        window: Window,
        *,
        state: QuarantineState | None = None,
        trouble: Trouble | None = None,
        origin: str | None = None,
    ) -> Page[QuarantinedEvent]:
        """Return events that could not be shown, newest first."""
        wanted = {
            event_quarantine.c.state: state and state.value,
            event_quarantine.c.trouble: trouble and trouble.value,
            log.c.origin: origin,
        }
        return await self._page(_narrowed(QUARANTINED_EVENTS, wanted), event.c.id, window, to_quarantined_event)

    async def quarantined_batch(self, batch_id: str) -> tuple[QuarantinedBatch, bytes] | None:
        """Return a batch with its bytes, or None."""
        row = await self._database.read(lambda session: session.row(_BATCH, id=batch_id))
        return None if row is None else (to_quarantined_batch(row), row["data"])

    async def quarantined_batches(
        self, window: Window, *, state: QuarantineState | None = None, child: str | None = None
    ) -> Page[QuarantinedBatch]:
        """Return batches that could not be taken, newest first."""
        wanted = {batch_quarantine.c.state: state and state.value, batch_quarantine.c.child: child}
        query = _narrowed(QUARANTINED_BATCHES, wanted)
        return await self._page(query, batch_quarantine.c.id, window, to_quarantined_batch)

    async def held_event_count(self) -> int:
        """Return how many events are held."""
        return await self._count(_HELD_EVENTS)

    async def held_batch_count(self) -> int:
        """Return how many batches are held."""
        return await self._count(_HELD_BATCHES)

    async def dropped_batches(self) -> Sequence[DroppedBatches]:
        """Return how many batches had to make room, by child."""
        rows = await self._database.read(lambda session: session.rows(_DROPPED))
        return [DroppedBatches(child=row["room"], count=row["count"], last_at=row["last_at"]) for row in rows]

    async def alarm(self, alarm_id: str) -> Alarm | None:
        """Return one alarm, or None."""
        return await self._database.read(lambda session: AlarmStore(session, self._node).find(alarm_id))

    async def alarms(self, window: Window, *, state: AlarmState | None = None, node: str | None = None) -> Page[Alarm]:
        """Return alarms, newest first."""
        query = _narrowed(select(alarm), {alarm.c.state: state and state.value, alarm.c.node: node})
        return await self._page(query, alarm.c.id, window, to_alarm)

    async def standing_faults(self) -> Sequence[Alarm]:
        """Return this node's own alarms for technical faults that have not ended, oldest first."""
        rows = await self._database.read(lambda session: session.rows(STANDING_FAULTS, node=self._node))
        return [to_alarm(row) for row in rows]

    async def entry(self, entry_id: str) -> Entry | None:
        """Return one watchlist entry, or None."""
        return await self._database.read(lambda session: EntryStore(session).find(entry_id))

    async def entries(self, window: Window, *, state: EntryState | None = None) -> Page[Entry]:
        """Return watchlist entries, newest first."""
        query = _narrowed(select(entry), {entry.c.state: state and state.value})
        return await self._page(query, entry.c.id, window, to_entry)

    async def missing_lists(self) -> Sequence[str]:
        """Return the lists that this node needs and that have never arrived, by name."""
        return await self._database.read(lambda session: WatchlistStore(session, self._lists).missing())

    async def device(self, code: str) -> Device | None:
        """Return one device, or None."""
        return await self._database.read(lambda session: DeviceStore(session).find(code))

    async def devices(self, window: Window) -> Page[Device]:
        """Return devices by their codes, descending."""
        return await self._page(select(device), device.c.code, window, to_device)

    async def contacts(self) -> Sequence[Contact]:
        """Return when each device was heard last."""
        return await self._database.read(lambda session: ContactStore(session).all())

    async def erasures(self, window: Window) -> Page[Erasure]:
        """Return erasures, newest first."""
        return await self._page(select(erasure), erasure.c.id, window, to_erasure)

    async def audit_records(
        self, window: Window, *, who: str | None = None, target: str | None = None
    ) -> Page[AuditRecord]:
        """Return audit records, newest first."""
        query = _narrowed(select(audit_record), {audit_record.c.who: who, audit_record.c.target: target})
        return await self._page(query, audit_record.c.id, window, to_audit_record)

    def _to_tally(self, row: Row) -> QuarantineTally:
        """Map a row; only this node's own devices are counted when they are refused."""
        return to_quarantine_tally(row, (row["refused"] or 0) if row["node"] == self._node else None)

    async def _count(self, query: Select[Any]) -> int:
        row = await self._database.read(lambda session: session.row(query))
        return 0 if row is None else int(row["n"])

    async def _page(
        self, query: Select[tuple[object, ...]], key: Column[str], window: Window, to_item: Callable[[Row], T]
    ) -> Page[T]:
        if window.after is not None:
            query = query.where(key < window.after)
        query = query.order_by(key.desc()).limit(window.limit + 1)
        rows = await self._database.read(lambda session: session.rows(query))
        return Page(items=[to_item(row) for row in rows[: window.limit]], more=len(rows) > window.limit)


async def _rows(statement: Select[Any], session: Session, **values: object) -> Sequence[Row]:
    return await session.rows(statement, **values)


def _of_reading(row: Row) -> Sequence[KeptPicture]:
    return to_pictures(row["pictures"])


def _of_measurement(row: Row) -> Sequence[KeptPicture]:
    return to_entity(Measurement, row).pictures


_READINGS = (
    select(reading)
    .where(reading.c.registration_id == bindparam("registration_id"))
    .order_by(reading.c.seen_at, reading.c.id)
    .limit(READINGS_MAX)
)


def _narrowed(query: Select[tuple[object, ...]], wanted: dict[Column[str], str | None]) -> Select[tuple[object, ...]]:
    for column, value in wanted.items():
        if value is not None:
            query = query.where(column == value)
    return query
