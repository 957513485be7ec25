"""Whether two nodes hold the same: ids and hashes of what stands in their databases, never anybody's own counters."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg

SAMPLE = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# All that travels up with a site, by table; {} stands for the site's code.
_UP: Mapping[str, str] = {
    "event": (
        "SELECT event.*, log.channel FROM event JOIN log ON log.id = event.log_id WHERE log.origin = {}"
        " AND log.channel IN ('alarms', 'facts', 'technical', 'audit')"
    ),
    "reading": "SELECT * FROM reading WHERE node = {}",
    "registration": "SELECT * FROM registration WHERE node = {}",
    "passage_link": "SELECT linked_passage_id AS id, passage_link.* FROM passage_link WHERE node = {}",
    "alarm": "SELECT * FROM alarm WHERE node = {}",
    "quarantined_push": "SELECT * FROM quarantined_push WHERE node = {}",
    "audit_record": "SELECT * FROM audit_record WHERE node = {}",
}
# All that travels down with a scope, by table; {} stands for the scope.
_DOWN: Mapping[str, str] = {
    "event": (
        "SELECT event.*, log.channel FROM event JOIN log ON log.id = event.log_id"
        " WHERE log.channel IN ('watchlist.' || {0}, 'organisation.' || {0})"
    ),
    "entry": "SELECT * FROM entry WHERE scope = {} AND approved_at IS NOT NULL",
    "criterion": "SELECT criterion.* FROM criterion JOIN entry ON entry.id = criterion.entry_id WHERE scope = {}",
    "device": "SELECT code AS id, device.* FROM device WHERE site = {}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What two databases do not agree on: ids that only one holds, and ids whose content differs (samples)."""

    table: str
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    altered: tuple[str, ...]
    count: int


Digests = Mapping[str, Mapping[str, bytes]]
"""A digest per row, by table and id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a database holds of a site: the site's own, and the feeds it follows by scope."""

    up: Digests
    down: Mapping[str, Digests]


def read_site(path: Path, site: str, scopes: Sequence[str]) -> Held:
    """Return digests of what a site's SQLite file holds of the site itself and of the scopes it follows."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row

    def digests(queries: Mapping[str, str], key: str) -> Digests:
        return {table: _digest(connection.execute(query.format("?1"), (key,))) for table, query in queries.items()}

    try:
        connection.execute("BEGIN")
        return Held(up=digests(_UP, site), down={scope: digests(_DOWN, scope) for scope in scopes})
    finally:
        connection.close()


async def read_copy(url: str, site: str, scopes: Sequence[str]) -> Held:
    """Return digests of what a region's or the centre's database holds of a site and of the scopes it follows."""
    connection = await asyncpg.connect(url)

    async def digests(queries: Mapping[str, str], key: str) -> Digests:
        return {
            table: _digest(map(dict, await connection.fetch(query.format("$1::text"), key)))
            for table, query in queries.items()
        }

    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return Held(up=await digests(_UP, site), down={scope: await digests(_DOWN, scope) for scope in scopes})
    finally:
        await connection.close()


def differences(site: Held, copy: Held) -> Sequence[Difference]:
    """Return what a copy above has otherwise than the site, and the site otherwise than the feeds of the copy."""
    found = [_compare(table, site.up[table], copy.up[table]) for table in _UP]
    for scope, above in copy.down.items():
        found += [_compare(f"{table} of {scope}", above[table], site.down[scope][table]) for table in _DOWN]
    return [difference for difference in found if difference.count]


def _digest(rows: Iterable[Mapping[str, Any]]) -> Mapping[str, bytes]:
    return {str(row["id"]): _digest_of(dict(row)) for row in rows}


def _digest_of(row: Mapping[str, Any]) -> bytes:
    """Digest all columns but ``log_id``, which numbers the logs of one database."""
    plain = json.dumps({name: _plain(value) for name, value in row.items() if name != "log_id"}, sort_keys=True)
    return hashlib.sha256(plain.encode()).digest()


def _plain(value: Any) -> Any:
    """Return a value as both databases would give it: times in microseconds, flags as numbers, documents parsed."""
    if isinstance(value, datetime):
        return (value - _EPOCH) // timedelta(microseconds=1)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and value[:1] in ("[", "{"):
        with suppress(ValueError):
            return json.loads(value)
    return value if isinstance(value, int | float | None) else str(value)


def _compare(table: str, original: Mapping[str, bytes], copy: Mapping[str, bytes]) -> Difference:
    missing = sorted(original.keys() - copy.keys())
    extra = sorted(copy.keys() - original.keys())
    altered = sorted(key for key in original.keys() & copy.keys() if original[key] != copy[key])
    return Difference(
        table=table,
        missing=tuple(missing[:SAMPLE]),
        extra=tuple(extra[:SAMPLE]),
        altered=tuple(altered[:SAMPLE]),
        count=len(missing) + len(extra) + len(altered),
    )
