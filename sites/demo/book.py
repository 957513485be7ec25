"""What the demo did, kept outside the nodes: what passed, what must be found of it, and when it was heard where."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sites.settings import Role

Told = Literal["registrations", "alarms"]
Percentiles = Mapping[str, float | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """A vehicle or person that passes a lane once.

    Attributes:
        label: how the system will call it: the identifier as it is read first.
        spellings: all identifiers under which it may stand on record, ``label`` among them.
        kind: what the camera says of a vehicle; ``person``.
        sought: an entry that is live at the site has it.
        pushed_at: when a camera sent the first reading, by `time.perf_counter`; None of a person.
    """

    site: str
    lane: str
    label: str
    spellings: frozenset[str]
    country: str
    kind: str
    sought: bool
    pushed_at: float | None


class Book:
    """What was done and heard.

    Attributes:
        acknowledged: by site, how many alarms its officer took.
        quarantined: by site, ids of the pushes it said it holds.
    """

    def __init__(self) -> None:
        """Begin an empty book."""
        self.acknowledged: Counter[str] = Counter()
        self.quarantined: defaultdict[str, set[str]] = defaultdict(set)
        self.pushes = 0
        self._passings: dict[tuple[str, str], Passing] = {}
        self._heard: dict[tuple[str, Told], set[tuple[str, str]]] = defaultdict(set)
        self._latencies: dict[tuple[Role, Told], list[float]] = defaultdict(list)

    @property
    def passings(self) -> Sequence[Passing]:
        """All that passed, oldest first."""
        return list(self._passings.values())

    def enter(self, passing: Passing) -> None:
        """Enter what is about to pass."""
        self._passings[passing.site, passing.label] = passing

    def find(self, site: str, label: str) -> Passing | None:
        """Return what passed a site under this label."""
        return self._passings.get((site, label))

    def hear(self, node: str, role: Role, told: Told, passing: Passing, at: float) -> float | None:
        """Note that a node told of a passing; return how long after the push, in milliseconds.

        None: it was told before, or nothing was pushed.
        """
        heard, key = self._heard[node, told], (passing.site, passing.label)
        if key in heard or passing.pushed_at is None:
            return None
        heard.add(key)
        latency = (at - passing.pushed_at) * 1000
        self._latencies[role, told].append(latency)
        return latency

    def latencies(self, role: Role) -> Mapping[Told, Percentiles]:
        """Return percentiles of the time from push to the subscribers at nodes of a role."""
        return {told: percentiles(self._latencies[role, told]) for told in ("registrations", "alarms")}


def percentiles(values: Sequence[float]) -> Percentiles:
    """Return p50, p95 and p99 by nearest rank, and of how many values."""
    return {**dict(_percentiles(sorted(values))), "n": len(values)}


def _percentiles(values: Sequence[float]) -> Iterator[tuple[str, float]]:
    for rank in (50, 95, 99):
        if values:
            yield f"p{rank}", round(values[math.ceil(len(values) * rank / 100) - 1], 1)
