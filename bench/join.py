"""A site joins below a centre whose watchlist has a million entries: seconds until it is live.

All is real: a centre on PostgreSQL with its nats-server, a fresh site with SQLite and its leaf server. The entries are
put into the centre's tables in bulk, and its log made to begin behind them, as after a time of retention. Time runs
from the start of the site's process until its lists have arrived and a sought plate raises an alarm there; in the first
round the centre makes the snapshot, in the others it is there already.

Beside it the same rows are carried bare: read by a cursor, through msgpack, into the same tables of a SQLite file.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import msgspec
from sqlalchemy import update

from adapters.database import feed_rows
from adapters.database.epochs import present
from adapters.database.heads import lock
from adapters.database.postgres import PostgresDatabase
from adapters.database.schema import migrate_sqlite
from adapters.database.session import Session
from adapters.database.shares import DOWN
from adapters.database.sqlite import SqliteDatabase
from adapters.database.tables.logs import log
from adapters.system import SystemIds
from bench.nodes import started, topology
from bench.processes import peaks
from bench.report import Figure, figure
from bus.feed_modules import WATCHLIST, feed
from bus.replication.log import LogId
from domain.shared.actors import Role
from sites.demo.node import Node
from sites.demo.topology import CENTRE, COUNTRY, Plan, Topology
from sites.desk import Desk, Refused
from sites.servers.folders import remove_state

ENTRIES: Final = 1_000_000
ROUNDS: Final = 3
AIM: Final = 60.0  # seconds
MEMORY_AIM: Final = 300.0  # MiB
SITE: Final = "dorohusk"
FEED: Final = feed(WATCHLIST, COUNTRY)
_AT_ONCE: Final = 10_000
_WITHIN: Final = 600.0  # seconds
_LOOK_EVERY: Final = 0.1  # seconds
_PLANS: Final = {
    CENTRE: Plan(code=CENTRE, role="central", parent=None),
    SITE: Plan(code=SITE, role="site", parent=CENTRE, scopes=(COUNTRY, SITE)),
}
_MISSING: Final = "query Missing { thisNode { missingLists } }"
_ALARMS: Final = "query Alarms { alarms(first: 1) { edges { node { label } } } }"
_REGISTER: Final = """mutation Register($input: VehicleRegisterInput!) {
  vehicleRegister(input: $input) { __typename ... on Problem { code message } }
}"""
_ids = SystemIds()


async def measure() -> Sequence[Figure]:
    """Return seconds until a site is live, rows a second, and what memory it takes."""
    async with topology("join", _PLANS) as nodes:
        await started(nodes, CENTRE)
        centre, site = nodes.nodes[CENTRE], nodes.nodes[SITE]
        await _fill(centre.database_url)
        runs, beside, memory = [], [], []
        for _ in range(ROUNDS):
            beside.append(await _bare(centre.database_url, nodes.state / "bare.sqlite"))
            runs.append(await _joined(nodes))
            memory.append(_peaks(site))
            await asyncio.to_thread(site.stop)
            remove_state(site.state)
        memory_of_centre = _peaks(centre)
    return list(_figures(runs, beside, memory, memory_of_centre))


def _figures(runs: Sequence[float], beside: Sequence[float], site: Sequence[float], centre: float) -> Iterator[Figure]:
    yield figure("until live", runs, unit="s", better="lower", aim=AIM, baseline=beside)
    yield figure("until live, the snapshot made first", runs[:1], unit="s", better="lower", aim=AIM)
    rows = [2 * ENTRIES / run for run in runs]
    bare = [2 * ENTRIES / run for run in beside]
    yield figure("rows", rows, unit="rows/s", better="higher", baseline=bare)
    yield figure("peak of a process of the site", site, unit="MiB", better="lower", aim=MEMORY_AIM)
    yield figure("peak of a process of the centre", [centre], unit="MiB", better="lower", aim=MEMORY_AIM)


def _peaks(node: Node) -> float:
    assert node.pid is not None
    return max(peaks(node.pid).values())


async def _joined(nodes: Topology) -> float:
    """Start a fresh site; return after how many seconds it knows whom to look for."""
    began = time.perf_counter()
    await started(nodes, SITE)
    desk = nodes.desk(SITE, "bench", (Role.OFFICER, Role.ADMINISTRATOR))
    async with asyncio.timeout(_WITHIN):
        while (await desk.look(_MISSING))["thisNode"]["missingLists"]:  # noqa: ASYNC110 - another process
            await asyncio.sleep(_LOOK_EVERY)
        await desk.ask(
            _REGISTER,
            {"idempotencyKey": str(uuid4()), "lane": "lane-1", "direction": "inbound", "plate": _plate(ENTRIES // 2)},
        )
        while not await _is_alarmed(desk):  # noqa: ASYNC110 - as above
            await asyncio.sleep(_LOOK_EVERY)
    return time.perf_counter() - began


async def _is_alarmed(desk: Desk) -> bool:
    try:
        found = await desk.look(_ALARMS)
    except Refused:
        return False
    return any(edge["node"]["label"] == _plate(ENTRIES // 2) for edge in found["alarms"]["edges"])


async def _bare(url: str, file: Path) -> float:
    """Carry the same rows as barely as can be; return how many seconds that takes."""
    file.unlink(missing_ok=True)  # noqa: ASYNC240 - nobody else waits
    migrate_sqlite(file)
    began = time.perf_counter()
    async with _postgres(url) as source:
        target = SqliteDatabase(file)
        await target.open()
        try:
            await source.read(lambda session: _carry(session, target))
        finally:
            await target.close()
    return time.perf_counter() - began


async def _carry(session: Session, target: SqliteDatabase) -> None:
    for table in feed_rows.tables_of(FEED):
        async for page in feed_rows.rows_of(session, FEED, table):
            rows = msgspec.msgpack.decode(msgspec.msgpack.encode([tuple(row) for row in page]))

            async def add(writing: Session, table: str = table, rows: Any = rows) -> None:
                await writing.add(DOWN[table].table, rows)

            await target.write(add)


async def _fill(url: str) -> None:
    """Put the entries into the tables of the centre, and have its log begin behind them."""
    async with _postgres(url) as database:
        for start in range(0, ENTRIES, _AT_ONCE):
            entries, criteria = _rows(start)

            async def add(session: Session, entries: Any = entries, criteria: Any = criteria) -> None:
                await session.add(DOWN["entry"].table, entries)
                await session.add(DOWN["criterion"].table, criteria)

            await database.write(add)
        await database.write(_begin_behind)


async def _begin_behind(session: Session) -> None:
    row = await lock(session, LogId(CENTRE, await present(session), FEED), via=None)
    end = {"seq": ENTRIES, "projected": ENTRIES, "hash": bytes(32), "floor_seq": ENTRIES, "floor_hash": bytes(32)}
    await session.run(update(log).where(log.c.id == row["id"]).values(**end))


def _rows(start: int) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    now = datetime.now(UTC)
    until, entries, criteria = now + timedelta(days=30), [], []
    for number in range(start, start + _AT_ONCE):
        entry_id, criterion_id, sought = _ids.new(), _ids.new(), _plate(number)
        criteria.append((criterion_id, entry_id, "plate", sought, sought, "PL"))
        identifier = {
            "kind": "plate",
            "raw": sought,
            "canonical": sought,
            "folded": sought,
            "country": "PL",
            "check": "fails",
            "why": "shape",
        }
        document = msgspec.json.encode([{"id": criterion_id, "identifier": identifier}]).decode()
        told = ("active", COUNTRY, f"Stolen lorry {number}", "seize", 1, "art. 15", "Stop it; call the shift leader.")
        entries.append((entry_id, *told, until, document, "anna", now, "bogdan", now))
    return entries, criteria


def _plate(number: int) -> str:
    return f"KR{number:07}"


@asynccontextmanager
async def _postgres(url: str) -> AsyncIterator[PostgresDatabase]:
    database = PostgresDatabase(url)
    await database.open()
    try:
        yield database
    finally:
        await database.close()
