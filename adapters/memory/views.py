"""What can be looked up at a node, as last committed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from adapters.memory import cards
from adapters.memory.changes import MemoryChanges
from adapters.memory.entities import MemoryEntities
from adapters.memory.tables import log_key
from bus.catalogue import UP
from bus.lookups import Card, Companion, LookupViews
from bus.ports import LogStatus, LogViews
from bus.replication.clock import wall_time
from bus.replication.log import LogId
from bus.replication.ports import HeldLog
from domain.access.model import AuditRecord
from domain.access.views import AccessViews
from domain.alarms.model import TECHNICAL, Alarm, AlarmState
from domain.alarms.views import AlarmsViews
from domain.devices.model import Contact
from domain.erasure.model import Erasure
from domain.erasure.views import ErasureViews
from domain.organisation.model import Device
from domain.organisation.views import OrganisationViews
from domain.registrations.lookups import Search, is_found, is_of
from domain.registrations.measurements import Measurement
from domain.registrations.model import ObjectKind, QuarantinedPush, QuarantineTally, Reading, Registration
from domain.registrations.passage import Passage, passage_of
from domain.registrations.views import ANY_TIME, READINGS_MAX, RegistrationsViews, Times
from domain.shared.entities import EntityViews
from domain.shared.ids import first_id
from domain.shared.quarantine import QuarantineState
from domain.shared.views import Page, Window
from domain.upkeep.model import DroppedBatches, QuarantinedBatch, QuarantinedEvent, Trouble
from domain.upkeep.views import UpkeepViews
from domain.watchlist.model import Entry, EntryState
from domain.watchlist.views import WatchlistViews

E = TypeVar("E")


class MemoryViews(
    EntityViews,
    RegistrationsViews,
    LookupViews,
    WatchlistViews,
    AlarmsViews,
    OrganisationViews,
    AccessViews,
    ErasureViews,
    UpkeepViews,
    LogViews,
):
    """Every module's views, and those of the logs, over the tables of one node."""

    def __init__(self, changes: MemoryChanges) -> None:
        """Read the tables of ``changes``; a view waits for the change under way."""
        self._tables = changes.tables
        self._node = changes.node
        self._watchlist = changes.watchlist

    async def entity(self, type_: type[E], key: str) -> E | None:
        """Return the entity of this id or code, or None."""
        async with self._tables.lock:
            return await MemoryEntities(self._tables).find(type_, key)

    async def entities_of(self, type_: type[E], keys: Sequence[str]) -> Sequence[E]:
        """Return the entities of these ids or codes, in this order."""
        async with self._tables.lock:
            found = [await MemoryEntities(self._tables).find(type_, key) for key in keys]
        return [each for each in found if each is not None]

    async def entities_beside(
        self, type_: type[E], column: str, ids: Sequence[str], limit: int
    ) -> Mapping[str, Sequence[E]]:
        """Return for each id the entities whose column holds it, the greatest key first."""
        async with self._tables.lock:
            return await MemoryEntities(self._tables).beside(type_, column, ids, limit)

    async def every_entity(self, type_: type[E], **wanted: object) -> Sequence[E]:
        """Return all entities with these columns, the greatest key first."""
        async with self._tables.lock:
            return await MemoryEntities(self._tables).every(type_, **wanted)

    async def entities(self, type_: type[E], window: Window, **wanted: object) -> Page[E]:
        """Return the entities with these columns, the greatest key first."""
        async with self._tables.lock:
            return MemoryEntities(self._tables).page(type_, window, **wanted)

    async def registration(self, registration_id: str) -> Registration | None:
        """Return one registration, or None."""
        async with self._tables.lock:
            return self._tables.registrations.get(registration_id)

    async def registrations_of(self, registration_ids: Sequence[str]) -> Sequence[Registration]:
        """Return the registrations of these ids."""
        async with self._tables.lock:
            found = [self._tables.registrations.get(each) for each in dict.fromkeys(registration_ids)]
        return [each for each in found if each is not None]

    async def registrations(
        self, window: Window, *, node: str | None = None, label: str | None = None, kind: ObjectKind | None = None
    ) -> Page[Registration]:
        """Return registrations, newest first."""
        async with self._tables.lock:
            return self._tables.registrations.page(
                window, lambda row: node in (None, row.node) and label in (None, row.label) and kind in (None, row.kind)
            )

    async def history(self, window: Window, kind: str, canonical: str) -> Page[Registration]:
        """Return the registrations that have this identifier, newest first."""
        async with self._tables.lock:
            return self._tables.registrations.page(window, lambda row: is_of(row, kind, canonical))

    async def found(self, window: Window, search: Search) -> Page[Registration]:
        """Return the registrations that are searched for, newest first."""
        least = "" if search.since is None else first_id(search.since)
        end = "g" if search.until is None else first_id(search.until)
        async with self._tables.lock:
            return self._tables.registrations.page(window, lambda row: least <= row.id < end and is_found(row, search))

    async def companions(self, registration_ids: Sequence[str]) -> Mapping[str, Sequence[Companion]]:
        """Return with whom each was registered."""
        async with self._tables.lock:
            return cards.companions_of(self._tables, registration_ids)

    async def card(self, kind: str, canonical: str, now: datetime) -> Card:
        """Return the card of an object."""
        async with self._tables.lock:
            return cards.card(self._tables, kind, canonical, now)

    async def readings(self, registration_ids: Sequence[str]) -> Sequence[Reading]:
        """Return the readings of these registrations' passages, the first seen first."""
        async with self._tables.lock:
            rows = [row for one in set(registration_ids) for row in self._tables.readings.under(one)]
        return sorted(rows, key=lambda row: (row.seen_at, row.id))[:READINGS_MAX]

    async def passages(self, registration_ids: Sequence[str]) -> Sequence[Passage | None]:
        """Return the passage of each registration, with all linked to it, or None."""
        async with self._tables.lock:
            return [self._passage(one) for one in registration_ids]

    def _passage(self, registration_id: str) -> Passage | None:
        kept, readings = self._tables.passage(registration_id)
        return passage_of(kept, readings[:READINGS_MAX])

    async def reading(self, reading_id: str) -> Reading | None:
        """Return one reading, or None."""
        async with self._tables.lock:
            return next((one for one in self._tables.readings.all() if one.id == reading_id), None)

    async def picture_hashes(self, since: datetime) -> frozenset[str]:
        """Return the hashes of the pictures of all readings and measurements that were received since then."""
        async with self._tables.lock:
            told = (*self._tables.readings.all(), *self._tables.entities[Measurement].all())
            recent = [one for one in told if one.received_at >= since]
        return frozenset(picture.hash for one in recent for picture in one.pictures)

    async def measurements(
        self, window: Window, *, node: str | None = None, checkpoint: str | None = None, times: Times = ANY_TIME
    ) -> Page[Measurement]:
        """Return measurements, newest on record first."""

        def is_wanted(row: Measurement) -> bool:
            return node in (None, row.node) and checkpoint in (None, row.checkpoint) and times.cover(row.at)

        async with self._tables.lock:
            return self._tables.entities[Measurement].page(window, is_wanted)

    async def quarantine(self, window: Window, *, state: QuarantineState | None = None) -> Page[QuarantinedPush]:
        """Return pushes that could not be taken, newest first."""
        async with self._tables.lock:
            return self._tables.pushes.page(window, lambda row: state in (None, row.state))

    async def quarantined(self, push_id: str) -> tuple[QuarantinedPush, bytes] | None:
        """Return a push with its body, or None."""
        async with self._tables.lock:
            push, body = self._tables.pushes.get(push_id), self._tables.bodies.get(push_id)
        return None if push is None or body is None else (push, body)

    async def quarantine_count(self) -> int:
        """Return how many pushes are held."""
        async with self._tables.lock:
            return sum(push.state is QuarantineState.HELD for push in self._tables.pushes.all())

    async def quarantine_tallies(self, window: Window) -> Page[QuarantineTally]:
        """Return what quarantine holds by device, by code descending."""
        async with self._tables.lock:
            page = self._tables.tallies.page(window)
            return Page(items=[self._with_refused(each) for each in page.items], more=page.more)

    async def entry(self, entry_id: str) -> Entry | None:
        """Return one watchlist entry, or None."""
        async with self._tables.lock:
            return self._tables.entries.get(entry_id)

    async def entries(self, window: Window, *, state: EntryState | None = None) -> Page[Entry]:
        """Return watchlist entries, newest first."""
        async with self._tables.lock:
            return self._tables.entries.page(window, lambda row: state in (None, row.state))

    async def missing_lists(self) -> Sequence[str]:
        """Return the lists that this node needs and that have never arrived, by name."""
        async with self._tables.lock:
            return sorted(self._watchlist.missing())

    async def alarm(self, alarm_id: str) -> Alarm | None:
        """Return one alarm, or None."""
        async with self._tables.lock:
            return self._tables.alarms.get(alarm_id)

    async def alarms(self, window: Window, *, state: AlarmState | None = None, node: str | None = None) -> Page[Alarm]:
        """Return alarms, newest first."""
        async with self._tables.lock:
            return self._tables.alarms.page(window, lambda row: state in (None, row.state) and node in (None, row.node))

    async def standing_faults(self) -> Sequence[Alarm]:
        """Return this node's own alarms for technical faults that have not ended, oldest first."""
        async with self._tables.lock:
            own = [one for one in self._tables.alarms.all() if one.node == self._node and one.ended_at is None]
            return [one for one in own if one.cause.startswith(TECHNICAL)]

    async def device(self, code: str) -> Device | None:
        """Return one device, or None."""
        async with self._tables.lock:
            return self._tables.devices.get(code)

    async def devices(self, window: Window) -> Page[Device]:
        """Return devices by their codes, descending."""
        async with self._tables.lock:
            return self._tables.devices.page(window)

    async def contacts(self) -> Sequence[Contact]:
        """Return when each device was heard last."""
        async with self._tables.lock:
            return list(self._tables.contacts.all())

    async def erasures(self, window: Window) -> Page[Erasure]:
        """Return erasures, newest first."""
        async with self._tables.lock:
            return self._tables.erasures.page(window)

    async def audit_records(
        self, window: Window, *, who: str | None = None, target: str | None = None
    ) -> Page[AuditRecord]:
        """Return audit records, newest first."""
        async with self._tables.lock:
            return self._tables.audit.page(window, lambda row: who in (None, row.who) and target in (None, row.target))

    async def statuses(self) -> Sequence[LogStatus]:
        """Return the state of every log, by origin and channel."""
        async with self._tables.lock:
            return [self._status(held) for held in self._tables.logs.all()]

    async def quarantined_event(self, event_id: str) -> tuple[QuarantinedEvent, bytes] | None:
        """Return an event with its body, or None."""
        async with self._tables.lock:
            for key, one in self._tables.unshown.items():
                row = self._tables.events.get(*key)
                if one.id == event_id and row is not None:
                    return one, row.record.body or b""
        return None

    async def quarantined_events(
        self,
        window: Window,
        *,
        state: QuarantineState | None = None,
        trouble: Trouble | None = None,
        origin: str | None = None,
    ) -> Page[QuarantinedEvent]:
        """Return events that could not be shown, newest first."""
        async with self._tables.lock:
            found = [
                one
                for one in sorted(self._tables.unshown.all(), key=lambda one: one.id, reverse=True)
                if state in (None, one.state) and trouble in (None, one.trouble) and origin in (None, one.origin)
            ]
        found = [one for one in found if window.after is None or one.id < window.after]
        return Page(items=found[: window.limit], more=len(found) > window.limit)

    async def quarantined_batch(self, batch_id: str) -> tuple[QuarantinedBatch, bytes] | None:
        """Return a batch with its bytes, or None."""
        async with self._tables.lock:
            batch, data = self._tables.batches.get(batch_id), self._tables.batch_bytes.get(batch_id)
        return None if batch is None or data is None else (batch, data)

    async def quarantined_batches(
        self, window: Window, *, state: QuarantineState | None = None, child: str | None = None
    ) -> Page[QuarantinedBatch]:
        """Return batches that could not be taken, newest first."""
        async with self._tables.lock:
            return self._tables.batches.page(
                window, lambda row: state in (None, row.state) and child in (None, row.child)
            )

    async def held_event_count(self) -> int:
        """Return how many events are held."""
        async with self._tables.lock:
            return sum(one.state is QuarantineState.HELD for one in self._tables.unshown.all())

    async def held_batch_count(self) -> int:
        """Return how many batches are held."""
        async with self._tables.lock:
            return sum(one.state is QuarantineState.HELD for one in self._tables.batches.all())

    async def dropped_batches(self) -> Sequence[DroppedBatches]:
        """Return how many batches had to make room, by child."""
        async with self._tables.lock:
            return self._tables.dropped.all()

    def _with_refused(self, tally: QuarantineTally) -> QuarantineTally:
        """Return a tally of this node's own with the count of what was refused, and another as it is."""
        if tally.node != self._node:
            return tally
        return replace(tally, refused=self._tables.refused.get(tally.device) or 0)

    def _status(self, held: HeldLog) -> LogStatus:
        log = held.log
        return LogStatus(
            origin=log.origin,
            epoch=log.epoch,
            channel=log.channel,
            seq=held.head.seq,
            projected=held.head.seq,
            parent=held.receiver.seq,
            centre=held.centre.seq,
            waiting_since=self._waiting_since(log, held.centre.seq),
            quarantined=sum(
                row.state is QuarantineState.HELD
                for row in self._tables.unshown.between((*log_key(log), 0), (*log_key(log), held.head.seq + 1))
            ),
            via=held.via,
            waits_here_since=self._waiting_since(log, max(held.receiver.seq, held.centre.seq)),
        )

    def _waiting_since(self, log: LogId, confirmed: int) -> datetime | None:
        """Return the time of the first event behind those confirmed of a log; those of a feed wait for nobody."""
        oldest = self._tables.events.get(*log_key(log), confirmed + 1) if log.channel in UP else None
        return None if oldest is None else wall_time(oldest.record.hlc)
