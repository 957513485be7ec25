"""The head of a log: locked by whoever appends to it, begun when it is new, put where the log ends."""

from collections.abc import Iterable

from sqlalchemy import bindparam, select, text, update

from adapters.database.session import Row, Session
from adapters.database.tables.logs import event, log
from bus.replication.chain import GENESIS
from bus.replication.log import LogId, Position

_HEAD = select(log).where(
    log.c.origin == bindparam("origin"),
    log.c.epoch == bindparam("epoch"),
    log.c.channel == bindparam("channel"),
)
_HASH = select(event.c.hash).where(event.c.log_id == bindparam("log_id"), event.c.seq == bindparam("at_seq"))
_LOCKED_HEAD = _HEAD.with_for_update()
_BEGIN = text(
    "INSERT INTO log (origin, epoch, channel, seq, hash, projected,"
    " parent_seq, parent_hash, centre_seq, centre_hash, via, arrived, floor_seq, floor_hash)"
    " VALUES (:origin, :epoch, :channel, 0, :genesis, 0, 0, :genesis, 0, :genesis, :via, false, 0, :genesis)"
    " ON CONFLICT DO NOTHING"
)

OF_EVENT = log.c.id == event.c.log_id + 0
"""Which log an event is of, for who looks for events by their ids: SQLite would go through whole logs for them."""
_SET_HEAD = (
    update(log)
    .where(log.c.id == bindparam("key"))
    .values(seq=bindparam("last"), hash=bindparam("chained"), projected=bindparam("last"))
)


async def lock(session: Session, held: LogId, via: str | None) -> Row:
    """Return the row of a log, locked until the end of the transaction; begin the log when it is new."""
    where = {"origin": held.origin, "epoch": held.epoch, "channel": held.channel}
    row = await session.row(_LOCKED_HEAD, **where)
    if row is None:
        await session.run(_BEGIN, **where, genesis=GENESIS, via=via)
        row = await session.row(_LOCKED_HEAD, **where)
    assert row is not None  # noqa: S101 - the log was begun a line above
    return row


async def lock_found(session: Session, found: Iterable[Row]) -> list[Row]:
    """Lock the logs of these rows, with origin, epoch and channel; return those that are still there, as they are."""
    logs = in_order(LogId(row["origin"], row["epoch"], row["channel"]) for row in found)
    locked = [await session.row(_LOCKED_HEAD, origin=one.origin, epoch=one.epoch, channel=one.channel) for one in logs]
    return [row for row in locked if row is not None]


def in_order(logs: Iterable[LogId]) -> list[LogId]:
    """Return logs in the order in which transactions lock them, so that none waits for one that waits for it."""
    return sorted(logs, key=lambda log: (log.origin, log.epoch, log.channel))


async def head(session: Session, held: LogId) -> Row | None:
    """Return the row of a log, or None."""
    return await session.row(_HEAD, origin=held.origin, epoch=held.epoch, channel=held.channel)


async def set_head(session: Session, key: int, end: Position) -> None:
    """Have a log, of which this is the key, end at a position; up to there it shows in the tables."""
    await session.run(_SET_HEAD, key=key, last=end.seq, chained=end.hash)


async def hash_at(session: Session, held: Row, seq: int) -> bytes | None:
    """Return the hash of the chain of a log, of which this is the row, at ``seq``; None when it is not held."""
    if seq <= held["floor_seq"]:
        return bytes(held["floor_hash"]) if seq == held["floor_seq"] else None
    row = await session.row(_HASH, log_id=held["id"], at_seq=seq)
    return None if row is None else row["hash"]
