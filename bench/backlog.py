"""Draining a backlog of a million facts from a site to its parent: how fast at its start and end, at what cost.

A site that was cut off for weeks comes back: a million facts stand in its SQLite file, and the parent (a centre with
PostgreSQL) has none of them. Both are processes with servers of their own, as in production.

- The rate over the last tenth stands beside that over the first: it must not fall as the tables grow. So does the time
  that processors spend on a fact in each program, which other work on the machine changes less.
- Memory is the most that each process had in RAM (the kernel's own count); PostgreSQL's processes are counted together,
  what they share once: most of it is the cache of 256 MiB that its settings give it.
- Bytes on the wire are all that goes both ways between site and parent, acknowledgements and greetings included, while
  some 20,000 facts drain. Beside it: the same facts, each put into a stream of the same server by a bare client as a
  message of its own, as it stands in the log, not compressed, and acknowledged.
"""

import asyncio
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import asyncpg
import msgspec
import nats

from bench.books import fill_site, repeat_facts
from bench.facts import confirmed, copy_file, on_record, shown
from bench.line import Line
from bench.nodes import address, started, topology, until
from bench.processes import peaks, watched_postgres, work
from bench.report import Figure, figure
from bench.series import SITE
from sites import own_servers
from sites.demo.node import Node
from sites.demo.topology import CENTRE, PLANS, Plan
from sites.settings import read

FACTS = 1_000_000
SAMPLE_PUSHES = 12_000  # some 20,000 facts
ROUNDS = 3
AIM_OF_RATE = "ratio:0.9"
AIM_OF_MEMORY = 300.0  # MiB
_WITHIN = 600.0  # seconds
_STREAM = "BENCH"
_CONNECT_WITHIN = 30  # seconds
_AT_ONCE = 200  # messages
_TO_PARENT = ("CAIFS_PARENT_LEAF_URL", "CAIFS_PARENT_URL")
_RECORDS = "SELECT event.id, hlc, salt, body FROM event JOIN log ON log.id = log_id WHERE channel = 'facts'"
_PLANS = {CENTRE: PLANS[CENTRE], SITE: Plan(code=SITE, role="site", parent=CENTRE, scopes=PLANS[SITE].scopes)}


class _Mark(NamedTuple):
    """How far the centre was: when (seconds), after how much work of each program (seconds of a processor)."""

    at: float
    facts: int
    work: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drained:
    """Marks at the first fact, a tenth, nine tenths and the last; and MiB by program."""

    marks: Sequence[_Mark]
    memory: Mapping[str, float]

    def rate(self, begun: int, ended: int) -> float:
        """Return facts a second between two marks."""
        first, last = self.marks[begun], self.marks[ended]
        return (last.facts - first.facts) / (last.at - first.at)

    def work(self, program: str, begun: int, ended: int) -> float:
        """Return microseconds of a processor a fact between two marks."""
        first, last = self.marks[begun], self.marks[ended]
        return (last.work[program] - first.work[program]) / (last.facts - first.facts) * 1e6


async def measure() -> Sequence[Figure]:
    """Return rates, memory and bytes on the wire."""
    async with topology("backlog-filled", _PLANS) as filled:
        file = filled.nodes[SITE].database_file
        await fill_site(file.parent, SAMPLE_PUSHES)
        wire = [await _wire(file) for _ in range(ROUNDS)]
        await repeat_facts(file, FACTS)
        drained = [await _drained(file) for _ in range(ROUNDS)]
    return [*_of_drained(drained), *_of_wire(wire)]


def _of_drained(runs: Sequence[_Drained]) -> Iterator[Figure]:
    yield figure("rate", [run.rate(0, 3) for run in runs], unit="facts/s", better="higher")
    yield figure(
        "rate over the last tenth, beside the first",
        [run.rate(2, 3) for run in runs],
        unit="facts/s",
        better="higher",
        aim=AIM_OF_RATE,
        baseline=[run.rate(0, 1) for run in runs],
    )
    for name in runs[0].marks[0].work:
        yield figure(
            f"processors' time, {name}, over the last tenth, beside the first",
            [run.work(name, 2, 3) for run in runs],
            unit="µs/fact",
            better="lower",
            baseline=[run.work(name, 0, 1) for run in runs],
        )
    for name in runs[0].memory:
        aim = None if name.endswith("postgres") else AIM_OF_MEMORY
        yield figure(f"memory, {name}", [run.memory[name] for run in runs], unit="MiB", better="lower", aim=aim)


