"""The epochs of a node: under which one it records now, and how a log gives way to another history of it.

Who records anew in the node's own logs is alone (`Database.write`).
"""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select, update

from adapters.database import quarantined, tails, tombstones
from adapters.database.heads import OF_EVENT, hash_at, lock, set_head
from adapters.database.projections import project
from adapters.database.records import placed, readable, to_record, to_recorded
from adapters.database.session import Row, Session
from adapters.database.showing import quarantine, show
from adapters.database.shown_anew import lock_beside, show_anew
from adapters.database.tables.access import audit_record
from adapters.database.tables.logs import event, log, node
from bus.catalogue import AUDIT, UP
from bus.codec import EventUnreadable
from bus.recorded import Recorded, id_text
from bus.replication.chain import chain
from bus.replication.log import LogId, Position
from bus.replication.record import Record
from domain.access.events import Audited
from domain.shared.ports import Ids

STEP_BITS = 20
PAGE = 1_000
"""Events that are moved at once: the end of a log may be long."""
_NONE = -1

_PRESENT = select(node.c.epoch)
_GREATEST = select(func.max(log.c.epoch).label("epoch")).where(log.c.origin == bindparam("of_origin"))
_GO_ON = update(node).values(epoch=bindparam("new_epoch"))
_OWN = (
    select(log)
    .where(log.c.origin == bindparam("of_origin"), log.c.epoch >= bindparam("low"))
    .order_by(log.c.channel, log.c.epoch)
    .with_for_update()
)
_BEHIND = (
    select(event.c.seq, event.c.id, event.c.hlc, event.c.salt, event.c.body, event.c.commitment)
    .where(event.c.log_id == bindparam("of_log"), event.c.seq > bindparam("at_seq"))
    .order_by(event.c.seq)
    .limit(PAGE)
)
_REMOVE = delete(event).where(
    event.c.log_id == bindparam("of_log"), event.c.seq > bindparam("at_seq"), event.c.seq <= bindparam("last")
)
_UNCONFIRM = (
    update(log)
    .where(log.c.id == bindparam("key"), log.c.centre_seq > bindparam("at_seq"))
    .values(centre_seq=bindparam("at_seq"), centre_hash=bindparam("at_hash"))
)
_FORGET_AUDIT = delete(audit_record).where(
    audit_record.c.node == bindparam("of_origin"),
    audit_record.c.epoch == bindparam("of_epoch"),
    audit_record.c.seq > bindparam("at_seq"),
    audit_record.c.seq <= bindparam("last"),
)
_AUDITED = (
    select(event, log.c.origin, log.c.epoch, log.c.channel)
    .join(log, OF_EVENT)
    .where(
        event.c.id.between(bindparam("low"), bindparam("high")),
        log.c.origin == bindparam("of_origin"),
        log.c.channel == AUDIT,
    )
    .order_by(log.c.epoch)
)
_SHOWN_AUDIT = select(audit_record.c.id).where(audit_record.c.id.between(bindparam("low"), bindparam("high")))
_ELSEWHERE = (
    select(event.c.id)
    .join(log, OF_EVENT)
    .where(
        event.c.id.between(bindparam("low"), bindparam("high")),
        log.c.origin == bindparam("of_origin"),
        log.c.id != bindparam("but_log"),
    )
)


async def present(session: Session) -> int:
    """Return the epoch under which the node records."""
    if session.tails.epoch is None:
        row = await session.row(_PRESENT)
        assert row is not None  # noqa: S101 - a node claims its database before it records
        session.tails.epoch = int(row["epoch"])
    return session.tails.epoch


def step(ids: Ids) -> int:
    """Return how far an epoch lies behind another: random, so that a node and its clone do not come to the same one."""
    return int.from_bytes(ids.random(8)) >> (64 - STEP_BITS)


async def go_on(session: Session, own: str, above: int, ids: Ids, *, has_parent: bool) -> int:
    """Have node ``own`` record under an epoch greater than ``above``, unless it does so already; return its epoch.

    What a parent has not confirmed of the logs that were recorded in comes along, and stays ahead of what follows.
    """
    now = await present(session)
    if now > above:
        return now
    await tombstones.beside(session)  # ahead of all rows, as all who take events in
    await tails.flush(session)
    growing = [row for row in await session.rows(_OWN, of_origin=own, low=now) if has_parent and row["channel"] in UP]
    epoch = await _open(session, own, above, ids)
    for row in growing:
        await _move(session, own, row["channel"], [(row, _unconfirmed(row))])
    return epoch


async def give_way(session: Session, held: LogId, seq: int, ids: Ids, *, is_own: bool) -> None:
    """Remove what follows ``seq`` from a log, and record it anew if the log is the node's own.

    What stands in later logs of the channel and was not confirmed comes along, so that it stays behind. Where there is
    some, that takes another epoch.

    Raises:
        LookupError: ``seq`` is not held.
        ValueError: the node records in this log.
    """
    if is_own and held.epoch == await present(session):
        raise ValueError(f"{held} is being recorded in")
    await tombstones.beside(session)
    await tails.flush(session)
    if not is_own:
        await lock_beside(session, held)
    row = await lock(session, held, via=None)
    if not is_own:
        async for _ in _cut(session, row, seq):
            pass
        await show_anew(session, held)
        return
    later = await session.rows(_OWN, of_origin=held.origin, low=held.epoch + 1)
    behind = [(one, _unconfirmed(one)) for one in later if one["channel"] == held.channel]
    if any(one["seq"] > at for one, at in behind):
        await _open(session, held.origin, await present(session), ids)
    await _move(session, held.origin, held.channel, [(row, seq), *behind])


