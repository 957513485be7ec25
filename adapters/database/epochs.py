"""The epochs of a node: under which one it records now, and how a log gives way to another history of it."""

from collections.abc import Collection, Sequence

from sqlalchemy import bindparam, delete, func, select, update

from adapters.database import tails
from adapters.database.heads import hash_at, lock
from adapters.database.projections import project
from adapters.database.records import id_text, to_record, to_recorded
from adapters.database.session import Session
from adapters.database.shown_anew import show_anew
from adapters.database.tables.access import audit_record
from adapters.database.tables.logs import event, event_quarantine, log, node
from bus.catalogue import AUDIT
from bus.recorded import Recorded
from bus.replication.chain import chain
from bus.replication.log import LogId
from bus.replication.record import Record
from domain.access.events import Audited
from domain.shared.ports import Ids

STEP_BITS = 20
_NONE = -1

_PRESENT = select(node.c.epoch)
_GREATEST = select(func.max(log.c.epoch).label("epoch")).where(log.c.origin == bindparam("of_origin"))
_GO_ON = update(node).values(epoch=bindparam("new_epoch"))
_BEHIND = (
    select(event.c.seq, event.c.id, event.c.hlc, event.c.salt, event.c.body, event.c.commitment)
    .where(event.c.log_id == bindparam("of_log"), event.c.seq > bindparam("at_seq"))
    .order_by(event.c.seq)
)
_REMOVE = delete(event).where(event.c.log_id == bindparam("of_log"), event.c.seq > bindparam("at_seq"))
_SHORTEN = (
    update(log)
    .where(log.c.id == bindparam("key"))
    .values(seq=bindparam("at_seq"), hash=bindparam("at_hash"), projected=bindparam("at_seq"))
)
_UNCONFIRM = (
    update(log)
    .where(log.c.id == bindparam("key"), log.c.centre_seq > bindparam("at_seq"))
    .values(centre_seq=bindparam("at_seq"), centre_hash=bindparam("at_hash"))
)
_FORGET_QUARANTINED = delete(event_quarantine).where(
    event_quarantine.c.log_id == bindparam("of_log"), event_quarantine.c.seq > bindparam("at_seq")
)
_FORGET_AUDIT = delete(audit_record).where(
    audit_record.c.node == bindparam("of_origin"),
    audit_record.c.epoch == bindparam("of_epoch"),
    audit_record.c.seq > bindparam("at_seq"),
)
_ELSEWHERE = (
    select(event.c.id)
    .join(log, log.c.id == event.c.log_id)
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


async def go_on(session: Session, own: str, above: int, ids: Ids) -> int:
    """Have node ``own`` record under an epoch greater than ``above``, unless it does so already; return its epoch."""
    await session.alone()
    now = await present(session)
    if now > above:
        return now
    known = await session.row(_GREATEST, of_origin=own)
    greatest = max(now, above, known["epoch"] or 0) if known is not None else above
    session.tails.epoch = greatest + 1 + step(ids)
    await session.run(_GO_ON, new_epoch=session.tails.epoch)
    return session.tails.epoch


async def give_way(session: Session, held: LogId, seq: int, *, is_own: bool) -> None:
    """Remove what follows ``seq`` from a log, and record it anew under the present epoch if the log is the node's own.

    Raises:
        LookupError: ``seq`` is not held.
        ValueError: the node records in this log.
    """
    if is_own:
        await session.alone()
        if held.epoch == await present(session):
            raise ValueError(f"{held} is being recorded in")
    await tails.flush(session)
    row = await lock(session, held, via=None)
    before = await hash_at(session, row, seq)
    if before is None:
        raise LookupError(f"{held} holds nothing at {seq}")
    removed = await session.rows(_BEHIND, of_log=row["id"], at_seq=seq)
    await session.run(_REMOVE, of_log=row["id"], at_seq=seq)
    for statement in (_SHORTEN, _UNCONFIRM):
        await session.run(statement, key=row["id"], at_seq=seq, at_hash=before)
    if held.channel == AUDIT:
        await session.run(_FORGET_AUDIT, of_origin=held.origin, of_epoch=held.epoch, at_seq=seq)
    await session.run(_FORGET_QUARANTINED, of_log=row["id"], at_seq=seq)
    if is_own:  # of what shows in tables, audit records alone say where in the log they stand
        recorded = await _record_anew(session, held, [to_record(one) for one in removed], but_log=row["id"])
        await project(session, [one for one in recorded if isinstance(one.event, Audited)])
    else:
        await show_anew(session, held)


async def elsewhere(session: Session, origin: str, log_id: int, ids: Collection[str]) -> frozenset[str]:
    """Return those of these ids that stand in another log of an origin."""
    if not ids:
        return frozenset()
    found = await session.rows(_ELSEWHERE, low=min(ids), high=max(ids), of_origin=origin, but_log=log_id)
    return frozenset(str(row["id"]) for row in found).intersection(ids)


async def adopt(session: Session, held: LogId, records: Sequence[Record]) -> list[Recorded]:
    """Record anew what a log of the node's held elsewhere, but for what stands in its logs; return what was."""
    await session.alone()
    recorded = await _record_anew(session, held, records, but_log=_NONE)
    await project(session, recorded)
    return recorded


async def _record_anew(session: Session, held: LogId, records: Sequence[Record], but_log: int) -> list[Recorded]:
    """Put events at the end of the log of the present epoch, but for those that stand there already."""
    now = LogId(held.origin, await present(session), held.channel)
    known = await elsewhere(session, held.origin, but_log, [id_text(record.id) for record in records])
    recorded = []
    for record in records:
        event_id = id_text(record.id)
        if event_id in known:
            continue
        (hashed,) = chain((await tails.head(session, now)).hash, (record,))
        columns = (event_id, record.hlc, record.salt, record.body, record.commitment, hashed)
        seq = tails.append(session, now, hashed, columns)
        readable = to_recorded(now, seq, hashed, record)
        if readable is not None:
            recorded.append(readable)
    return recorded