def _of_wire(runs: Sequence[tuple[float, float]]) -> Iterator[Figure]:
    ours, beside = zip(*runs, strict=True)
    yield figure(
        "on the wire, beside a message per fact", ours, unit="bytes/fact", better="lower", baseline=list(beside)
    )


async def _drained(file: Path) -> _Drained:
    async with topology("backlog", _PLANS) as nodes:
        site, centre = nodes.nodes[SITE], nodes.nodes[CENTRE]
        copy_file(file, site.database_file)
        await started(nodes, CENTRE)
        async with watched_postgres(_pid(centre)) as of_postgres:
            site.start()
            marks = await _marks(centre.database_url, (site, centre))
        memory = {
            f"{node.code}'s {name}": peak
            for node in (site, centre)
            for name, peak in (*peaks(_pid(node)).items(), *(of_postgres.items() if node is centre else ()))
        }
    return _Drained(marks=marks, memory=memory)


async def _marks(centre: str, nodes: Sequence[Node]) -> Sequence[_Mark]:
    """Return the marks as the database of the centre comes to them.

    Raises:
        TimeoutError: the facts did not all arrive.
    """
    connection, marks = await asyncpg.connect(centre), []
    try:
        async with asyncio.timeout(_WITHIN):
            for wanted in (1, FACTS // 10, FACTS * 9 // 10, FACTS):
                at, facts = await shown(connection, wanted)
                marks.append(_Mark(at, facts, _work(nodes)))
    finally:
        await connection.close()
    return marks


def _work(nodes: Sequence[Node]) -> Mapping[str, float]:
    return {f"{node.code}'s {name}": done for node in nodes for name, done in work(_pid(node)).items()}


def _pid(node: Node) -> int:
    assert node.pid is not None
    return node.pid


async def _wire(file: Path) -> tuple[float, float]:
    """Return bytes a fact, over the link and as a message of its own."""
    async with topology("backlog-wire", _PLANS) as nodes:
        site, centre = nodes.nodes[SITE], nodes.nodes[CENTRE]
        copy_file(file, site.database_file)
        await started(nodes, CENTRE)
        ours = await _over_link(site)
        await asyncio.to_thread(nodes.stop)
        return ours, await _as_messages(centre, file)


async def _over_link(site: Node) -> float:
    async with AsyncExitStack() as open_:
        environment, lines = dict(site.environment), []
        for name in _TO_PARENT:
            line = await open_.enter_async_context(Line(address(environment[name])))
            environment[name] = _through(environment[name], line)
            lines.append(line)
        total = on_record(site.database_file)
        through = Node(site.plan, site.state, environment)
        through.start()
        try:
            await until(lambda: confirmed(site.database_file) >= total, _WITHIN)
            return _carried(lines) / total
        finally:
            await asyncio.to_thread(through.stop)


async def _as_messages(centre: Node, file: Path) -> float:
    messages = _messages(file)
    server = own_servers.nats_server(read("central", centre.environment), with_streams=True)
    url = server.start().client_url
    try:
        async with Line(address(url)) as line:
            client = await nats.connect(_through(url, line), connect_timeout=_CONNECT_WITHIN)
            stream = client.jetstream()
            await stream.add_stream(name=_STREAM, subjects=[_STREAM])
            before = _carried([line])
            for start in range(0, len(messages), _AT_ONCE):
                some = messages[start : start + _AT_ONCE]
                await asyncio.gather(*(stream.publish(_STREAM, message) for message in some))
            carried = _carried([line]) - before
            await client.close()
    finally:
        server.stop()
    return carried / len(messages)


def _through(url: str, line: Line) -> str:
    """Return the URL of the line that leads to a server instead of the server's own."""
    return url.replace(f":{address(url)[1]}", f":{line.address[1]}")


def _messages(file: Path) -> Sequence[bytes]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        rows = connection.execute(_RECORDS).fetchall()
    return [msgspec.msgpack.encode((bytes.fromhex(id_.replace("-", "")), *rest)) for id_, *rest in rows]


def _carried(lines: Sequence[Line]) -> int:
    return sum(line.up.carried + line.down.carried for line in lines)
