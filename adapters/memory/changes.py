"""Changes in memory: one at a time, undone whole, told of once they are made."""

import uuid
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from adapters.memory.entities import MemoryEntities
from adapters.memory.erasables import MemoryErasables
from adapters.memory.projections import project
from adapters.memory.screening import MemoryWatchlist
from adapters.memory.sightings import MemorySightings
from adapters.memory.stores import (
    MemoryAlarms,
    MemoryAnswers,
    MemoryContacts,
    MemoryDevices,
    MemoryEntries,
    MemoryLanes,
    MemoryQuarantine,
    MemoryReactions,
    MemoryReadings,
    MemoryRegistrations,
)
from adapters.memory.tables import Tables, beginning
from adapters.memory.upkeep import MemoryHeldBatches, MemoryHeldEvents
from bus.catalogue import event_entry
from bus.codec import encode
from bus.ports import Listener, WholeChange
from bus.recorded import Recorded
from bus.replication.chain import link
from bus.replication.clock import HybridClock
from bus.replication.log import LogId
from bus.replication.record import Record, commitment
from bus.replication.seal import KEY_BYTES, Seal
from domain.organisation.permitting import TrafficAtLanes
from domain.shared.actors import Actor
from domain.shared.messages import Event
from domain.shared.ports import Clock, Ids

T = TypeVar("T")
_STEP_BITS = 20


@dataclass(slots=True, kw_only=True)
class MemoryChange:
    """One atomic change: answers every module's ports, and records events so that they show at once."""

    node: str
    now: datetime
    actor: Actor
    device_formats: Collection[str]
    epoch: int
    ids: Ids
    hybrid: HybridClock
    seal: Seal
    tables: Tables
    answers: MemoryAnswers
    reactions: MemoryReactions
    entities: MemoryEntities
    lanes: MemoryLanes
    readings: MemoryReadings
    registrations: MemoryRegistrations
    watchlist: MemoryWatchlist
    quarantine: MemoryQuarantine
    entries: MemoryEntries
    devices: MemoryDevices
    contacts: MemoryContacts
    alarms: MemoryAlarms
    sightings: MemorySightings
    permitted: TrafficAtLanes
    erasables: MemoryErasables
    held_events: MemoryHeldEvents
    held_batches: MemoryHeldBatches
    recorded: list[Recorded] = field(default_factory=list)

    def new_id(self) -> str:
        """Return a fresh UUIDv7 as canonical text."""
        return self.ids.new()

    async def record(self, event: Event) -> None:
        """Put an event at the end of its log and show it in the tables."""
        entry = event_entry(type(event))
        recorded = self._append(entry.kind, entry.channel(event), event)
        self.recorded.append(recorded)
        self.tables.own_events.put(recorded.body, recorded.id)
        project(recorded, self.tables)

    async def attempt(self, work: Callable[[], Awaitable[None]]) -> Exception | None:
        """Run ``work`` so that its failure undoes only what it did; return the failure, or None."""
        recorded = len(self.recorded)
        try:
            with self.tables.savepoint():
                await work()
        except Exception as failure:  # noqa: BLE001 - whatever it is belongs to the one who asked
            del self.recorded[recorded:]
            return failure
        return None

    def _append(self, kind: str, channel: str, event: Event) -> Recorded:
        log = LogId(self.node, self.epoch, channel)
        held = self.tables.held(log) or beginning(log, via=None)
        event_id, body = self.ids.new(), encode(event, self.now)
        raw, hlc = uuid.UUID(event_id).bytes, self.hybrid.tick(int(self.now.timestamp() * 1000))
        record = Record(raw, hlc, salt := self.seal.salt(raw, hlc, body), body)
        hashed = link(held.head.hash, record.id, record.hlc, commitment(salt, body))
        self.tables.append(held, record, hashed)
        return Recorded(
            id=event_id,
            log=log,
            seq=held.head.seq + 1,
            hash=hashed,
            hlc=record.hlc,
            kind=kind,
            at=self.now,
            salt=salt,
            body=body,
            event=event,
        )


