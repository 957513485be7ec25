"""The topology under chaos: each node, nats-server and PostgreSQL a process of its own, and a line to each child.

The servers are started here and not by the nodes, so that each can be harmed without the others. Lines stand between a
child and its parent: one to the port for leaves, one to that for clients, over which alarms go.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from bench.line import Line
from sites import own_servers
from sites.demo.node import Node, Plan
from sites.demo.topology import CENTRE, COUNTRY, REGION, SITES, Topology
from sites.demo.waiting import until
from sites.servers.account import server_account
from sites.servers.folders import server_folder
from sites.servers.nats import NatsServer
from sites.servers.ports import LOOPBACK
from sites.servers.postgres import PostgresServer
from sites.settings import read
from tests.chaos import disks
from tests.chaos.book import Restored
from tests.chaos.endings import Ending, Standing
from tests.chaos.node import CLOCK, MUTANT, TRACE
from tests.chaos.parts import Part, nats_part, node_part, postgres_part

BELOW_REGION, BELOW_CENTRE = SITES
PLANS: Mapping[str, Plan] = {
    plan.code: plan
    for plan in (
        Plan(code=CENTRE, role="central", parent=None),
        Plan(code=REGION, role="region", parent=CENTRE, scopes=("*",)),
        Plan(code=BELOW_REGION, role="site", parent=REGION, scopes=(COUNTRY, REGION, BELOW_REGION)),
        Plan(code=BELOW_CENTRE, role="site", parent=CENTRE, scopes=(COUNTRY, BELOW_CENTRE)),
    )
}
NOTHING_SHED: Mapping[str, str] = {
    f"CAIFS_DISK_{what}": "0" for what in ("EXTRAS_PERCENT", "EXTRAS_MIB", "HISTORY_PERCENT", "HISTORY_MIB")
}
"""On their small disks sites would give up events that the centre holds; here all that was recorded is compared."""
LINES: Mapping[str, str] = {"leaf": "CAIFS_PARENT_LEAF_URL", "alarms": "CAIFS_PARENT_URL"}
"""The lines between a child and its parent, and where the child is told of each."""
_OWN_PORTS = frozenset({"CAIFS_NATS_PORT", "CAIFS_LEAF_PORT"})
_ROOT = Path(__file__).parents[2]
_WATCH_EVERY = 0.25
_MEGABYTE = 1 << 20
_READY_WITHIN = 180.0

Environment = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Oddity:
    """What is other than usual in a cluster.

    Attributes:
        mutant: the safeguard that all nodes lack.
        trace: folder in which each node's core is traced.
        small: nodes whose files, and parents whose brokers' files, are on small disks.
        disk: megabytes of such a disk.
    """

    mutant: str | None = None
    trace: Path | None = None
    small: Sequence[str] = ()
    disk: int = 64


class Cluster:
    """All nodes, their servers and lines.

    Attributes:
        parts: by name, servers before nodes and parents before children.
        lines: by child and which of `LINES`.
        restored: what nodes lost with their databases.
        restoring: nodes that are about to lose what they recorded since a copy of their database was made.
        standing: the faults that hit nodes now, or did a moment ago.
        ended: nodes and servers that ended without having been killed.
    """

    def __init__(self, state: Path, http: httpx.AsyncClient, plans: Mapping[str, Plan], oddity: Oddity) -> None:
        """Describe it; nothing runs yet."""
        self.plans = plans
        self.topology = Topology(state, http, plans)
        self.parts: dict[str, Part] = {}
        self.lines: dict[tuple[str, str], Line] = {}
        self.standing = Standing()
        self.ended: list[Ending] = []
        self.restored: list[Restored] = []
        self.restoring: set[str] = set()
        self._oddity = oddity
        self._http = http
        self._brokers: dict[str, NatsServer] = {}
        self._servers: dict[str, Environment] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Have everything run as long as the block, whatever ends meanwhile but is not held down; from the main thread.

        Raises:
            ChildError, DemoFailed: it does not begin to.
        """
        async with AsyncExitStack() as stack:
            stack.callback(self._end)
            nodes = {code: await self._prepared(node) for code, node in self.topology.nodes.items()}
            self.topology.nodes = nodes
            for line in self.lines.values():
                await stack.enter_async_context(line)
            for part in self.parts.values():
                await part.start()
            await self.ready()
            stack.push_async_callback(_cancel, asyncio.create_task(self._keep()))
            yield

    async def ready(self) -> None:
        """Wait until everything runs and all nodes serve.

        Raises:
            DemoFailed: they do not.
        """

        async def ready() -> bool:
            return all([await self._serves(node) for node in self.topology.nodes.values()])

        await until(ready, "all nodes serve", _READY_WITHIN)

    async def start(self, part: Part) -> None:
        """Start a part that does not run; if it has ended by itself, that is put down."""
        if part.has_ended:
            under = self.standing.at(part.name.partition(":")[2])
            self.ended.append(Ending(part=part.name, status=part.status, said=part.said, under=under))
        await part.start()

    def rearrange(self, plans: Mapping[str, Plan]) -> None:
        """Have nodes and brokers be what these plans say, with other parents, as soon as they are started anew."""
        self.plans = plans
        for code, node in Topology(self.topology.state, self._http, plans).nodes.items():
            environment, mine = self._led_over_lines(node), self.topology.nodes[code]
            self._brokers[code]._settings = self._broker(node, environment)._settings
            mine.plan, mine._environment = node.plan, self._told(code, environment)

    def clock(self, code: str) -> Path:
        """Return the file that says by how much a node's clock is wrong."""
        return self.topology.state / f"{code}.clock"

    def store(self, code: str) -> Path:
        """Return the folder in which a parent's broker keeps its streams."""
        return (self.topology.nodes[code].state / "nats").resolve() / "jetstream"

    def is_small(self, code: str) -> bool:
        """Tell whether a node has a small disk."""
        return self.disk(code).is_mount()

    def disk(self, code: str) -> Path:
        """Return where a node's small disk is: at a site its files, else those of its broker."""
        state = self.topology.nodes[code].state
        return state if self.plans[code].role == "site" else (state / "nats").resolve()

    async def _serves(self, node: Node) -> bool:
        if not self.parts[f"node:{node.code}"].runs:
            return False
        try:
            return (await self._http.get(f"{node.url}/readyz")).is_success
        except httpx.TransportError:
            return False

    async def _prepared(self, node: Node) -> Node:
        """Describe a node's parts, with its servers apart from it, and lines on its way to its parent."""
        environment = self._led_over_lines(node)
        node.state.mkdir(exist_ok=True)
        if node.code in self._oddity.small and self.plans[node.code].role == "site":
            disks.mount(node.state, self._oddity.disk * _MEGABYTE)
        self._servers[node.code] = await self._started_servers(node, environment)
        prepared = ChaosNode(node.plan, node.state, self._told(node.code, environment))
        self.parts[f"node:{node.code}"] = node_part(prepared)
        return prepared

    def _told(self, code: str, environment: Environment) -> Environment:
        """Return what a node is told in the end: of its servers, that they are not its own."""
        known = {name: value for name, value in environment.items() if name not in _OWN_PORTS}
        return known | self._servers[code] | self._oddities(code)

    def _led_over_lines(self, node: Node) -> Environment:
        environment = dict(node.environment)
        for which, name in LINES.items():
            if name in environment:
                environment[name] = self._led_over_line(node.code, which, environment[name])
        return environment

    def _led_over_line(self, code: str, which: str, url: str) -> str:
        port = urlsplit(url).port
        assert port is not None
        if (code, which) not in self.lines:
            self.lines[code, which] = Line((LOOPBACK, port))
        line = self.lines[code, which]
        line.target = LOOPBACK, port
        return url.replace(f":{port}", f":{line.address[1]}")

    def _broker(self, node: Node, environment: Environment) -> NatsServer:
        role = node.plan.role
        return own_servers.nats_server(read(role, environment), with_streams=role != "site")

    async def _started_servers(self, node: Node, environment: Environment) -> Environment:
        """Start a node's servers once, so that their addresses are known; return what the node is told of them."""
        role, told = node.plan.role, {}
        if role != "site":
            postgres = PostgresServer(node.state)
            part = self.parts[f"postgres:{node.code}"] = postgres_part(node.code, postgres)
            await part.start()
            told["CAIFS_DATABASE_URL"] = postgres.url(own_servers.DATABASE)
        nats = self._brokers[node.code] = self._broker(node, environment)
        if node.code in self._oddity.small and role != "site":
            disks.mount(server_folder(node.state, "nats", server_account()), self._oddity.disk * _MEGABYTE)
        told["CAIFS_NATS_URL"] = nats.start().client_url
        self.parts[f"nats:{node.code}"] = nats_part(node.code, nats)
        return told

    def _oddities(self, code: str) -> Environment:
        environment = {"PYTHONPATH": str(_ROOT), CLOCK: str(self.clock(code)), **NOTHING_SHED}
        if self._oddity.mutant:
            environment[MUTANT] = self._oddity.mutant
        if self._oddity.trace:
            environment[TRACE] = str(self._oddity.trace)
        return environment

    async def _keep(self) -> None:
        """Start what has ended and nobody holds, as an operator's supervisor would."""
        while True:
            for part in self.parts.values():
                if not part.held.locked() and not part.runs:
                    async with part.held:
                        await self.start(part)
            await asyncio.sleep(_WATCH_EVERY)

    def _end(self) -> None:
        for kind in ("node", "nats", "postgres"):
            parts = [part for name, part in self.parts.items() if name.startswith(kind)]
            with ThreadPoolExecutor(max(1, len(parts))) as threads:
                list(threads.map(Part.stop, parts))
        for code in self.topology.nodes:
            disks.unmount(self.disk(code))


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


class ChaosNode(Node):
    """A node that runs `tests.chaos.node`."""

    @property
    def command(self) -> Sequence[str]:
        """The program that it is, and its arguments."""
        return [sys.executable, "-m", "tests.chaos.node", self.plan.role]
