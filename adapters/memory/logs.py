"""The logs of a node in memory: read for sending, applied from batches, shown in the tables."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace

from adapters.memory.changes import MemoryChanges
from adapters.memory.projections import project
from adapters.memory.tables import beginning, log_key
from bus.codec import EventUnreadable, decode
from bus.ports import Listener
from bus.recorded import Recorded
from bus.replication.batch import Batch
from bus.replication.chain import GENESIS
from bus.replication.log import LogId, Position
from bus.replication.ports import Applied, HeldLog, Logs, NotThisWay
from bus.replication.receiver import Apply, compared_at, judge
from bus.replication.record import Record


class MemoryLogs(Logs):
    """The logs held at a node.

    Attributes:
        listeners: told of events of other nodes once they are applied.
    """

    def __init__(self, changes: MemoryChanges) -> None:
        """Share the tables of ``changes``."""
        self._node = changes.node
        self._epoch = changes.epoch
        self._clock = changes.clock
        self._hybrid = changes.hybrid
        self._tables = changes.tables
        self.listeners: list[Listener] = []

    async def held(self) -> Sequence[HeldLog]:
        """Return every log at this node."""
        async with self._tables.lock:
            return self._tables.logs.all()

    async def find(self, log: LogId) -> HeldLog | None:
        """Return one log, or None."""
        async with self._tables.lock:
            return self._tables.held(log)

    async def read(self, log: LogId, first: int, limit: int) -> tuple[bytes, Sequence[Record]]:
        """Return the hash ahead of event ``first``, and up to ``limit`` records from there on."""
        async with self._tables.lock:
            before = None if self._tables.held(log) is None else self._hash_at(log, first - 1)
            if before is None:
                raise LookupError(f"{log} has nothing before {first}")
            records: list[Record] = []
            while len(records) < limit and (row := self._tables.events.get(*log_key(log), first + len(records))):
                records.append(row.record)
            return before, records

    async def hash_at(self, log: LogId, seq: int) -> bytes | None:
        """Return the hash of the chain at ``seq``, or None when it is not held."""
        async with self._tables.lock:
            return None if self._tables.held(log) is None else self._hash_at(log, seq)

    async def apply(self, batches: Sequence[Batch], via: str) -> Sequence[Applied]:
        """Judge batches in order and apply what follows, all or nothing."""
        recorded: list[Recorded] = []
        async with self._tables.lock:
            with self._tables.atomic():
                applied = [self._apply(batch, via, recorded) for batch in batches]
            for batch in batches:
                self._hybrid.merge(batch.header.hlc, int(self._clock.now().timestamp() * 1000))
            if recorded:
                for listener in self.listeners:
                    listener(recorded)
        return applied

    async def begin(self, channel: str) -> None:
        """Begin the node's own log of a channel, without an event yet, unless it has begun."""
        log = LogId(self._node, self._epoch, channel)
        async with self._tables.lock:
            if self._tables.held(log) is None:
                self._store(beginning(log, via=None))

    async def note_arrival(self, log: LogId, via: str) -> None:
        """Note that all of a log has arrived through ``via``; one without any event begins by that."""
        async with self._tables.lock:
            self._store(replace(self._arriving(log, via), arrived=True))

    async def confirm(self, receiver: Mapping[LogId, Position], centre: Mapping[LogId, Position]) -> None:
        """Store what the parent and the centre have confirmed."""
        async with self._tables.lock:
            for log, position in receiver.items():
                if (held := self._tables.held(log)) is not None:
                    self._store(replace(held, receiver=position))
            for log, position in centre.items():
                if (held := self._tables.held(log)) is not None and held.centre.seq < position.seq:
                    self._store(replace(held, centre=position))

    def _store(self, held: HeldLog) -> None:
        with self._tables.atomic():
            self._tables.logs.put(held, *log_key(held.log))

    def _hash_at(self, log: LogId, seq: int) -> bytes | None:
        if seq == 0:
            return GENESIS
        row = self._tables.events.get(*log_key(log), seq)
        return None if row is None else row.hash

    def _apply(self, batch: Batch, via: str, recorded: list[Recorded]) -> Applied:
        log = batch.header.log
        held = self._arriving(log, via)
        compared = compared_at(held.head, batch.header)
        verdict = judge(held.head, batch, None if compared is None else self._hash_at(log, compared))
        if isinstance(verdict, Apply):
            for record, hashed in zip(batch.records[verdict.skip :], verdict.hashes, strict=True):
                held = self._tables.append(held, record, hashed)
                recorded.extend(self._shown(held, record))
        return Applied(verdict=verdict, held=held)

    def _arriving(self, log: LogId, via: str) -> HeldLog:
        """Return how far a log is that arrives through ``via``."""
        if log.origin == self._node:
            raise NotThisWay(f"{log} is this node's own")
        held = self._tables.held(log) or beginning(log, via)
        if held.via != via:
            raise NotThisWay(f"{log} arrives through {held.via}")
        return held

    def _shown(self, held: HeldLog, record: Record) -> list[Recorded]:
        """Show the newest event of a log in the tables, or put it in quarantine; an erased one shows nowhere."""
        if record.salt is None or record.body is None:
            return []
        key = (*log_key(held.log), held.head.seq)
        try:
            kind, at, event = decode(record.body)
        except EventUnreadable as damage:
            self._tables.unshown.put(str(damage), *key)
            return []
        recorded = Recorded(
            id=str(uuid.UUID(bytes=record.id)),
            log=held.log,
            seq=held.head.seq,
            hash=held.head.hash,
            hlc=record.hlc,
            kind=kind,
            at=at,
            salt=record.salt,
            body=record.body,
            event=event,
        )
        try:
            with self._tables.savepoint():
                project(recorded, self._tables)
        except Exception as failure:  # noqa: BLE001 - no event may block those after it
            self._tables.unshown.put(repr(failure), *key)
        return [recorded]
