"""What two sets of rows do not agree on, told by id."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.database.tables import METADATA
from adapters.database.types import Json

SAMPLE = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DOCUMENTS = frozenset(
    column.name for table in METADATA.tables.values() for column in table.columns if column.type is Json
)


@dataclass(frozen=True, slots=True)
class Digest:
    """A row in brief: the node or feed it belongs to, and the SHA-256 of its content."""

    belongs_to: str | None
    hash: bytes


Tables = Mapping[str, Mapping[str, Digest]]
"""Rows in brief, by table and id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What one table lacks, has too much or has otherwise than it must: ids, as samples, and how many in all."""

    table: str
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    altered: tuple[str, ...]
    count: int


def difference(
    table: str, *, missing: Sequence[str] = (), extra: Sequence[str] = (), altered: Sequence[str] = ()
) -> Difference:
    """Return a difference of these rows."""
    return Difference(
        table=table,
        missing=tuple(missing[:SAMPLE]),
        extra=tuple(extra[:SAMPLE]),
        altered=tuple(altered[:SAMPLE]),
        count=len(missing) + len(extra) + len(altered),
    )


def differences(original: Tables, copy: Tables) -> Sequence[Difference]:
    """Return what a copy has otherwise than the original; empty when nothing."""
    found = [_compared(table, rows, copy[table]) for table, rows in original.items()]
    return [one for one in found if one.count]


def digest(row: Mapping[str, Any]) -> Digest:
    """Return a row in brief: all its columns but ``log_id``, the same for either kind of database."""
    plain = {name: _plain(name, value) for name, value in row.items() if name != "log_id"}
    return Digest(row["belongs_to"], hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).digest())


def _compared(table: str, original: Mapping[str, Digest], copy: Mapping[str, Digest]) -> Difference:
    return difference(
        table,
        missing=sorted(original.keys() - copy.keys()),
        extra=sorted(copy.keys() - original.keys()),
        altered=sorted(key for key in original.keys() & copy.keys() if original[key] != copy[key]),
    )


def _plain(name: str, value: Any) -> Any:
    """Return a value as both databases would give it: times in microseconds, flags as numbers, documents parsed."""
    match value:
        case datetime():
            return (value - _EPOCH) // timedelta(microseconds=1)
        case bytes():
            return value.hex()
        case bool():
            return int(value)
        case str() if name in _DOCUMENTS:
            return _parsed(value)
        case int() | float() | None:
            return value
        case _:
            return str(value)


def _parsed(document: str) -> Any:
    try:
        return json.loads(document)
    except ValueError:  # SQLite keeps whatever was put there
        return document
