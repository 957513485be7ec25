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

Head = tuple[int, Position]
"""The key of a log's row, and how far the log is."""
Mark = tuple[dict[LogId, Head], int]


class Tails:
    """What a transaction has appended to the node's own logs so far."""

    def __init__(self) -> None:
        """Begin with nothing appended."""
        self._heads: dict[LogId, Head] = {}
        self._rows: list[tuple[Any, ...]] = []

    async def head(self, session: Session, held: LogId) -> Head:
        """Return the end of a log; the first time it is locked until the end of the transaction."""
        known = self._heads.get(held)
        if known is None:
            row = await lock(session, held, via=None)
            known = self._heads[held] = row["id"], Position(row["seq"], row["hash"])
        return known

    def append(self, held: LogId, key: int, head: Position, event: tuple[Any, ...]) -> None:
        """Put an event at the end of a log: the columns of its row from ``id`` on."""
        self._heads[held] = key, head
        self._rows.append((key, head.seq, *event))

    def mark(self) -> Mark:
        """Return how all logs stand, for `back`."""
        return dict(self._heads), len(self._rows)

    def back(self, mark: Mark) -> None:
        """Forget what was appended since ``mark``: the database has undone the rest of it."""
        self._heads = mark[0]
        del self._rows[mark[1] :]

    async def write(self, session: Session) -> None:
        """Write events and heads; the last thing a transaction does."""
        if self._rows:
            await session.add(event, self._rows)
            for key, head in self._heads.values():
                await session.run(_ADVANCE, key=key, last=head.seq, chained=head.hash)
