"""Waiting until everything has arrived everywhere, as long as anything still moves."""

import time
from collections.abc import Mapping, Sequence

from sites.demo.lag import Log, Standings, on_their_way
from sites.demo.waiting import DemoFailed, until
from sites.desk import Refused
from tests.chaos.cluster import Cluster

LONGEST = 1_800.0


class Quiet:
    """Whether all has arrived, or nothing has moved for too long."""

    def __init__(self, cluster: Cluster, patience: float) -> None:
        """Ask the nodes themselves; give up when nothing has moved for so many seconds."""
        self._cluster = cluster
        self._patience = patience
        self._standings = Standings(cluster.topology)
        self._moved_at = time.monotonic()
        self._seen: Mapping[str, Sequence[Log]] = {}

    async def reached(self) -> Sequence[str]:
        """Wait, and return what has not arrived; nothing when all has."""
        self._moved_at = time.monotonic()
        missing: Sequence[str] = ["nothing was looked at"]

        async def over() -> bool:
            nonlocal missing
            missing = await self._missing()
            return not missing or time.monotonic() - self._moved_at > self._patience

        try:
            await until(over, "all has arrived", LONGEST)
        except DemoFailed as failure:
            return [str(failure), *missing]
        return missing

    async def _missing(self) -> Sequence[str]:
        try:
            logs = await self._standings.logs()
        except (Refused, ValueError) as refusal:
            return [f"a node does not tell: {refusal}"]
        places = {code: [_place(log) for log in of] for code, of in logs.items()}
        if places != self._seen:
            self._seen, self._moved_at = places, time.monotonic()
        return on_their_way(self._cluster.plans, logs)


def _place(log: Log) -> Log:
    return {name: value for name, value in log.items() if name != "lagSeconds"}
