"""Nodes in memory, linked by a `Network`."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Self

from adapters.memory.changes import MemoryChanges
from adapters.memory.custody import MemoryCustody
from adapters.memory.ids import SeededIds
from adapters.memory.logs import MemoryLogs
from adapters.memory.retention import MemoryRetention
from adapters.memory.snapshots import MemoryShelf, MemorySnapshots
from adapters.memory.tables import Table
from adapters.memory.upkeep import MemoryBatches
from adapters.memory.views import MemoryViews
from bus.catalogue import feeds_of
from bus.link.batches import Untaken
from bus.link.link import Link
from bus.link.messages import Health
from bus.link.neighbours import Children, Parent
from bus.link.snapshots import SnapshotParts
from bus.link.verifying import Inspection
from bus.link.wire import Delivery
from bus.ports import WholeChange
from bus.recorded import Recorded
from bus.replication import LogId, Position, Record
from bus.replication.ports import HeldLog
from bus.verification.ports import SharedTables
from domain.shared.actors import system
from domain.shared.messages import Event
from tests.bus.link.network import MemoryChildrenWire, MemoryParentWire, Network
from tests.bus.link.virtual_time import LoopClock, run, until

_processes = itertools.count(1)
TABLES = SharedTables(
    up=("reading", "registration", "alarm", "quarantined_push", "quarantine_tally", "audit_record"),
    down=("entry", "device", "erasure", "tombstone"),
)


class KeptBatches(MemoryBatches):
    """Batches that could not be taken; the network remembers each, in the order in which they were kept."""

    def __init__(self, network: Network, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._network = network

    async def keep(self, untaken: Untaken) -> None:
        await super().keep(untaken)
        self._network.kept(Delivery(untaken.child, untaken.data, receipt=""), untaken.reason)


class Node:
    """A node whose database outlives its link."""

    def __init__(
        self,
        network: Network,
        code: str,
        *,
        parent: str | None = None,
        scopes: Sequence[str] = (),
        children: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        clock = LoopClock()
        self.code = code
        self._network = network
        self.changes = MemoryChanges(code, clock, SeededIds(clock, seed=code), is_centre=parent is None, parent=parent)
        self.logs = self._make_logs()
        self.custody = MemoryCustody(self.changes)
        self.retention = MemoryRetention(self.changes)
        self.shelf = MemoryShelf()
        self.snapshots = MemorySnapshots(self.changes)
        self.left: list[tuple[str, str, int]] = []
        self.views = MemoryViews(self.changes)
        self.batches = KeptBatches(network, self.changes.tables, clock=clock, ids=SeededIds(clock, seed=f"{code} link"))
        self.clock = clock
        self.health: Health | None = None
        self._parent = parent
        self._scopes = scopes
        self._children = children
        self._running: asyncio.Task[None] | None = None
        self.make_link()
        self.changes.listeners.append(self._recorded)
        self.logs.listeners.append(self._heard)

    def make_link(self) -> None:
        parent = children = None
        if self._parent is not None:
            self.bulk = MemoryParentWire(self._network, self.code, self._parent)
            self.alarms = MemoryParentWire(self._network, self.code, self._parent)
            parent = Parent(
                code=self._parent, scopes=self._scopes, bulk=self.bulk, alarms=self.alarms, process=next(_processes)
            )
        if self._children is not None:
            children = Children(
                wire=MemoryChildrenWire(self._network, self.code), scopes=self._children, batches=self.batches
            )
        self.link = Link(
            self.code,
            self.logs,
            self.clock,
            seal=self.changes.seal,
            parent=parent,
            children=children,
            say=lambda: self.health,
            snapshots=SnapshotParts(tables=self.snapshots, shelf=self.shelf),
            told=self._told,
            inspection=Inspection(custody=self.custody, tables=TABLES, hour=1),
        )

    def _make_logs(self) -> MemoryLogs:
        return MemoryLogs(self.changes)

    async def _told(self, feed: str, why: str, rows: int) -> None:
        self.left.append((feed, why, rows))

    def _recorded(self, recorded: Sequence[Recorded]) -> None:
        self.link.recorded(recorded)

    def _heard(self, recorded: Sequence[Recorded]) -> None:
        self.link.heard(recorded)

    def start(self) -> None:
        self._running = asyncio.create_task(self.link.run())

    async def stop(self) -> None:
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running
            self._running = None

    async def restart(self) -> None:
        await self.stop()
        self.make_link()
        self.start()

    async def record(self, *events: Event) -> None:
        async def work(change: WholeChange) -> None:
            for event in events:
                await change.record(event)

        await self.changes.run(system(self.code), work)

    async def held(self, origin: str, channel: str) -> HeldLog | None:
        found = [one for one in await self.logs.held() if (one.log.origin, one.log.channel) == (origin, channel)]
        return found[0] if found else None

    def head(self, origin: str, channel: str) -> int:
        """How many events of a log are here, without waiting."""
        return sum(held.head.seq for held in self.changes.tables.logs.all() if _named(held.log) == (origin, channel))

    def positions(self, origin: str) -> dict[LogId, tuple[Position, Position]]:
        """Head and the centre's confirmation of each log of an origin that is here."""
        return {
            held.log: (held.head, held.centre) for held in self.changes.tables.logs.all() if held.log.origin == origin
        }

    async def records(self, origin: str) -> dict[LogId, Sequence[Record]]:
        """All that is here of an origin."""
        return {log: (await self.logs.read(log, 1, 100_000))[1] for log in self.positions(origin)}


