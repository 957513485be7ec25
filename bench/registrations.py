"""Readings a second at a site from the dispatcher to the commit, and how long one takes at the pace of a busy post.

Beside the first the same rows in bare transactions of SQLite, beside the second the lateness of an idle timer. The way
through the HTTP door is measured by ``push`` and ``latency``.
"""

import asyncio
import itertools
import random
import sqlite3
import statistics
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

from adapters.database.schema import migrate_sqlite
from bench.books import command_of, fill_site, site_in_process
from bench.nodes import STATE
from bench.report import Figure, figure
from bench.series import Series
from bus.dispatcher import Dispatcher
from domain.registrations.commands import TakeReadings
from domain.shared.actors import Actor, Role
from sites.servers.folders import remove_state
from sites.settings import DATABASE_FILE

ENTRIES = 100_000
SIZE = 4_000
ROUNDS = 3
TOGETHER = 64
PER_SECOND = 200
SECONDS = 10
_TABLES = ("event", "reading", "registration")
_CAMERA = frozenset({Role.DEVICE})


async def measure() -> Sequence[Figure]:
    """Return the rate with a watchlist of 100,000 entries, and percentiles of the latency at 200 readings a second."""
    state = STATE / "registrations"
    if state.exists():
        remove_state(state)
    try:
        await fill_site(state / "site")
        _swell(state / "site" / DATABASE_FILE)
        return await _measured(state)
    finally:
        remove_state(state)


async def _measured(state: Path) -> Sequence[Figure]:
    series, file = Series(), state / "site" / DATABASE_FILE
    rates, bare, paced, idle = [], [], [], []
    async with site_in_process(state / "site") as dispatcher:
        for turn in range(ROUNDS):
            before = _counts(file)
            rates.append(await _rate(dispatcher, [command_of(one) for one in series.mixed(SIZE)]))
            bare.append(await asyncio.to_thread(_bare, file, before, state / f"bare-{turn}.db"))
            took, late = await _paced(dispatcher, [command_of(one) for one in series.mixed(PER_SECOND * SECONDS)])
            paced.append(took)
            idle.append(late)
    latencies = [
        figure(
            f"dispatcher at {PER_SECOND}/s, p{percent}",
            [_percentile(one, percent) for one in paced],
            unit="ms",
            better="lower",
            aim=20.0 if percent == 99 else None,
            baseline=[_percentile(one, percent) for one in idle],
        )
        for percent in (50, 99)
    ]
    return [
        figure("dispatcher", rates, unit="readings/s", better="higher", aim=2_000.0, baseline=bare),
        *latencies,
    ]


async def _rate(dispatcher: Dispatcher, commands: Sequence[TakeReadings]) -> float:
    waiting = iter(commands)

    async def worker() -> None:
        for command in waiting:
            await _take(dispatcher, command)

    began = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(TOGETHER)))
    return len(commands) / (time.perf_counter() - began)


async def _paced(dispatcher: Dispatcher, commands: Sequence[TakeReadings]) -> tuple[list[float], list[float]]:
    """Return how long each took that came when chance had it, and how late the timer was, in milliseconds."""
    chance = random.Random(1)  # noqa: S311 - repeatable, not secret
    took: list[float] = []
    late: list[float] = []

    async def one(command: TakeReadings) -> None:
        began = time.perf_counter()
        await _take(dispatcher, command)
        took.append((time.perf_counter() - began) * 1000)

    async with asyncio.TaskGroup() as group:
        due = time.perf_counter()
        for command in commands:
            due += chance.expovariate(PER_SECOND)
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            late.append(max(0.0, time.perf_counter() - due) * 1000)
            group.create_task(one(command))
    return took, late


async def _take(dispatcher: Dispatcher, command: TakeReadings) -> None:
    await dispatcher.dispatch(command, Actor(name=command.device, roles=_CAMERA))


def _swell(file: Path) -> None:
    """Have 100,000 entries sought, each by a plate that nobody drives."""
    connection = sqlite3.connect(file)
    try:
        for table, own in (("entry", {}), ("criterion", {"kind": "plate"})):
            cursor = connection.execute(f"SELECT * FROM {table} LIMIT 1")  # noqa: S608 - names of ours
            names = [column for column, *_ in cursor.description]
            pattern = {**dict(zip(names, cursor.fetchone(), strict=True)), **own}
            places = ", ".join("?" * len(names))
            rows = (tuple(row[name] for name in names) for row in _copies(table, pattern))
            connection.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608 - names of ours
        connection.commit()
    finally:
        connection.close()


def _copies(table: str, pattern: dict[str, object]) -> Iterator[dict[str, object]]:
    for number in range(ENTRIES):
        entry_id = str(uuid.UUID(int=(0x0195 << 112) + number))
        plate = f"ZZ{number:06}"
        if table == "entry":
            yield {**pattern, "id": entry_id}
        else:
            own = str(uuid.UUID(int=(0x0196 << 112) + number))
            yield {**pattern, "id": own, "entry_id": entry_id, "canonical": plate, "folded": plate}


def _counts(file: Path) -> dict[str, int]:
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        return {table: _last(connection, table) for table in _TABLES}
    finally:
        connection.close()


def _last(connection: sqlite3.Connection, table: str) -> int:
    (last,) = connection.execute(f"SELECT coalesce(max(rowid), 0) FROM {table}").fetchone()  # noqa: S608 - names of ours
    return int(last)


def _bare(file: Path, before: dict[str, int], fresh: Path) -> float:
    """Return how many readings a second the rows of the last round are, put into a fresh file as many together."""
    migrate_sqlite(fresh)
    source, target = sqlite3.connect(f"file:{file}?mode=ro", uri=True), sqlite3.connect(fresh, isolation_level=None)
    try:
        target.execute("PRAGMA journal_mode = WAL")
        target.execute("PRAGMA synchronous = FULL")
        target.execute("PRAGMA foreign_keys = OFF")
        rows = {
            table: source.execute(f"SELECT * FROM {table} WHERE rowid > ?", (before[table],)).fetchall()  # noqa: S608 - names of ours
            for table in _TABLES
        }
        began = time.perf_counter()
        _insert(target, rows)
        return len(rows["reading"]) / (time.perf_counter() - began)
    finally:
        source.close()
        target.close()


def _insert(target: sqlite3.Connection, rows: dict[str, list[tuple[object, ...]]]) -> None:
    batches = -(-len(rows["reading"]) // TOGETHER)
    waiting = {table: iter(all_) for table, all_ in rows.items()}
    for _ in range(batches):
        target.execute("BEGIN IMMEDIATE")
        for table, all_ in rows.items():
            part = list(itertools.islice(waiting[table], -(-len(all_) // batches)))
            if part:
                places = ", ".join("?" * len(part[0]))
                target.executemany(f"INSERT INTO {table} VALUES ({places})", part)  # noqa: S608 - names of ours
        target.execute("COMMIT")


def _percentile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]
