"""Lets batches out onto one line, all logs in turn, no more at once than the `Pace` of the line says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bus.replication import Flight, Pace


class Outflow:
    """The batches on their way over one connection."""

    def __init__(self, pace: Pace) -> None:
        """Let out as many as ``pace`` says."""
        self._pace = pace
        self._turn = asyncio.Lock()
        self._freed = asyncio.Event()

    @asynccontextmanager
    async def room(self) -> AsyncIterator[Flight]:
        """Give room for a batch, first come, first served; it is acknowledged with the end of the block, or lost."""
        flight = await self._admitted()
        try:
            yield flight
        except BaseException:
            self._pace.lost(flight)
            raise
        else:
            self._pace.arrived(flight, _now())
        finally:
            self._freed.set()

    def bodies(self, flight: Flight) -> int:
        """Return how many bytes of bodies the batch may have before it is compressed."""
        return self._pace.bodies(flight)

    def leaves(self, flight: Flight, size: int, bodies: int | None) -> None:
        """The batch is published: so many bytes, made of so many of bodies where that is known."""
        self._pace.leaves(flight, size, _now(), bodies=bodies)

    async def _admitted(self) -> Flight:
        async with self._turn:
            while (flight := self._pace.admit()) is None:
                self._freed.clear()
                await self._freed.wait()
            return flight


def _now() -> float:
    return asyncio.get_running_loop().time()
