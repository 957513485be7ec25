"""Facts a second from a site to the centre, committed and projected there, beside what else brings the same rows there.

Ours: the facts wait in the site's SQLite file; time runs from the first that the centre shows in its tables until the
site has stored that the centre has them all (positions are stored five times a second). On the way each batch is read,
packed, sent into the parent's stream on disk, unpacked, its hash chain checked, and inserted with its rows in one
durable transaction; through a region that happens twice.

Beside it, in the same run:
- PostgreSQL's own logical replication of the same event, reading and registration rows between servers like the
  centre's, over as many hops (`bench.logical`). It is given the rows as we send them, 500 facts a transaction, which is
  the best case for it, and as an application writes them, one push a transaction. It moves finished rows: it neither
  decodes events nor checks a chain, and the site's database is another than ours.
- plain COPY of the same rows into the centre's server: nothing between two servers can be faster.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg

from adapters.database.schema import migrate_postgres
from adapters.database.tables.logs import event
from bench.books import fill_site
from bench.facts import confirmed_by_centre, copy_file, on_record, shown
from bench.logical import Cascade, cascade
from bench.nodes import started, topology, until
from bench.report import Figure, figure
from bench.rows import Rows, copy, rows_of
from bench.series import SITE
from sites.demo.topology import CENTRE, PLANS, REGION, Plan, Topology

PUSHES = 68_000
ROUNDS = 3
_WITHIN = 120.0  # seconds
_BATCH = 500  # facts
_LOGICAL = "logical replication, 500 facts a transaction"
_LOGICAL_BY_PUSH = "logical replication, a push a transaction"
_PUSH = 2  # facts: a reading and, mostly, a registration
_PUSHED = 10_000  # facts; at a transaction a push all of them would take minutes
_COPIES = {"COPY of 500 facts a transaction": _BATCH, "one COPY a table": None}  # facts together; None: all
_AIMS = {_LOGICAL: "ratio:0.5", _LOGICAL_BY_PUSH: None, **dict.fromkeys(_COPIES, "ratio:0.2")}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    name: str
    plans: Mapping[str, Plan]
    aim: float

    @property
    def hops(self) -> int:
        return len(self.plans) - 1


_WAYS = (
    _Way(
        name="one hop",
        plans={CENTRE: PLANS[CENTRE], SITE: Plan(code=SITE, role="site", parent=CENTRE, scopes=PLANS[SITE].scopes)},
        aim=20_000,
    ),
    _Way(name="through a region", plans={code: PLANS[code] for code in (CENTRE, REGION, SITE)}, aim=10_000),
)

Run = Mapping[str, float]
"""Facts a second of one run, by what brought them to the centre."""


async def measure() -> Sequence[Figure]:
    """Return figures for one hop and for the way through a region."""
    runs: dict[str, list[Run]] = {way.name: [] for way in _WAYS}
    async with (
        topology("link-filled", _WAYS[0].plans) as filled,
        cascade(max(way.hops for way in _WAYS) + 1) as servers,
    ):
        site = filled.nodes[SITE]
        await fill_site(site.state, PUSHES)
        for _ in range(ROUNDS):
            for way in _WAYS:
                async with topology("link", way.plans) as nodes:
                    runs[way.name].append(await _run(way, nodes, site.database_file, servers))
    return [one for way in _WAYS for one in _figures(way, runs[way.name])]


def _figures(way: _Way, runs: Sequence[Run]) -> Iterator[Figure]:
    shown = partial(figure, runs=[run[way.name] for run in runs], unit="facts/s", better="higher")
    yield shown(way.name, aim=way.aim)
    for name, aim in _AIMS.items():
        yield shown(f"{way.name}, beside {name}", aim=aim, baseline=[run[name] for run in runs])


async def _run(way: _Way, nodes: Topology, site_file: Path, servers: Cascade) -> Run:
    """Return facts a second over the link of fresh nodes, and by all other means."""
    site = nodes.nodes[SITE]
    copy_file(site_file, site.database_file)
    await started(nodes, *(code for code in nodes.nodes if code != SITE))
    centre = nodes.nodes[CENTRE].database_url
    connection = await asyncpg.connect(centre)
    try:
        total = on_record(site_file)
        site.start()
        run = {way.name: await _watched(connection, site.database_file, total)}
        rows = await rows_of(connection, SITE)
        await asyncio.to_thread(site.stop)
        for name, together in _COPIES.items():
            run[name] = total / await _seconds_of_copy(connection, centre, rows, together)
    finally:
        await connection.close()
    await asyncio.to_thread(nodes.stop)
    run[_LOGICAL] = await servers.rate(rows, hops=way.hops, together=_BATCH)
    run[_LOGICAL_BY_PUSH] = await servers.rate(_part(rows, _PUSHED), hops=way.hops, together=_PUSH)
    return run


def _part(rows: Rows, facts: int) -> Rows:
    """Return the first facts, with their share of the other rows."""
    return {table: records[: len(records) * facts // len(rows[event])] for table, records in rows.items()}


async def _watched(connection: Any, site_file: Path, total: int) -> float:
    """Return facts a second from the first that the centre shows in its tables to the last, confirmed at the site.

    Raises:
        TimeoutError: they did not all arrive.
    """
    async with asyncio.timeout(_WITHIN):
        begun, first = await shown(connection, 1)
        _, last = await shown(connection, total)
        await until(lambda: confirmed_by_centre(site_file) >= total, _WITHIN)
        return (last - first) / (time.perf_counter() - begun)


async def _seconds_of_copy(server: Any, url: str, rows: Rows, together: int | None) -> float:
    database = f"copy {together}"
    await server.execute(f'CREATE DATABASE "{database}"')
    url = f"{url.rpartition('/')[0]}/{database}"
    await migrate_postgres(url)
    await server.execute("CHECKPOINT")
    connection = await asyncpg.connect(url)
    try:
        begun = time.perf_counter()
        await copy(connection, rows, together)
        return time.perf_counter() - begun
    finally:
        await connection.close()
