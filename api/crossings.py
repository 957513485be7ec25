"""Looking at crossings and following them, at every node."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Annotated

import strawberry
import structlog

from api import entities
from api.context import Info
from api.doors import Views
from api.fields import computed, follow, look
from api.ids import local_id
from api.live import watched
from api.objects.crossing_words import ActKind, CrossingState
from api.objects.crossings import ClearanceRule, Crossing, SubsystemProfile
from api.objects.organisation_words import Subsystem
from api.paging import USUAL_PAGE, After, Connection, First, Id
from api.rules import ADMINISTRATOR, ANALYST, OFFICER, open_to
from bus.recorded import Recorded
from domain.crossings import model, profiles, rules
from domain.crossings.binding import Binding
from domain.crossings.events import CrossingActed, CrossingOpened

LOOK = open_to(OFFICER, ANALYST, personal=True)
TABLES = open_to(OFFICER, ANALYST, ADMINISTRATOR)
_log = structlog.get_logger(__name__)


@strawberry.type(description="The tables by which crossings are led.")
class CrossingRules:
    """The tables by which crossings are led."""

    @computed(list[SubsystemProfile], "How each subsystem works: what is needed, in which steps.")
    def profiles(self) -> Sequence[profiles.Profile]:
        """Return the profiles of all subsystems."""
        return tuple(profiles.PROFILES.values())

    @computed(list[ClearanceRule], "What must be shown and checked, for which goods and circumstances.")
    def clearance(self) -> Sequence[rules.Rule]:
        """Return the table of the clearance."""
        return rules.RULES


@strawberry.type
class CrossingsQuery:
    """What can be looked up."""

    @look(Crossing | None, LOOK, "One crossing, or null.")
    async def crossing(self, info: Info, id_: Id) -> model.Crossing | None:
        return await entities.one(info, model.Crossing, "Crossing", id_)

    @look(Crossing | None, LOOK, "The crossing to which a registration was bound last, or null.")
    async def crossing_of_registration(
        self,
        info: Info,
        registration_id: Annotated[strawberry.ID, strawberry.argument(description="The registration.")],
    ) -> model.Crossing | None:
        views = info.context.doors.views
        bound = await views.entity(Binding, local_id(registration_id, "Registration", "registrationId"))
        return None if bound is None else await views.entity(model.Crossing, bound.crossing_id)

    @look(Connection[Crossing], LOOK, "Crossings, the newest on record first.")
    async def crossings(
        self,
        info: Info,
        *,
        first: First = USUAL_PAGE,
        after: After = None,
        node: Annotated[str | None, strawberry.argument(description="Only of the site of this code.")] = None,
        state: Annotated[CrossingState | None, strawberry.argument(description="Only in this state.")] = None,
        subsystem: Annotated[Subsystem | None, strawberry.argument(description="Only of this subsystem.")] = None,
        lane: Annotated[str | None, strawberry.argument(description="Only at the lane of this code.")] = None,
    ) -> Connection[model.Crossing]:
        return await entities.listed(
            info, model.Crossing, "Crossing", first, after, node=node, state=state, subsystem=subsystem, lane=lane
        )

    @look(CrossingRules, TABLES, "The tables by which crossings are led.")
    def crossing_rules(self) -> CrossingRules:
        return CrossingRules()


@strawberry.type(description="Something was done with a crossing.")
class CrossingPayload:
    """What subscribers to crossings are told."""

    change: ActKind = strawberry.field(description="What was done.")
    crossing: model.Crossing = strawberry.field(graphql_type=Crossing, description="As it stands since, or later.")


@strawberry.type
class CrossingsSubscription:
    """What can be followed."""

    @follow(LOOK, "What is done with crossings, as it becomes known to this node.")
    async def crossings(self, info: Info) -> AsyncGenerator[CrossingPayload, None]:
        async with aclosing(watched(info.context, "CrossingOpened", "CrossingActed")) as events:
            async for recorded in events:
                payload = await _payload(recorded, info.context.doors.views)
                if payload is None:
                    _log.warning("crossing_not_at_hand", event_id=recorded.id, kind=recorded.kind)
                    continue
                yield payload


async def _payload(recorded: Recorded, views: Views) -> CrossingPayload | None:
    match recorded.event:
        case CrossingOpened(crossing=crossing):
            return CrossingPayload(change=ActKind.OPENED, crossing=crossing)
        case CrossingActed(crossing_id=crossing_id, act=act):
            stands = await views.entity(model.Crossing, crossing_id)
            return None if stands is None else CrossingPayload(change=act.kind, crossing=stands)
    return None
