"""What two sets of rows do not agree on, told by id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.database.canonical import row_hash

SAMPLE = 20


@dataclass(frozen=True, slots=True)
class Digest:
    """A row in brief: the node or feed it belongs to, the SHA-256 of its content; of an event log and number too."""

    belongs_to: str | None
    hash: bytes
    place: tuple[str, int] | None = None


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
    place = (row["in_log"], row["seq"]) if "in_log" in row else None
    return Digest(row["belongs_to"], row_hash(row), place)


def _compared(table: str, original: Mapping[str, Digest], copy: Mapping[str, Digest]) -> Difference:
    return difference(
        table,
        missing=sorted(original.keys() - copy.keys()),
        extra=sorted(copy.keys() - original.keys()),
        altered=sorted(key for key in original.keys() & copy.keys() if original[key] != copy[key]),
    )
