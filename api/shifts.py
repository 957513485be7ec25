"""Shifts, and what is at a post now: looked at, at every node; begun, ended and taken over at their site."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, TypeVar
from uuid import UUID

import strawberry

from api import entities
from api.context import Info
from api.doors import Views
from api.fields import ask, computed, look
from api.ids import local_id
from api.mutations import Input, idempotency_key
from api.objects.crossings import Crossing
from api.objects.registrations import Registration
from api.objects.shifts import Shift
from api.objects.trains import Train
from api.objects.visits import Visit
from api.paging import USUAL_PAGE, After, Connection, First, Id
from api.problems import AnyProblem
from api.refusals import HoursOutOfRange
from api.rules import ANALYST, OFFICER, open_to
from domain.crossings.binding import Binding
from domain.crossings.model import UNDER_WAY, CrossingState
from domain.crossings.model import Crossing as CrossingModel
from domain.registrations.model import Registration as RegistrationModel
from domain.shared.views import Window
from domain.shifts import model
from domain.shifts.commands import CloseShift, OpenShift, TakeShiftOver
from domain.shifts.model import ShiftState
from domain.trains.model import Train as TrainModel
from domain.trains.model import TrainState
from domain.visits.model import Visit as VisitModel
from domain.visits.model import VisitState

LOOK = open_to(OFFICER, ANALYST, personal=True)
WRITE = open_to(OFFICER, personal=True)
HOURS_MAX = 24
AT_POST_MAX = 200
TRAINS_MAX = 50
TRAINS_HERE = (TrainState.PASSING, TrainState.PASSED, TrainState.IN_CONTROL)
E = TypeVar("E")


@strawberry.type(description="What is at a post now.")
class AtPost:
    """What is at a post now."""

    registrations: list[RegistrationModel] = strawberry.field(
        graphql_type=list[Registration],
        description="Registered in the last hours and in no crossing yet, the newest first, 200 at most.",
    )
    crossings: list[CrossingModel] = strawberry.field(
        graphql_type=list[Crossing], description="Under way, by lane, the newest first within one; 400 at most."
    )
    complete: bool = strawberry.field(
        description="Nothing of registrations and crossings had to be left out because it was too much."
    )
    site: strawberry.Private[str]

    @computed(list[Train], "Trains that are passing, have passed or are in control, the newest 50 of each at most.")
    async def trains(self, info: Info) -> list[TrainModel]:
        """Return the trains that nobody has decided on."""
        return [train for state in TRAINS_HERE for train in await self._those(info, TrainModel, TRAINS_MAX, state)]

    @computed(list[Visit], "Visits of vehicles that are in the terminal, the newest first, 200 at most.")
    async def visits(self, info: Info) -> list[VisitModel]:
        """Return the visits that are not over."""
        return await self._those(info, VisitModel, AT_POST_MAX, VisitState.OPEN)

    async def _those(self, info: Info, type_: type[E], limit: int, state: object) -> list[E]:
        page = await info.context.doors.views.entities(type_, Window(limit=limit), node=self.site, state=state)
        return list(page.items)


@strawberry.type
class ShiftsQuery:
    """What can be looked up."""

    @look(Shift | None, LOOK, "One shift, or null.")
    async def shift(self, info: Info, id_: Id) -> model.Shift | None:
        return await entities.one(info, model.Shift, "Shift", id_)

    @look(Connection[Shift], LOOK, "Shifts, the newest first.")
    async def shifts(
        self,
        info: Info,
        *,
        first: First = USUAL_PAGE,
        after: After = None,
        node: Annotated[str | None, strawberry.argument(description="Only of the site of this code.")] = None,
        state: Annotated[ShiftState | None, strawberry.argument(description="Only in this state.")] = None,
    ) -> Connection[model.Shift]:
        return await entities.listed(info, model.Shift, "Shift", first, after, node=node, state=state)

    @look(AtPost, LOOK, "What is at a post now.")
    async def at_post(
        self,
        info: Info,
        *,
        hours: Annotated[int, strawberry.argument(description="How far back registrations are told: 1 to 24.")] = 4,
        node: Annotated[str | None, strawberry.argument(description="Code of the site; null for this node.")] = None,
    ) -> AtPost:
        if not 1 <= hours <= HOURS_MAX:
            raise HoursOutOfRange(path=("hours",))
        doors = info.context.doors
        site, since = node or doors.node, doors.clock.now() - timedelta(hours=hours)
        seen = await doors.views.registrations(Window(limit=AT_POST_MAX), node=site)
        lately = [each for each in seen.items if each.seen_at >= since]
        crossings, all_of_them = await _under_way(doors.views, site)
        return AtPost(
            registrations=await _unbound(doors.views, lately),
            crossings=crossings,
            complete=all_of_them and not (seen.more and seen.items[-1].registered_at >= since),
            site=site,
        )


async def _under_way(views: Views, site: str) -> tuple[list[CrossingModel], bool]:
    window = Window(limit=AT_POST_MAX)
    pages = [await views.entities(CrossingModel, window, node=site, state=state) for state in sorted(UNDER_WAY)]
    found = sorted((crossing for page in pages for crossing in page.items), key=lambda each: each.id, reverse=True)
    return sorted(found, key=lambda each: each.lane), not any(page.more for page in pages)


async def _unbound(views: Views, seen: Sequence[RegistrationModel]) -> list[RegistrationModel]:
    """Return those in no crossing: they never were, were taken out of it, or it turned out that there is none."""
    bound = await views.entities_of(Binding, [each.id for each in seen])
    crossings = await views.entities_of(CrossingModel, sorted({each.crossing_id for each in bound}))
    members = {
        member.registration_id
        for crossing in crossings
        if crossing.state is not CrossingState.CANCELLED
        for member in crossing.parts.members
    }
    return [each for each in seen if each.id not in members]


@strawberry.input(description="A shift to begin.")
class ShiftOpenInput:
    """A shift to begin."""

    idempotency_key: UUID = idempotency_key()


@strawberry.input(description="A shift to end, and what is said to the next officer.")
class ShiftCloseInput:
    """A shift to end."""

    idempotency_key: UUID = idempotency_key()
    shift_id: strawberry.ID = strawberry.field(description="The shift.")
    notes: str = strawberry.field(default="", description="What the next officer should know, up to 4000 characters.")


@strawberry.input(description="A shift to go on with.")
class ShiftTakeOverInput:
    """A shift to go on with."""

    idempotency_key: UUID = idempotency_key()
    shift_id: strawberry.ID = strawberry.field(description="The shift.")


@strawberry.type(description="It is on record.")
class ShiftSuccess:
    """It is on record."""

    shift: model.Shift = strawberry.field(graphql_type=Shift, description="As it stands now.")


ShiftResult = Annotated[ShiftSuccess | AnyProblem, strawberry.union("ShiftResult", description="The shift, or not.")]


@strawberry.type
class ShiftsMutation:
    """What can be asked."""

    @ask(ShiftResult, WRITE, "Begin a shift.")
    async def shift_open(self, info: Info, wish: Input[ShiftOpenInput]) -> ShiftSuccess:
        return ShiftSuccess(shift=await info.context.dispatch(OpenShift(), wish.idempotency_key))

    @ask(ShiftResult, WRITE, "End one's shift and hand over what is left to do.")
    async def shift_close(self, info: Info, wish: Input[ShiftCloseInput]) -> ShiftSuccess:
        command = CloseShift(shift_id=local_id(wish.shift_id, "Shift", "shiftId"), notes=wish.notes)
        return ShiftSuccess(shift=await info.context.dispatch(command, wish.idempotency_key))

    @ask(ShiftResult, WRITE, "Go on with what a shift has left to do.")
    async def shift_take_over(self, info: Info, wish: Input[ShiftTakeOverInput]) -> ShiftSuccess:
        command = TakeShiftOver(shift_id=local_id(wish.shift_id, "Shift", "shiftId"))
        return ShiftSuccess(shift=await info.context.dispatch(command, wish.idempotency_key))