Restore = Callable[..., None]
"""Puts what was kept of a node's database in place of the one that it has, or that a node named has."""


def back_up(node: Node) -> Restore:
    """Keep the node's database as it is."""
    kept = {name: (dict(one._rows), list(one._keys)) for name, one in _tables(node).items()}
    epoch = node.changes.epoch

    def restore(into: Node = node) -> None:
        tables = _tables(into)
        for name, (rows, keys) in kept.items():
            tables[name]._rows, tables[name]._keys = dict(rows), list(keys)
        into.changes.epoch = epoch

    return restore


def _tables(node: Node) -> dict[str, Table[Any]]:
    return {name: one for name, one in vars(node.changes.tables).items() if isinstance(one, Table)}


def _scope(log: LogId) -> str:
    return log.channel.partition(".")[2]


def _named(log: LogId) -> tuple[str, str]:
    return log.origin, log.channel


class Chain:
    """Centre, region and site in a row."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.centre = Node(network, "central", children={"lublin": ("*",)})
        self.region = Node(
            network, "lublin", parent="central", scopes=("*",), children={"koroszczyn": ("pl", "koroszczyn")}
        )
        self.site = Node(network, "koroszczyn", parent="lublin", scopes=("pl", "koroszczyn"))
        self.nodes = (self.centre, self.region, self.site)

    async def __aenter__(self) -> Self:
        for node in self.nodes:
            node.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        for node in self.nodes:
            await node.stop()

    def level(self) -> bool:
        """Everything is where it shall be, and everybody who sent something knows it."""
        for origin, ways in (("koroszczyn", (self.region, self.centre)), ("lublin", (self.centre,))):
            sender = next(node for node in self.nodes if node.code == origin)
            for log, (head, confirmed) in sender.positions(origin).items():
                if log.channel not in ("alarms", "facts", "technical", "audit") or head.seq == 0:
                    continue
                if head != confirmed or any(node.positions(origin).get(log, (None,))[0] != head for node in ways):
                    return False
        for log, (head, _) in self.centre.positions("central").items():
            if "." not in log.channel:
                continue
            followers = (self.region, self.site) if _scope(log) in ("pl", "koroszczyn") else (self.region,)
            if any(node.positions("central").get(log, (None,))[0] != head for node in followers):
                return False
        return True

    def has_all_feeds(self) -> bool:
        """The site knows of each of its feeds that this is all."""
        arrived = [held for held in self.site.changes.tables.logs.all() if held.via is not None and held.arrived]
        return {held.log.channel for held in arrived} == feeds_of(("pl", "koroszczyn"))

    async def heal(self, within: float = 120.0) -> None:
        """Let the faults end, and wait until all is level."""
        self.network.faults.lost = self.network.faults.repeated = self.network.faults.delay = 0.0
        self.network.cut.clear()
        await until(self.level, within)


def play(scenario: Callable[[Chain], Awaitable[None]], network: Network | None = None) -> None:
    async def played() -> None:
        async with Chain(network or Network()) as chain:
            await until(lambda: all(wire.up for node in chain.nodes for wire in node.link.status().parent), 5)
            await until(chain.has_all_feeds, 5)
            await scenario(chain)

    run(played())


def now() -> float:
    return asyncio.get_running_loop().time()