async def elsewhere(session: Session, origin: str, log_id: int, ids: Collection[str]) -> frozenset[str]:
    """Return those of these ids that stand in another log of an origin."""
    if not ids:
        return frozenset()
    found = await session.rows(_ELSEWHERE, low=min(ids), high=max(ids), of_origin=origin, but_log=log_id)
    return frozenset(str(row["id"]) for row in found).intersection(ids)


async def adopt(session: Session, held: LogId, records: Sequence[Record], at: datetime) -> list[Recorded]:
    """Record anew what a log of the node's held elsewhere, but for what stands in its logs or was erased there.

    What cannot be shown goes to quarantine, since ``at``.
    """
    await tombstones.beside(session)
    now = LogId(held.origin, await present(session), held.channel)
    whole = [record for record in records if record.body is not None]
    recorded, unreadable = await _record_anew(session, now, whole)
    faulty = [*unreadable, *((one.seq, fault) for one, fault in await show(session, recorded))]
    for seq, failure in faulty:
        await quarantine(session, tails.key(session, now), seq, failure, at)
    return recorded


async def _open(session: Session, own: str, above: int, ids: Ids) -> int:
    """Begin an epoch that is greater than ``above`` and all of the node's."""
    known = await session.row(_GREATEST, of_origin=own)
    greatest = max(above, await present(session), (known and known["epoch"]) or 0)
    session.tails.epoch = greatest + 1 + step(ids)
    await session.run(_GO_ON, new_epoch=session.tails.epoch)
    return session.tails.epoch


def _unconfirmed(row: Row) -> int:
    """Return behind which place the parent is not known to hold a log, or the log is held no longer."""
    return int(max(min(row["parent_seq"], row["seq"]), row["floor_seq"]))


async def _move(session: Session, origin: str, channel: str, behind: Sequence[tuple[Row, int]]) -> None:
    """Record anew what follows these places in the node's own logs of a channel, in this order."""
    now = LogId(origin, await present(session), channel)
    for row, seq in behind:
        async for removed, not_shown in _cut(session, row, seq):
            recorded, _ = await _record_anew(session, now, removed)
            # Of what shows in tables, audit records alone say where in the log they stand.
            audited = [one for one in recorded if isinstance(one.event, Audited)]
            await project(session, [one for one in audited if one.id not in not_shown])
            await tails.flush(session)


async def _cut(session: Session, row: Row, seq: int) -> AsyncIterator[tuple[list[Record], frozenset[str]]]:
    """Remove what follows ``seq`` from a log; yield that in pages, and the ids of what does not show in the tables.

    What quarantine says of events goes along to where they stand when the next page is asked for.
    """
    before = await hash_at(session, row, seq)
    if before is None:
        raise LookupError(f"nothing is held at {seq} of {row['origin']}/{row['epoch']}/{row['channel']}")
    await set_head(session, row["id"], Position(seq, before))
    await session.run(_UNCONFIRM, key=row["id"], at_seq=seq, at_hash=before)
    while rows := await session.rows(_BEHIND, of_log=row["id"], at_seq=seq):
        page, removed = {"at_seq": seq, "last": rows[-1]["seq"]}, [to_record(one) for one in rows]
        held = await quarantined.take_out(session, row["id"], **page)
        not_shown = quarantined.not_shown(held)
        await session.run(_REMOVE, of_log=row["id"], **page)
        if row["channel"] == AUDIT:
            await session.run(_FORGET_AUDIT, of_origin=row["origin"], of_epoch=row["epoch"], **page)
            await _show_where_else(session, row["origin"], {id_text(one.id) for one in removed} - not_shown)
        yield removed, not_shown
        await quarantined.put_back(session, row["origin"], held)
        seq = rows[-1]["seq"]


async def _show_where_else(session: Session, origin: str, ids: Collection[str]) -> None:
    """Show audit records that are gone from one log and stand in another of their origin's."""
    if not ids:
        return
    rows = await session.rows(_AUDITED, low=min(ids), high=max(ids), of_origin=origin)
    places = {str(row["id"]): row for row in rows if str(row["id"]) in ids}
    read = [readable(*placed(row)) for row in places.values()]
    audited = {one.event.record_id: one for one in read if one is not None and isinstance(one.event, Audited)}
    if audited:
        shown = await session.rows(_SHOWN_AUDIT, low=min(audited), high=max(audited))
        missing = audited.keys() - {str(row["id"]) for row in shown}
        await project(session, [audited[one] for one in sorted(missing)])


async def _record_anew(
    session: Session, now: LogId, records: Sequence[Record]
) -> tuple[list[Recorded], list[tuple[int, EventUnreadable]]]:
    """Put events at the end of the log ``now`` of the present epoch, unless they stand in one of the node's already.

    Returns:
        those that can be read, and the numbers of those that cannot, with why. Erased ones are neither.
    """
    known = set(await elsewhere(session, now.origin, _NONE, [id_text(record.id) for record in records]))
    recorded, unreadable = [], []
    for record in await tombstones.without_erased(session, records):
        event_id = id_text(record.id)
        if event_id in known:
            continue
        known.add(event_id)
        (hashed,) = chain((await tails.head(session, now)).hash, (record,))
        columns = (event_id, record.hlc, record.salt, record.body, record.commitment, hashed)
        seq = tails.append(session, now, hashed, columns)
        if record.body is None:
            continue
        try:
            recorded.append(to_recorded(now, seq, hashed, record))
        except EventUnreadable as reason:
            unreadable.append((seq, reason))
    return recorded, unreadable
