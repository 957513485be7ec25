"""Alarms on a thin line with a million facts queued behind them: from commit at the site to commit at its parent.

The line carries 2 Mbit/s each way and takes 60 ms there and back. The site hangs on the centre directly; both are
processes with servers of their own, and both of the site's connections go over the line. Alarms come at random, ten a
second, while the facts drain; about half a minute of it is measured, and the drain goes on from one run to the next.
Both databases are looked at every two milliseconds.

Beside each other, in every round:

- alarms alone on the line: what the others have to be measured by;
- alarms on their own connection before the backlog, as nodes are meant to be set up, where the line gives each
  connection its turn, and where all wait in one queue: then only the pace of the facts leaves room;
- alarms through the local server, on the one connection on which the facts travel;
- how much of the line is in use while the backlog drains, beside all that it can carry.
"""

import asyncio
import random
import sqlite3
import statistics
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from bench.books import fill_site, repeat_facts
from bench.facts import confirmed
from bench.line import Line
from bench.nodes import address, started, topology, until
from bench.report import Figure, figure
from bench.series import SITE
from domain.shared.actors import Role
from sites.demo.node import Node
from sites.demo.topology import CENTRE, PLANS, Plan, Topology

FACTS = 1_000_000
SAMPLE_PUSHES = 4_000
RATE = 2_000_000.0  # bits a second
ONE_WAY = 0.03  # seconds
AIM = 200.0  # milliseconds
ROUNDS = 3
SECONDS = 30.0
PER_SECOND = 10.0
_DRAINING = 5_000  # facts after which a drain has found its pace
_WITHIN = 120.0  # seconds
_LOOK_EVERY = 0.002  # seconds
_LEAF, _STRAIGHT = "CAIFS_PARENT_LEAF_URL", "CAIFS_PARENT_URL"
_PLANS = {CENTRE: PLANS[CENTRE], SITE: Plan(code=SITE, role="site", parent=CENTRE, scopes=PLANS[SITE].scopes)}
_RAISE = """mutation ($input: AlarmRaiseInput!) { alarmRaise(input: $input) {
  ... on AlarmRaiseSuccess { alarm { id } } ... on Problem { code message }
} }"""
_AT_SITE = "SELECT coalesce(max(seq), 0) FROM log WHERE origin = ? AND channel = 'alarms'"
_AT_CENTRE = "SELECT coalesce(max(seq), 0) FROM log WHERE origin = $1 AND channel = 'alarms'"

