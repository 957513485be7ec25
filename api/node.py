"""Finding any object by its id, and the state of the node itself: at every node."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import strawberry

from api import (
    alarms,
    crossings,
    measurements,
    occurrences,
    organisation,
    registrations,
    shifts,
    trains,
    visits,
    watchlist,
)
from api.context import Info
from api.doors import Views
from api.fields import computed, look
from api.guard import enter
from api.ids import parted
from api.numbers import Int64
from api.objects.lens import Node
from api.objects.node import LinkFault, LogStatus, StoppedLog
from api.objects.upkeep import DroppedBatches
from api.paging import Id
from api.rules import EVERYBODY, Rule, open_to
from bus import ports
from bus.link.stopped import Stopped
from domain.crossings.model import Crossing
from domain.occurrences.model import Occurrence
from domain.organisation.layout import Checkpoint, Lane, Leg
from domain.organisation.places import Post, Site, Unit
from domain.organisation.traffic import PermittedTraffic
from domain.registrations.measurements import Measurement
from domain.registrations.model import TrainSighting
from domain.shifts.model import Shift
from domain.trains.model import Train, TrainPassage
from domain.upkeep import model as upkeep
from domain.visits.model import Visit

MOST_LOGS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """How objects of a type are found: as the root field for one of them finds it, under the same rule."""

    field: str
    rule: Rule
    find: Callable[[Views, str], Awaitable[object | None]]


_KINDS: Mapping[str, _Found] = {
    "Alarm": _Found(field="alarm", rule=alarms.LOOK, find=lambda views, id_: views.alarm(id_)),
    "Checkpoint": _Found(
        field="checkpoint", rule=organisation.LOOK, find=lambda views, id_: views.entity(Checkpoint, id_)
    ),
    "Crossing": _Found(field="crossing", rule=crossings.LOOK, find=lambda views, id_: views.entity(Crossing, id_)),
    "Device": _Found(field="device", rule=organisation.LOOK, find=lambda views, id_: views.device(id_)),
    "Lane": _Found(field="lane", rule=organisation.LOOK, find=lambda views, id_: views.entity(Lane, id_)),
    "Leg": _Found(field="leg", rule=organisation.LOOK, find=lambda views, id_: views.entity(Leg, id_)),
    "Measurement": _Found(
        field="measurement", rule=measurements.LOOK, find=lambda views, id_: views.entity(Measurement, id_)
    ),
    "Occurrence": _Found(
        field="occurrence", rule=occurrences.LOOK, find=lambda views, id_: views.entity(Occurrence, id_)
    ),
    "PermittedTraffic": _Found(
        field="permittedTraffic", rule=organisation.LOOK, find=lambda views, id_: views.entity(PermittedTraffic, id_)
    ),
    "Post": _Found(field="post", rule=organisation.LOOK, find=lambda views, id_: views.entity(Post, id_)),
    "Registration": _Found(
        field="registration", rule=registrations.LOOK, find=lambda views, id_: views.registration(id_)
    ),
    "Shift": _Found(field="shift", rule=shifts.LOOK, find=lambda views, id_: views.entity(Shift, id_)),
    "Site": _Found(field="site", rule=organisation.LOOK, find=lambda views, id_: views.entity(Site, id_)),
    "Train": _Found(field="train", rule=trains.LOOK, find=lambda views, id_: views.entity(Train, id_)),
    "TrainPassage": _Found(
        field="trainPassage", rule=trains.LOOK, find=lambda views, id_: views.entity(TrainPassage, id_)
    ),
    "TrainSighting": _Found(
        field="trainSighting", rule=measurements.LOOK, find=lambda views, id_: views.entity(TrainSighting, id_)
    ),
    "Unit": _Found(field="unit", rule=organisation.LOOK, find=lambda views, id_: views.entity(Unit, id_)),
    "Visit": _Found(field="visit", rule=visits.LOOK, find=lambda views, id_: views.entity(Visit, id_)),
    "WatchlistEntry": _Found(field="watchlistEntry", rule=watchlist.LOOK, find=lambda views, id_: views.entry(id_)),
}


@strawberry.type(description="The node that answers, and how far it and its logs are.")
class ThisNode:
    """The node that answers."""

    code: str = strawberry.field(description="Code of the node.")
    role: str = strawberry.field(description="`site`, `region` or `central`.")
    now: datetime = strawberry.field(description="Its present time.")

    @computed(list[LogStatus], "The logs it holds, at most 1000, by origin and channel.")
    async def logs(
        self,
        info: Info,
        origin: Annotated[str | None, strawberry.argument(description="Only of the node of this code.")] = None,
    ) -> list[ports.LogStatus]:
        """Return the state of the logs."""
        statuses = await info.context.doors.views.statuses()
        return [each for each in statuses if origin in (None, each.origin)][:MOST_LOGS]

    @computed(list[str], "Lists that this node needs and that have never arrived: until then nothing is checked here.")
    async def missing_lists(self, info: Info) -> Sequence[str]:
        """Return the feeds that have still to arrive."""
        return await info.context.doors.views.missing_lists()

    @computed(list[StoppedLog], "Logs that stand still: their next event cannot be taken here, or at the parent.")
    def stopped_logs(self, info: Info) -> Sequence[Stopped]:
        """Return the logs that stand still."""
        return info.context.doors.link().stopped

    @computed(list[LinkFault], "What went wrong on the link to the neighbours since this node was started.")
    def link_faults(self, info: Info) -> list[LinkFault]:
        """Return how often what went wrong, by name."""
        return [
            LinkFault(name=name, count=Int64(count)) for name, count in sorted(info.context.doors.link().tally.items())
        ]

    @computed(int, "How many pushes of devices are held in quarantine here.")
    async def quarantine_count(self, info: Info) -> int:
        """Return how many pushes are held."""
        return await info.context.doors.views.quarantine_count()

    @computed(Int64, "How many events are held here that cannot be shown in the tables.")
    async def quarantined_event_count(self, info: Info) -> int:
        """Return how many events are held."""
        return await info.context.doors.views.held_event_count()

    @computed(int, "How many batches of neighbours are held here that could not be taken.")
    async def quarantined_batch_count(self, info: Info) -> int:
        """Return how many batches are held."""
        return await info.context.doors.views.held_batch_count()

    @computed(list[DroppedBatches], "How many held batches had to make room for newer ones, by child.")
    async def dropped_batches(self, info: Info) -> Sequence[upkeep.DroppedBatches]:
        """Return how many batches are gone."""
        return await info.context.doors.views.dropped_batches()


@strawberry.type
class NodeQuery:
    """What can be looked up."""

    @look(Node | None, open_to(*EVERYBODY), "Any object by its id, or null.")
    async def node(self, info: Info, id_: Id) -> Any:
        kind, local = parted(id_)
        if kind not in _KINDS:
            return None
        found = _KINDS[kind]
        await enter(info.context, found.field, found.rule, local, look=True)
        return await found.find(info.context.doors.views, local)

    @look(ThisNode, open_to(*EVERYBODY), "The node that answers.")
    async def this_node(self, info: Info) -> ThisNode:
        doors = info.context.doors
        return ThisNode(code=doors.node, role=doors.role, now=doors.clock.now())
