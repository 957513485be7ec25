"""The logs in a node's database: read for sending, applied from batches, shown in the tables."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import structlog
from sqlalchemy import bindparam, func, insert, select, update

from adapters.database.heads import head, lock
from adapters.database.projections import project
from adapters.database.session import Database, Row, Session
from adapters.database.tables.logs import event, event_quarantine, log
from bus.catalogue import UP
from bus.codec import EventUnreadable, decode
from bus.ports import Listener, LogStatus
from bus.recorded import Recorded
from bus.replication.batch import Batch
from bus.replication.chain import GENESIS
from bus.replication.clock import COUNTER_BITS, HybridClock
from bus.replication.log import LogId, Position
from bus.replication.ports import Applied, HeldLog, NotThisWay
from bus.replication.receiver import Apply, compared_at, judge
from bus.replication.record import Record
from domain.shared.ports import Clock

_ALL = select(log).order_by(log.c.origin, log.c.channel, log.c.epoch)
_RECORDS = (
    select(event.c.id, event.c.hlc, event.c.salt, event.c.body, event.c.commitment)
    .where(event.c.log_id == bindparam("log_id"), event.c.seq >= bindparam("first"))
    .order_by(event.c.seq)
    .limit(bindparam("limit"))
)
_HASH = select(event.c.hash).where(event.c.log_id == bindparam("log_id"), event.c.seq == bindparam("at_seq"))
_ADVANCE = (
    update(log)
    .where(log.c.id == bindparam("key"))
    .values(seq=bindparam("last"), hash=bindparam("chained"), projected=bindparam("last"))
)
_THIS_LOG = (
    log.c.origin == bindparam("of_origin"),
    log.c.epoch == bindparam("of_epoch"),
    log.c.channel == bindparam("of_channel"),
)
_CONFIRM = update(log).where(*_THIS_LOG).values(parent_seq=bindparam("last"), parent_hash=bindparam("chained"))
_TRIM = (
    update(log)
    .where(*_THIS_LOG, log.c.centre_seq < bindparam("last"))
    .values(centre_seq=bindparam("last"), centre_hash=bindparam("chained"))
)
_QUARANTINE = insert(event_quarantine).values({c.name: bindparam(c.name) for c in event_quarantine.columns})
_QUARANTINED = select(event_quarantine.c.log_id, func.count().label("n")).group_by(event_quarantine.c.log_id)
_OLDEST_WAITING = select(event.c.hlc).where(event.c.log_id == bindparam("log_id"), event.c.seq == bindparam("at_seq"))
_NEWEST_HLC = select(func.max(event.c.hlc).label("hlc")).join(
    log, (log.c.id == event.c.log_id) & (log.c.seq == event.c.seq)
)
_log = structlog.get_logger(__name__)


class DatabaseLogs:
    """The logs of a node."""

    def __init__(self, database: Database, *, node: str, clock: Clock, hybrid: HybridClock, is_centre: bool) -> None:
        """Serve ``node``; the centre's own commit is the centre's confirmation."""
        self._database = database
        self._node = node
        self._clock = clock
        self._hybrid = hybrid
        self._is_centre = is_centre
        self.listeners: list[Listener] = []

    async def held(self) -> Sequence[HeldLog]:
        """Return every log at this node."""
        return [self._to_held(row) for row in await self._database.read(lambda session: session.rows(_ALL))]

    async def find(self, log: LogId) -> HeldLog | None:
        """Return one log, or None."""
        row = await self._database.read(lambda session: head(session, log))
        return None if row is None else self._to_held(row)

    async def read(self, log: LogId, first: int, limit: int) -> tuple[bytes, Sequence[Record]]:
        """Return the hash ahead of event ``first``, and up to ``limit`` records from there on."""

        async def within(session: Session) -> tuple[bytes, Sequence[Record]]:
            row = await head(session, log)
            before = None if row is None else await self._hash(session, row["id"], first - 1)
            if row is None or before is None:
                raise LookupError(f"{log} has nothing before {first}")
            rows = await session.rows(_RECORDS, log_id=row["id"], first=first, limit=limit)
            return before, [_to_record(one) for one in rows]

        return await self._database.read(within)

    async def hash_at(self, log: LogId, seq: int) -> bytes | None:
        """Return the hash of the chain at ``seq``, or None when it is not held."""

        async def within(session: Session) -> bytes | None:
            row = await head(session, log)
            return None if row is None else await self._hash(session, row["id"], seq)

        return await self._database.read(within)

    async def apply(self, batches: Sequence[Batch], via: str) -> Sequence[Applied]:
        """Judge batches in order and apply what follows, all in one transaction."""

        async def within(session: Session) -> tuple[list[Applied], list[Recorded]]:
            applied, recorded = [], []
            for batch in batches:
                result, new = await self._apply(session, batch, via)
                applied.append(result)
                recorded.extend(new)
            return applied, recorded

        applied, recorded = await self._database.write(within)
        for batch in batches:
            self._merge_clock(batch)
        for listener in self.listeners:
            listener(recorded)
        return applied

    async def confirm(self, receiver: Mapping[LogId, Position], centre: Mapping[LogId, Position]) -> None:
        """Store what the parent and the centre have confirmed.

        The node's own logs are stored one by one, the others in the order in which `apply` locks them: so this waits
        for no change that waits for this.
        """
        known = sorted(receiver.keys() | centre.keys(), key=_order)
        groups = [[log] for log in known if log.origin == self._node]
        groups.append([log for log in known if log.origin != self._node])

        async def within(session: Session, logs: Sequence[LogId]) -> None:
            for held in logs:
                for statement, positions in ((_CONFIRM, receiver), (_TRIM, centre)):
                    if held in positions:
                        await session.run(statement, **_where(held), **_place(positions[held]))

        for group in filter(None, groups):
            await self._database.write(partial(within, logs=group))

    async def statuses(self) -> Sequence[LogStatus]:
        """Return the state of every log, by origin and channel."""
        return await self._database.read(self._statuses)

    async def newest_hlc(self) -> int:
        """Return the newest hybrid time on record, so that the node's clock does not go back after a restart."""
        row = await self._database.read(lambda session: session.row(_NEWEST_HLC))
        return 0 if row is None or row["hlc"] is None else int(row["hlc"])

    async def _apply(self, session: Session, batch: Batch, via: str) -> tuple[Applied, list[Recorded]]:
        header = batch.header
        if header.log.origin == self._node:
            raise NotThisWay(f"{header.log} is this node's own")
        row = await lock(session, header.log, via)
        if row["via"] != via:
            raise NotThisWay(f"{header.log} arrives through {row['via']}")
        held = self._to_held(row)
        compared = compared_at(held.head, header)
        stored = None if compared is None else await self._hash(session, row["id"], compared)
        verdict = judge(held.head, batch, stored)
        if not isinstance(verdict, Apply):
            return Applied(verdict=verdict, held=held), []
        recorded = await self._add(session, row["id"], batch, verdict)
        await session.run(_ADVANCE, key=row["id"], last=verdict.watermark.seq, chained=verdict.watermark.hash)
        after = replace(held, head=verdict.watermark)
        return Applied(verdict=verdict, held=self._as_centre(after)), recorded

    async def _add(self, session: Session, log_id: int, batch: Batch, verdict: Apply) -> list[Recorded]:
        first = batch.header.first + verdict.skip
        new = batch.records[verdict.skip :]
        ids = [str(uuid.UUID(bytes=record.id)) for record in new]
        rows = [
            (log_id, first + index, ids[index], record.hlc, record.salt, record.body, record.commitment, hashed)
            for index, (record, hashed) in enumerate(zip(new, verdict.hashes, strict=True))
        ]
        await session.add(event, rows)
        recorded = []
        for index, record in enumerate(new):
            if record.body is None or record.salt is None:
                continue
            try:
                kind, at, body = decode(record.body)
            except EventUnreadable as unreadable:
                await self._quarantine(session, log_id, first + index, str(unreadable))
                continue
            recorded.append(
                Recorded(
                    id=ids[index],
                    log=batch.header.log,
                    seq=first + index,
                    hash=verdict.hashes[index],
                    hlc=record.hlc,
                    kind=kind,
                    at=at,
                    salt=record.salt,
                    body=record.body,
                    event=body,
                )
            )
        await self._show(session, log_id, recorded)
        return recorded

    async def _show(self, session: Session, log_id: int, recorded: Sequence[Recorded]) -> None:
        """Show events in the tables; when that fails find the ones at fault and put them in quarantine."""
        if not recorded or await session.attempt(lambda inner: project(inner, recorded)) is None:
            return
        for one in recorded:
            failure = await session.attempt(lambda inner, one=one: project(inner, (one,)))  # type: ignore[misc]
            if failure is not None:
                await self._quarantine(session, log_id, one.seq, repr(failure))

    async def _quarantine(self, session: Session, log_id: int, seq: int, reason: str) -> None:
        _log.error("event_quarantined", log_id=log_id, seq=seq, reason=reason)
        await session.run(_QUARANTINE, log_id=log_id, seq=seq, reason=reason[:1000], at=self._clock.now())

    async def _hash(self, session: Session, log_id: int, seq: int) -> bytes | None:
        if seq == 0:
            return GENESIS
        row = await session.row(_HASH, log_id=log_id, at_seq=seq)
        return None if row is None else row["hash"]

    async def _statuses(self, session: Session) -> list[LogStatus]:
        quarantined = {row["log_id"]: row["n"] for row in await session.rows(_QUARANTINED)}
        return [await self._status(session, row, quarantined.get(row["id"], 0)) for row in await session.rows(_ALL)]

    async def _status(self, session: Session, row: Row, quarantined: int) -> LogStatus:
        held = self._to_held(row)
        waiting = None
        if held.log.channel in UP and held.centre.seq < held.head.seq:
            oldest = await session.row(_OLDEST_WAITING, log_id=row["id"], at_seq=held.centre.seq + 1)
            waiting = None if oldest is None else _wall_time(oldest["hlc"])
        return LogStatus(
            origin=held.log.origin,
            epoch=held.log.epoch,
            channel=held.log.channel,
            seq=held.head.seq,
            projected=row["projected"],
            parent=held.receiver.seq,
            centre=held.centre.seq,
            waiting_since=waiting,
            quarantined=quarantined,
        )

    def _to_held(self, row: Row) -> HeldLog:
        return self._as_centre(
            HeldLog(
                log=LogId(row["origin"], row["epoch"], row["channel"]),
                head=Position(row["seq"], row["hash"]),
                receiver=Position(row["parent_seq"], row["parent_hash"]),
                centre=Position(row["centre_seq"], row["centre_hash"]),
                via=row["via"],
            )
        )

    def _as_centre(self, held: HeldLog) -> HeldLog:
        return replace(held, receiver=held.head, centre=held.head) if self._is_centre else held

    def _merge_clock(self, batch: Batch) -> None:
        merged = self._hybrid.merge(batch.header.hlc, int(self._clock.now().timestamp() * 1000))
        if merged.clamped:
            _log.warning("clock_ahead", origin=batch.header.log.origin)


def _order(log: LogId) -> tuple[str, int, str]:
    return log.origin, log.epoch, log.channel


def _where(log: LogId) -> dict[str, object]:
    return {"of_origin": log.origin, "of_epoch": log.epoch, "of_channel": log.channel}


def _place(position: Position) -> dict[str, object]:
    return {"last": position.seq, "chained": position.hash}


def _to_record(row: Row) -> Record:
    return Record(uuid.UUID(str(row["id"])).bytes, row["hlc"], row["salt"], row["body"], row["commitment"])


def _wall_time(hlc: int) -> datetime:
    return datetime.fromtimestamp((hlc >> COUNTER_BITS) / 1000, UTC)
