"""The nodes of the simulation, each with the whole shipped link: two sites below two regions below the centre.

Time is virtual, and everything that happens follows from the seed.
"""

import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial

from adapters.memory.ids import SeededIds
from adapters.memory.logs import MemoryLogs
from bus.catalogue import AUDIT, COPIED, UP, feeds_of
from bus.link.messages import EVERY_FEED
from bus.link.wire import Delivery
from bus.replication import unpack
from bus.replication.clock import HybridClock
from bus.replication.ports import HeldLog
from domain.shared.messages import Event
from tests import samples
from tests.bus.link.network import Network
from tests.bus.link.nodes import Node, Restore, back_up
from tests.bus.link.simulation.books import Books, ids, text_of
from tests.bus.link.simulation.database import Disk, SlowLogs
from tests.bus.link.simulation.tracing import speaker

CENTRE, LUBLIN, RZESZOW, KOROSZCZYN, MEDYKA = "central", "lublin", "rzeszow", "koroszczyn", "medyka"
REGIONS, SITES = (LUBLIN, RZESZOW), (KOROSZCZYN, MEDYKA)
ALL = (CENTRE, *REGIONS, *SITES)
GAVE_WAY = "has another history of this log"
SCOPES = dict.fromkeys(REGIONS, (EVERY_FEED,)) | {one: ("pl", one) for one in SITES}


class SimulatedNetwork(Network):
    """A network that tells of what gave way."""

    def __init__(self, gave_way: Callable[[bytes], None], seed: int) -> None:
        super().__init__(seed=seed)
        self._gave_way = gave_way

    def kept(self, delivery: Delivery, reason: str) -> None:
        super().kept(delivery, reason)
        if GAVE_WAY in reason:
            self._gave_way(delivery.data)


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
        moved: who has moved.
        is_orderly: no database has gone back in time, no node has had a clone, no site has moved.
    """

    def __init__(self, seed: int, *, is_traced: bool = False) -> None:
        samples._numbers = itertools.count(1)
        self.rng = random.Random(seed)  # noqa: S311 - a schedule, no secret
        self.network = SimulatedNetwork(self._gave_way, seed)
        self.disk = Disk(random.Random(seed))  # noqa: S311 - as above
        self.books = Books(is_traced=is_traced)
        self.parents = {LUBLIN: CENTRE, RZESZOW: CENTRE, KOROSZCZYN: LUBLIN, MEDYKA: RZESZOW}
        self.children: dict[str, dict[str, Sequence[str]]] = {one: {} for one in (CENTRE, *REGIONS)}
        for child, parent in self.parents.items():
            self.children[parent][child] = SCOPES[child]
        self.left: set[tuple[str, str]] = set()
        self.restored: set[str] = set()
        self.moved: set[str] = set()
        self.is_orderly = True
        self.down: list[Node] = []
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

    def is_source(self, code: str, held: HeldLog) -> bool:
        """Tell whether the others get a log again from a node: from all who hold its events.

        Once the centre was restored it is not so: what it lacks of others' logs is brought by those on its way alone.
        """
        log = held.log
        if held.floor.seq:
            return False
        if CENTRE not in self.restored or log.channel not in UP:
            return code in self.holders(log.origin, log.channel)
        is_former = held.via != self.parents.get(code) and self.parents.get(log.origin) != CENTRE
        return code in self.way(log.origin) or is_former

    def is_torn(self, origin: str, channel: str) -> bool:
        """Tell whether an audit trail may stay in pieces: a region gets that of a site from the site alone."""
        return channel == AUDIT and origin in self.moved and origin in self.restored

    async def record(self, node: Node, *events: Event) -> None:
        await node.record(*events)
        self.books.trace(node.code, "records", *(type(event).__name__ for event in events))

    # What harms.

    def start(self, node: Node) -> None:
        node.changes.hybrid = HybridClock(newest_stamp(node))
        node.make_link()
        token = speaker.set(node.code)
        node.start()
        speaker.reset(token)
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
        self.is_orderly = False
        self.books.trace(
            node.code, "is restored", {str(one.log): one.head.seq for one in node.changes.tables.logs.all()}
        )
        self.count_losses()

    def clone(self, code: str) -> None:
        """A copy of a node begins to run beside it."""
        node = self.nodes[code][0]
        self.is_orderly = False
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
        self.is_orderly = False
        self.moved.add(code)
        self.left.add((self.parents[code], code))
        self.left.discard((to, code))
        self.parents[code] = node._parent = node.changes.tables._parent = to
        self.children[to][code] = SCOPES[code]
        self.count_losses()
        self.books.trace(code, "moves to", to)
        self.start(node)

    def tell_of_moves(self) -> None:
        for parent, child in sorted(self.left):
            del self.children[parent][child]
            self.books.trace(parent, "is told that", child, "has left")
        self.left.clear()

    def count_losses(self) -> None:
        """Find out what cannot come back from anywhere."""
        whole: set[str] = set()
        left: set[str] = set()
        for node in self.everybody():
            for held in node.changes.tables.logs.all():
                if self.is_source(node.code, held):
                    rows = node.changes.tables.events.under(held.log.origin, held.log.channel)
                    left.update(text_of(row.record) for row in rows)
                    whole.update(text_of(row.record) for row in rows if row.record.body is not None)
        self.books.lost(left)
        self.books.lost(whole | {event_id for event_id, fact in self.books.alive.items() if self.books.is_gone(fact)})

    def _gave_way(self, data: bytes) -> None:
        """Events gave way to a parent's history: they come again from their origin, if that has them yet."""
        header, records = unpack(data)
        there = {
            one for node in self.nodes[header.log.origin] for one in ids(node, header.log.origin, header.log.channel)
        }
        self.books.aside.update({text_of(record) for record in records} - there)

    def look_at(self, node: Node) -> None:
        """Write down what a node says went wrong, before it forgets that."""
        for name, times in node.link.status().tally.items():
            if name in NEVER or (self.is_orderly and name in UNCALLED_FOR):
                self.books.violated(name, f"{node.code}: {times} times")

    def _node(self, code: str) -> Node:
        neighbours: Mapping[str, object] = {
            "parent": self.parents.get(code),
            "scopes": SCOPES.get(code, ()),
            "children": self.children.get(code),
        }
        node = SimulatedNode(self.network, self.disk, code, **neighbours)
        node.changes.listeners.append(partial(self.books.recorded, node))
        return node


def newest_stamp(node: Node) -> int:
    """Return the newest stamp of what a node has recorded and still holds."""
    rows = node.changes.tables.events.under(node.code)
    return max((row.record.hlc for row in rows), default=0)


NEVER = ("link_task_failed", "return_unreadable", "question_unreadable", "confirmations_unreadable", "return_not_ours")
"""What is never noted by a node, whatever happens."""
UNCALLED_FOR = ("log_forked", "epoch_opened", "log_recovered", "feed_gives_way", "batch_set_aside", "log_redirected")
"""What is not noted in a world that is orderly."""
