"""Whether all that passed is on record everywhere, once: judged by the databases, never by the nodes' own counters."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sites.demo.book import Book, Passing
from sites.demo.comparison import compare
from sites.demo.holdings import Holdings, read
from sites.demo.lag import Lag, Standings, lag_of
from sites.demo.node import Node
from sites.demo.topology import Topology
from sites.equality.differences import Difference
from sites.equality.stored import stored
from sites.settings import Role

SAMPLE = 20
LEVELS: Mapping[Role, str] = {"site": "site", "region": "region", "central": "centre"}
"""What a role's level is called in the summary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the databases say at the end.

    Attributes:
        holdings: by node.
        found: differences of each node from others and from its own logs, by what was compared.
        missing, doubled: what passed and is not on record somewhere, or more than once, in words.
        lags: how far behind each node is.
    """

    holdings: Mapping[str, Holdings]
    found: Mapping[str, Sequence[Difference]]
    missing: Sequence[str]
    doubled: Sequence[str]
    lags: Mapping[str, Lag]

    @property
    def equal(self) -> bool:
        """Whether no difference was found."""
        return not any(self.found.values())

    @property
    def holds(self) -> bool:
        """Whether everything is as it must be."""
        return self.equal and not self.missing and not self.doubled

    def summary(self, topology: Topology, book: Book) -> dict[str, Any]:
        """Return the verdict as a document that can be written as JSON."""
        levels: dict[str, dict[str, Mapping[str, int]]] = {level: {} for level in LEVELS.values()}
        for code, holdings in self.holdings.items():
            levels[LEVELS[topology.nodes[code].plan.role]][code] = holdings.counts
        return {
            "vehicles": sum(passing.kind != "person" for passing in book.passings),
            "persons": sum(passing.kind == "person" for passing in book.passings),
            "pushes": book.pushes,
            "sought": sum(passing.sought for passing in book.passings),
            "levels": levels,
            "equal": self.equal,
            "differences": {pair: [_plain(one) for one in found] for pair, found in self.found.items() if found},
            "missing": {"count": len(self.missing), "samples": self.missing[:SAMPLE]},
            "doubled": {"count": len(self.doubled), "samples": self.doubled[:SAMPLE]},
            "latency_ms": {level: book.latencies(role) for role, level in LEVELS.items()},
            "lag": {code: {"waiting": lag.waiting, "seconds": lag.seconds} for code, lag in self.lags.items()},
        }


async def judge(topology: Topology, book: Book, standings: Standings) -> Verdict:
    """Read all databases and compare: with one another, with their own logs, and with the book."""
    holdings = {code: await _holdings(node) for code, node in topology.nodes.items()}
    return Verdict(
        holdings=holdings,
        found=await compare(topology),
        missing=list(_missing(topology, book, holdings)),
        doubled=list(_doubled(topology, book, holdings)),
        lags={code: lag_of(logs) for code, logs in (await standings.logs()).items()},
    )


async def _holdings(node: Node) -> Holdings:
    async with stored(node.database) as database:
        return await read(database)


def _missing(topology: Topology, book: Book, holdings: Mapping[str, Holdings]) -> Iterator[str]:
    for passing, code, registrations, alarms in _on_record(topology, book, holdings):
        if registrations == 0:
            yield f"{passing.label} of {passing.site} is not registered at {code}"
        if passing.sought and alarms == 0:
            yield f"{passing.label} of {passing.site} is sought and has no alarm at {code}"
    for code, held in holdings.items():
        for site in _sites_of(topology, code):
            if held.acknowledged[site] < book.acknowledged[site]:
                yield f"alarms of {site} that were taken are not taken at {code}"
            for push_id in book.quarantined[site] - held.quarantined:
                yield f"push {push_id}, quarantined at {site}, is not known at {code}"


def _doubled(topology: Topology, book: Book, holdings: Mapping[str, Holdings]) -> Iterator[str]:
    for passing, code, registrations, alarms in _on_record(topology, book, holdings):
        if registrations > 1:
            yield f"{passing.label} of {passing.site} is registered {registrations} times at {code}"
        if alarms > 1:
            yield f"{passing.label} of {passing.site} has {alarms} alarms at {code}"


def _on_record(
    topology: Topology, book: Book, holdings: Mapping[str, Holdings]
) -> Iterator[tuple[Passing, str, int, int]]:
    """Yield each passing with each node that must know it, and its registrations and alarms there."""
    for code, held in holdings.items():
        sites = _sites_of(topology, code)
        for passing in book.passings:
            if passing.site in sites:
                keys = [(passing.site, spelling) for spelling in passing.spellings]
                registrations = sum(held.registrations[key] for key in keys)
                yield passing, code, registrations, sum(held.match_alarms[key] for key in keys)


def _sites_of(topology: Topology, code: str) -> Sequence[str]:
    """Return the sites whose facts a node holds."""
    if topology.nodes[code].plan.role == "site":
        return (code,)
    return [site.code for site in topology.of_role("site")]


def _plain(difference: Difference) -> dict[str, Any]:
    return {
        "table": difference.table,
        "missing": difference.missing,
        "extra": difference.extra,
        "altered": difference.altered,
        "count": difference.count,
    }
