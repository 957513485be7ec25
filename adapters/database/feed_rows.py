"""The rows of a feed in the tables, wherever they stand: handed over, put in place of others, removed."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Delete, Select, Text, and_, bindparam, cast, delete, or_, select

from adapters.database import tombstones
from adapters.database.elements import InTextOrder, IsOneOf, IsOneOfIds
from adapters.database.session import Row, Session
from adapters.database.shares import DOWN
from adapters.database.types import Id
from bus.feed_modules import ERASURE, module_of
from bus.feed_modules import feed as feed_of

BEFORE_ALL_IDS: Final = "00000000-0000-0000-0000-000000000000"
LAST_OF_IDS: Final = "ffffffff-ffff-ffff-ffff-ffffffffffff"
LAST_OF_TEXTS: Final = "\U0010ffff"
PAGE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Statements:
    """What is said of a table whose rows belong to feeds."""

    all: Select[Any]
    keys: Select[Any]
    replace: Delete
    known: Select[Any]
    remove: Delete
    first_key: str
    last_key: str


def tables_of(feed: str) -> Sequence[str]:
    """Return the tables in which a feed's rows stand; what is part of another row comes behind that."""
    return [shown.table for shown in module_of(feed).shown]


def columns_of(table: str) -> Sequence[str]:
    """Return the columns of a table, in its order."""
    return [str(column.name) for column in DOWN[table].table.columns]


def key_at(table: str) -> int:
    """Return which column of a table the key is in."""
    return list(DOWN[table].table.columns).index(DOWN[table].key)  # type: ignore[arg-type] # a column of the table


def rows_of(session: Session, feed: str, table: str) -> AsyncIterator[Sequence[Row]]:
    """Yield the rows of a feed in a table, by key, in pages."""
    return session.pages(statements(table).all, PAGE, feed=feed)


async def keys_behind(session: Session, feed: str, table: str, after: str) -> Sequence[str]:
    """Return the next keys of a feed's rows in a table, in their order; ``after`` is empty at the beginning."""
    said = statements(table)
    rows = await session.rows(said.keys, feed=feed, after=after or said.first_key)
    return [str(row["key"]) for row in rows]


async def remove(session: Session, table: str, keys: Sequence[str]) -> None:
    """Remove the rows of these keys."""
    await session.run(statements(table).remove, keys=json.dumps(list(keys)))


async def clear(session: Session, feed: str, table: str, after: str, until: str) -> None:
    """Remove a feed's rows with keys behind ``after`` and ``until`` at most, and parts of rows that are not there."""
    said = statements(table)
    await session.run(said.replace, feed=feed, after=after or said.first_key, until=until or said.last_key)


async def without_erased(
    session: Session, feed: str, table: str, rows: Sequence[tuple[Any, ...]]
) -> Sequence[tuple[Any, ...]]:
    """Return those rows of a feed that have no tombstone, nor what they are part of."""
    module = module_of(feed)
    if module.name == ERASURE or not DOWN[table].is_by_id:
        return rows
    shown = next(one for one in module.shown if one.table == table)
    columns = columns_of(table)
    places = [columns.index(name) for name in (shown.key, *((shown.part_of or ())[1:]))]
    erased = await tombstones.among(session, (str(row[at]) for row in rows for at in places))
    return [row for row in rows if not any(str(row[at]) in erased for at in places)]


async def without_better(session: Session, feed: str, table: str, rows: Sequence[tuple[Any, ...]]) -> Sequence[Any]:
    """Return those rows of a feed that have a place: where another feed has the same row, one gives way."""
    at, said = key_at(table), statements(table)
    keys = json.dumps([str(row[at]) for row in rows])
    module = module_of(feed)
    if module.yielding is None or feed != feed_of(module.name, module.yielding):
        await session.run(said.remove, keys=keys)
        return rows
    known = {str(row["key"]) for row in await session.rows(said.known, keys=keys)}
    return [row for row in rows if str(row[at]) not in known]


@cache
def statements(table: str) -> Statements:
    """Return what is said of a table."""
    shared = DOWN[table]
    key: ColumnElement[Any] = shared.key if shared.is_by_id else InTextOrder(shared.key)
    is_known: ColumnElement[bool] = (
        IsOneOfIds(shared.key, bindparam("keys")) if shared.is_by_id else IsOneOf(shared.key, bindparam("keys"))
    )
    of_feed = shared.owner == bindparam("feed")
    columns = [cast(one, Text).label(one.name) if one.type is Id else one for one in shared.table.columns]
    stretch = and_(key > bindparam("after"), key <= bindparam("until"))
    owned = select(shared.key).select_from(shared.source).where(stretch, or_(of_feed, shared.owner.is_(None)))
    return Statements(
        all=select(*columns).select_from(shared.source).where(of_feed).order_by(key),
        keys=select(shared.key.label("key"))
        .select_from(shared.source)
        .where(of_feed, key > bindparam("after"))
        .order_by(key)
        .limit(PAGE),
        replace=delete(shared.table).where(shared.key.in_(owned)),
        known=select(shared.key.label("key")).where(is_known),
        remove=delete(shared.table).where(is_known),
        first_key=BEFORE_ALL_IDS if shared.is_by_id else "",
        last_key=LAST_OF_IDS if shared.is_by_id else LAST_OF_TEXTS,
    )
