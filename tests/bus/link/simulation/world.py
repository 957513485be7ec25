"""The nodes of the simulation, each with the whole shipped link: two sites below two regions below the centre.

Time is virtual, and everything that happens follows from the seed.
"""

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial

from adapters.memory.ids import SeededIds
from adapters.memory.logs import MemoryLogs
from bus.catalogue import COPIED, UP, feeds_of
from bus.link.messages import EVERY_FEED
from domain.shared.messages import Event
from tests import samples
from tests.bus.link.network import Network
from tests.bus.link.nodes import Node, Restore, back_up
from tests.bus.link.simulation.books import Books, ids
from tests.bus.link.simulation.database import Disk, SlowLogs

CENTRE, LUBLIN, RZESZOW, KOROSZCZYN, MEDYKA = "central", "lublin", "rzeszow", "koroszczyn", "medyka"
REGIONS, SITES = (LUBLIN, RZESZOW), (KOROSZCZYN, MEDYKA)
ALL = (CENTRE, *REGIONS, *SITES)
SCOPES = dict.fromkeys(REGIONS, (EVERY_FEED,)) | {one: ("pl", one) for one in SITES}


class SimulatedNode(Node):
    """A node with a slow database."""

    def __init__(self, network: Network, disk: Disk, code: str, **neighbours: object) -> None:
        self._disk = disk
        super().__init__(network, code, **neighbours)  # type: ignore[arg-type] # as `Node` takes them

    def _make_logs(self) -> MemoryLogs:
        return SlowLogs(self.changes, self._disk)


