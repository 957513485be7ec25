"""What a node in memory holds, in digests and in full, and how it is put right."""

import hashlib
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import msgspec

from adapters.memory.changes import MemoryChanges
from adapters.memory.erasing import erased, owner_of_tombstone
from adapters.memory.projections import project
from adapters.memory.records import recorded
from adapters.memory.tables import Key, LogRow, Table, Tables, log_key
from bus.catalogue import AUDIT, ENTITIES, EntityEntry, audit_of
from bus.feed_modules import ERASURE, WATCHLIST, feed, module_showing
from bus.replication.digests import Digest, Kept, Span, digest, fitted, head_of
from bus.replication.log import START, LogId, Position
from bus.replication.record import Record
from bus.verification.differences import Fault, Verification
from bus.verification.ports import PAGE_MAX, Custody, Extent, Judged, Lost, RowDigest, Share, Stretch, lost_events
from domain.watchlist.model import Entry
from domain.watchlist.scopes import DRAFTS

Rows = Callable[[Tables], Iterator[tuple[str, str, object]]]


def _owner_of(entry: Entry) -> str:
    return feed(WATCHLIST, DRAFTS if entry.approved_at is None else entry.scope)


def _rows_of(entry: EntityEntry) -> Rows:
    def rows(tables: Tables) -> Iterator[tuple[str, str, object]]:
        for (key,), one in tables.entities[entry.type].items():
            yield key, _owner_of_entity(entry, one), one

    return rows


def _owner_of_entity(entry: EntityEntry, entity: object) -> str:
    owner: str = getattr(entity, entry.owner)
    return owner if entry.is_fact else feed(module_showing(entry.table), owner)


SHARED: Mapping[str, Rows] = {
    "reading": lambda tables: ((one.id, one.node, one) for one in tables.readings.all()),
    "registration": lambda tables: ((one.id, one.node, one) for one in tables.registrations.all()),
    "alarm": lambda tables: ((one.id, one.node, one) for one in tables.alarms.all()),
    "quarantined_push": lambda tables: ((one.id, one.node, one) for one in tables.pushes.all()),
    "quarantine_tally": lambda tables: ((one.device, one.node, one) for one in tables.tallies.all()),
    "audit_record": lambda tables: (
        (one.id, audit_of(one.node), replace(one, seq=0, hash="")) for one in tables.audit.all()
    ),
    "entry": lambda tables: ((one.id, _owner_of(one), one) for one in tables.entries.all()),
    "erasure": lambda tables: ((one.id, feed(ERASURE, one.scope), one) for one in tables.erasures.all()),
    "tombstone": lambda tables: ((key, owner_of_tombstone(of, tables), of) for (key,), of in tables.tombstones.items()),
    "device": lambda tables: ((one.code, feed("organisation", one.site), one) for one in tables.devices.all()),
    **{entry.table: _rows_of(entry) for entry in ENTITIES.values()},
}
"""Rows with key and owner, by the names that the tables have in a database."""
_SHOWN = (
    "readings",
    "sightings",
    "observations",
    "links",
    "registrations",
    "pushes",
    "tallies",
    "entries",
    "sought",
    "devices",
    "alarms",
    "causes",
    "erasures",
    "tombstones",
)


