"""Digests of what a node's database holds: of its logs by the database itself, of tables row by row, a page at a time.

Each page is a read of its own, so that nobody waits long for this and memory stays small.
"""

import asyncio
import json
from collections.abc import Sequence
from functools import cache, partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select

from adapters.database.canonical import row_hash
from adapters.database.elements import InTextOrder, IsOneOf, XorOfHeads
from adapters.database.heads import head
from adapters.database.session import Database, Row, Session
from adapters.database.shares import SHARED, Shared
from adapters.database.tables.logs import event, log
from bus.replication.digests import NOTHING_HELD, Digest, Span, digest, head_of
from bus.replication.log import LogId, Position
from bus.verification.ports import PAGE_MAX, STRETCH_MAX, Extent, RowDigest, Share, Stretch

_BREATH_AFTER: Final = 100
_BEFORE_ALL_IDS: Final = str(UUID(int=0))
_LOGS = select(log).order_by(log.c.origin, log.c.epoch, log.c.channel)
_DIGEST = select(func.count().label("n"), XorOfHeads(event.c.hash).label("heads")).where(
    event.c.log_id == bindparam("log_id"), event.c.seq >= bindparam("first"), event.c.seq <= bindparam("last")
)


class DatabaseDigests:
    """What a node holds, in digests."""

    def __init__(self, database: Database) -> None:
        """Read from ``database``."""
        self._database = database

    async def extents(self) -> Sequence[Extent]:
        """Return all logs, by origin, epoch and channel."""
        rows = await self._database.read(lambda session: session.rows(_LOGS))
        return [
            Extent(
                LogId(row["origin"], row["epoch"], row["channel"]),
                Position(row["seq"], row["hash"]),
                Position(row["floor_seq"], row["floor_hash"]),
            )
            for row in rows
        ]

    async def log_digests(self, log: LogId, spans: Sequence[Span]) -> Sequence[Digest]:
        """Return the digest of each span of a log; of one that is not held, of nothing."""
        row = await self._database.read(partial(head, held=log))
        if row is None:
            return [NOTHING_HELD] * len(spans)
        return [await self._database.read(partial(_span_digest, log_id=row["id"], span=span)) for span in spans]

    async def table_digests(self, share: Share, stretches: Sequence[Stretch]) -> Sequence[Digest]:
        """Return the digest of each stretch of a share."""
        digests = []
        for stretch in stretches:
            page = await self.rows(share, stretch, PAGE_MAX)
            if len(page) == PAGE_MAX:
                page = [*page, *await self.rows(share, Stretch(page[-1].key, stretch.until), STRETCH_MAX - PAGE_MAX)]
            digests.append(digest(row.head for row in page))
        return digests

    async def rows(self, share: Share, stretch: Stretch, limit: int) -> Sequence[RowDigest]:
        """Return the first rows of a stretch, by key.

        Raises:
            LookupError: there is no such table, or no such key.
        """
        shared = _shared(share.table)
        values = {"owners": json.dumps(share.owners), "after": _after(shared, stretch.after)}
        rows = await self._database.read(
            lambda session: session.rows(_page(share.table), **values, limit=min(limit, PAGE_MAX))
        )
        found = []
        for number, row in enumerate(rows, 1):
            one = to_digest(row)
            if stretch.until and one.key > stretch.until:
                break
            found.append(one)
            if number % _BREATH_AFTER == 0:
                await asyncio.sleep(0)
        return found


def to_digest(row: Row) -> RowDigest:
    """Return a row of `Shared.rows` in brief."""
    return RowDigest(str(row["id"]), str(row["belongs_to"]), head_of(row_hash(dict(row))))


async def _span_digest(session: Session, log_id: int, span: Span) -> Digest:
    row = await session.row(_DIGEST, log_id=log_id, first=span.first, last=span.last)
    assert row is not None  # noqa: S101 - a count has a row
    return Digest(row["n"], row["heads"] or 0)


def _shared(table: str) -> Shared:
    if table not in SHARED:
        raise LookupError(f"{table} is no table that nodes hold alike")
    return SHARED[table]


def _after(shared: Shared, key: str) -> str:
    if not shared.is_by_id:
        return key
    try:
        return str(UUID(key)) if key else _BEFORE_ALL_IDS
    except ValueError:
        raise LookupError(f"{key!r} is no id") from None


@cache
def _page(table: str) -> Select[Any]:
    shared = SHARED[table]
    key: Any = shared.key if shared.is_by_id else InTextOrder(shared.key)
    return (
        shared.rows.where(IsOneOf(shared.owner, bindparam("owners")), key > bindparam("after"))
        .order_by(key)
        .limit(bindparam("limit"))
    )
