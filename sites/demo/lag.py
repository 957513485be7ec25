"""How far replication is, as the nodes say of themselves."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from domain.shared.actors import Role
from sites.demo.node import Plan, above
from sites.demo.topology import CENTRE, Topology
from sites.desk import Desk

_FEEDS = ("watchlist.", "organisation.", "erasure.")
_LOGS = """query Logs {
  thisNode { logs { origin epoch channel seq projected centre lagSeconds } }
}
"""

Log = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """How far behind a node is.

    Attributes:
        waiting: events of all logs it holds that the centre has not confirmed.
        seconds: age of the oldest of them.
    """

    waiting: int
    seconds: float


class Standings:
    """Asks all nodes how far they are."""

    def __init__(self, topology: Topology) -> None:
        """Ask the nodes of ``topology``, as an administrator."""
        self._desks: Mapping[str, Desk] = {
            code: topology.desk(code, "demo-administrator", (Role.ADMINISTRATOR,)) for code in topology.nodes
        }

    async def logs(self) -> Mapping[str, Sequence[Log]]:
        """Return the logs of each node that answers."""
        logs: dict[str, Sequence[Log]] = {}
        for code, desk in self._desks.items():
            try:
                logs[code] = [_log(told) for told in (await desk.look(_LOGS))["thisNode"]["logs"]]
            except httpx.TransportError:
                continue
        return logs


def _log(told: Mapping[str, Any]) -> Log:
    """Return a log as a node told of it, its places in digits, as numbers."""
    return {**told, **{place: int(told[place]) for place in ("seq", "projected", "centre")}}


def lag_of(logs: Sequence[Log]) -> Lag:
    """Return how far behind a node with these logs is."""
    up = [log for log in logs if not log["channel"].startswith(_FEEDS)]
    return Lag(
        waiting=sum(log["seq"] - log["centre"] for log in up),
        seconds=round(max((log["lagSeconds"] for log in up), default=0.0), 3),
    )


def on_their_way(plans: Mapping[str, Plan], logs: Mapping[str, Sequence[Log]]) -> Sequence[str]:
    """Return, as text, what has not arrived everywhere yet: facts at the levels above, feeds at those below."""
    if missing := plans.keys() - logs.keys():
        return [f"{code} does not answer" for code in sorted(missing)]
    return [*_on_their_way_up(plans, logs), *_on_their_way_down(plans, logs)]


def _on_their_way_up(plans: Mapping[str, Plan], logs: Mapping[str, Sequence[Log]]) -> Iterator[str]:
    for code, plan in plans.items():
        for log in logs[code] if plan.parent else ():
            if log["origin"] == code and log["seq"]:
                yield from _behind(log, {each: logs[each] for each in above(plans, code)})
                if log["centre"] < log["seq"]:
                    yield f"{code} has not heard that the centre holds {log['channel']} to {log['seq']}"


def _on_their_way_down(plans: Mapping[str, Plan], logs: Mapping[str, Sequence[Log]]) -> Iterator[str]:
    for log in logs[CENTRE]:
        scope = log["channel"].partition(".")[2]
        if log["origin"] == CENTRE and log["channel"].startswith(_FEEDS):
            below = (code for code, plan in plans.items() if scope in plan.scopes or "*" in plan.scopes)
            yield from _behind(log, {code: logs[code] for code in below})


def _behind(log: Log, copies: Mapping[str, Sequence[Log]]) -> Iterator[str]:
    for code, held in copies.items():
        same = (one for one in held if all(one[key] == log[key] for key in ("origin", "epoch", "channel")))
        copy = next(same, None)
        if copy is None or copy["projected"] < log["seq"]:
            yield f"{log['channel']} of {log['origin']} is on its way to {code}"