class MemoryCustody(Custody):
    """A node's own tables."""

    def __init__(self, changes: MemoryChanges) -> None:
        """Look at the tables of ``changes``."""
        self._tables = changes.tables

    async def keep(self, found: Verification) -> None:
        """Keep what came of a comparison, in place of the last one with the same node."""
        async with self._tables.lock:
            with self._tables.atomic():
                self._tables.verifications.put(found, found.there)

    async def last(self, there: str) -> Verification | None:
        """Return what was kept last of comparisons with the node ``there``, or None."""
        return self._tables.verifications.get(there)

    async def extents(self) -> Sequence[Extent]:
        """Return all logs, by origin, epoch and channel."""
        held = sorted(self._tables.logs.all(), key=lambda one: (one.log.origin, one.log.epoch, one.log.channel))
        return [Extent(one.log, one.head, one.floor) for one in held]

    async def log_digests(self, log: LogId, spans: Sequence[Span]) -> Sequence[Digest]:
        """Return the digest of each span of a log."""
        return [digest(head_of(one.hash) for one in self._kept(log, *span)) for span in spans]

    async def table_digests(self, share: Share, stretches: Sequence[Stretch]) -> Sequence[Digest]:
        """Return the digest of each stretch of a share."""
        return [digest(row.head for row in self._rows(share, stretch)) for stretch in stretches]

    async def rows(self, share: Share, stretch: Stretch, limit: int) -> Sequence[RowDigest]:
        """Return the first rows of a stretch, by key."""
        return self._rows(share, stretch)[: min(limit, PAGE_MAX)]

    async def kept(self, log: LogId, first: int, limit: int) -> tuple[Position, Sequence[Kept]]:
        """Return the head of a log and its events from ``first`` on."""
        held = self._tables.held(log)
        if held is None:
            raise LookupError(f"{log} is not held")
        last = max(held.head.seq, *self._numbers(log), 0)
        return held.head, self._kept(log, first, last)[:limit]

    async def mend(self, log: LogId, first: int, records: Sequence[Record]) -> bool:
        """Put records in the place of the events ``first`` and following, if exactly these stood there."""
        (head, there), last = await self.kept(log, 1, len(self._tables.events.all()) + 1), first + len(records) - 1
        at = {one.seq: one for one in there}
        following = at.get(last + 1)
        held = self._tables.held(log)
        floor = START if held is None else held.floor
        before = floor.hash if first == floor.seq + 1 else at[first - 1].hash if first - 1 in at else None
        if before is None or (following is None and head.seq != last):
            return False
        ends = {head.hash, *(one.hash for one in there if one.seq == last)}
        hashes = fitted(before, records, following, ends)
        if not hashes:
            return False
        with self._tables.atomic():
            kept = erased(self._tables, records)
            for seq, record, hashed in zip(range(first, last + 1), kept, hashes, strict=True):
                self._tables.events.put(LogRow(record=record, hash=hashed), *log_key(log), seq)
            if following is None:
                self._set_head(log, Position(last, hashes[-1]))
        return True

    async def mend_head(self, log: LogId) -> bool:
        """Put the head of a log where its events end, if it names the hash of one of them."""
        head, there = await self.kept(log, 1, len(self._tables.events.all()) + 1)
        named = [one.seq for one in there if one.hash == head.hash]
        if not named:
            return False
        with self._tables.atomic():
            for one in there:
                if one.seq > named[-1]:
                    self._tables.events.drop(*log_key(log), one.seq)
            self._set_head(log, Position(named[-1], head.hash))
        return True

    async def judge(
        self, owners: Collection[str], rows: Collection[tuple[str, str]], lost: Lost, *, repair: bool
    ) -> Mapping[tuple[str, str], Judged]:
        """Show all logs anew, whoever's they are, and tell of rows what is wrong with them; take over all if wanted."""
        del owners
        anew = Tables(is_centre=False)
        unknown: set[LogId] = set()
        try:
            all_rows = [row async for row in self._all_rows(lost, unknown)]
        except LookupError:
            return {}
        for one in recorded(all_rows):
            with suppress(Exception), anew.savepoint():  # what cannot be shown shows nowhere
                project(one, anew)
        here, told = (
            {(name, key): row for name, listed in SHARED.items() for key, _, row in listed(tables)}
            for tables in (self._tables, anew)
        )
        if repair:
            for name in _SHOWN:
                _take_over(getattr(self._tables, name), getattr(anew, name))
            for entity, rows_of_it in anew.entities.items():
                _take_over(self._tables.entities[entity], rows_of_it)
            for record in anew.audit.all():
                if self._tables.audit.get(record.id) is None:
                    self._tables.audit.put(record, record.id)
        judged = {named: _judged(named[0], here.get(named), told.get(named), repair=repair) for named in rows}
        return {named: one for named, one in judged.items() if not (unknown and one.fault is Fault.EXTRA)}

    def _rows(self, share: Share, stretch: Stretch) -> list[RowDigest]:
        if share.table not in SHARED:
            raise LookupError(f"{share.table} is no table that nodes hold alike")
        return sorted(
            (
                RowDigest(key, owner, head_of(hashlib.sha256(msgspec.json.encode(row)).digest()))
                for key, owner, row in SHARED[share.table](self._tables)
                if owner in share.owners and stretch.after < key and (not stretch.until or key <= stretch.until)
            ),
            key=lambda row: row.key,
        )

    def _numbers(self, log: LogId) -> list[int]:
        return [key[-1] for key, _ in self._tables.events.items() if key[:-1] == log_key(log)]

    def _kept(self, log: LogId, first: int, last: int) -> list[Kept]:
        key = log_key(log)
        rows = {seq: self._tables.events.get(*key, seq) for seq in self._numbers(log) if first <= seq <= last}
        return [Kept(seq, row.record, row.hash) for seq, row in rows.items() if row is not None]

    def _set_head(self, log: LogId, head: Position) -> None:
        held = self._tables.held(log)
        if held is not None:
            self._tables.logs.put(replace(held, head=head), *log_key(log))

    async def _all_rows(self, lost: Lost, unknown: set[LogId]) -> AsyncIterator[tuple[Key, LogRow]]:
        """Yield all events, also those that are no longer held, log by log; ``unknown``: trails whose beginning is."""
        for held in self._tables.logs.all():
            key = log_key(held.log)
            past = list[Kept]()
            try:
                async for kept in lost_events(held.floor, held.log, lost):
                    past.append(kept)
            except LookupError:
                if past or held.log.channel != AUDIT:
                    raise
                unknown.add(held.log)
            for kept in past:
                for record in erased(self._tables, [kept.record] if kept.record is not None else []):
                    yield (*key, kept.seq), LogRow(record=record, hash=kept.hash)
            for one in self._kept(held.log, held.floor.seq + 1, held.head.seq):
                if one.record is not None:
                    yield (*key, one.seq), LogRow(record=one.record, hash=one.hash)


def _take_over(table: Table[object], anew: Table[object]) -> None:
    told = dict(anew.items())
    for key in [key for key, _ in table.items() if key not in told]:
        table.drop(*key)
    for key, row in told.items():
        table.put(row, *key)


def _judged(table: str, here: object, told: object, *, repair: bool) -> Judged:
    if here == told:
        return Judged(None)
    if here is None:
        return Judged(Fault.MISSING, repair)
    return Judged(Fault.EXTRA if told is None else Fault.ALTERED, repair and table != "audit_record")
