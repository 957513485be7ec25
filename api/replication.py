"""How a node, its neighbours and the logs between them are: at every node."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from api.context import Info
from api.fields import computed, look
from api.numbers import Int64
from api.objects.node import LogStatus
from api.objects.replication import FeedLoad, InstallationFault, Neighbour, NodeHealth, to_health, to_neighbours
from api.rules import EVERYBODY, open_to
from bus import ports
from bus.link.loading import Loading
from bus.watch.condition import Condition
from bus.watch.neighbours import neighbours
from domain.alarms.model import Fault

MOST_LOGS = 1000


@strawberry.type(description="How this node, its neighbours and the logs between them are.")
class Replication:
    """How this node, its neighbours and the logs between them are."""

    condition: strawberry.Private[Condition]
    node: str = strawberry.field(description="Code of the node that answers.")
    now: datetime = strawberry.field(description="Its present time.")

    @computed(NodeHealth, "How this node is, as it tells its neighbours.")
    def health(self) -> NodeHealth:
        """Return how this node is."""
        return to_health(self.condition.health(self.now))

    @computed(list[Neighbour], "The parent first, then the children by their codes.")
    def neighbours(self) -> list[Neighbour]:
        """Return the neighbours."""
        return to_neighbours(neighbours(self.condition))

    @computed(list[LogStatus], "The logs held here and where each is at the other end, at most 1000.")
    def logs(
        self,
        origin: Annotated[str | None, strawberry.argument(description="Only of the node of this code.")] = None,
        via: Annotated[str | None, strawberry.argument(description="Only what arrives through this neighbour.")] = None,
    ) -> Sequence[ports.LogStatus]:
        """Return the state of the logs."""
        wanted = [one for one in self.condition.logs if origin in (None, one.origin) and via in (None, one.via)]
        return wanted[:MOST_LOGS]

    @computed(list[FeedLoad], "The feeds that are being loaded from the parent's snapshots, or wait to be.")
    def loads(self) -> Sequence[Loading]:
        """Return the loads."""
        return self.condition.link.loads

    @computed(Int64 | None, "How many events of feeds are still to come from the parent; null: it has not said yet.")
    def behind(self) -> Int64 | None:
        """Return how many events are still to come."""
        return None if self.condition.link.behind is None else Int64(self.condition.link.behind)

    @computed(list[InstallationFault], "What is wrong now with this node, its neighbours and its logs.")
    def faults(self, info: Info) -> list[Fault]:
        """Return what is wrong now."""
        return sorted(
            info.context.doors.watch.faults(self.condition).values(),
            key=lambda fault: (fault.priority, fault.cause, fault.label),
        )


@strawberry.type
class ReplicationQuery:
    """What can be looked up."""

    @look(Replication, open_to(*EVERYBODY), "How this node, its neighbours and the logs between them are.")
    async def replication(self, info: Info) -> Replication:
        condition = await info.context.doors.watch.look()
        return Replication(condition=condition, node=condition.node, now=condition.at)
