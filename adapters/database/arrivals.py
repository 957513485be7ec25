"""What arrives from neighbours in batches: judged, put into the logs and shown in the tables, in one transaction.

All that can be done without the database is done before, so that the transaction is short; the events of all batches
go in together, so that it makes few trips.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from sqlalchemy import bindparam, insert, select, update

from adapters.database.heads import lock
from adapters.database.projections import project
from adapters.database.session import Row, Session
from adapters.database.tables.logs import event, event_quarantine, log
from bus.codec import EventUnreadable, decode
from bus.link.reasons import reason_of
from bus.recorded import Recorded
from bus.replication.batch import Batch
from bus.replication.chain import GENESIS
from bus.replication.log import LogId, Position
from bus.replication.ports import NotThisWay
from bus.replication.receiver import Apply, Verdict, compared_at, judge
from bus.replication.record import Record
from domain.shared.messages import Event

_HASH = select(event.c.hash).where(event.c.log_id == bindparam("log_id"), event.c.seq == bindparam("at_seq"))
_ADVANCE = (
    update(log)
    .where(log.c.id == bindparam("key"))
    .values(seq=bindparam("last"), hash=bindparam("chained"), projected=bindparam("last"))
)
_QUARANTINE = insert(event_quarantine).values({c.name: bindparam(c.name) for c in event_quarantine.columns})

Content = tuple[str, datetime, Event] | EventUnreadable | None
"""Kind, time and event; why there is no reading it; or nothing where it was erased."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A batch, with all that can be known of it without the database."""

    batch: Batch
    ids: list[str]
    contents: list[Content]


@dataclass(slots=True)
class OpenLog:
    """A log under way: its row as it was, and how far it is within the transaction."""

    row: Row
    head: Position


async def prepare(batches: Sequence[Batch]) -> list[Arrival]:
    """Read what is in batches, with a breath after each for others who wait."""
    arrivals = []
    for batch in batches:
        ids = [_id_text(record.id) for record in batch.records]
        arrivals.append(Arrival(batch, ids, [_content(record) for record in batch.records]))
        await asyncio.sleep(0)
    return arrivals


async def hash_at(session: Session, log_id: int, seq: int) -> bytes | None:
    """Return the hash of the chain at ``seq``, or None when it is not held."""
    if seq == 0:
        return GENESIS
    row = await session.row(_HASH, log_id=log_id, at_seq=seq)
    return None if row is None else row["hash"]


def in_order(logs: Iterable[LogId]) -> list[LogId]:
    """Return logs in the order in which transactions lock them, so that none waits for one that waits for it."""
    return sorted(logs, key=lambda log: (log.origin, log.epoch, log.channel))


class Intake:
    """One transaction that takes in what arrived.

    Attributes:
        recorded: events that are on record by it and can be read, in the order of their logs.
    """

    def __init__(self, session: Session, now: datetime) -> None:
        """Take in through ``session``."""
        self.recorded: list[Recorded] = []
        self._session = session
        self._now = now
        self._open: dict[LogId, OpenLog] = {}
        self._rows: list[tuple[Any, ...]] = []
        self._unreadable: list[tuple[int, int, str]] = []

    async def lock(self, logs: Iterable[LogId], *, node: str, via: str) -> None:
        """Lock the logs that arrive at ``node`` through ``via``.

        Raises:
            NotThisWay: one of them may not.
        """
        for one in in_order(logs):
            if one.origin == node:
                raise NotThisWay(f"{one} is this node's own")
            row = await lock(self._session, one, via)
            if row["via"] != via:
                raise NotThisWay(f"{one} arrives through {row['via']}")
            self._open[one] = OpenLog(row, Position(row["seq"], row["hash"]))

    async def take(self, arrival: Arrival) -> tuple[Verdict, OpenLog]:
        """Judge an arrival, and take what follows; return the verdict, and how the log stands."""
        header = arrival.batch.header
        here = self._open[header.log]
        compared = compared_at(here.head, header)
        stored = None if compared is None else await hash_at(self._session, here.row["id"], compared)
        verdict = judge(here.head, arrival.batch, stored)
        if isinstance(verdict, Apply):
            self._add(arrival, verdict, here.row["id"])
            here.head = verdict.watermark
        return verdict, OpenLog(here.row, here.head)

    async def write(self) -> None:
        """Write all that was taken; the last thing the transaction does."""
        if self._rows:
            await self._session.add(event, self._rows)
        for log_id, seq, reason in self._unreadable:
            await self._quarantine(log_id, seq, reason)
        if self.recorded:
            await self._show(self.recorded)
        for here in self._open.values():
            if here.head.seq > here.row["seq"]:
                await self._session.run(_ADVANCE, key=here.row["id"], last=here.head.seq, chained=here.head.hash)

    def _add(self, arrival: Arrival, verdict: Apply, log_id: int) -> None:
        (header, records), skip = arrival.batch, verdict.skip
        new = zip(records[skip:], arrival.ids[skip:], arrival.contents[skip:], verdict.hashes, strict=True)
        for seq, (record, event_id, content, hashed) in enumerate(new, header.first + skip):
            salt, body = record.salt, record.body
            self._rows.append((log_id, seq, event_id, record.hlc, salt, body, record.commitment, hashed))
            if isinstance(content, EventUnreadable):
                self._unreadable.append((log_id, seq, str(content)))
            elif content is not None and salt is not None and body is not None:
                kind, at, read = content
                self.recorded.append(
                    Recorded(
                        id=event_id,
                        log=header.log,
                        seq=seq,
                        hash=hashed,
                        hlc=record.hlc,
                        kind=kind,
                        at=at,
                        salt=salt,
                        body=body,
                        event=read,
                    )
                )

    async def _show(self, recorded: Sequence[Recorded]) -> None:
        """Show events in the tables; where that fails search by halves for those at fault, and quarantine them."""
        failure = await self._session.attempt(partial(project, recorded=recorded))
        if failure is None:
            return
        if len(recorded) == 1:
            await self._quarantine(self._open[recorded[0].log].row["id"], recorded[0].seq, reason_of(failure))
            return
        middle = len(recorded) // 2
        await self._show(recorded[:middle])
        await self._show(recorded[middle:])

    async def _quarantine(self, log_id: int, seq: int, reason: str) -> None:
        _log.error("event_quarantined", log_id=log_id, seq=seq, reason=reason)
        await self._session.run(_QUARANTINE, log_id=log_id, seq=seq, reason=reason[:1000], at=self._now)


def _content(record: Record) -> Content:
    if record.body is None:
        return None
    try:
        return decode(record.body)
    except EventUnreadable as unreadable:
        return unreadable


def _id_text(raw: bytes) -> str:
    digits = raw.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
