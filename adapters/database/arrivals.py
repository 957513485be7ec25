"""What arrives from neighbours in batches: judged, put into the logs and shown in the tables, in one transaction.

The events of all batches go in together, so that it makes few trips.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from adapters.database import epochs, tombstones
from adapters.database.anew import make_anew
from adapters.database.heads import hash_at, in_order, lock, set_head
from adapters.database.prepared import Arrival, Arrivals, read_of
from adapters.database.session import Row, Session
from adapters.database.showing import quarantine, show
from adapters.database.tables.logs import event, log
from bus.codec import EventUnreadable
from bus.erasure import is_erased
from bus.feed_modules import ERASURE
from bus.recorded import Recorded
from bus.replication.batch import Batch
from bus.replication.log import LogId, Position
from bus.replication.ports import NotThisWay
from bus.replication.receiver import Apply, Verdict, compared_at, judge

_EPOCHS = select(func.count().label("n"), func.max(log.c.epoch).label("newest")).where(
    log.c.origin == bindparam("of_origin"), log.c.channel == bindparam("of_channel")
)


@dataclass(slots=True)
class OpenLog:
    """A log under way: its row as it was, and how far it is within the transaction.

    ``is_alone``: its origin has no log of another epoch here, so none of its events can stand there already.
    ``is_newest``: there is none of a later epoch, so that nothing was shown ahead of what it brings.
    """

    row: Row
    head: Position
    is_alone: bool
    is_newest: bool


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
        self._taken: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._rows: list[tuple[Any, ...]] = []
        self._unreadable: list[tuple[int, int, EventUnreadable]] = []
        self._are_tombstones = True

    async def lock(self, logs: Iterable[LogId], *, node: str, via: str) -> None:
        """Lock the logs that arrive at ``node`` through ``via``.

        Raises:
            NotThisWay: one of them may not.
        """
        ordered = in_order(logs)
        await self._keep_from_erasing(ordered)
        rows = {}
        for one in ordered:
            if one.origin == node:
                raise NotThisWay(f"{one} is this node's own")
            rows[one] = row = await lock(self._session, one, via)
            if row["via"] != via:
                raise NotThisWay(f"{one} arrives through {row['via']}")
        await self._open_all(rows)

    async def lock_recalled(self, recalled: LogId, *, node: str) -> None:
        """Lock a log of which the parent holds more than this node did, whichever way it arrives otherwise.

        One that is not here counts as arriving through its origin, until another child sends it.

        Raises:
            NotThisWay: ``node`` records in it.
        """
        is_own = recalled.origin == node
        if is_own and recalled.epoch == await epochs.present(self._session):
            raise NotThisWay(f"{recalled} is being recorded in")
        await self._keep_from_erasing([recalled])
        await self._open_all({recalled: await lock(self._session, recalled, None if is_own else recalled.origin)})

    async def _keep_from_erasing(self, logs: Iterable[LogId]) -> None:
        """Have nobody erase meanwhile, or, where that is what the logs tell, nobody take in what may be erased."""
        if any(one.channel.startswith(f"{ERASURE}.") for one in logs):
            await tombstones.alone(self._session)
        else:
            await tombstones.beside(self._session)
        self._are_tombstones = await tombstones.are_there(self._session)

    async def _open_all(self, rows: Mapping[LogId, Row]) -> None:
        """Open the logs of these rows; only once all are there it shows which stand beside others."""
        for one, row in rows.items():
            others = await self._session.row(_EPOCHS, of_origin=one.origin, of_channel=one.channel)
            is_alone = others is None or others["n"] == 1
            is_newest = others is None or others["newest"] == one.epoch
            self._open[one] = OpenLog(row, Position(row["seq"], row["hash"]), is_alone, is_newest)

    async def take(self, arrival: Arrival) -> tuple[Verdict, OpenLog]:
        """Judge an arrival, and take what follows; return the verdict, and how the log stands."""
        header = arrival.batch.header
        here = self._open[header.log]
        compared = compared_at(here.head, header)
        stored = None if compared is None else await hash_at(self._session, here.row, compared)
        verdict = judge(here.head, arrival.batch, stored, arrival.hashes)
        if isinstance(verdict, Apply):
            held = await self._without_erased(arrival)
            self._add(held, verdict, here.row["id"], await self._repeated(arrival, here))
            here.head = verdict.watermark
        return verdict, replace(here)

    async def _without_erased(self, arrival: Arrival) -> Arrival:
        """Return an arrival without the bodies that have tombstones."""
        if not self._are_tombstones:
            return arrival
        read = [(one, read_of(content)) for one, content in zip(arrival.ids, arrival.contents, strict=True)]
        ids = (one for event_id, event in read for one in tombstones.ids_of(event_id, event))
        erased = await tombstones.among(self._session, ids)
        if not erased:
            return arrival
        gone = [is_erased(event_id, event, erased) for event_id, event in read]
        records = [one.erased() if is_gone else one for one, is_gone in zip(arrival.batch.records, gone, strict=True)]
        contents = [None if is_gone else one for one, is_gone in zip(arrival.contents, gone, strict=True)]
        batch = Batch(arrival.batch.header, records)
        return replace(arrival, batch=batch, contents=contents)

    async def _repeated(self, arrival: Arrival, here: OpenLog) -> frozenset[str]:
        """Return the ids of events that their origin has put into another of its logs, too: they are shown already."""
        if here.is_alone:
            return frozenset()
        log = arrival.batch.header.log
        stored = await epochs.elsewhere(self._session, log.origin, here.row["id"], arrival.ids)
        taken = self._taken[log.origin, log.channel]
        repeated = stored.union(taken.intersection(arrival.ids))
        taken.update(arrival.ids)
        return repeated

    async def write(self, arrivals: Arrivals) -> None:
        """Write all that was taken of ``arrivals``; the last thing the transaction does."""
        if self._rows:
            await self._session.add(event, self._rows)
        for log_id, seq, failure in self._unreadable:
            await quarantine(self._session, log_id, seq, failure, self._now)
        are_all = len(self.recorded) == arrivals.readable
        faulty = await show(self._session, self.recorded, arrivals.projection if are_all else None)
        for one, fault in faulty:
            await quarantine(self._session, self._open[one.log].row["id"], one.seq, fault, self._now)
        await self._make_anew({one.id for one, _ in faulty})
        for here in self._open.values():
            if here.head.seq > here.row["seq"]:
                await set_head(self._session, here.row["id"], here.head)

    async def _make_anew(self, but: Collection[str]) -> None:
        """Make anew what later epochs had changed already."""
        for held in [held for held, here in self._open.items() if not here.is_newest]:
            shown = [one for one in self.recorded if one.log == held and one.id not in but]
            if shown:
                await make_anew(self._session, shown)

    def _add(self, arrival: Arrival, verdict: Apply, log_id: int, repeated: frozenset[str]) -> None:
        (header, records), skip = arrival.batch, verdict.skip
        new = zip(records[skip:], arrival.ids[skip:], arrival.contents[skip:], verdict.hashes, strict=True)
        for seq, (record, event_id, content, hashed) in enumerate(new, header.first + skip):
            self._rows.append((log_id, seq, event_id, record.hlc, record.salt, record.body, record.commitment, hashed))
            if event_id in repeated:
                continue
            if isinstance(content, EventUnreadable):
                self._unreadable.append((log_id, seq, content))
            elif content is not None:
                self.recorded.append(content)
