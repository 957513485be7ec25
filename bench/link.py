"""Facts a second from a site to the centre, committed and projected there, beside plain COPY of the same rows."""

import asyncio
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import Table

from adapters.database.schema import migrate_postgres
from adapters.database.tables.crossings import reading, registration
from adapters.database.tables.logs import event
from bench.books import fill_site
from bench.nodes import started, topology
from bench.report import Figure, figure
from bench.series import SITE
from sites.demo.topology import CENTRE, PLANS, REGION, Plan, Topology

PUSHES = 34_000
ROUNDS = 3
AIM_BESIDE_COPY = "ratio:0.2"
_WITHIN = 120.0  # seconds
_LOOK_EVERY = 0.01  # seconds
_SEEN = "SELECT projected FROM log WHERE origin = $1 AND channel = 'facts'"
_TABLES = (event, reading, registration)
_COPIES = {"COPY of 500 facts a transaction": 500, "one COPY a table": None}  # facts together; None: all


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    name: str
    plans: Mapping[str, Plan]
    aim: float


_WAYS = (
    _Way(
        name="one hop",
        plans={CENTRE: PLANS[CENTRE], SITE: Plan(code=SITE, role="site", parent=CENTRE, scopes=PLANS[SITE].scopes)},
        aim=20_000,
    ),
    _Way(name="through a region", plans={code: PLANS[code] for code in (CENTRE, REGION, SITE)}, aim=10_000),
)

Rows = Mapping[Table, Sequence[tuple[Any, ...]]]


async def measure() -> Sequence[Figure]:
    """Return figures for one hop and for the way through a region."""
    runs: dict[str, list[float]] = {way.name: [] for way in _WAYS}
    beside: dict[str, list[float]] = {name: [] for name in _COPIES}
    async with topology("link-filled", _WAYS[0].plans) as filled:
        site = filled.nodes[SITE]
        await fill_site(site.state, PUSHES)
        for _ in range(ROUNDS):
            for way in _WAYS:
                async with topology("link", way.plans) as nodes:
                    ours, copies = await _run(nodes, site.database_file)
                runs[way.name].append(ours)
                for name, copied in copies.items():
                    beside[name].append(copied)
    return [one for way in _WAYS for one in _figures(way, runs[way.name], beside)]


def _figures(way: _Way, runs: Sequence[float], beside: Mapping[str, Sequence[float]]) -> Iterator[Figure]:
    yield figure(way.name, runs, unit="facts/s", better="higher", aim=way.aim)
    for name, copied in beside.items():
        key = f"{way.name}, beside {name}"
        yield figure(key, runs, unit="facts/s", better="higher", aim=AIM_BESIDE_COPY, baseline=copied)


async def _run(nodes: Topology, site_file: Path) -> tuple[float, Mapping[str, float]]:
    """Return facts a second over the link of fresh nodes, and by COPY into the centre's server, each way of it."""
    site = nodes.nodes[SITE]
    _copy_file(site_file, site.database_file)
    await started(nodes, *(code for code in nodes.nodes if code != SITE))
    centre = nodes.nodes[CENTRE].database_url
    connection = await asyncpg.connect(centre)
    try:
        total = _facts(site_file)
        site.start()
        ours = await _watched(connection, total)
        rows = {table: await _rows(connection, table) for table in _TABLES}
        site.stop()
        return ours, {name: total / await _seconds_of_copy(connection, centre, rows, n) for name, n in _COPIES.items()}
    finally:
        await connection.close()


def _copy_file(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True)
    shutil.copy(source, target)


def _facts(site_file: Path) -> int:
    connection = sqlite3.connect(f"file:{site_file}?mode=ro", uri=True)
    try:
        (seq,) = connection.execute("SELECT seq FROM log WHERE origin = ? AND channel = 'facts'", (SITE,)).fetchone()
    finally:
        connection.close()
    return int(seq)


async def _watched(connection: Any, total: int) -> float:
    """Return facts a second from the first that the centre shows in its tables to the last.

    Raises:
        TimeoutError: they did not all arrive.
    """
    async with asyncio.timeout(_WITHIN):
        begun, first = await _reached(connection, 1)
        ended, last = await _reached(connection, total)
    return (last - first) / (ended - begun)


async def _reached(connection: Any, wanted: int) -> tuple[float, int]:
    while True:
        seq = await connection.fetchval(_SEEN, SITE) or 0
        if seq >= wanted:
            return time.perf_counter(), int(seq)
        await asyncio.sleep(_LOOK_EVERY)


async def _rows(connection: Any, table: Table) -> Sequence[tuple[Any, ...]]:
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    return [tuple(row) for row in await connection.fetch(f"SELECT {columns} FROM {table.name}")]  # noqa: S608 - our own names


async def _seconds_of_copy(server: Any, url: str, rows: Rows, together: int | None) -> float:
    database = f"copy {together}"
    await server.execute(f'CREATE DATABASE "{database}"')
    url = f"{url.rpartition('/')[0]}/{database}"
    await migrate_postgres(url)
    connection = await asyncpg.connect(url)
    try:
        begun = time.perf_counter()
        for batch in _batches(rows, together or len(rows[event])):
            async with connection.transaction():
                for table, records in batch.items():
                    columns = [column.name for column in table.columns]
                    await connection.copy_records_to_table(table.name, records=records, columns=columns)
        return time.perf_counter() - begun
    finally:
        await connection.close()


def _batches(rows: Rows, together: int) -> Iterator[Rows]:
    """Yield the rows in transactions of so many events, each with its share of the other rows."""
    parts = -(-len(rows[event]) // together)
    for part, following in pairwise(range(parts + 1)):
        yield {
            table: records[len(records) * part // parts : len(records) * following // parts]
            for table, records in rows.items()
        }
