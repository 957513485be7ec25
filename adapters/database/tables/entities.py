"""A table for each entity: key, owner, what it is looked up by, and the entity itself as JSON."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Table, Text
from sqlalchemy.types import TypeEngine

from adapters.database.tables.metadata import METADATA
from adapters.database.types import Id, Instant, Json
from bus.catalogue import ENTITIES, EntityEntry

_TYPES: Final[Mapping[str, TypeEngine[Any]]] = {
    "text": Text(),
    "id": Id,
    "instant": Instant,
    "number": BigInteger(),
    "flag": Boolean(),
}


def _table(entry: EntityEntry) -> Table:
    table = Table(
        entry.table,
        METADATA,
        Column(entry.key, Id if entry.key == "id" else Text(), primary_key=True),
        Column(entry.owner, Text, nullable=False),
        *(Column(name, _TYPES[kind], nullable=True) for name, kind in entry.columns.items()),
        Column("body", Json, nullable=False),
    )
    for names in entry.indexes:
        Index(f"ix_{entry.table}_{'_'.join(names)}", *(table.c[name] for name in (*names, entry.key)))
    return table


TABLES: Final[Mapping[type[Any], Table]] = {entry.type: _table(entry) for entry in ENTITIES.values()}

FACTS_BY_ID: Final = tuple(TABLES[entry.type] for entry in ENTITIES.values() if entry.is_fact and entry.key == "id")
"""Of those that belong to nodes and are known by an id."""