class MemoryChanges:
    """Opens and ends changes on the tables of a node.

    Attributes:
        epoch: under which the node records.
        tables: everything the node knows, for the views and the logs of the same node.
        hybrid: the node's hybrid clock.
        seal: by which the node knows its events again.
        watchlist: what changes match against; can be made to fail.
        has_room: whether the node's disk has room for what it can do without.
        listeners: told of events, in this order, after the change and before ``run`` returns.
        watchers: told so of events that were in quarantine and that a change has shown.
    """

    def __init__(
        self,
        node: str,
        clock: Clock,
        ids: Ids,
        formats: Collection[str] = (),
        *,
        lists: Collection[str] = (),
        is_centre: bool = False,
        parent: str | None = None,
    ) -> None:
        """Begin the empty tables and a new epoch of ``node``.

        Args:
            node: code of the node.
            clock: gives each change its time.
            ids: makes ids, salts and the epoch.
            formats: names of the device formats that can be read.
            lists: feeds that must have arrived for an object to count as checked.
            is_centre: the node is the centre: its own commit confirms an event.
            parent: code of the node above.
        """
        self.node = node
        self.clock = clock
        self.tables = Tables(is_centre=is_centre, parent=parent)
        self.hybrid = HybridClock()
        self.watchlist = MemoryWatchlist(self.tables, lists)
        self.listeners: list[Listener] = []
        self.watchers: list[Listener] = []
        self.seal = Seal(ids.random(KEY_BYTES))
        self._ids = ids
        self._formats = formats
        self.has_room = True
        self.epoch = (int(clock.now().timestamp() * 1000) << _STEP_BITS) + self._step()

    async def run(self, actor: Actor, work: Callable[[WholeChange], Awaitable[T]]) -> T:
        """Run ``work`` in one atomic change and return its answer; whatever it raises undoes the change."""
        async with self.tables.lock:
            change = self._change(actor)
            with self.tables.atomic():
                answer = await work(change)
            for told, listeners in ((change.recorded, self.listeners), (change.held_events.shown, self.watchers)):
                if told:
                    for listener in listeners:
                        listener(told)
        return answer

    def go_on(self, above: int) -> int:
        """Record under an epoch greater than ``above`` from now on, if not so already; return the epoch."""
        if self.epoch <= above:
            known = (held.log.epoch for held in self.tables.logs.all() if held.log.origin == self.node)
            self.epoch = max(above, self.epoch, *known) + 1 + self._step()
        return self.epoch

    def _step(self) -> int:
        return int.from_bytes(self._ids.random(8)) >> (64 - _STEP_BITS)

    def _change(self, actor: Actor) -> MemoryChange:
        tables, now = self.tables, self.clock.now()
        return MemoryChange(
            node=self.node,
            now=now,
            actor=actor,
            device_formats=self._formats,
            epoch=self.epoch,
            ids=self._ids,
            hybrid=self.hybrid,
            seal=self.seal,
            tables=tables,
            answers=MemoryAnswers(tables, now),
            reactions=MemoryReactions(tables),
            entities=MemoryEntities(tables),
            lanes=MemoryLanes(tables, self.node),
            readings=MemoryReadings(tables),
            registrations=MemoryRegistrations(tables),
            watchlist=self.watchlist,
            quarantine=MemoryQuarantine(tables, self.node, has_room=self.has_room),
            entries=MemoryEntries(tables),
            devices=MemoryDevices(tables),
            contacts=MemoryContacts(tables),
            alarms=MemoryAlarms(tables, self.node),
            sightings=MemorySightings(tables, self.node),
            permitted=TrafficAtLanes(MemoryEntities(tables), self.node),
            erasables=MemoryErasables(tables, now),
            held_events=MemoryHeldEvents(tables, actor.name, now),
            held_batches=MemoryHeldBatches(tables, actor.name, now),
        )
