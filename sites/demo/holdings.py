"""What a node's database holds, counted in the database itself."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sites.equality.stored import Stored

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


async def read(database: Stored) -> Holdings:
    """Return what a database holds."""
    return _holdings(*[[row async for row in database.rows(query)] for query in _QUERIES])


def _holdings(registrations: Sequence[Any], alarms: Sequence[Any], pushes: Sequence[Any]) -> Holdings:
    return Holdings(
        registrations=Counter((row["node"], row["label"]) for row in registrations),
        matches=sum(len(json.loads(row["matches"])) for row in registrations),
        alarms=len(alarms),
        match_alarms=Counter((row["node"], row["label"]) for row in alarms if row["source"] == "match"),
        acknowledged=Counter(row["node"] for row in alarms if row["state"] == "acknowledged"),
        quarantined=frozenset(str(row["id"]) for row in pushes),
    )
