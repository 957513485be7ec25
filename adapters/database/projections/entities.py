"""Entities, from events to rows: each as it is after the event."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec
from sqlalchemy import Select, Table, Update, bindparam, delete, select, update

from adapters.database.projections.subjects import Subject
from adapters.database.session import Session
from adapters.database.stores.entities import key_of, plain, to_entity
from adapters.database.tables.entities import TABLES
from bus.catalogue import ENTITIES, EVENTS, EntityEntry, Shows, scope_of
from bus.recorded import Recorded, RowMissing
from domain.shared.messages import Event

_encode = msgspec.json.Encoder().encode


def _locked(table: Table) -> Select[Any]:
    return select(table).where(key_of(table) == bindparam("key")).with_for_update()


def _change(table: Table) -> Update:
    values: dict[str, Any] = {column.name: bindparam(f"new_{column.name}") for column in table.columns}
    return update(table).where(key_of(table) == bindparam("key")).values(values)


_LOCKED: Final = {type_: _locked(table) for type_, table in TABLES.items()}
_CHANGE: Final = {type_: _change(table) for type_, table in TABLES.items()}


async def _show(session: Session, recorded: Recorded, event: Event) -> None:
    """Show what an event does to its entity.

    Raises:
        RowMissing: the entity is not there, or is another's.
    """
    shows = EVENTS[type(event)].shows
    assert shows is not None  # noqa: S101 - this is the projection of those that show an entity
    entry, key, owner = ENTITIES[shows.entity], shows.key(event), scope_of(recorded.log)
    row = await session.row(_LOCKED[shows.entity], key=key)
    if (row is None and not shows.begins) or (row is not None and row[entry.owner] != owner):
        raise RowMissing(entry.table)
    before = None if row is None else to_entity(shows.entity, row)
    values = _values(entry, replace(shows.fold(before, event), **{entry.owner: owner}))
    if row is None:
        await session.add(TABLES[shows.entity], [tuple(values.values())])
    else:
        await session.run(_CHANGE[shows.entity], key=key, **{f"new_{name}": value for name, value in values.items()})


def _values(entry: EntityEntry, entity: Any) -> dict[str, Any]:
    """Return the row of an entity, in the order of its table's columns."""
    columns = (entry.key, entry.owner, *entry.columns)
    return {**{name: plain(getattr(entity, name)) for name in columns}, "body": _encode(entity).decode()}


def _subject(shows: Shows) -> Callable[[Any], Subject]:
    table = TABLES[shows.entity]
    forget = (_FORGET[table],)
    return lambda event: Subject(shows.key(event), forget)


_FORGET: Final = {table: delete(table).where(key_of(table) == bindparam("key")) for table in TABLES.values()}

UPDATED: Mapping[type[Event], Callable[[Session, Recorded, Any], Awaitable[None]]] = {
    entry.type: _show for entry in EVENTS.values() if entry.shows is not None
}
SUBJECTS: Mapping[type[Event], Callable[[Any], Subject]] = {
    entry.type: _subject(entry.shows) for entry in EVENTS.values() if entry.shows is not None
}
