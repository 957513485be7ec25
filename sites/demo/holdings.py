"""What a node's database holds, counted in the database itself."""

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

_QUERIES = (
    "SELECT node, label, matches FROM registration",
    "SELECT node, label, source, state FROM alarm",
    "SELECT id FROM quarantined_push",
)

Key = tuple[str, str]
"""Site and label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What a database holds.

    Attributes:
        registrations: by site and label.
        matches: of all registrations.
        alarms: all of them.
        match_alarms: those raised for a match, by site and label.
        acknowledged: by site.
        quarantined: ids of pushes.
    """

    registrations: Counter[Key] = field(default_factory=Counter)
    matches: int
    alarms: int
    match_alarms: Counter[Key] = field(default_factory=Counter)
    acknowledged: Counter[str] = field(default_factory=Counter)
    quarantined: frozenset[str] = frozenset()

    @property
    def counts(self) -> Mapping[str, int]:
        """How many of each."""
        return {
            "registrations": self.registrations.total(),
            "matches": self.matches,
            "alarms": self.alarms,
            "acknowledged": self.acknowledged.total(),
            "quarantined": len(self.quarantined),
        }


async def read_database(url: str) -> Holdings:
    """Return what the PostgreSQL database of a region or the centre holds."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return _holdings(*[await connection.fetch(query) for query in _QUERIES])
    finally:
        await connection.close()


def read_file(file: Path) -> Holdings:
    """Return what the SQLite file of a site holds."""
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        connection.execute("BEGIN")
        return _holdings(*[connection.execute(query).fetchall() for query in _QUERIES])
    finally:
        connection.close()


def _holdings(registrations: Sequence[Any], alarms: Sequence[Any], pushes: Sequence[Any]) -> Holdings:
    return Holdings(
        registrations=Counter((row["node"], row["label"]) for row in registrations),
        matches=sum(len(json.loads(row["matches"])) for row in registrations),
        alarms=len(alarms),
        match_alarms=Counter((row["node"], row["label"]) for row in alarms if row["source"] == "match"),
        acknowledged=Counter(row["node"] for row in alarms if row["state"] == "acknowledged"),
        quarantined=frozenset(str(row["id"]) for row in pushes),
    )
