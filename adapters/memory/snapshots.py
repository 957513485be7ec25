"""Snapshots of feeds in memory: the rows of a node, and a shelf."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import msgspec

from adapters.memory.changes import MemoryChanges
from adapters.memory.erasing import erase_all, owner_of_tombstone
from adapters.memory.tables import Table, Tables, beginning, log_key, require
from bus.catalogue import ENTITIES
from bus.feed_modules import ERASURE, ORGANISATION, WATCHLIST, feed, module_of, module_showing
from bus.replication.ports import HeldLog
from bus.snapshots.manifest import Manifest, Piece, PieceDamaged, Place
from bus.snapshots.ports import Load, NoSnapshot, Outrun, Shelf, Sink, SnapshotTables
from domain.erasure.model import Erasure
from domain.organisation.model import Device
from domain.watchlist.model import Entry
from domain.watchlist.scopes import DRAFTS

_COLUMNS = ("key", "row")
Row = Any


@dataclass(frozen=True, slots=True)
class _Kind:
    """A table: where its rows stand, and of what type they are."""

    rows: Callable[[Tables], Table[Any]]
    type: type[Row]


def _owner(row: Row, tables: Tables) -> str:
    if isinstance(row, str):
        return owner_of_tombstone(row, tables)
    if isinstance(row, Erasure):
        return feed(ERASURE, row.scope)
    if isinstance(row, Device):
        return feed(ORGANISATION, row.site)
    entry = ENTITIES.get(type(row))
    if entry is not None:
        return feed(module_showing(entry.table), getattr(row, entry.owner))
    assert isinstance(row, Entry)  # noqa: S101 - the last kind there is
    return feed(WATCHLIST, DRAFTS if row.approved_at is None else row.scope)


def _of_entity(entity: type[Any], tables: Tables) -> Table[Any]:
    return tables.entities[entity]


_KINDS: Mapping[str, _Kind] = {
    "entry": _Kind(lambda tables: tables.entries, Entry),
    "device": _Kind(lambda tables: tables.devices, Device),
    "erasure": _Kind(lambda tables: tables.erasures, Erasure),
    "tombstone": _Kind(lambda tables: tables.tombstones, str),
    **{
        entry.table: _Kind(partial(_of_entity, entry.type), entry.type)
        for entry in ENTITIES.values()
        if not entry.is_fact
    },
}


class MemorySnapshots(SnapshotTables):
    """The rows of feeds of a node in memory."""

    def __init__(self, changes: MemoryChanges) -> None:
        """Look after the tables of ``changes``."""
        self._tables = changes.tables

    async def take(self, feed: str, sink: Sink) -> None:
        """Hand all rows of a feed, and its logs, to ``sink``."""
        async with self._tables.lock:
            logs = self._logs(feed)
            if not logs or not all(held.arrived for held in logs) or self._tables.loads.get(feed) is not None:
                raise NoSnapshot(feed)
            sink.begin([Place(held.log, held.head) for held in logs])
            for table in _tables_of(feed):
                sink.table(table, _COLUMNS)
                sink.add([(key, msgspec.json.encode(row)) for key, row in self._rows(feed, table)], 0)

    async def loads(self) -> Sequence[Load]:
        """Return the loads under way, by feed."""
        async with self._tables.lock:
            return self._tables.loads.all()

    async def require(self, feed: str) -> None:
        """Note that a feed is to be loaded, whatever is held of it."""
        async with self._tables.lock:
            with self._tables.atomic():
                require(self._tables, Load(feed=feed, snapshot="", pieces=0, is_first=False))

    async def begin(self, manifest: Manifest) -> Load:
        """Begin to load a snapshot, unless that has begun; another load of the feed gives way. Return how it stands."""
        async with self._tables.lock:
            logs = self._logs(manifest.feed)
            held = self._tables.loads.get(manifest.feed)
            if held is not None and held.snapshot == manifest.id:
                return held
            if held is None:
                _check(logs, manifest)
            is_first = held is None and all(one.head.seq == 0 for one in logs)
            load = Load(feed=manifest.feed, snapshot=manifest.id, pieces=0, is_first=is_first)
            with self._tables.atomic():
                require(self._tables, load)
            return load

    async def put(self, load: Load, columns: Sequence[str], piece: Piece) -> Load:
        """Put a piece in the place of all that stands there of the feed, and count it."""
        del columns
        counted = replace(load, pieces=load.pieces + 1)
        async with self._tables.lock:
            self._check_under_way(load.feed, load.snapshot)
            with self._tables.atomic():
                for key, _ in self._rows(load.feed, piece.table):
                    if piece.after < key and (not piece.until or key <= piece.until):
                        self._drop(piece.table, key)
                for key, encoded in piece.rows:
                    self._put(load.feed, piece.table, key, encoded)
                self._tables.loads.put(counted, load.feed)
        return counted

    async def finish(self, manifest: Manifest, via: str) -> None:
        """All pieces are in the tables: have the logs, which arrive through ``via``, stand where the snapshot does."""
        async with self._tables.lock:
            self._check_under_way(manifest.feed, manifest.id)
            with self._tables.atomic():
                for held in self._logs(manifest.feed):
                    self._sweep(held, held.head.seq)
                    self._tables.logs.drop(*log_key(held.log))
                for place in manifest.places:
                    log, position = place.log, place.position
                    stands = replace(
                        beginning(log, via),
                        head=position,
                        receiver=position,
                        centre=position,
                        floor=position,
                        arrived=True,
                    )
                    self._tables.logs.put(stands, *log_key(log))
                self._tables.loads.drop(manifest.feed)
                if module_of(manifest.feed).name == ERASURE:
                    erase_all(self._tables)

    async def sweep(self) -> None:
        """Remove events that logs do not hold any more."""
        async with self._tables.lock:
            with self._tables.atomic():
                for held in self._tables.logs.all():
                    self._sweep(held, held.floor.seq if held.via is not None else 0)

    async def leave(self, feed: str) -> int:
        """Remove the rows of a feed, its logs and their events; return how many rows there were."""
        async with self._tables.lock:
            with self._tables.atomic():
                removed = [(table, key) for table in _tables_of(feed) for key, _ in self._rows(feed, table)]
                for table, key in removed:
                    self._drop(table, key)
                for held in self._logs(feed):
                    self._sweep(held, held.head.seq)
                    self._tables.logs.drop(*log_key(held.log))
                self._tables.loads.drop(feed)
        return len(removed)

    def _check_under_way(self, feed: str, snapshot: str) -> None:
        load = self._tables.loads.get(feed)
        if load is None or load.snapshot != snapshot:
            raise LookupError("the load is not under way any more")

    def _logs(self, feed: str) -> list[HeldLog]:
        return [held for held in self._tables.logs.all() if held.log.channel == feed]

    def _rows(self, feed: str, table: str) -> list[tuple[str, Row]]:
        kind = _KINDS.get(table)
        rows = [] if kind is None else kind.rows(self._tables).items()
        return [(key, row) for (key,), row in rows if _owner(row, self._tables) == feed]

    def _drop(self, table: str, key: str) -> None:
        _KINDS[table].rows(self._tables).drop(key)
        for sought, entry_id in self._tables.sought.items() if table == "entry" else ():
            if entry_id == key:
                self._tables.sought.drop(*sought)

    def _put(self, feed_name: str, table: str, key: str, encoded: bytes) -> None:
        kind = _KINDS.get(table)
        if kind is None:
            return
        is_yielding = feed_name == feed(module_of(feed_name).name, module_of(feed_name).yielding or "")
        if kind.rows(self._tables).get(key) is not None:
            if is_yielding:
                return
            self._drop(table, key)
        row = msgspec.json.decode(encoded, type=kind.type)
        if isinstance(row, Entry) and self._tables.tombstones.get(key) is not None:
            return
        kind.rows(self._tables).put(row, key)
        for criterion in row.criteria if isinstance(row, Entry) else ():
            self._tables.sought.put(key, criterion.identifier.kind, criterion.identifier.folded, key)

    def _sweep(self, held: HeldLog, last: int) -> None:
        key = log_key(held.log)
        for found in [one for one, _ in self._tables.events.items()]:
            if found[:-1] == key and found[-1] <= last:
                self._tables.events.drop(*found)
                self._tables.unshown.drop(*found)


class MemoryShelf(Shelf):
    """Snapshots in memory."""

    def __init__(self) -> None:
        """Begin empty."""
        self.pieces: dict[str, list[bytes]] = {}
        self.manifests: dict[str, Manifest] = {}
        self._making: dict[str, list[bytes]] = {}

    def find(self, feed: str, id: str = "") -> Manifest | None:  # noqa: A002 - as the port says
        """Return the manifest of a snapshot, or of the newest of a feed, if all its pieces are here."""
        found = [
            one
            for one in self.manifests.values()
            if one.feed == feed and id in ("", one.id) and len(self.pieces[one.id]) == len(one.pieces)
        ]
        return max(found, key=lambda one: one.made_at, default=None)

    def begin(self, feed: str) -> None:
        """Begin to make a snapshot of a feed."""
        self._making[feed] = []

    def add(self, feed: str, data: bytes) -> None:
        """Put the next piece of a snapshot that is being made."""
        self._making[feed].append(data)

    def finish(self, manifest: Manifest) -> None:
        """Keep what was made under this manifest."""
        self.manifests[manifest.id] = manifest
        self.pieces[manifest.id] = self._making.pop(manifest.feed)

    def expect(self, manifest: Manifest) -> int:
        """Make place for a snapshot that comes from elsewhere; return how many of its pieces are here already."""
        self.manifests[manifest.id] = manifest
        return len(self.pieces.setdefault(manifest.id, []))

    def fetched(self, manifest: Manifest, data: bytes) -> None:
        """Put the next piece of a snapshot that is expected."""
        if manifest.id not in self.manifests:
            raise PieceDamaged(f"{manifest.feed} is not expected any more")
        self.pieces[manifest.id].append(data)

    def piece(self, manifest: Manifest, number: int) -> bytes:
        """Return a piece."""
        pieces = self.pieces.get(manifest.id, [])
        if number >= len(pieces):
            raise PieceDamaged(f"{manifest.feed} is not on the shelf")
        manifest.check(number, pieces[number])
        return pieces[number]

    def feeds(self) -> Collection[str]:
        """Return the feeds of which there is anything, be it a part."""
        return {*self._making, *(one.feed for one in self.manifests.values())}

    def drop(self, feed: str) -> None:
        """Forget all of a feed."""
        for one in [one for one in self.manifests.values() if one.feed == feed]:
            del self.manifests[one.id], self.pieces[one.id]


def _check(logs: Sequence[HeldLog], manifest: Manifest) -> None:
    places = {place.log: place.position.seq for place in manifest.places}
    for held in logs:
        if held.head.seq > places.get(held.log, 0):
            raise Outrun(f"{held.log} is at {held.head.seq} here")


def _tables_of(feed: str) -> list[str]:
    return [shown.table for shown in module_of(feed).shown if shown.table in _KINDS]
