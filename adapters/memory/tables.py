"""What a node knows, as sorted tables whose changes can be undone."""

import asyncio
from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from bus.catalogue import ENTITIES
from bus.replication.log import START, LogId, Position
from bus.replication.ports import HeldLog
from bus.replication.record import Record
from bus.snapshots.ports import Load
from bus.verification.differences import Verification
from domain.access.model import AuditRecord
from domain.alarms.model import Alarm
from domain.devices.model import Contact
from domain.erasure.model import Erasure
from domain.organisation.model import Device
from domain.registrations.events import PassagesLinked
from domain.registrations.model import QuarantinedPush, QuarantineTally, Reading, Registration
from domain.registrations.passages import Nearby
from domain.shared.views import Page, Window
from domain.upkeep.model import DroppedBatches, QuarantinedBatch, QuarantinedEvent
from domain.watchlist.model import Entry

V = TypeVar("V")
Key = tuple[Any, ...]
Journal = list[Callable[[], object]]


class Table(Generic[V]):
    """Rows in the order of their keys. A key is made of values that can be compared."""

    def __init__(self, journal: Journal) -> None:
        """Begin empty; ``journal`` takes up how each change is undone."""
        self._journal = journal
        self._rows: dict[Key, V] = {}
        self._keys: list[Key] = []

    def get(self, *key: object) -> V | None:
        """Return the row of this key, or None."""
        return self._rows.get(key)

    def put(self, row: V, *key: object) -> None:
        """Insert a row or replace it."""
        if key in self._rows:
            earlier = self._rows[key]
            self._journal.append(lambda: self._rows.__setitem__(key, earlier))
        else:
            insort(self._keys, key)
            self._journal.append(lambda: self._remove(key))
        self._rows[key] = row

    def drop(self, *key: object) -> bool:
        """Remove a row; False when there is none."""
        if key not in self._rows:
            return False
        row = self._remove(key)
        self._journal.append(lambda: self._restore(key, row))
        return True

    def items(self) -> list[tuple[Key, V]]:
        """Return every row with its key."""
        return [(key, self._rows[key]) for key in self._keys]

    def all(self) -> list[V]:
        """Return every row."""
        return [self._rows[key] for key in self._keys]

    def under(self, *head: str) -> list[V]:
        """Return the rows whose keys begin with ``head``."""
        return self.between(head, (*head[:-1], f"{head[-1]}\0"))

    def between(self, low: Key, high: Key) -> list[V]:
        """Return the rows from ``low`` on and before ``high``."""
        keys = self._keys[bisect_left(self._keys, low) : bisect_left(self._keys, high)]
        return [self._rows[key] for key in keys]

    def page(self, window: Window, wanted: Callable[[V], bool] = lambda _: True) -> Page[V]:
        """Return those rows that are wanted, from the greatest key down. The keys are of one text each."""
        end = len(self._keys) if window.after is None else bisect_left(self._keys, (window.after,))
        found: list[V] = []
        for key in reversed(self._keys[:end]):
            row = self._rows[key]
            if wanted(row):
                if len(found) == window.limit:
                    return Page(items=found, more=True)
                found.append(row)
        return Page(items=found, more=False)

    def _remove(self, key: Key) -> V:
        del self._keys[bisect_left(self._keys, key)]
        return self._rows.pop(key)

    def _restore(self, key: Key, row: V) -> None:
        insort(self._keys, key)
        self._rows[key] = row


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """A record in its log and the hash of the chain there."""

    record: Record
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A first answer to a command."""

    digest: bytes
    answer: bytes
    at: datetime


class Tables:
    """All tables of a node. Each line says what the key is made of.

    Attributes:
        lock: held by whoever changes the tables, and by whoever reads what is committed.
    """

    def __init__(self, *, is_centre: bool, parent: str | None = None) -> None:
        """Begin empty. What is written is confirmed by that at the centre, and so is what the ``parent`` sent."""
        self.is_centre = is_centre
        self._parent = parent
        self._journal: Journal = []
        self.lock = asyncio.Lock()
        journal = self._journal
        self.logs: Table[HeldLog] = Table(journal)  # origin, channel, epoch
        self.events: Table[LogRow] = Table(journal)  # origin, channel, epoch, number
        self.aged: Table[LogRow] = Table(journal)  # as before: no longer held as events, but what they show stays
        self.unshown: Table[QuarantinedEvent] = Table(journal)  # origin, channel, epoch, number
        self.batches: Table[QuarantinedBatch] = Table(journal)  # batch
        self.batch_bytes: Table[bytes] = Table(journal)  # batch
        self.dropped: Table[DroppedBatches] = Table(journal)  # room
        self.own_events: Table[bytes] = Table(journal)  # event
        self.loads: Table[Load] = Table(journal)  # feed
        self.verifications: Table[Verification] = Table(journal)  # parent
        self.answers: Table[Answered] = Table(journal)  # actor, the caller's key
        self.due: Table[tuple[str, bytes]] = Table(journal)  # reaction, event
        self.readings: Table[Reading] = Table(journal)  # registration, time seen, reading
        self.sightings: Table[Nearby] = Table(journal)  # checkpoint, time seen, reading
        self.observations: Table[Nearby] = Table(journal)  # device, vendor's id
        self.links: Table[PassagesLinked] = Table(journal)  # passage that was linked to another
        self.registrations: Table[Registration] = Table(journal)  # registration
        self.pushes: Table[QuarantinedPush] = Table(journal)  # push
        self.bodies: Table[bytes] = Table(journal)  # push
        self.tallies: Table[QuarantineTally] = Table(journal)  # device
        self.contacts: Table[Contact] = Table(journal)  # device
        self.refused: Table[int] = Table(journal)  # device: how many of its pushes were not kept
        self.entries: Table[Entry] = Table(journal)  # entry
        self.sought: Table[str] = Table(journal)  # kind of identifier, folded form, entry: the entry
        self.devices: Table[Device] = Table(journal)  # code
        self.alarms: Table[Alarm] = Table(journal)  # alarm
        self.causes: Table[str] = Table(journal)  # node, label, cause, alarm: the alarm
        self.erasures: Table[Erasure] = Table(journal)  # erasure
        self.tombstones: Table[str] = Table(journal)  # event, or what events are about: the erasure
        self.audit: Table[AuditRecord] = Table(journal)  # record
        self.entities: dict[type[Any], Table[Any]] = {entity: Table(journal) for entity in ENTITIES}  # its id or code

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Make what is changed within permanent, or undo it when anything is raised."""
        with self.savepoint():
            yield
        self._journal.clear()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what is changed within when anything is raised, and nothing else."""
        start = len(self._journal)
        try:
            yield
        except BaseException:
            while len(self._journal) > start:
                self._journal.pop()()
            raise

    def held(self, log: LogId) -> HeldLog | None:
        """Return how far a log is here, or None."""
        return self.logs.get(*log_key(log))

    def forget_shown(self) -> None:
        """Empty the tables that events are shown in."""
        shown: tuple[Table[Any], ...] = (
            self.readings,
            self.sightings,
            self.observations,
            self.links,
            self.registrations,
            self.pushes,
            self.tallies,
            self.entries,
            self.sought,
            self.devices,
            self.alarms,
            self.causes,
            self.audit,
            *self.entities.values(),
        )
        for table in shown:
            for key in [held for held, _ in table.items()]:
                table.drop(*key)

    def is_confirmed(self, held: HeldLog) -> bool:
        """Tell whether parent and centre have all of a log that is held here: it comes from there, or this is it."""
        return self.is_centre or (held.via is not None and held.via == self._parent)

    def append(self, held: HeldLog, record: Record, hashed: bytes) -> HeldLog:
        """Put a record at the end of a log and return how the log stands then."""
        head = Position(held.head.seq + 1, hashed)
        confirmed = head if self.is_confirmed(held) else None
        grown = replace(held, head=head, receiver=confirmed or held.receiver, centre=confirmed or held.centre)
        self.events.put(LogRow(record=record, hash=hashed), *log_key(held.log), head.seq)
        self.logs.put(grown, *log_key(held.log))
        return grown

    def kept(self, sighting: Nearby) -> Nearby:
        """Return a reading under the passage and registration that were kept after all links."""
        passage_id, registration_id = sighting.passage_id, sighting.registration_id
        while link := self.links.get(passage_id):
            passage_id, registration_id = link.passage_id, link.registration_id
        return replace(sighting, passage_id=passage_id, registration_id=registration_id)

    def kept_passage(self, passage_id: str) -> str:
        """Return the passage that was kept after all links."""
        while link := self.links.get(passage_id):
            passage_id = link.passage_id
        return passage_id

    def passage(self, registration_id: str) -> tuple[str, list[Reading]]:
        """Return the passage of a registration that was kept, and the readings of all linked to it, oldest first."""
        own = next(iter(self.readings.under(registration_id)), None)
        kept = "" if own is None else self.kept_passage(own.passage_id)
        readings = (one for one in self.readings.all() if own and self.kept_passage(one.passage_id) == kept)
        return kept, sorted(readings, key=lambda one: (one.seen_at, one.id))


def beginning(log: LogId, via: str | None) -> HeldLog:
    """Return a log without events that arrives through ``via``, or is the node's own."""
    return HeldLog(log=log, head=START, receiver=START, centre=START, via=via, arrived=via is None)


def require(tables: Tables, load: Load) -> None:
    """Note a load of a feed, which has not arrived until that is through."""
    for held in tables.logs.all():
        if held.log.channel == load.feed:
            tables.logs.put(replace(held, arrived=False), *log_key(held.log))
    tables.loads.put(load, load.feed)


def log_key(log: LogId) -> Key:
    """Return the key of a log."""
    return (log.origin, log.channel, log.epoch)
