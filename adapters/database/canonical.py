"""Rows in one form, whichever database they stand in: so the same row has the same hash at every node."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.database.tables import METADATA
from adapters.database.types import Json

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ABSENT_AS_NULL = frozenset({"corrections"})
"""Columns that the tables of 0.1.0 do not have: there, and where they are null, rows have the same hash."""

_DOCUMENTS = frozenset(
    column.name for table in METADATA.tables.values() for column in table.columns if column.type is Json
)


def row_hash(row: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 of a row: of all its columns but ``log_id``, which numbers the logs of one database."""
    left_out = {"log_id", *(name for name in _ABSENT_AS_NULL if row.get(name) is None)}
    plain = {name: _plain(name, value) for name, value in row.items() if name not in left_out}
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).digest()


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
