"""How feeds come to this node otherwise than event by event, and how they go: loaded from snapshots, left."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Self

from bus.link.leaving import Leaving, Told
from bus.link.loading import Loader, Loading
from bus.link.messages import EVERY_FEED
from bus.link.snapshots import SnapshotParts
from bus.link.tasks import Tasks
from bus.link.wire import ParentWire
from bus.replication.ports import Logs


@dataclass(frozen=True, slots=True, kw_only=True)
class Arriving:
    """The coming and going of feeds."""

    loader: Loader
    leaving: Leaving

    @classmethod
    def through(
        cls,
        wire: ParentWire,
        parts: SnapshotParts,
        *,
        here: str,
        parent: str,
        wanted: Collection[str],
        logs: Logs,
        tasks: Tasks,
        keeps: bool,
        told: Told | None,
    ) -> Self:
        """Have the feeds ``wanted`` (`EVERY_FEED`: all) at node ``here`` come through ``wire``, and others go."""

        def wants(feed: str) -> bool:
            return EVERY_FEED in wanted or feed in wanted

        loader = Loader(parts, wire, wants, parent=parent, logs=logs, tasks=tasks, keeps=keeps)
        leaving = Leaving(parts, wants, node=here, logs=logs, loader=loader, tasks=tasks, told=told)
        return cls(loader=loader, leaving=leaving)

    @property
    def loads(self) -> Sequence[Loading]:
        """What is being loaded, and waits to be."""
        return tuple(self.loader.under_way.values())

    def hear(self, refused: Collection[str] | None) -> None:
        """The parent gives snapshots, but allows none of these feeds; None: it is one that gives none."""
        self.loader.served(is_served=refused is not None)
        self.leaving.refused(refused or ())

    def start(self, tasks: Tasks) -> None:
        """Start both."""
        tasks.forever("loader", self.loader.run)
        tasks.forever("leaving", self.leaving.run)
