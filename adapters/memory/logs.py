"""The logs of a node in memory: read for sending, applied from batches, shown in the tables."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from adapters.memory.changes import MemoryChanges
from adapters.memory.erasing import erased
from adapters.memory.showing import show, show_all_anew
from adapters.memory.tables import LogRow, beginning, log_key
from bus.catalogue import UP
from bus.ports import Listener
from bus.recorded import Recorded, id_text
from bus.replication.batch import Batch
from bus.replication.chain import GENESIS, chain
from bus.replication.log import LogId, Position
from bus.replication.ports import Applied, HeldLog, Logs, NotThisWay
from bus.replication.receiver import Apply, compared_at, judge
from bus.replication.record import Record
from domain.shared.quarantine import QuarantineState
from domain.upkeep.model import QuarantinedEvent

_BEYOND = 2**63
REPLAYED = QuarantineState.REPLAYED


class MemoryLogs(Logs):
    """The logs held at a node.

    Attributes:
        listeners: told of events of other nodes once they are applied.
    """

    def __init__(self, changes: MemoryChanges) -> None:
        """Share the tables of ``changes``."""
        self._node = changes.node
        self._changes = changes
        self._clock = changes.clock
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

    async def places(self, origin: str, ids: Collection[bytes]) -> Mapping[bytes, Collection[tuple[LogId, int]]]:
        """Return where each of these events stands in logs of ``origin``."""
        found: defaultdict[bytes, list[tuple[LogId, int]]] = defaultdict(list)
        async with self._tables.lock:
            for (of, channel, epoch, seq), row in self._tables.events.items():
                if of == origin and row.record.id in ids:
                    found[row.record.id].append((LogId(of, epoch, channel), seq))
        return found

    async def apply(self, batches: Sequence[Batch], via: str) -> Sequence[Applied]:
        """Judge batches in order and apply what follows, all or nothing."""
        recorded: list[Recorded] = []
        async with self._tables.lock:
            with self._tables.atomic():
                applied = [self._apply(batch, via, recorded) for batch in batches]
            for batch in batches:
                self._changes.hybrid.merge(batch.header.hlc, int(self._clock.now().timestamp() * 1000))
            if recorded:
                for listener in self.listeners:
                    listener(recorded)
        return applied

    async def recall(self, batch: Batch) -> Applied:
        """Apply what the parent holds of a log beyond what this node did."""
        recorded: list[Recorded] = []
        async with self._tables.lock:
            with self._tables.atomic():
                applied = self._take(batch, self._recalled(batch.header.log), recorded)
            for listener in self.listeners if recorded else ():
                listener(recorded)
        return applied

    async def epoch(self) -> int:
        """Return the epoch under which the node records."""
        return self._changes.epoch

    async def go_on(self, above: int) -> int:
        """Record under an epoch greater than ``above`` from now on, if not so already; return the epoch."""
        async with self._tables.lock:
            now = self._changes.epoch
            if now > above:
                return now
            growing = [held for held in self._own() if held.log.epoch == now and held.log.channel in UP]
            with self._tables.atomic():
                self._changes.go_on(above)
                for held in () if self._tables.is_centre else growing:
                    self._move(held.log, [(held, self._unconfirmed(held))])
            return self._changes.epoch

    async def give_way(self, log: LogId, seq: int) -> None:
        """Remove what follows ``seq`` from a log; what is the node's own is recorded anew."""
        async with self._tables.lock:
            if log.origin == self._node and log.epoch == self._changes.epoch:
                raise ValueError(f"{log} is being recorded in")
            held, hashed = self._tables.held(log), self._hash_at(log, seq)
            if held is None or hashed is None:
                raise LookupError(f"{log} holds nothing at {seq}")
            with self._tables.atomic():
                if log.origin == self._node:
                    self._give_way(held, seq)
                else:
                    self._put_back(self._remove(held, seq)[1])
                show_all_anew(self._tables, self._clock.now())

    async def adopt(self, batch: Batch) -> None:
        """Record anew in the present epoch what a batch of the node's own holds and none of its logs does."""
        async with self._tables.lock:
            with self._tables.atomic():
                whole = [record for record in batch.records if record.body is not None]
                recorded = self._record_anew(batch.header.log, whole)
            for listener in self.listeners if recorded else ():
                listener(recorded)

    async def redirect(self, log: LogId, via: str) -> bool:
        """Have a log arrive through ``via`` from now on; False when there is none, or it is the node's own."""
        async with self._tables.lock:
            held = self._tables.held(log)
            if held is None or held.via is None:
                return False
            self._store(replace(held, via=via))
            return True

    async def begin(self, channel: str) -> None:
        """Begin the node's own log of a channel, without an event yet, unless it has begun."""
        log = LogId(self._node, self._changes.epoch, channel)
        async with self._tables.lock:
            if self._tables.held(log) is None:
                self._store(beginning(log, via=None))

    async def note_arrival(self, log: LogId, via: str) -> None:
        """Note that all of a log has arrived through ``via``; one without any event begins by that."""
        async with self._tables.lock:
            self._store(replace(self._arriving(log, via), arrived=True))

    async def go_on_behind(self, log: LogId, floor: Position, via: str) -> int:
        """Have a log go on behind ``floor``; return how many events are missing by that."""
        async with self._tables.lock:
            held = self._arriving(log, via)
            missing = floor.seq - held.head.seq
            if missing <= 0:
                return 0
            is_confirmed = self._tables.is_confirmed(held)
            centre = held.centre if held.centre.seq > floor.seq and not is_confirmed else floor
            receiver = floor if is_confirmed else held.receiver
            self._store(replace(held, head=floor, floor=floor, receiver=receiver, centre=centre))
            return missing

    async def confirm(self, receiver: Mapping[LogId, Position], centre: Mapping[LogId, Position]) -> None:
        """Store what the parent and the centre have confirmed."""
        async with self._tables.lock:
            for log, position in receiver.items():
                if (held := self._tables.held(log)) is not None:
                    self._store(replace(held, receiver=position))
            for log, position in centre.items():
                held = self._tables.held(log)
                if held is None or held.centre.seq >= position.seq:
                    continue
                if position.seq <= held.floor.seq or self._hash_at(log, position.seq) == position.hash:
                    self._store(replace(held, centre=position))

    def _store(self, held: HeldLog) -> None:
        with self._tables.atomic():
            self._tables.logs.put(held, *log_key(held.log))

    def _hash_at(self, log: LogId, seq: int) -> bytes | None:
        held = self._tables.held(log)
        if held is not None and seq <= held.floor.seq:
            return held.floor.hash if seq == held.floor.seq else None
        if seq == 0:
            return GENESIS
        row = self._tables.events.get(*log_key(log), seq)
        return None if row is None else row.hash

    def _own(self) -> list[HeldLog]:
        return [held for held in self._tables.logs.all() if held.log.origin == self._node]

    def _of_channel(self, log: LogId) -> list[HeldLog]:
        """Return the logs of an origin and channel, of all epochs."""
        same = log.origin, log.channel
        return [held for held in self._tables.logs.all() if (held.log.origin, held.log.channel) == same]

    def _give_way(self, held: HeldLog, seq: int) -> None:
        """Record anew what follows ``seq`` in a log of the node's own, ahead of what later logs of the channel hold."""
        same = (one for one in self._of_channel(held.log) if one.log.epoch > held.log.epoch)
        later = [(one, self._unconfirmed(one)) for one in sorted(same, key=lambda one: one.log.epoch)]
        if any(one.head.seq > at for one, at in later):
            self._changes.go_on(self._changes.epoch)
        self._move(held.log, [(held, seq), *later])

    def _unconfirmed(self, held: HeldLog) -> int:
        """Return behind which place the parent is not known to hold a log, or the log is held no longer."""
        confirmed = 0 if self._tables.is_centre else min(held.receiver.seq, held.head.seq)
        return max(confirmed, held.floor.seq)

    def _move(self, log: LogId, behind: Sequence[tuple[HeldLog, int]]) -> None:
        """Record anew what follows these places in the node's own logs of a channel, in this order."""
        removed, quarantined = [], []
        for held, seq in behind:
            records, waiting = self._remove(held, seq)
            removed += records
            quarantined += waiting
        self._record_anew(log, removed, but=[one.id for one in quarantined if one.state is not REPLAYED])
        self._put_back(quarantined)

    def _put_back(self, quarantined: Sequence[QuarantinedEvent]) -> None:
        """Have quarantine say the same of these events where they stand now, as far as they do."""
        for one in quarantined:
            of_origin = ((key, row) for key, row in self._tables.events.items() if key[0] == one.origin)
            places = [key for key, row in of_origin if id_text(row.record.id) == one.id]
            if places and not any(self._tables.unshown.get(*key) for key in places):
                _, _, epoch, seq = places[0]
                self._tables.unshown.put(replace(one, epoch=epoch, seq=seq), *places[0])

    def _remove(self, held: HeldLog, seq: int) -> tuple[list[Record], list[QuarantinedEvent]]:
        """Remove what follows ``seq`` from a log; return it, and what quarantine said of it."""
        hashed = self._hash_at(held.log, seq)
        assert hashed is not None  # noqa: S101 - it was looked up
        end = Position(seq, hashed)
        key = log_key(held.log)
        removed, quarantined = [], []
        for at in range(seq + 1, held.head.seq + 1):
            row = self._tables.events.get(*key, at)
            assert row is not None  # noqa: S101 - a log has no holes
            removed.append(row.record)
            self._tables.events.drop(*key, at)
            if (waiting := self._tables.unshown.get(*key, at)) is not None:
                quarantined.append(waiting)
                self._tables.unshown.drop(*key, at)
        centre = held.centre if held.centre.seq <= end.seq else end
        self._tables.logs.put(replace(held, head=end, centre=centre), *key)
        return removed, quarantined

    def _record_anew(self, log: LogId, records: Sequence[Record], but: Collection[str] = ()) -> list[Recorded]:
        """Put events at the end of the log of the present epoch, unless they stand in one of the node's already.

        They are shown, ``but`` for those of these ids.
        """
        now = LogId(log.origin, self._changes.epoch, log.channel)
        recorded: list[Recorded] = []
        for record in erased(self._tables, records):
            if self._is_elsewhere(log.origin, record, None):
                continue
            held = self._tables.held(now) or beginning(now, via=None)
            (hashed,) = chain(held.head.hash, (record,))
            grown = self._tables.append(held, record, hashed)
            shown = None if id_text(record.id) in but else self._show(grown, record)
            if shown is not None:
                recorded.append(shown)
        return recorded

    def _is_elsewhere(self, origin: str, record: Record, but: LogId | None) -> bool:
        """Tell whether an event stands in a log of an origin other than ``but``."""
        others = [held.log for held in self._tables.logs.all() if held.log.origin == origin and held.log != but]
        return any(
            row.record.id == record.id
            for other in others
            for row in self._tables.events.between((*log_key(other), 0), (*log_key(other), _BEYOND))
        )

    def _recalled(self, log: LogId) -> HeldLog:
        is_own = log.origin == self._node
        if is_own and log.epoch == self._changes.epoch:
            raise NotThisWay(f"{log} is being recorded in")
        return self._tables.held(log) or beginning(log, None if is_own else log.origin)

    def _apply(self, batch: Batch, via: str, recorded: list[Recorded]) -> Applied:
        return self._take(batch, self._arriving(batch.header.log, via), recorded)

    def _take(self, batch: Batch, held: HeldLog, recorded: list[Recorded]) -> Applied:
        log = batch.header.log
        compared = compared_at(held.head, batch.header)
        verdict = judge(held.head, batch, None if compared is None else self._hash_at(log, compared))
        if isinstance(verdict, Apply):
            records = erased(self._tables, batch.records[verdict.skip :])
            for record, hashed in zip(records, verdict.hashes, strict=True):
                is_repeated = self._is_elsewhere(log.origin, record, log)
                held = self._tables.append(held, record, hashed)
                shown = None if is_repeated else self._show(held, record)
                if shown is not None:
                    recorded.append(shown)
            if any(one.log.epoch > log.epoch for one in self._of_channel(log)):
                show_all_anew(self._tables, self._clock.now())
        return Applied(verdict=verdict, held=held)

    def _arriving(self, log: LogId, via: str) -> HeldLog:
        """Return how far a log is that arrives through ``via``."""
        if log.origin == self._node:
            raise NotThisWay(f"{log} is this node's own")
        held = self._tables.held(log) or beginning(log, via)
        if held.via != via:
            raise NotThisWay(f"{log} arrives through {held.via}")
        return held

    def _show(self, held: HeldLog, record: Record) -> Recorded | None:
        """Show the newest event of a log."""
        row = LogRow(record=record, hash=held.head.hash)
        return show(held.log, held.head.seq, row, self._tables, self._clock.now())
