"""Carries out the strikes of a plan, one or several at a time."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack

from tests.chaos.cluster import Cluster
from tests.chaos.faults import FAULTS
from tests.chaos.plan import Strike

Say = Callable[[str], None]


class Nemesis:
    """Who harms a cluster.

    Attributes:
        struck: how many faults of each kind were begun and ended.
        failed: strikes that could not be carried out, and why.
        ended_at: when the last fault ended, by `time.monotonic`.
    """

    def __init__(self, cluster: Cluster, say: Say) -> None:
        """Harm ``cluster``; what is done is said."""
        self.struck: Counter[str] = Counter()
        self.failed: list[str] = []
        self.ended_at = time.monotonic()
        self._cluster = cluster
        self._say = say
        self._held: dict[str, asyncio.Lock] = {}

    async def run(self, plan: Sequence[Strike]) -> None:
        """Carry out all strikes, and return when all faults have ended."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as striking:
            for strike in plan:
                await asyncio.sleep(max(0.0, began + strike.at - time.monotonic()))
                striking.create_task(self._strike(strike))

    async def _strike(self, strike: Strike) -> None:
        fault = FAULTS[strike.kind]
        names = [f"{part}:{strike.node}" for part in sorted(fault.holds)]
        async with AsyncExitStack() as stack:
            for name in names:
                await stack.enter_async_context(self._lock(name))
            await self._started(names)
            self._say(str(strike))
            try:
                with self._cluster.standing.stands(strike.kind, strike.node):
                    await fault.harm(self._cluster, strike.node, strike.lasts, strike.chance)
            except Exception as failure:  # noqa: BLE001 - told at the end; the others go on
                self.failed.append(f"{strike}: {failure!r}")
            else:
                self.struck[strike.kind] += 1
            await self._started(names)
        self.ended_at = time.monotonic()

    async def _started(self, names: Sequence[str]) -> None:
        """Start what is held and does not run, servers first."""
        for name, part in self._cluster.parts.items():
            if name in names:
                await self._cluster.start(part)

    def _lock(self, name: str) -> asyncio.Lock:
        part = self._cluster.parts.get(name)
        return self._held.setdefault(name, asyncio.Lock()) if part is None else part.held