Look = Callable[[], Awaitable[int]]
Times = dict[int, float]
"""When an alarm, by its number in the log, was committed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """How a site is linked.

    Attributes:
        is_apart: alarms have their own connection.
        is_fair: the line gives each connection its turn.
    """

    is_apart: bool = True
    is_fair: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """Milliseconds of each alarm, facts a second, and bits a second that went up."""

    taken: Sequence[float]
    facts: float
    bits: float


_ALONE = "alarms alone"
_BEFORE_A_MILLION = "before a million facts"
_WAYS: Mapping[str, _Way] = {
    _BEFORE_A_MILLION: _Way(),
    f"{_BEFORE_A_MILLION}, all in one queue": _Way(is_fair=False),
    f"{_BEFORE_A_MILLION}, on their connection": _Way(is_apart=False),
}


async def measure() -> Sequence[Figure]:
    """Return latencies of alarms, and how much of the line the facts use."""
    runs: dict[str, list[_Run]] = {name: [] for name in (_ALONE, *_WAYS)}
    async with topology("thin-line-alone", _PLANS) as alone, topology("thin-line", _PLANS) as behind:
        await fill_site(alone.nodes[SITE].state)
        await fill_site(behind.nodes[SITE].state, SAMPLE_PUSHES)
        await repeat_facts(behind.nodes[SITE].database_file, FACTS)
        for nodes in (alone, behind):
            await started(nodes, CENTRE)
        for _ in range(ROUNDS):
            runs[_ALONE].append(await _run(alone, _Way(), draining=0))
            for name, way in _WAYS.items():
                runs[name].append(await _run(behind, way, draining=_DRAINING))
    return list(_figures(runs))


def _figures(runs: Mapping[str, Sequence[_Run]]) -> Iterator[Figure]:
    for name, ours in runs.items():
        for percent in (50, 99):
            yield figure(
                f"{name}, p{percent}",
                [_percentile(run.taken, percent) for run in ours],
                unit="ms",
                better="lower",
                aim=AIM if percent == 99 and name == _BEFORE_A_MILLION else None,
                baseline=[_percentile(run.taken, percent) for run in runs[_ALONE]] if ours != runs[_ALONE] else None,
            )
    ours = runs[_BEFORE_A_MILLION]
    yield figure("facts drained meanwhile", [run.facts for run in ours], unit="facts/s", better="higher")
    used = [run.bits / 1e6 for run in ours]
    yield figure("line in use meanwhile", used, unit="Mbit/s", better="higher", baseline=[RATE / 1e6])


def _percentile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]


async def _run(nodes: Topology, way: _Way, *, draining: int) -> _Run:
    """Run the site until ``draining`` facts have gone and alarms were raised for the time that is measured."""
    file = nodes.nodes[SITE].database_file
    connection = await asyncpg.connect(nodes.nodes[CENTRE].database_url)
    try:
        async with _linked(nodes.nodes[SITE], way) as (site, line):
            await _raise(nodes, 1)
            await until(partial(_has_drained, file, confirmed(file), draining), _WITHIN)
            facts, carried, began = confirmed(file), line.up.carried, time.perf_counter()
            at_site, at_centre = await _watched(nodes, file, connection)
            seconds = time.perf_counter() - began
            site.check()
            return _Run(
                taken=[(at_centre[seq] - committed) * 1000 for seq, committed in at_site.items()],
                facts=(confirmed(file) - facts) / seconds,
                bits=(line.up.carried - carried) * 8 / seconds,
            )
    finally:
        await connection.close()


def _has_drained(file: Path, before: int, wanted: int) -> bool:
    return confirmed(file) >= before + wanted


@asynccontextmanager
async def _linked(site: Node, way: _Way) -> AsyncIterator[tuple[Node, Line]]:
    """Give the site, running, with all its connections over one line."""
    environment = dict(site.environment)
    leaf, straight = address(environment[_LEAF]), address(environment[_STRAIGHT])
    async with (
        Line(leaf, up=RATE, down=RATE, delay=ONE_WAY, fair=way.is_fair) as line,
        Line(straight, along=line) as apart,
    ):
        environment[_LEAF] = environment[_LEAF].replace(f":{leaf[1]}", f":{line.address[1]}")
        environment[_STRAIGHT] = environment[_STRAIGHT].replace(f":{straight[1]}", f":{apart.address[1]}")
        if not way.is_apart:
            del environment[_STRAIGHT]
        through = Node(site.plan, site.state, environment)
        through.start()
        try:
            async with httpx.AsyncClient() as http:
                await through.ready(http)
            yield through, line
        finally:
            await asyncio.to_thread(through.stop)


async def _watched(nodes: Topology, file: Path, connection: Any) -> tuple[Times, Times]:
    """Raise alarms; return when each was committed at the site and at the centre."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as held:

        async def at_site() -> int:
            return int(held.execute(_AT_SITE, (SITE,)).fetchone()[0])

        async def at_centre() -> int:
            return int(await connection.fetchval(_AT_CENTRE, SITE))

        first = await at_site() + 1
        async with asyncio.timeout(_WITHIN):
            await _reached(at_centre, first - 1)
            last = first + int(SECONDS * PER_SECOND) - 1
            here, there, _ = await asyncio.gather(
                _times(at_site, first, last),
                _times(at_centre, first, last),
                _raise(nodes, last - first + 1),
            )
    return here, there


async def _reached(look: Look, wanted: int) -> int:
    while (seq := await look()) < wanted:  # noqa: ASYNC110 - other processes set no event
        await asyncio.sleep(_LOOK_EVERY)
    return seq


async def _times(look: Look, first: int, last: int) -> Times:
    """Return when each alarm was seen to be committed."""
    times = Times()
    while first <= last:
        seq = await _reached(look, first)
        times.update(dict.fromkeys(range(first, seq + 1), time.perf_counter()))
        first = seq + 1
    return times


async def _raise(nodes: Topology, count: int) -> None:
    """Raise so many alarms, each when chance has it."""
    desk = nodes.desk(SITE, "bench", (Role.OFFICER,))
    chance = random.Random(1)  # noqa: S311 - repeatable, not secret
    for _ in range(count):
        await asyncio.sleep(chance.expovariate(PER_SECOND))
        wish = {"idempotencyKey": str(uuid.uuid4()), "lane": "bench", "label": "WA 12345", "priority": 1, "text": "?"}
        await desk.ask(_RAISE, wish)
