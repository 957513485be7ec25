"""The ends of a node's own logs within a transaction: read once, carried along in memory, written once at its end.

On SQLite many messages share a transaction: so their events go in together.
"""

from typing import Any

from sqlalchemy import bindparam, update

from adapters.database.heads import lock
from adapters.database.session import Session
from adapters.database.tables.logs import event, log
from bus.replication.log import LogId, Position

_ADVANCE = (
    update(log)
    .where(log.c.id == bindparam("key"))
    .values(seq=bindparam("last"), hash=bindparam("chained"), projected=bindparam("last"))
)


async def head(session: Session, held: LogId) -> Position:
    """Return the end of a log; the first time it is locked until the end of the transaction."""
    known = session.tails.heads.get(held)
    if known is None:
        row = await lock(session, held, via=None)
        known = session.tails.heads[held] = row["id"], Position(row["seq"], row["hash"])
    return known[1]


def append(session: Session, held: LogId, hashed: bytes, columns: tuple[Any, ...]) -> int:
    """Put an event, the columns of its row from ``id`` on, at the end of a log whose `head` was asked for.

    Returns:
        its number.
    """
    key, before = session.tails.heads[held]
    session.tails.heads[held] = key, Position(before.seq + 1, hashed)
    session.tails.rows.append((key, before.seq + 1, *columns))
    return before.seq + 1


async def write(session: Session) -> None:
    """Write events and heads; the last thing a transaction does."""
    if session.tails.rows:
        await session.add(event, session.tails.rows)
        for key, end in session.tails.heads.values():
            await session.run(_ADVANCE, key=key, last=end.seq, chained=end.hash)


async def flush(session: Session) -> None:
    """Write what was appended so far, for who is about to change the logs otherwise than at their ends."""
    await write(session)
    session.tails.rows, session.tails.heads = [], {}
