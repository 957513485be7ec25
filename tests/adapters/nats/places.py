"""Nodes on SQLite files, linked over real nats-servers."""

import asyncio
import shutil
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from adapters.database.batches import DatabaseBatches
from adapters.database.changes import DatabaseChanges
from adapters.database.logs import DatabaseLogs
from adapters.database.node import claim
from adapters.database.sqlite import SqliteDatabase
from adapters.database.views import DatabaseViews
from adapters.nats.children import NatsChildrenWire
from adapters.nats.parent import NatsParentWire
from adapters.nats.subjects import rights_of_child
from adapters.system import SystemClock, SystemIds
from bus.link.link import Link
from bus.link.neighbours import Children, Parent
from bus.ports import WholeChange
from bus.recorded import Recorded
from bus.replication import Record
from bus.replication.clock import HybridClock
from bus.replication.ports import HeldLog
from bus.replication.seal import KEY_BYTES, Seal
from domain.shared.actors import system
from domain.shared.messages import Event
from domain.shared.views import Window
from sites.servers.nats import NatsAddress, NatsServer, NatsUser


def user_of(parent: str, child: str, scopes: Sequence[str]) -> NatsUser:
    """A child of these scopes, as its parent's server knows it."""
    return NatsUser(name=child, secret=f"secret-of-{child}", rights=rights_of_child(parent, child, scopes))


@dataclass(frozen=True, kw_only=True)
class Place:
    """A node's neighbours and servers; the centre has no parent, a site no children."""

    code: str
    server: NatsServer
    address: NatsAddress
    parent: "Place | None"
    scopes: Sequence[str]
    children: Mapping[str, Sequence[str]]


SEAL = Seal(bytes(KEY_BYTES))


class Node:
    """A node whose database outlives its link."""

    def __init__(self, place: Place, file: Path) -> None:
        self.place = place
        self.code = place.code
        self.database = SqliteDatabase(file)
        self.clock = SystemClock()
        self.heads: dict[tuple[str, str], int] = {}
        self._running: asyncio.Task[None] | None = None

    async def open(self) -> None:
        await self.database.open()
        ids, hybrid = SystemIds(), HybridClock()
        await claim(self.database, self.code, self.clock, ids)
        self.changes = DatabaseChanges(
            self.database, node=self.code, clock=self.clock, ids=ids, hybrid=hybrid, seal=SEAL
        )
        parent = None if self.place.parent is None else self.place.parent.code
        self.logs = DatabaseLogs(self.database, node=self.code, ids=ids, clock=self.clock, hybrid=hybrid, parent=parent)
        self.make_link()
        for listeners in (self.changes.listeners, self.logs.listeners):
            listeners += [self._heard, self._note]

    async def close(self) -> None:
        await self.stop()
        await self.database.close()

    def make_link(self) -> None:
        place, parent, children = self.place, None, None
        if place.parent is not None:
            above, url = place.parent.code, place.address.client_url
            direct = place.parent.address.child_urls[place.code]
            parent = Parent(
                code=above,
                process=id(self),
                scopes=place.scopes,
                bulk=NatsParentWire(url, node=self.code, parent=above, purpose="bulk"),
                alarms=NatsParentWire(direct, node=self.code, parent=above, purpose="alarms"),
            )
        if place.children:
            wire = NatsChildrenWire(place.address.client_url, node=self.code)
            batches = DatabaseBatches(self.database, clock=self.clock, ids=SystemIds())
            children = Children(wire=wire, scopes=place.children, batches=batches)
        self.link = Link(self.code, self.logs, self.clock, seal=SEAL, parent=parent, children=children)

    def start(self) -> None:
        self._running = asyncio.create_task(self.link.run())

    async def stop(self) -> None:
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running
            self._running = None

    async def record(self, *events: Event) -> None:
        async def work(change: WholeChange) -> None:
            for event in events:
                await change.record(event)

        await self.changes.run(system(self.code), work)

    async def set_aside(self) -> dict[str, tuple[str, bytes]]:
        """Reason and bytes of what was set aside, by child."""
        views = DatabaseViews(self.database, self.code, self.logs)
        page = await views.quarantined_batches(Window(limit=100))
        found = [await views.quarantined_batch(one.id) for one in page.items]
        return {one[0].child: (one[0].reason, one[1]) for one in found if one is not None}

    async def held(self, origin: str, channel: str) -> HeldLog | None:
        found = [one for one in await self.logs.held() if (one.log.origin, one.log.channel) == (origin, channel)]
        return found[0] if found else None

    async def records(self, origin: str, channel: str) -> Sequence[Record]:
        held = await self.held(origin, channel)
        return [] if held is None else (await self.logs.read(held.log, 1, 100_000))[1]

    def tally(self, name: str) -> int:
        return self.link.status().tally.get(name, 0)

    def _heard(self, recorded: Sequence[Recorded]) -> None:
        self.link.heard(recorded)

    def _note(self, recorded: Sequence[Recorded]) -> None:
        for one in recorded:
            self.heads[one.log.origin, one.log.channel] = one.seq


async def confirmed(node: Node, channel: str, within: float = 20.0) -> None:
    """Wait until the centre has confirmed all that the node has recorded on a channel."""
    deadline = time.monotonic() + within
    while True:
        held = await node.held(node.code, channel)
        if held is not None and held.centre == held.head:
            return
        assert time.monotonic() < deadline, f"{held} is not confirmed"
        await asyncio.sleep(0.02)


def copied(template: Path, folder: Path, code: str) -> Path:
    return Path(shutil.copy(template, folder / f"{code}.sqlite"))