class World:
    """All nodes.

    Attributes:
        nodes: by code; more than one while a node has a clone.
        down: those that do not run.
        children: of each parent, as the parent knows them.
        left: (parent, child) where the parent has not been told yet that the child has moved away.
        restored: whose databases went back in time.
        erased: what erasures took, by the event that says so.
    """

    def __init__(self, seed: int, *, is_traced: bool = False) -> None:
        samples._numbers = itertools.count(1)
        self.rng = random.Random(seed)  # noqa: S311 - a schedule, no secret
        self.network = Network(seed=seed)
        self.disk = Disk(random.Random(seed))  # noqa: S311 - as above
        self.books = Books(is_traced=is_traced)
        self.parents = {LUBLIN: CENTRE, RZESZOW: CENTRE, KOROSZCZYN: LUBLIN, MEDYKA: RZESZOW}
        self.children: dict[str, dict[str, Sequence[str]]] = {one: {} for one in (CENTRE, *REGIONS)}
        for child, parent in self.parents.items():
            self.children[parent][child] = SCOPES[child]
        self.left: set[tuple[str, str]] = set()
        self.restored: set[str] = set()
        self.down: list[Node] = []
        self.erased: dict[str, str] = {}
        self.nodes = {code: [self._node(code)] for code in ALL}
        self.backups = {code: [back_up(nodes[0])] for code, nodes in self.nodes.items()}
        self._clones = itertools.count(1)

    def everybody(self) -> Iterator[Node]:
        return (node for nodes in self.nodes.values() for node in nodes)

    def way(self, origin: str) -> tuple[str, ...]:
        """Return a node and all above it."""
        above = self.parents.get(origin)
        return (origin,) if above is None else (origin, *self.way(above))

    def holders(self, origin: str, channel: str) -> tuple[str, ...]:
        """Return who has to hold the logs of an origin and channel."""
        if channel not in UP:
            return (CENTRE, *REGIONS, *(site for site in SITES if channel in feeds_of(SCOPES[site])))
        way = self.way(origin)
        return (*way, *(one for one in REGIONS if channel in COPIED and one not in way))

    def sources(self, origin: str, channel: str) -> tuple[str, ...]:
        """Return from whom the others get a log again: all who hold it, unless a restored centre forgot it.

        What the centre does not hold of others' logs any more is given back to it by nobody but those on the way.
        """
        is_forgotten = CENTRE in self.restored and channel in UP
        return self.way(origin) if is_forgotten else self.holders(origin, channel)

    async def record(self, node: Node, *events: Event) -> None:
        await node.record(*events)
        self.books.trace(node.code, "records", *(type(event).__name__ for event in events))

    # What harms.

    def start(self, node: Node) -> None:
        node.make_link()
        node.start()
        with suppress(ValueError):
            self.down.remove(node)
        self.books.trace(node.code, "starts")

    async def stop(self, node: Node) -> None:
        """End a node at whatever it is doing."""
        self.look_at(node)
        await node.stop()
        self.down.append(node)
        self.books.trace(node.code, "is ended")

    def restore(self, node: Node, backup: Restore) -> None:
        """Put the database of a node that does not run back to a backup."""
        backup(node)
        if not node.changes.tables.logs.all():
            node.changes.epoch = int(node.clock.now().timestamp() * 1000) << 20
        self.restored.add(node.code)
        self.books.trace(
            node.code, "is restored", {str(one.log): one.head.seq for one in node.changes.tables.logs.all()}
        )
        self.count_losses()

    def clone(self, code: str) -> None:
        """A copy of a node begins to run beside it."""
        node = self.nodes[code][0]
        twin = self._node(code)
        back_up(node)(twin)
        twin.changes.seal = node.changes.seal
        twin.changes._ids = SeededIds(twin.clock, seed=f"{code} clone {next(self._clones)}")
        self.nodes[code].append(twin)
        self.start(twin)

    async def end_clone(self, code: str) -> None:
        """One of a node and its clone ends, and its database is gone."""
        ended = self.nodes[code].pop(self.rng.randrange(2))
        if ended in self.down:
            self.down.remove(ended)
        else:
            await self.stop(ended)
            self.down.remove(ended)
        self.restored.add(code)
        self.count_losses()

    async def move(self, code: str, to: str) -> None:
        """A site moves to another parent; the former one learns of it later."""
        (node,) = self.nodes[code]
        if node not in self.down:
            await self.stop(node)
        self.left.add((self.parents[code], code))
        self.left.discard((to, code))
        self.parents[code] = node._parent = node.changes.tables._parent = to
        self.children[to][code] = SCOPES[code]
        self.books.trace(code, "moves to", to)
        self.start(node)

    def tell_of_moves(self) -> None:
        for parent, child in sorted(self.left):
            del self.children[parent][child]
            self.books.trace(parent, "is told that", child, "has left")
        self.left.clear()

    def count_losses(self) -> None:
        """Find out what cannot come back from anywhere."""
        left: set[str] = set()
        for origin, channel in {(fact.origin, fact.channel) for fact in self.books.alive.values()}:
            for code in self.sources(origin, channel):
                for node in self.nodes[code]:
                    left.update(ids(node, origin, channel))
        self.books.lost(left)

    def look_at(self, node: Node) -> None:
        """Write down what a node says went wrong, before it forgets that."""
        for name, times in node.link.status().tally.items():
            if name in NEVER or (not self.restored and not self.has_moved and name in UNCALLED_FOR):
                self.books.violated(name, f"{node.code}: {times} times")

    @property
    def has_moved(self) -> bool:
        return any(self.parents[site] != parent for site, parent in zip(SITES, REGIONS, strict=True)) or bool(self.left)

    def gone(self) -> set[str]:
        """Return the objects that are erased."""
        return {subject for event_id, subject in self.erased.items() if event_id in self.books.alive}

    def _node(self, code: str) -> Node:
        neighbours: Mapping[str, object] = {
            "parent": self.parents.get(code),
            "scopes": SCOPES.get(code, ()),
            "children": self.children.get(code),
        }
        node = SimulatedNode(self.network, self.disk, code, **neighbours)
        node.changes.listeners.append(partial(self.books.recorded, node))
        return node


NEVER = ("link_task_failed", "return_unreadable", "question_unreadable", "confirmations_unreadable", "return_not_ours")
"""What is never noted by a node, whatever happens."""
UNCALLED_FOR = ("log_forked", "epoch_opened", "log_recovered", "feed_gives_way", "batch_set_aside", "log_redirected")
"""What is not noted while no database goes back in time and no site moves."""
