"""Erasing what a node holds, within the transaction that shows the erasure: bodies, rows, and what lies aside."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, bindparam, delete, null, or_, select, update

from adapters.database import tails, tombstones
from adapters.database.elements import ContainsOneOf, IsOneOf, IsOneOfIds
from adapters.database.records import placed, readable
from adapters.database.session import Row, Session
from adapters.database.tables.alarms import alarm
from adapters.database.tables.entities import FACTS_BY_ID
from adapters.database.tables.erasure import erasure, tombstone
from adapters.database.tables.logs import answer, batch_quarantine, event, event_quarantine, log, reaction
from adapters.database.tables.registrations import passage_link, reading, registration
from adapters.database.tables.watchlist import criterion, entry
from bus.catalogue import ALARMS, FACTS
from bus.erasure import is_erased, subjects_of
from bus.feed_modules import WATCHLIST
from bus.recorded import Recorded
from bus.replication.batch import BatchTooNew, BatchUnreadable, unpack
from bus.replication.log import LogId
from bus.replication.record import commitment
from domain.erasure.events import EventsErased
from domain.erasure.model import Named
from domain.shared.quarantine import QuarantineState

ERASED: Final = "erased"
PAGE: Final = 500
_KEYS: Any = bindparam("keys")
_WITH_BODY = (
    select(event, log.c.origin, log.c.epoch, log.c.channel)
    .join(log, log.c.id == event.c.log_id)
    .where(event.c.body.is_not(None))
)
_OF_IDS = _WITH_BODY.where(IsOneOfIds(event.c.id, _KEYS))
_LOGS = select(log).where(log.c.origin == bindparam("of_origin"), or_(log.c.channel == ALARMS, log.c.channel == FACTS))
_ABOUT = _WITH_BODY.where(
    event.c.log_id == bindparam("of_log"),
    event.c.seq > bindparam("after"),
    event.c.seq <= bindparam("last"),
    ContainsOneOf(event.c.body, _KEYS),
)
_ERASE = (
    update(event)
    .where(event.c.log_id == bindparam("of_log"), event.c.seq == bindparam("at_seq"))
    .values(salt=null(), body=null(), commitment=bindparam("committed"))
)
_SETTLE = (
    update(event_quarantine)
    .where(
        event_quarantine.c.log_id == bindparam("of_log"),
        event_quarantine.c.seq == bindparam("at_seq"),
        event_quarantine.c.state == QuarantineState.HELD.value,
    )
    .values(state=QuarantineState.SET_ASIDE.value, note=ERASED, settled_at=bindparam("when_"))
)
_NO_LONGER_DUE = delete(reaction).where(IsOneOfIds(reaction.c.event_id, _KEYS))
_FORGET = (
    delete(reading).where(IsOneOfIds(reading.c.registration_id, _KEYS)),
    delete(passage_link).where(IsOneOfIds(passage_link.c.linked_passage_id, _KEYS)),
    delete(registration).where(IsOneOfIds(registration.c.id, _KEYS)),
    delete(alarm).where(IsOneOfIds(alarm.c.id, _KEYS)),
    delete(criterion).where(IsOneOfIds(criterion.c.entry_id, _KEYS)),
    delete(entry).where(IsOneOfIds(entry.c.id, _KEYS)),
    delete(answer).where(ContainsOneOf(answer.c.answer, _KEYS)),
    *(delete(table).where(IsOneOfIds(table.c.id, _KEYS)) for table in FACTS_BY_ID),
)
_BATCHES = (
    select(batch_quarantine.c.id)
    .where(
        or_(
            batch_quarantine.c.origin.is_(None),
            batch_quarantine.c.channel.startswith(f"{WATCHLIST}."),
            and_(
                or_(batch_quarantine.c.channel == ALARMS, batch_quarantine.c.channel == FACTS),
                IsOneOf(batch_quarantine.c.origin, bindparam("scopes")),
            ),
        )
    )
    .order_by(batch_quarantine.c.id)
)
_BATCH = select(batch_quarantine).where(batch_quarantine.c.id == bindparam("key"))
_REPACK = (
    update(batch_quarantine)
    .where(batch_quarantine.c.id == bindparam("key"))
    .values(data=bindparam("bytes_"), size=bindparam("length"))
)
_EMPTY = (
    update(batch_quarantine)
    .where(batch_quarantine.c.id == bindparam("key"))
    .values(data=b"", size=0, state=QuarantineState.SET_ASIDE.value, note=ERASED, settled_at=bindparam("when_"))
)
_TOMBSTONES = select(tombstone.c.id).where(tombstone.c.id > bindparam("after")).order_by(tombstone.c.id).limit(PAGE)
_SCOPES = select(erasure.c.scope).distinct()
_BEFORE_ALL = "00000000-0000-0000-0000-000000000000"


async def erase(session: Session, named: Named, told: EventsErased) -> None:
    """Erase what an erasure names, and what is about the same and was unknown to the centre.

    Args:
        session: within the transaction that puts the tombstones in.
        named: by the erasure.
        told: the erasure.
    """
    await tombstones.alone(session)
    await tails.flush(session)
    rows = await session.rows(_OF_IDS, keys=_json(named.events))
    rows = [*rows, *await _unnamed(session, named, told)]
    await _forget(session, rows, named.subjects, told.erased_at)
    await _clear_batches(session, named.events | named.subjects, [told.scope], rows, told.erased_at)


async def erase_again(session: Session) -> None:
    """Erase whatever has a tombstone: tombstones came in as rows, and nobody told of them one by one."""
    await tombstones.alone(session)
    after = _BEFORE_ALL
    while page := [str(row["id"]) for row in await session.rows(_TOMBSTONES, after=after)]:
        ids = frozenset(page)
        await _forget(session, await session.rows(_OF_IDS, keys=_json(ids)), ids, None)
        after = page[-1]
    scopes = [row["scope"] for row in await session.rows(_SCOPES)]
    await _clear_batches(session, await tombstones.known(session), scopes, (), None)


async def events_named(session: Session, of_id: str, statement: Any, **values: Any) -> list[Recorded]:
    """Return the readable events that a query finds and that are of this id, or about it."""
    found = [readable(*placed(row)) for row in await session.rows(statement, **values)]
    return [one for one in found if one is not None and is_erased(one.id, one.event, frozenset({of_id}))]


async def _unnamed(session: Session, named: Named, told: EventsErased) -> list[Row]:
    """Return the events about what is erased that stand behind what the centre held of their logs when it erased."""
    seen = {(one.channel, one.epoch): one.seq for one in told.heads}
    found: list[Row] = []
    for held in await session.rows(_LOGS, of_origin=told.scope) if named.subjects else ():
        first = max(seen.get((held["channel"], held["epoch"]), 0), held["floor_seq"])
        for after in range(first, held["seq"], PAGE):
            page = {"of_log": held["id"], "after": after, "last": after + PAGE}
            found += await session.rows(_ABOUT, **page, keys=_json(named.subjects))
    known = named.events
    return [one for one in found if str(one["id"]) not in known and named.subjects.intersection(_subjects(one))]


async def _forget(session: Session, rows: Sequence[Row], subjects: frozenset[str], at: datetime | None) -> None:
    """Remove the bodies of events, and the rows of what they and others are about."""
    gone = set(subjects)
    for row in rows:
        gone.update(_subjects(row)[:1])
        place = {"of_log": row["log_id"], "at_seq": row["seq"]}
        await session.run(_ERASE, **place, committed=commitment(row["salt"], row["body"]))
        await session.run(_SETTLE, **place, when_=at)
    await session.run(_NO_LONGER_DUE, keys=_json(str(row["id"]) for row in rows))
    for statement in _FORGET:
        await session.run(statement, keys=_json(gone))


async def _clear_batches(
    session: Session, ids: frozenset[str], scopes: Sequence[str], rows: Sequence[Row], at: datetime | None
) -> None:
    """Take the bodies out of the batches in quarantine that may hold what is erased in these scopes.

    One that cannot be read, and had one of the ``rows`` in it, is emptied. Each is fetched by itself: where a database
    is waited for, the node does other things between two of them.
    """
    places = [(_place(row)[0], row["seq"]) for row in rows]
    for key in [str(row["id"]) for row in await session.rows(_BATCHES, scopes=_json(scopes))]:
        row = await session.row(_BATCH, key=key)
        if row is None:
            continue
        try:
            batch = unpack(row["data"])
        except (BatchUnreadable, BatchTooNew):
            if any(_covers(row, place, seq) for place, seq in places):
                await session.run(_EMPTY, key=key, when_=at)
            continue
        data = tombstones.packed_anew(batch, tombstones.erased(batch.records, ids))
        if data is not None:
            await session.run(_REPACK, key=key, bytes_=data, length=len(data))


def _covers(row: Row, held: LogId, seq: int) -> bool:
    if row["first"] is None or (row["origin"], row["epoch"], row["channel"]) != (held.origin, held.epoch, held.channel):
        return False
    return bool(row["first"] <= seq <= row["last"])


def _subjects(row: Row) -> tuple[str, ...]:
    recorded = readable(*placed(row))
    return () if recorded is None else subjects_of(recorded.event)


def _place(row: Row) -> tuple[LogId, int]:
    return LogId(row["origin"], row["epoch"], row["channel"]), row["seq"]


def _json(ids: Any) -> str:
    return json.dumps(sorted(ids))
