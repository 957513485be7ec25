"""Audit trails: when a site moves each parent has what came through it, and the centre has all (decision 0037)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sites.equality.differences import Digest, Tables
from sites.equality.stored import Stored

Place = tuple[str, int]
"""The name of a log, and a number in it."""
Came = Callable[[Place], bool]
"""Tells whether a node was bound to get an event of an audit trail."""

_LOGS = (
    "SELECT origin || '/' || epoch || '/' || channel AS name, origin, seq, floor_seq, via FROM log"
    " WHERE seq > 0 AND channel = 'audit'"
)
_NEWEST = "SELECT origin, max(epoch) AS epoch FROM log WHERE channel NOT LIKE '%.%' GROUP BY origin"
_PLACES = "SELECT id, node || '/' || epoch || '/audit' AS in_log, seq FROM audit_record"


class Stretch(NamedTuple):
    """The events of a log that a node holds: those behind ``floor`` up to ``head``, which came through ``via``."""

    origin: str
    floor: int
    head: int
    via: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trails:
    """What a database has of audit trails.

    Attributes:
        logs: by name.
        newest: by origin, its newest epoch here.
        places: of the records that are shown, by id.
    """

    logs: Mapping[str, Stretch]
    newest: Mapping[str, int]
    places: Mapping[str, Place]

    def place(self, table: str, key: str, row: Digest) -> Place | None:
        """Return where a row of a trail stands, a log at its end; None for a row of anything else."""
        if table == "audit_record":
            return self.places.get(key)
        if table == "log":
            return (key, self.logs[key].head) if key in self.logs else None
        return row.place if row.place and row.place[0] in self.logs else None


async def read_trails(database: Stored) -> Trails:
    """Return what a database has of audit trails."""
    return Trails(
        logs={
            row["name"]: Stretch(row["origin"], row["floor_seq"], row["seq"], row["via"])
            async for row in database.rows(_LOGS)
        },
        newest={row["origin"]: row["epoch"] async for row in database.rows(_NEWEST)},
        places={str(row["id"]): (row["in_log"], row["seq"]) async for row in database.rows(_PLACES)},
    )


def due(tables: Tables, trails: Trails, other: Tables, came: Came) -> Tables:
    """Return tables without the rows of ``trails`` that the ``other`` node lacks and was not bound to get."""

    def is_due(table: str, key: str, row: Digest) -> bool:
        place = None if key in other[table] else trails.place(table, key, row)
        return place is None or came(place)

    return {table: {key: row for key, row in of.items() if is_due(table, key, row)} for table, of in tables.items()}


def outrun(lower: Trails, upper: Trails, came: Came) -> frozenset[str]:
    """Return the logs of which the upper node has more than the lower one, which was not bound to get that."""
    return frozenset(
        name
        for name in lower.logs.keys() & upper.logs.keys()
        if upper.logs[name].head > lower.logs[name].head and not came((name, upper.logs[name].head))
    )
