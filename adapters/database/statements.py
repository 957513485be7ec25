"""Statements compiled once per dialect, with the order in which the driver wants their values."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ClauseElement, Table, bindparam, insert
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.engine import Dialect

SQLITE: Dialect = sqlite.dialect(paramstyle="qmark")
POSTGRESQL: Dialect = asyncpg.dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Compiled:
    """The text of a statement; names of its values in order; values that the statement itself fixes."""

    text: str
    names: tuple[str, ...]
    fixed: Mapping[str, Any]

    def values(self, given: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the values in the driver's order."""
        if not self.fixed:
            return tuple([given[name] for name in self.names])
        return tuple([given[name] if name in given else self.fixed[name] for name in self.names])


@lru_cache(maxsize=1024)
def compiled(statement: ClauseElement, dialect: Dialect) -> Compiled:
    """Return a statement in the dialect's own words."""
    result: Any = statement.compile(dialect=dialect)
    names = tuple(result.positiontup or ())
    fixed = {name: value for name, value in result.params.items() if value is not None}
    return Compiled(text=str(result), names=names, fixed=fixed)


@lru_cache(maxsize=256)
def insertion(table: Table, dialect: Dialect) -> str:
    """Return the text of an insert of whole rows."""
    statement = insert(table).values({column.name: bindparam(column.name) for column in table.columns})
    return compiled(statement, dialect).text
