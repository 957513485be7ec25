"""Entities in memory: as events leave them, found within a change and looked up outside of one."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from adapters.memory.tables import Tables
from bus.catalogue import ENTITIES, EVENTS, scope_of
from bus.recorded import Recorded, RowMissing
from domain.shared.entities import THOSE_MAX
from domain.shared.messages import Event
from domain.shared.views import Page, Window

E = TypeVar("E")


class MemoryEntities:
    """The entities on record."""

    def __init__(self, tables: Tables) -> None:
        """Read ``tables``."""
        self._tables = tables

    async def find(self, type_: type[E], key: str) -> E | None:
        """Return the entity of this key, or None."""
        return self._tables.entities[type_].get(key)

    async def those(self, type_: type[E], limit: int = THOSE_MAX, **wanted: object) -> Sequence[E]:
        """Return the entities with these columns, the greatest key first."""
        return self.page(type_, Window(limit=limit), **wanted).items

    async def every(self, type_: type[E], **wanted: object) -> Sequence[E]:
        """Return all entities with these columns, the greatest key first."""
        return self.page(type_, Window(limit=sys.maxsize), **wanted).items

    async def column(self, type_: type[E], name: str, limit: int, **wanted: object) -> Mapping[str, Any]:
        """Return one column of the entities with these columns, by key."""
        key = ENTITIES[type_].key
        return {getattr(one, key): getattr(one, name) for one in self.page(type_, Window(limit=limit), **wanted).items}

    async def beside(self, type_: type[E], column: str, ids: Sequence[str], limit: int) -> Mapping[str, Sequence[E]]:
        """Return for each id the entities whose column holds it, the greatest key first."""
        return {each: self.page(type_, Window(limit=limit), **{column: each}).items for each in ids}

    def page(self, type_: type[E], window: Window, **wanted: object) -> Page[E]:
        """Return a page of the entities with these columns, the greatest key first."""
        return self._tables.entities[type_].page(window, _as_wanted(type_, wanted))


def show(event: Event, recorded: Recorded, tables: Tables) -> None:
    """Show what an event does to its entity.

    Raises:
        RowMissing: the entity is not there, or is another's.
    """
    shows = EVENTS[type(event)].shows
    assert shows is not None  # noqa: S101 - this is the projection of those that show an entity
    entry, key, rows = ENTITIES[shows.entity], shows.key(event), tables.entities[shows.entity]
    owner = scope_of(recorded.log)
    before = rows.get(key)
    if (before is None and not shows.begins) or (before is not None and getattr(before, entry.owner) != owner):
        raise RowMissing(entry.table)
    rows.put(replace(shows.fold(before, event), **{entry.owner: owner}), key)


PROJECTIONS = {entry.type: show for entry in EVENTS.values() if entry.shows is not None}


def _as_wanted(type_: type[Any], wanted: dict[str, object]) -> Callable[[Any], bool]:
    entry = ENTITIES[type_]
    unknown = wanted.keys() - {entry.key, entry.owner, *entry.columns}
    if unknown:
        raise KeyError(*unknown)
    return lambda row: all(value is None or getattr(row, name) == value for name, value in wanted.items())
