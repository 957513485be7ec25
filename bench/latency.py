"""From a push to the subscriptions at the site and at the centre, beside the lateness of an idle timer."""

import asyncio
import random
import sqlite3
import statistics
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from api.ids import global_id
from bench.books import fill_centre
from bench.load import Reply, paced
from bench.nodes import Address, address, started, topology, until
from bench.report import Figure, figure
from bench.series import SITE, SOUGHT, Pushed, Series
from domain.shared.actors import Role
from sites import own_servers
from sites.demo.topology import CENTRE, PLANS, REGION, Topology
from sites.servers.postgres import PostgresServer

PASSAGES_PER_SECOND = 200
SECONDS = 12
ROUNDS = 3
READINGS_PER_PASSAGE = 1.38
SOUGHT_SHARE = 0.1  # enough alarms for a percentile
CONNECTIONS = 32
_TIMER = 0.01  # seconds
_BEGIN_WITHIN = 1.0  # seconds
_WITHIN = 60.0  # seconds
_REGISTRATIONS = """subscription { registrations { registration {
  id node label lane direction seenAt passageId identifiers { raw country } screening { outcome }
} } }"""
_ALARMS = """subscription { alarms { change alarm {
  id node label lane text priority raisedAt registrationId match { title category read matched }
} } }"""

_MEASURED = {  # with the aim for its 99th percentile, in milliseconds
    "site, answer": None,
    "site, registrations": 25.0,
    "site, alarms": 25.0,
    "centre, registrations": 150.0,
    "centre, alarms": 150.0,
}

Round = Mapping[str, Sequence[float]]
"""Milliseconds of one run, by what they were measured of."""


@dataclass(slots=True)
class Heard:
    """When a subscriber was told of each registration and of each alarm's registration, by global id."""

    registrations: dict[str, float] = field(default_factory=dict)
    alarms: dict[str, float] = field(default_factory=dict)

    def take(self, told: Mapping[str, Any]) -> None:
        """Note what a subscription tells."""
        at = time.perf_counter()
        if "registrations" in told:
            self.registrations[told["registrations"]["registration"]["id"]] = at
        elif told["alarms"]["change"] == "RAISED":
            self.alarms.setdefault(told["alarms"]["alarm"]["registrationId"], at)

    def has(self, registrations: AbstractSet[str], alarms: AbstractSet[str]) -> bool:
        """Tell whether all of these were told."""
        return registrations <= self.registrations.keys() and alarms <= self.alarms.keys()


async def measure() -> Sequence[Figure]:
    """Return percentiles of the latency at the site and at the centre, for registrations and for alarms."""
    plans = {code: PLANS[code] for code in (CENTRE, REGION, SITE)}
    async with topology("latency", plans) as nodes:
        await _fill(nodes)
        await started(nodes, *plans)
        async with _listening(nodes, SITE) as site, _listening(nodes, CENTRE) as centre:
            await until(lambda: _criteria(nodes.nodes[SITE].database_file) == SOUGHT, _WITHIN)
            await nodes.lists_arrived(SITE)
            rounds = [await _round(pushes, nodes, site, centre) for pushes in _series()]
    return [one for key in _MEASURED for one in _percentiles(key, rounds)]


async def _round(pushes: Sequence[Pushed], nodes: Topology, site: Heard, centre: Heard) -> Round:
    async with _timer() as lateness:
        replies = await _push(address(nodes.nodes[SITE].url), pushes)
        left = _registered(replies)
        raised = left.keys() & _alarmed(nodes.nodes[SITE].database_file)
        for heard in (site, centre):
            await until(partial(heard.has, left.keys(), raised), _WITHIN)
    answered = [(reply.answered_at - reply.sent_at) * 1000 for reply in replies]
    return {
        "timer": lateness,
        "site, answer": answered,
        "site, registrations": _taken(left, left, site.registrations),
        "site, alarms": _taken(raised, left, site.alarms),
        "centre, registrations": _taken(left, left, centre.registrations),
        "centre, alarms": _taken(raised, left, centre.alarms),
    }


async def _fill(nodes: Topology) -> None:
    server = PostgresServer(nodes.nodes[CENTRE].state)
    server.start()
    try:
        await fill_centre(await server.create_database(own_servers.DATABASE))
    finally:
        server.stop()


def _criteria(site_file: Path) -> int:
    ((held,),) = _rows(site_file, "SELECT count(*) FROM criterion")
    return int(held)


def _alarmed(site_file: Path) -> AbstractSet[str]:
    """Return the global ids of the registrations that an alarm was raised for."""
    found = _rows(site_file, "SELECT registration_id FROM alarm WHERE registration_id IS NOT NULL")
    return {global_id("Registration", registration_id) for (registration_id,) in found}


def _rows(site_file: Path, query: str) -> Sequence[Any]:
    connection = sqlite3.connect(f"file:{site_file}?mode=ro", uri=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


@asynccontextmanager
async def _listening(nodes: Topology, code: str) -> AsyncIterator[Heard]:
    """Give what a subscriber at a node hears, once both subscriptions have begun."""
    heard = Heard()
    desk = nodes.desk(code, "bench", (Role.OFFICER, Role.ANALYST))

    async def listen() -> None:
        async for told in desk.follow(_REGISTRATIONS, _ALARMS):
            heard.take(told)

    listening = asyncio.create_task(listen())
    await asyncio.sleep(_BEGIN_WITHIN)
    try:
        yield heard
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening


@asynccontextmanager
async def _timer() -> AsyncIterator[list[float]]:
    """Give by how much a timer of this process is late, in milliseconds, as long as the block runs."""
    lateness: list[float] = []

    async def probe() -> None:
        while True:
            due = time.perf_counter() + _TIMER
            await asyncio.sleep(_TIMER)
            lateness.append((time.perf_counter() - due) * 1000)

    probing = asyncio.create_task(probe())
    try:
        yield lateness
    finally:
        probing.cancel()


def _series() -> Iterator[Sequence[Pushed]]:
    series = Series(sought_share=SOUGHT_SHARE)
    for _ in range(ROUNDS):
        yield series.mixed(int(PASSAGES_PER_SECOND * READINGS_PER_PASSAGE * SECONDS))


async def _push(site: Address, pushes: Sequence[Pushed]) -> Sequence[Reply]:
    """Push so many passages a second, each when chance has it."""
    chance = random.Random(1)  # noqa: S311 - repeatable, not secret
    gaps = [chance.expovariate(PASSAGES_PER_SECOND * READINGS_PER_PASSAGE) for _ in pushes]
    return await paced(site, [pushed.request() for pushed in pushes], gaps, CONNECTIONS)


def _registered(replies: Sequence[Reply]) -> Mapping[str, float]:
    """Return when each push left that opened a passage, by the global id of the registration."""
    registered = {}
    for reply in replies:
        for each in orjson.loads(reply.answer.partition(b"\r\n\r\n")[2])["readings"]:
            if each["status"] == "registered":
                registered[global_id("Registration", each["registrationId"])] = reply.sent_at
    return registered


def _taken(keys: Iterable[str], left: Mapping[str, float], told: Mapping[str, float]) -> Sequence[float]:
    return [(told[key] - left[key]) * 1000 for key in keys]


def _percentiles(key: str, rounds: Sequence[Round]) -> Iterator[Figure]:
    for percent in (50, 99):
        yield figure(
            f"{key}, p{percent}",
            [_percentile(one[key], percent) for one in rounds],
            unit="ms",
            better="lower",
            aim=_MEASURED[key] if percent == 99 else None,
            baseline=[_percentile(one["timer"], percent) for one in rounds],
        )


def _percentile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]
