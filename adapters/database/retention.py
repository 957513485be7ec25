"""The oldest events of a node's own logs, removed once nobody needs them here as events."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, func, select, update

from adapters.database.heads import lock
from adapters.database.session import Database, Row, Session
from adapters.database.tables.logs import event, event_quarantine, log, reaction
from bus.catalogue import UP
from bus.replication.clock import stamp_at
from bus.replication.log import LogId
from domain.shared.quarantine import QuarantineState

_OWN = (
    select(log)
    .where(log.c.origin == bindparam("own"), log.c.via.is_(None), log.c.seq > log.c.floor_seq)
    .order_by(log.c.epoch, log.c.channel)
)
_OF_LOG = event.c.log_id == bindparam("of_log")
_OLDEST = (
    select(event.c.seq, event.c.hash, event.c.hlc)
    .where(_OF_LOG, event.c.seq > bindparam("floor"), event.c.seq <= bindparam("last"))
    .order_by(event.c.seq)
    .limit(bindparam("limit"))
)
_DUE = select(func.min(event.c.seq).label("seq")).join(reaction, reaction.c.event_id == event.c.id).where(_OF_LOG)
_HELD = select(func.min(event_quarantine.c.seq).label("seq")).where(
    event_quarantine.c.log_id == bindparam("of_log"), event_quarantine.c.state == QuarantineState.HELD.value
)
_FORGET: Final = (
    delete(event).where(_OF_LOG, event.c.seq <= bindparam("last")),
    delete(event_quarantine).where(
        event_quarantine.c.log_id == bindparam("of_log"), event_quarantine.c.seq <= bindparam("last")
    ),
)
_RAISE_FLOOR = (
    update(log).where(log.c.id == bindparam("key")).values(floor_seq=bindparam("last"), floor_hash=bindparam("chained"))
)


class DatabaseRetention:
    """The own logs of a node."""

    def __init__(self, database: Database, node: str) -> None:
        """Look after the logs of ``node`` in ``database``."""
        self._database = database
        self._node = node

    async def shorten(self, before: datetime, limit: int, sparing: Collection[LogId] = ()) -> int:
        """Remove the oldest events of the node's own logs, ``limit`` of each at most; return how many."""
        rows = await self._database.read(lambda session: session.rows(_OWN, own=self._node))
        removed = 0
        for held in map(_log_of, rows):
            if held.channel in UP and held not in sparing:
                removed += await self._shorten(held, stamp_at(before), limit)
        return removed

    async def _shorten(self, held: LogId, before: int, limit: int) -> int:
        async def within(session: Session) -> int:
            row = await lock(session, held, via=None)
            oldest = await _removable(session, row, before, limit)
            if oldest:
                end = oldest[-1]
                for statement in _FORGET:
                    await session.run(statement, of_log=row["id"], last=end["seq"])
                await session.run(_RAISE_FLOOR, key=row["id"], last=end["seq"], chained=end["hash"])
            return len(oldest)

        return await self._database.write(within)


async def _removable(session: Session, row: Row, before: int, limit: int) -> Sequence[Row]:
    last = min(row["parent_seq"], row["centre_seq"], row["seq"] - 1)
    for query in (_DUE, _HELD):
        needed = await session.row(query, of_log=row["id"])
        if needed is not None and needed["seq"] is not None:
            last = min(last, needed["seq"] - 1)
    oldest = await session.rows(_OLDEST, of_log=row["id"], floor=row["floor_seq"], last=last, limit=limit)
    young = next((number for number, one in enumerate(oldest) if one["hlc"] >= before), len(oldest))
    return oldest[:young]


def _log_of(row: Row) -> LogId:
    return LogId(row["origin"], row["epoch"], row["channel"])
