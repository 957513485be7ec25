"""The ends of a node's own logs within a transaction: read once, carried along in memory, written once at its end.

On SQLite many messages share a transaction: so their events go in together.
"""

from typing import Any

from adapters.database.heads import lock, set_head
from adapters.database.session import Session
from adapters.database.tables.logs import event
from bus.replication.log import LogId, Position


async def head(session: Session, held: LogId) -> Position:
    """Return the end of a log; the first time it is locked until the end of the transaction."""
    known = session.tails.heads.get(held)
    if known is None:
        row = await lock(session, held, via=None)
        known = session.tails.heads[held] = row["id"], Position(row["seq"], row["hash"])
    return known[1]


def key(session: Session, held: LogId) -> int:
    """Return the key of the row of a log whose `head` was asked for."""
    return session.tails.heads[held][0]


def append(session: Session, held: LogId, hashed: bytes, columns: tuple[Any, ...]) -> int:
    """Put an event, the columns of its row from ``id`` on, at the end of a log whose `head` was asked for.

    Returns:
        its number.
    """
    of_log, before = session.tails.heads[held]
    session.tails.heads[held] = of_log, Position(before.seq + 1, hashed)
    session.tails.rows.append((of_log, before.seq + 1, *columns))
    return before.seq + 1


async def write(session: Session) -> None:
    """Write events and heads; the last thing a transaction does."""
    if session.tails.rows:
        await session.add(event, session.tails.rows)
        for of_log, end in session.tails.heads.values():
            await set_head(session, of_log, end)


async def flush(session: Session) -> None:
    """Write what was appended so far, for who is about to change the logs otherwise than at their ends."""
    await write(session)
    session.tails.rows, session.tails.heads = [], {}
