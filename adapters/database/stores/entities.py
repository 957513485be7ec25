"""Entities within a change, and looked up outside of one."""

import json
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import lru_cache, partial
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Select, Table, bindparam, func, select

from adapters.database.elements import IsOneOfIds
from adapters.database.session import Row, Session
from adapters.database.tables.entities import TABLES
from bus.catalogue import ENTITIES
from domain.shared.entities import THOSE_MAX
from domain.shared.views import Page, Window

E = TypeVar("E")
_DECODERS: Final[Mapping[type[Any], msgspec.json.Decoder[Any]]] = {
    type_: msgspec.json.Decoder(type_) for type_ in ENTITIES
}


class EntityStore:
    """The entities on record."""

    def __init__(self, session: Session) -> None:
        """Read through ``session``."""
        self._session = session

    async def find(self, type_: type[E], key: str) -> E | None:
        """Return the entity of this key, or None."""
        row = await self._session.row(_ONE[type_], key=key)
        return None if row is None else to_entity(type_, row)

    async def those(self, type_: type[E], limit: int = THOSE_MAX, **wanted: object) -> Sequence[E]:
        """Return the entities with these columns, the greatest key first."""
        ask = partial(self._those, type_, limit, wanted)
        if ENTITIES[type_].is_fact:
            return await ask()
        return await self._session.remembered(TABLES[type_], (limit, *sorted(wanted.items())), ask)

    async def _those(self, type_: type[E], limit: int, wanted: Mapping[str, object]) -> Sequence[E]:
        return (await self.page(type_, Window(limit=limit), **wanted)).items

    async def every(self, type_: type[E], **wanted: object) -> Sequence[E]:
        """Return all entities with these columns, the greatest key first."""
        ask = partial(self._every, type_, wanted)
        if ENTITIES[type_].is_fact:
            return await ask()
        return await self._session.remembered(TABLES[type_], (None, *sorted(wanted.items())), ask)

    async def _every(self, type_: type[E], wanted: Mapping[str, object]) -> Sequence[E]:
        found, more, key = list[E](), True, ENTITIES[type_].key
        while more:
            after = getattr(found[-1], key) if found else None
            page = await self.page(type_, Window(limit=THOSE_MAX, after=after), **wanted)
            found, more = [*found, *page.items], page.more
        return found

    async def column(self, type_: type[E], name: str, limit: int = THOSE_MAX, **wanted: object) -> Mapping[str, Any]:
        """Return one column of the entities with these columns, by key, without reading the rest of them."""
        values = {column: plain(value) for column, value in wanted.items() if value is not None}
        entry = ENTITIES[type_]
        statement = _those(entry.table, tuple(sorted(values)), after=False, shown=name)
        rows = await self._session.rows(statement, at_most=limit, **values)
        return {str(row[entry.key]): row[name] for row in rows}

    async def beside(self, type_: type[E], column: str, ids: Sequence[str], limit: int) -> Mapping[str, Sequence[E]]:
        """Return for each id the entities whose column holds it, the greatest key first, in one look."""
        found: dict[str, list[E]] = {each: [] for each in ids}
        if not found:
            return found
        statement = _beside(ENTITIES[type_].table, column)
        for row in await self._session.rows(statement, keys=json.dumps(list(found)), at_most=limit):
            found[str(row[column])].append(to_entity(type_, row))
        return found

    async def page(self, type_: type[E], window: Window, **wanted: object) -> Page[E]:
        """Return a page of the entities with these columns, the greatest key first."""
        values = {name: plain(value) for name, value in wanted.items() if value is not None}
        names = tuple(sorted(values))
        if window.after is not None:
            values["after_key"] = window.after
        statement = _those(ENTITIES[type_].table, names, after=window.after is not None)
        rows = await self._session.rows(statement, at_most=window.limit + 1, **values)
        return Page(items=[to_entity(type_, row) for row in rows[: window.limit]], more=len(rows) > window.limit)


def to_entity(type_: type[E], row: Row) -> E:
    """Map the row of an entity."""
    entity: E = _DECODERS[type_].decode(row["body"])
    return entity


def key_of(table: Table) -> ColumnElement[Any]:
    """Return the column by which an entity is known."""
    key: ColumnElement[Any] = next(iter(table.primary_key.columns))
    return key


def plain(value: object) -> Any:
    """Return a value as it stands in a column."""
    return value.value if isinstance(value, Enum) else value


_BY_NAME: Final = {table.name: table for table in TABLES.values()}
_ONE: Final[Mapping[type[Any], Select[Any]]] = {
    type_: select(table.c.body).where(key_of(table) == bindparam("key")) for type_, table in TABLES.items()
}


@lru_cache(maxsize=512)
def _those(name: str, wanted: tuple[str, ...], *, after: bool, shown: str | None = None) -> Select[Any]:
    table = _BY_NAME[name]
    key = key_of(table)
    told = select(table.c.body) if shown is None else select(key, table.c[shown])
    narrowed = told.where(*(table.c[column] == bindparam(column) for column in wanted))
    if after:
        narrowed = narrowed.where(key < bindparam("after_key"))
    return narrowed.order_by(key.desc()).limit(bindparam("at_most"))


@lru_cache(maxsize=64)
def _beside(name: str, column: str) -> Select[Any]:
    table = _BY_NAME[name]
    key, about = key_of(table), table.c[column]
    place = func.row_number().over(partition_by=about, order_by=key.desc()).label("place")
    ranked = select(table.c.body, about, place).where(IsOneOfIds(about, bindparam("keys"))).subquery()
    few = select(ranked.c.body, ranked.c[column]).where(ranked.c.place <= bindparam("at_most"))
    return few.order_by(ranked.c[column], ranked.c.place)
