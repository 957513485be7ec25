"""What the contracts are put to: a whole node of one adapter.

To put another adapter to the test open a node here or beside it and name it in the fixture ``node``: fresh, empty, of
code ``NODE``, not the centre, of a clock that stands still, knowing the device formats ``FORMATS``.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from adapters.memory.changes import MemoryChanges
from adapters.memory.clock import SteppingClock
from adapters.memory.custody import MemoryCustody
from adapters.memory.ids import SeededIds
from adapters.memory.logs import MemoryLogs
from adapters.memory.retention import MemoryRetention
from adapters.memory.snapshots import MemorySnapshots
from adapters.memory.views import MemoryViews
from bus.lookups import LookupViews
from bus.ports import Listener, LogViews, WholeChange
from bus.recorded import Recorded
from bus.replication.batch import Batch, pack, unpack
from bus.replication.log import LogId
from bus.replication.ports import Logs
from bus.retention import AgedLogs
from bus.snapshots.ports import SnapshotTables
from bus.verification.ports import Custody
from domain.access.views import AccessViews
from domain.alarms.views import AlarmsViews
from domain.erasure.views import ErasureViews
from domain.organisation.views import OrganisationViews
from domain.registrations.views import RegistrationsViews
from domain.shared.actors import Actor, system
from domain.shared.entities import EntityViews
from domain.shared.messages import Event
from domain.upkeep.views import UpkeepViews
from domain.watchlist.views import WatchlistViews
from tests.contracts.spoilers import MemorySpoiler, Spoiler
from tests.samples import NODE

FORMATS = ("hikvision_isapi", "plate_recognizer_stream")

T = TypeVar("T")
Receive = Callable[..., Awaitable[None]]
"""Given events: has another site record them, and the node under test apply them."""


class NodeChanges(Protocol):
    """Changes, and those who are told of them."""

    listeners: list[Listener]
    watchers: list[Listener]

    async def run(self, actor: Actor, work: Callable[[WholeChange], Awaitable[T]]) -> T:
        """Run ``work`` in one atomic change."""
        ...


class NodeLogs(Logs, Protocol):
    """Logs, and those who are told of other nodes' events."""

    listeners: list[Listener]


class NodeViews(
    EntityViews,
    RegistrationsViews,
    LookupViews,
    WatchlistViews,
    AlarmsViews,
    OrganisationViews,
    AccessViews,
    ErasureViews,
    UpkeepViews,
    LogViews,
    Protocol,
):
    """Everything that can be looked up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node under test.

    Attributes:
        clock: gives changes their time.
        heard: its own events as the listeners of its changes were told of them.
        arrived: other nodes' events as the listeners of its logs were told of them.
        spoil: damages what it holds, past all that keeps it.
    """

    clock: SteppingClock
    changes: NodeChanges
    views: NodeViews
    logs: NodeLogs
    custody: Custody
    retention: AgedLogs
    snapshots: SnapshotTables
    spoil: Spoiler
    heard: list[Recorded] = field(default_factory=list)
    arrived: list[Recorded] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Listen."""
        self.changes.listeners.append(self.heard.extend)
        self.logs.listeners.append(self.arrived.extend)

    async def ask(self, question: Callable[[WholeChange], Awaitable[T]]) -> T:
        """Run ``question`` in a change of the node's own."""
        return await self.changes.run(system(NODE), question)

    async def record(self, *events: Event) -> None:
        """Record events in one change."""

        async def work(change: WholeChange) -> None:
            for event in events:
                await change.record(event)

        await self.ask(work)


async def batch(logs: Logs, log: LogId, first: int = 1, limit: int = 500) -> Batch:
    """Return events of a log as they arrive over the link."""
    before, records = await logs.read(log, first, limit)
    return unpack(pack(log, first, before, records).data)


@asynccontextmanager
async def memory(code: str = NODE, lists: Collection[str] = ()) -> AsyncIterator[Node]:
    """Open a node in memory."""
    clock = SteppingClock()
    changes = MemoryChanges(code, clock, SeededIds(clock, seed=code), FORMATS, lists=lists)
    yield Node(
        clock=clock,
        changes=changes,
        views=MemoryViews(changes),
        logs=MemoryLogs(changes),
        custody=MemoryCustody(changes),
        retention=MemoryRetention(changes),
        snapshots=MemorySnapshots(changes),
        spoil=MemorySpoiler(changes.tables),
    )
