"""What nodes are meant to hold alike, by table, and whose each row is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from adapters.database.shares import DOWN, UP, Shared
from sites.equality.differences import Tables, digest
from sites.equality.stored import Row, Stored
from sites.equality.trails import Trails, read_trails


def _shared(tables: Mapping[str, Shared]) -> Mapping[str, str]:
    return {name: str(one.rows.compile(compile_kwargs={"literal_binds": True})) for name, one in tables.items()}


_FLOORS = "SELECT origin || '/' || epoch || '/' || channel AS log, floor_seq FROM log WHERE floor_seq > 0"
# What travels up belongs to the node that sends it, or to its audit trail (`bus.catalogue.audit_of`). A channel with a
# dot in its name is a feed.
_UP: Mapping[str, str] = {
    "log": (
        "SELECT CASE WHEN channel = 'audit' THEN 'audit.' || origin ELSE origin END AS belongs_to,"
        " origin || '/' || epoch || '/' || channel AS id, seq, hash, projected"
        " FROM log WHERE seq > 0 AND channel NOT LIKE '%.%'"
    ),
    "event": (
        "SELECT CASE WHEN channel = 'audit' THEN 'audit.' || origin ELSE origin END AS belongs_to,"
        " origin || '/' || epoch || '/' || channel AS in_log, event.*"
        " FROM event JOIN log ON log.id = event.log_id"
        " WHERE channel NOT LIKE '%.%'"
    ),
    **_shared(UP),
}
# What travels down belongs to a feed.
_DOWN: Mapping[str, str] = {
    "log": (
        "SELECT channel AS belongs_to, origin || '/' || epoch || '/' || channel AS id, seq, hash, projected"
        " FROM log WHERE seq > 0 AND channel LIKE '%.%'"
    ),
    "event": (
        "SELECT channel AS belongs_to, origin || '/' || epoch || '/' || channel AS in_log, event.*"
        " FROM event JOIN log ON log.id = event.log_id"
        " WHERE channel LIKE '%.%'"
    ),
    **_shared(DOWN),
}
LOGS = frozenset({"log", "event"})
"""Tables that hold the logs; all others show what the logs say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A part of what a node holds: all that these send up, and these feeds, or every feed where it is None.

    ``nodes``: nodes and audit trails of nodes (`bus.catalogue.audit_of`).
    """

    nodes: Sequence[str]
    feeds: Sequence[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a database holds, in brief: what travels up, and what travels down.

    Attributes:
        floors: by log, the newest event that is no longer held as an event.
        trails: audit trails, which may have come in part.
    """

    up: Tables
    down: Tables
    floors: Mapping[str, int]
    trails: Trails

    @property
    def shown(self) -> Tables:
        """All but the logs."""
        return {table: rows for table, rows in [*self.up.items(), *self.down.items()] if table not in LOGS}

    def part(self, share: Share) -> "Held":
        """Return what of it is a share."""
        return replace(
            self,
            up=_belonging(self.up, share.nodes),
            down=self.down if share.feeds is None else _belonging(self.down, share.feeds),
        )

    def without(self, owners: Sequence[str]) -> "Held":
        """Return it without what travels up and belongs to these."""
        return replace(self, up=without(self.up, owners))

    def above(self, floors: Mapping[str, int]) -> "Held":
        """Return it without the events up to these floors."""
        return replace(self, up=_above(self.up, floors), down=_above(self.down, floors))


def without(tables: Tables, owners: Sequence[str]) -> Tables:
    """Return tables without the rows that belong to these."""
    return {
        table: {key: row for key, row in rows.items() if row.belongs_to not in owners} for table, rows in tables.items()
    }


async def read(database: Stored) -> Held:
    """Return what a database holds."""
    floors = {str(row["log"]): int(row["floor_seq"]) async for row in database.rows(_FLOORS)}
    return Held(
        up=await _tables(database, _UP),
        down=await _tables(database, _DOWN),
        floors=floors,
        trails=await read_trails(database),
    )


async def _tables(database: Stored, queries: Mapping[str, str]) -> Tables:
    return {table: {_key(row): digest(row) async for row in database.rows(query)} for table, query in queries.items()}


def _key(row: Row) -> str:
    """Return by what a row is known at every node: an event, which may stand in two logs, by its place."""
    return f"{row['in_log']}/{row['seq']}" if "in_log" in row else str(row["id"])


def _above(tables: Tables, floors: Mapping[str, int]) -> Tables:
    return {
        table: {key: row for key, row in rows.items() if _is_above(row.place, floors)} for table, rows in tables.items()
    }


def _is_above(place: tuple[str, int] | None, floors: Mapping[str, int]) -> bool:
    return place is None or place[1] > floors.get(place[0], 0)


def _belonging(tables: Tables, names: Sequence[str]) -> Tables:
    return {table: {key: row for key, row in rows.items() if row.belongs_to in names} for table, rows in tables.items()}
