"""The database of a node in the simulation: what survives a crash of the node, and may go back in time.

Each method is one transaction. It mirrors the logs of the real databases, over the shipped `judge`, and the tables by
the ids of the events that they show.
"""

import random
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from bus.replication import (
    GENESIS,
    START,
    Apply,
    Batch,
    LogId,
    Position,
    Record,
    Verdict,
    chain,
    compared_at,
    judge,
)
from bus.replication.ports import Applied, HeldLog, NotThisWay
from tests.bus.replication.books import Books
from tests.bus.replication.lines import Stream

STEP = 2**20

Judge = Callable[[Position, Batch, bytes | None], Verdict]


class Crashed(Exception):  # noqa: N818 - what happened
    """The node died in the middle of a change."""


@dataclass(slots=True)
class Log:
    """A log at one node."""

    log: LogId
    via: str | None
    records: list[Record] = field(default_factory=list)
    hashes: list[bytes] = field(default_factory=lambda: [GENESIS])
    head: Position = START
    receiver: Position = START
    centre: Position = START
    arrived: bool = False

    def copy(self) -> "Log":
        return replace(self, records=self.records.copy(), hashes=self.hashes.copy())


class Store:
    """The database of a node."""

    judge: Judge = staticmethod(judge)

    def __init__(self, node: str, epoch: int, books: Books, *, parent: str | None) -> None:
        self.node = node
        self.epoch = epoch
        self.logs: dict[LogId, Log] = {}
        self.standing: Counter[bytes] = Counter()
        self.shown: Counter[bytes] = Counter()
        self._books = books
        self._parent = parent

    def copy(self) -> Self:
        twin = type(self)(self.node, self.epoch, self._books, parent=self._parent)
        twin.logs = {name: log.copy() for name, log in self.logs.items()}
        twin.standing, twin.shown = self.standing.copy(), self.shown.copy()
        return twin

    def held(self) -> list[HeldLog]:
        return [self._to_held(log) for log in self.logs.values()]

    def find(self, log: LogId) -> HeldLog | None:
        held = self.logs.get(log)
        return None if held is None else self._to_held(held)

    def confirmed(self, log: LogId) -> Position:
        """Return how far the centre has confirmed a log."""
        return self._to_held(self.logs[log]).centre

    def read(self, log: LogId, first: int, limit: int) -> tuple[bytes, list[Record]]:
        held = self.logs.get(log)
        if held is None or first > len(held.hashes):
            raise LookupError(f"{log} has nothing before {first}")
        return held.hashes[first - 1], held.records[first - 1 : first - 1 + limit]

    def hash_at(self, log: LogId, seq: int) -> bytes | None:
        held = self.logs.get(log)
        return held.hashes[seq] if held is not None and seq < len(held.hashes) else None

    def places(self, origin: str, ids: Collection[bytes]) -> dict[bytes, list[tuple[LogId, int]]]:
        logs = [held for held in self.logs.values() if held.log.origin == origin]
        return {
            one: [(held.log, seq) for held in logs for seq, record in enumerate(held.records, 1) if record.id == one]
            for one in ids
        }

    def record(self, channel: str, record: Record) -> Position:
        """Record a new event of this node's, behind all that it holds of its own in a channel."""
        held = [log for log in self._own() if log.channel == channel and self.logs[log].records]
        if held:
            self._books.behind[record.id] = self.logs[max(held, key=lambda log: log.epoch)].records[-1].id
        self.standing[record.id] += 1
        self.shown[record.id] += 1
        return self._append(LogId(self.node, self.epoch, channel), record)

    def apply(self, batches: Sequence[Batch], via: str) -> list[Applied]:
        logs = [self._arriving(batch.header.log, via) for batch in batches]
        return [self._take(log, batch) for log, batch in zip(logs, batches, strict=True)]

    def recall(self, batch: Batch) -> Applied:
        log = batch.header.log
        is_own = log.origin == self.node
        if is_own and log.epoch == self.epoch:
            raise NotThisWay(f"{log} is being recorded in")
        return self._take(self._begun(log, None if is_own else log.origin), batch)

    def go_on(self, above: int, rng: random.Random) -> int:
        """Record under a later epoch; what the parent has not confirmed comes along."""
        if self.epoch <= above:
            own = [] if self._parent is None else [log for log in self._own() if log.epoch == self.epoch]
            tails = [(log, self._unconfirmed(log)) for log in own if log.channel in tuple(Stream)]
            self._open(above, rng)
            self.move(tails)
        return self.epoch

    def give_way(self, log: LogId, seq: int, rng: random.Random) -> None:
        """Remove what follows `seq`; what is one's own is recorded anew, the tables of others are filled again."""
        if log.origin != self.node:
            for record in self._cut(log, seq):
                self.shown[record.id] = 1 if self.standing[record.id] else 0
            return
        if log.epoch == self.epoch:
            raise ValueError(f"{log} is being recorded in")
        tails = [(log, seq), *((one, self._unconfirmed(one)) for one in self.later(log))]
        if any(self.logs[one].head.seq > at for one, at in tails[1:]):
            self._open(self.epoch, rng)
        self.move(tails)

    def move(self, tails: Sequence[tuple[LogId, int]]) -> None:
        """Record the ends of own logs anew under the present epoch, in this order."""
        removed = [(record, log.channel) for log, seq in tails for record in self._cut(log, seq)]
        for record, channel in removed:
            if not self.standing[record.id]:
                self.standing[record.id] = 1
                self.record_anew(record, channel)

    def newest_stamp(self) -> int:
        """Return the newest stamp at the ends of the own logs."""
        return max((self.logs[log].records[-1].hlc for log in self._own() if self.logs[log].records), default=0)

    def later(self, log: LogId) -> list[LogId]:
        """Return the own logs of a channel of later epochs, in order."""
        later = (one for one in self._own() if one.channel == log.channel and one.epoch > log.epoch)
        return sorted(later, key=lambda one: one.epoch)

    def _own(self) -> list[LogId]:
        return [log for log in self.logs if log.origin == self.node]

    def _unconfirmed(self, log: LogId) -> int:
        """Return behind which place the parent is not known to hold a log."""
        return min(self.logs[log].receiver.seq, self.logs[log].head.seq)

    def _open(self, above: int, rng: random.Random) -> None:
        self.epoch = max(self.epoch, above, *(log.epoch for log in self._own()), 0) + 1 + rng.randrange(STEP)

    def _cut(self, log: LogId, seq: int) -> list[Record]:
        held = self.logs[log]
        removed = held.records[seq:]
        del held.records[seq:], held.hashes[seq + 1 :]
        held.head = Position(seq, held.hashes[seq])
        held.centre = min(held.centre, held.head, key=lambda position: position.seq)
        for record in removed:
            self.standing[record.id] -= 1
        return removed

    def record_anew(self, record: Record, channel: str) -> None:
        self._append(LogId(self.node, self.epoch, channel), record)

    def redirect(self, log: LogId, via: str) -> bool:
        held = self.logs.get(log)
        if held is None or log.origin == self.node:
            return False
        held.via = via
        return True

    def adopt(self, batch: Batch) -> list[tuple[LogId, int]]:
        """Record anew what stands in no log here."""
        log, recorded = LogId(self.node, self.epoch, batch.header.log.channel), []
        for record in batch.records:
            if not self.standing[record.id]:
                self.standing[record.id] = 1
                self.shown[record.id] += 1
                recorded.append((log, self._append(log, record).seq))
        return recorded

    def begin(self, channel: str) -> None:
        self._begun(LogId(self.node, self.epoch, channel), None)

    def note_arrival(self, log: LogId, via: str) -> None:
        self._arriving(log, via).arrived = True

    def confirm(self, receiver: dict[LogId, Position], centre: dict[LogId, Position]) -> None:
        for log, position in receiver.items():
            if log in self.logs:
                self.logs[log].receiver = position
        for log, position in centre.items():
            if log in self.logs and self.logs[log].centre.seq < position.seq and self._holds(log, position):
                self.logs[log].centre = position

    def _holds(self, log: LogId, position: Position) -> bool:
        return self.hash_at(log, position.seq) == position.hash

    def is_repeated(self, record: Record) -> bool:
        """Whether an event stands in another log of its origin already."""
        return self.standing[record.id] > 0

    def insert(self, held: Log, records: list[Record], hashes: list[bytes], watermark: Position) -> None:
        held.records += records
        held.hashes += hashes
        held.head = watermark

    def _take(self, held: Log, batch: Batch) -> Applied:
        at = compared_at(held.head, batch.header)
        verdict = self.judge(held.head, batch, None if at is None else self.hash_at(held.log, at))
        if isinstance(verdict, Apply):
            records, first = batch.records[verdict.skip :], held.head.seq + 1
            for record in records:
                if not self.is_repeated(record):
                    self.shown[record.id] += 1
                self.standing[record.id] += 1
            self.insert(held, records, verdict.hashes, verdict.watermark)
            self._books.applied(self.node, held.log, first, verdict.hashes)
            if held.head.seq != len(held.records) or held.hashes[batch.header.first - 1] != batch.header.before:
                self._books.violated("lost or out of order", (self.node, held.log, held.head.seq))
        return Applied(verdict=verdict, held=self._to_held(held))

    def _arriving(self, log: LogId, via: str) -> Log:
        if log.origin == self.node:
            raise NotThisWay(f"{log} is this node's own")
        held = self._begun(log, via)
        if held.via != via:
            raise NotThisWay(f"{log} arrives through {held.via}")
        return held

    def _begun(self, log: LogId, via: str | None) -> Log:
        if log not in self.logs:
            self.logs[log] = Log(log, via)
        return self.logs[log]

    def _append(self, log: LogId, record: Record) -> Position:
        held = self._begun(log, None)
        (hashed,) = chain(held.head.hash, (record,))
        held.records.append(record)
        held.hashes.append(hashed)
        held.head = Position(held.head.seq + 1, hashed)
        self._books.recorded(log, held.head)
        return held.head

    def _to_held(self, log: Log) -> HeldLog:
        is_confirmed = self._parent in (None, log.via)
        return HeldLog(
            log=log.log,
            head=log.head,
            receiver=log.head if is_confirmed else log.receiver,
            centre=log.head if is_confirmed else log.centre,
            via=log.via,
            arrived=log.via is None or log.arrived,
        )
