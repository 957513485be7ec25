"""Readings a second at a site until they are committed, and how long one takes at the pace of a busy post.

Both ways: from the dispatcher alone, in this process, and through the HTTP door of a site that is a process of its own.
Beside the rate stand the same rows in bare transactions of SQLite, beside the latencies the lateness of an idle timer.
For how long processors work for a reading is told, too: other programs that take their share of them hardly change it.
"""

import asyncio
import random
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from bench import load
from bench.books import command_of, fill_site, site_in_process
from bench.nodes import STATE, Address, address, started, topology
from bench.processes import work
from bench.report import Figure, figure
from bench.series import SITE, Pushed, Series
from bench.site_file import bare_rate, last_rows, seek
from bus.dispatcher import Dispatcher
from domain.registrations.commands import TakeReadings
from domain.shared.actors import Actor, Role
from sites.demo.node import Node
from sites.http import settle_memory
from sites.servers.folders import remove_state
from sites.settings import DATABASE_FILE

T = TypeVar("T")

ENTRIES = 100_000
SIZE = 4_000
ROUNDS = 3
TOGETHER = 64
PER_SECOND = 200
SECONDS = 10
CONNECTIONS = 32
_CAMERA = frozenset({Role.DEVICE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A way in.

    Attributes:
        file: the site's database.
        rate: takes pushes, 64 at a time.
        paced: takes pushes with these seconds between them; returns how long each took, in milliseconds.
    """

    name: str
    file: Path
    rate: Callable[[Sequence[Pushed]], Awaitable["Rate"]]
    paced: Callable[[Sequence[Pushed], Sequence[float]], Awaitable[list[float]]]


@dataclass(frozen=True, slots=True)
class Rate:
    """Readings a second, and for how many microseconds processors work for one in the site's process."""

    per_second: float
    work: float


@dataclass(slots=True)
class Runs:
    """What each run gave: rates, and milliseconds by reading."""

    rates: list[Rate] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    paced: list[list[float]] = field(default_factory=list)
    idle: list[list[float]] = field(default_factory=list)


async def measure() -> Sequence[Figure]:
    """Return the rates with a watchlist of 100,000 entries, and percentiles of the latency at 200 readings a second."""
    figures: list[Figure] = []
    for door in (_dispatcher(), _http()):
        async with door as opened:
            figures += _figures(opened.name, await _runs(opened))
    return figures


@asynccontextmanager
async def _dispatcher() -> AsyncIterator[Door]:
    state = STATE / "registrations"
    if state.exists():
        remove_state(state)
    try:
        await fill_site(state / "site")
        file = state / "site" / DATABASE_FILE
        seek(file, ENTRIES)
        async with site_in_process(state / "site") as dispatcher:
            settle_memory()
            yield Door(name="dispatcher", file=file, rate=partial(_rate, dispatcher), paced=partial(_paced, dispatcher))
    finally:
        remove_state(state)


@asynccontextmanager
async def _http() -> AsyncIterator[Door]:
    async with topology("registrations-http") as nodes:
        site = nodes.nodes[SITE]
        await fill_site(site.state)
        seek(site.database_file, ENTRIES)
        await started(nodes, SITE)
        where, worked = address(site.url), partial(_worked, site)
        yield Door(
            name="HTTP",
            file=site.database_file,
            rate=partial(_http_rate, where, worked),
            paced=partial(_http_paced, where),
        )


async def _runs(door: Door) -> Runs:
    series, runs = Series(), Runs()
    for _ in range(ROUNDS):
        before = last_rows(door.file)
        runs.rates.append(await door.rate(series.mixed(SIZE)))
        runs.bare.append(await asyncio.to_thread(bare_rate, door.file, before, TOGETHER))
        gaps = _gaps(PER_SECOND * SECONDS)
        runs.idle.append(await _lateness(gaps))
        runs.paced.append(await door.paced(series.mixed(len(gaps)), gaps))
    return runs


def _figures(name: str, runs: Runs) -> Iterator[Figure]:
    rates = [one.per_second for one in runs.rates]
    yield figure(name, rates, unit="readings/s", better="higher", aim=2_000.0, baseline=runs.bare)
    yield figure(f"{name}, work", [one.work for one in runs.rates], unit="µs/reading", better="lower")
    for percent in (50, 99):
        yield figure(
            f"{name} at {PER_SECOND}/s, p{percent}",
            [_percentile(one, percent) for one in runs.paced],
            unit="ms",
            better="lower",
            aim=20.0 if percent == 99 else None,
            baseline=[_percentile(one, percent) for one in runs.idle],
        )


async def _rate(dispatcher: Dispatcher, pushes: Sequence[Pushed]) -> Rate:
    waiting = iter([command_of(one) for one in pushes])

    async def worker() -> None:
        for command in waiting:
            await _take(dispatcher, command)

    began, worked = time.perf_counter(), time.process_time()
    await asyncio.gather(*(worker() for _ in range(TOGETHER)))
    per_second = len(pushes) / (time.perf_counter() - began)
    return Rate(per_second, (time.process_time() - worked) / len(pushes) * 1e6)


async def _paced(dispatcher: Dispatcher, pushes: Sequence[Pushed], gaps: Sequence[float]) -> list[float]:
    took: list[float] = []

    async def one(command: TakeReadings, due: float) -> None:
        await _take(dispatcher, command)
        took.append((time.perf_counter() - due) * 1000)

    async with asyncio.TaskGroup() as group:
        commands = [command_of(pushed) for pushed in pushes]
        async for command, due in _timed(commands, gaps):
            group.create_task(one(command, due))
    return took


async def _take(dispatcher: Dispatcher, command: TakeReadings) -> None:
    await dispatcher.dispatch(command, Actor(name=command.device, roles=_CAMERA))


async def _http_rate(site: Address, worked: Callable[[], float], pushes: Sequence[Pushed]) -> Rate:
    requests, before = [one.request() for one in pushes], worked()
    per_second = await load.rate(site, requests, TOGETHER)
    return Rate(per_second, (worked() - before) / len(pushes) * 1e6)


def _worked(site: Node) -> float:
    """Return for how many seconds processors have worked for a site, its nats-server aside."""
    if site.pid is None:
        raise ValueError(f"{site.code} does not run")
    return work(site.pid)["node"]


async def _http_paced(site: Address, pushes: Sequence[Pushed], gaps: Sequence[float]) -> list[float]:
    replies = await load.paced(site, [one.request() for one in pushes], gaps, CONNECTIONS)
    return [(reply.answered_at - reply.sent_at) * 1000 for reply in replies]


def _gaps(count: int) -> Sequence[float]:
    """Return how many seconds are between readings that come when chance has it."""
    chance = random.Random(1)  # noqa: S311 - repeatable, not secret
    return [chance.expovariate(PER_SECOND) for _ in range(count)]


async def _lateness(gaps: Sequence[float]) -> list[float]:
    """Return how late a timer of this process is that has nothing else to do, in milliseconds."""
    return [(time.perf_counter() - due) * 1000 async for _, due in _timed(gaps, gaps)]


async def _timed(what: Sequence[T], gaps: Sequence[float]) -> AsyncIterator[tuple[T, float]]:
    """Yield one after the other when it is due, and when that was."""
    due = time.perf_counter()
    for one, gap in zip(what, gaps, strict=True):
        due += gap
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        yield one, due


def _percentile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]
