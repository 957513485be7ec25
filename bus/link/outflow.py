"""Lets batches out onto one line, or asks for what comes in, no more at once than the `Pace` of the line says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bus.link.wire import Unreachable
from bus.replication import Flight, Pace


class Outflow:
    """The batches on their way over one connection."""

    def __init__(self, pace: Pace) -> None:
        """Let out as many as ``pace`` says."""
        self._pace = pace
        self._turn = asyncio.Lock()
        self._freed = asyncio.Event()
        self._waiting: dict[Flight, asyncio.Timeout] = {}
        self._is_doubtful = False

    @property
    def is_laden(self) -> bool:
        """Whether the line may be busy with what is on its way for longer than an answer is waited for.

        Of a line on which something was lost, and nothing heard since, that is not believed.
        """
        return not self._is_doubtful and any(flight.is_slow for flight in self._waiting)

    @asynccontextmanager
    async def room(self) -> AsyncIterator[Flight]:
        """Give room for a batch, first come, first served; it is acknowledged with the end of the block, or lost.

        Raises:
            Unreachable: it was given up.
        """
        flight = await self._admitted()
        try:
            async with asyncio.timeout(None) as waiting:
                self._waiting[flight] = waiting
                yield flight
        except BaseException as failure:
            self._pace.lost(flight)
            self._is_doubtful |= flight.left_at is not None
            if isinstance(failure, TimeoutError):
                raise Unreachable("the line is gone") from failure
            raise
        else:
            self._pace.arrived(flight, _now())
            self.heard()
        finally:
            self._waiting.pop(flight, None)
            self._freed.set()

    def heard(self) -> None:
        """Something came from the other end: the line is there."""
        self._is_doubtful = False

    def give_up(self) -> None:
        """Wait no more for what is on its way: the line is gone."""
        while self._waiting:
            _, waiting = self._waiting.popitem()
            waiting.reschedule(_now())

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
