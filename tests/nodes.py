"""A whole node in memory: what happens when somebody asks it something."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.memory.changes import MemoryChanges
from adapters.memory.clock import SteppingClock
from adapters.memory.ids import SeededIds
from adapters.memory.logs import MemoryLogs
from adapters.memory.views import MemoryViews
from bus.dispatcher import Dispatcher
from bus.live import Live
from bus.recorded import Recorded
from bus.replication.batch import pack, unpack
from domain.shared.actors import Actor, Role
from domain.shared.messages import Command
from domain.shared.views import Window

FORMATS = ("hikvision_isapi", "plate_recognizer_stream")
ALL = Window(limit=500)

OFFICER = Actor(name="anna", roles=frozenset({Role.OFFICER}), purpose="kontrola graniczna")
ANALYST = Actor(name="bogdan", roles=frozenset({Role.ANALYST}), purpose="wniosek 7/2026")
SUPERVISOR = Actor(name="celina", roles=frozenset({Role.ANALYST, Role.AUDITOR}), purpose="wniosek 7/2026")
CAMERA = Actor(name="cam-1", roles=frozenset({Role.DEVICE}))


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeInMemory:
    """A node whose parts share one set of tables.

    Attributes:
        heard: its own events, oldest first.
    """

    name: str
    clock: SteppingClock
    changes: MemoryChanges
    logs: MemoryLogs
    views: MemoryViews
    live: Live
    dispatcher: Dispatcher
    heard: list[Recorded] = field(default_factory=list)

    async def do(self, command: Command, actor: Actor = OFFICER, key: str | None = None) -> Any:
        """Have a command carried out and return its answer."""
        return await self.dispatcher.dispatch(command, actor, key)

    def happened(self, *kinds: str) -> Sequence[Any]:
        """Return the node's own events, of some kinds where given, oldest first."""
        return [one.event for one in self.heard if not kinds or one.kind in kinds]


def open_node(
    name: str = "dorohusk",
    *,
    clock: SteppingClock | None = None,
    lists: Collection[str] = (),
    is_centre: bool = False,
) -> NodeInMemory:
    """Open a fresh node."""
    clock = clock or SteppingClock()
    changes = MemoryChanges(name, clock, SeededIds(clock, seed=name), FORMATS, lists=lists, is_centre=is_centre)
    live, logs = Live(), MemoryLogs(changes)
    heard: list[Recorded] = []
    changes.listeners += [heard.extend, live.heard]
    logs.listeners += [live.heard]
    return NodeInMemory(
        name=name,
        clock=clock,
        changes=changes,
        logs=logs,
        views=MemoryViews(changes),
        live=live,
        dispatcher=Dispatcher(name, changes),
        heard=heard,
    )


async def carry(source: NodeInMemory, target: NodeInMemory) -> None:
    """Have ``target`` apply whatever ``source`` holds of logs that are not the target's own, in one batch each."""
    for held in await source.logs.held():
        here = await target.logs.find(held.log)
        seq = 0 if here is None else here.head.seq
        if held.log.origin != target.name and seq < held.head.seq:
            before, records = await source.logs.read(held.log, seq + 1, 500)
            packed = pack(held.log, seq + 1, before, records)
            await target.logs.apply([unpack(packed.data)], source.name)
