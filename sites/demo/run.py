"""``caifs demo``: runs the topology, the play and the show, and ends all of them."""

import asyncio
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import uvloop

from sites.demo.lag import Standings, lag_of
from sites.demo.play import Play
from sites.demo.settling import settle
from sites.demo.show import Show
from sites.demo.topology import Topology

ANSWERS_WITHIN = 10.0
LAGS_EVERY = 1.0
SEEDS = 1 << 32
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the demo shall do.

    Attributes:
        seconds: how long traffic runs; None: until a signal says stop.
        state: the folder in which everything is kept; None: a fresh one that is removed at the end.
        rate: vehicles a second, both sites together.
    """

    seconds: float | None
    state: Path | None
    rate: float


class Ended(Exception):  # noqa: N818 - somebody wishes so
    """A signal said stop."""


def run(wish: Wish, show: Show) -> dict[str, Any] | None:
    """Run the demo and return its summary; None when it was ended before there was any. From the main thread.

    Raises:
        DemoFailed, ChildError: it cannot go on.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            return runner.run(_run(wish, show))
        except Ended:
            return None


async def _run(wish: Wish, show: Show) -> dict[str, Any]:
    course = _Course()
    began = time.monotonic()
    async with httpx.AsyncClient(timeout=ANSWERS_WITHIN) as http, _topology(wish.state, http) as topology:
        await course.unless_ended(topology.ready())
        ready_seconds = round(time.monotonic() - began, 1)
        show.opened(topology, ready_seconds)
        play = Play(topology, http, show, rate=wish.rate, seed=time.time_ns() % SEEDS)
        standings = Standings(topology)
        async with course.beside(topology.watch(), play.listen(), _show_lags(standings, show)):
            await course.unless_ended(play.prepare())
            await course.until_ended(play.run(course.ending), wish.seconds)
            show.say("no more traffic; waiting until everything has arrived")
            verdict = await course.unless_ended(settle(topology, play.book, standings))
        return {"ready_seconds": ready_seconds, "rate": wish.rate, **verdict.summary(topology, play.book)}


async def _show_lags(standings: Standings, show: Show) -> None:
    while True:
        show.lags({code: lag_of(logs) for code, logs in (await standings.logs()).items()})
        await asyncio.sleep(LAGS_EVERY)


@asynccontextmanager
async def _topology(state: Path | None, http: httpx.AsyncClient) -> AsyncIterator[Topology]:
    topology = Topology(state or Path(tempfile.mkdtemp(prefix="caifs-demo-")), http)
    try:
        topology.start()
        yield topology
    finally:
        await asyncio.to_thread(topology.stop)
        if state is None:
            await asyncio.to_thread(topology.remove)


class _Course:
    """Runs one work after the other until a signal says stop, and notices when what runs beside them fails."""

    def __init__(self) -> None:
        self.ending = asyncio.Event()
        self._beside: list[asyncio.Task[None]] = []
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.ending.set)

    @asynccontextmanager
    async def beside(self, *works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
        """Run works beside the others."""
        self._beside = [asyncio.create_task(work) for work in works]
        try:
            yield
        finally:
            await _cancel(*self._beside)
            self._beside = []

    async def unless_ended(self, work: Coroutine[Any, Any, T]) -> T:
        """Do a work.

        Raises:
            Ended: a signal came first.
        """
        signalled = asyncio.create_task(self.ending.wait())
        return await self._first(asyncio.create_task(work), signalled)

    async def until_ended(self, work: Coroutine[Any, Any, T], seconds: float | None) -> T:
        """Do a work that ends by itself soon after `ending` is set: after so many seconds, or by a signal."""
        timer = None if seconds is None else asyncio.get_running_loop().call_later(seconds, self.ending.set)
        try:
            return await self._first(asyncio.create_task(work))
        finally:
            if timer:
                timer.cancel()
            self.ending.clear()

    async def _first(self, doing: asyncio.Task[T], *signals: asyncio.Task[Any]) -> T:
        try:
            await asyncio.wait((doing, *signals, *self._beside), return_when=asyncio.FIRST_COMPLETED)
            for failed in self._beside:
                if failed.done():
                    failed.result()
            if not doing.done():
                raise Ended
            return doing.result()
        finally:
            await _cancel(doing, *signals)


async def _cancel(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
