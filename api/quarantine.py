"""What devices sent and nobody could read: listed, tried again, set aside. At sites only."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Annotated
from uuid import UUID

import strawberry

from api.context import Context, Info
from api.fields import ask, look
from api.ids import global_id, local_id
from api.mutations import Input, idempotency_key
from api.objects.registrations import QuarantinedPush, QuarantineTally
from api.paging import USUAL_PAGE, After, Connection, First, Id, connection, window
from api.problems import AnyProblem
from api.rules import ADMINISTRATOR, open_to
from domain.access.commands import RecordAccess
from domain.organisation.errors import DeviceUnknown
from domain.registrations import model
from domain.registrations.commands import SetPushAside, TakeReadings
from domain.registrations.errors import QuarantinedPushUnknown
from domain.registrations.intake import Taken
from domain.shared.errors import Refusal
from domain.shared.quarantine import QuarantineState

QUARANTINE = open_to(ADMINISTRATOR)
READ_AGAIN = open_to(ADMINISTRATOR, personal=True)


@strawberry.type
class QuarantineQuery:
    """What can be looked up."""

    @look(QuarantinedPush | None, QUARANTINE, "One push in quarantine, or null.")
    async def quarantined_push(self, info: Info, id_: Id) -> model.QuarantinedPush | None:
        found = await info.context.doors.views.quarantined(local_id(id_, "QuarantinedPush"))
        return found and found[0]

    @look(Connection[QuarantinedPush], QUARANTINE, "Pushes of known devices that could not be taken, newest first.")
    async def quarantine(
        self,
        info: Info,
        first: First = USUAL_PAGE,
        after: After = None,
        state: Annotated[QuarantineState | None, strawberry.argument(description="Only in this state.")] = None,
    ) -> Connection[model.QuarantinedPush]:
        asked = window("QuarantinedPush", first, after)
        page = await info.context.doors.views.quarantine(asked, state=state)
        return connection(page, asked, lambda each: each.id)

    @look(Connection[QuarantineTally], QUARANTINE, "How much quarantine holds by device, by code descending.")
    async def quarantine_tallies(
        self, info: Info, first: First = USUAL_PAGE, after: After = None
    ) -> Connection[model.QuarantineTally]:
        asked = window("Device", first, after)
        page = await info.context.doors.views.quarantine_tallies(asked)
        return connection(page, asked, lambda each: each.device)


@strawberry.input(description="Which push is tried again.")
class QuarantineReplayInput:
    """Which push is tried again."""

    idempotency_key: UUID = idempotency_key()
    push_id: strawberry.ID = strawberry.field(description="The push.")


@strawberry.input(description="Which push is given up, and why.")
class QuarantineSetAsideInput:
    """Which push is given up, and why."""

    idempotency_key: UUID = idempotency_key()
    push_id: strawberry.ID = strawberry.field(description="The push.")
    reason: str = strawberry.field(description="Why it is given up.")


@strawberry.type(description="What became of one reading of a push.")
class ReplayedReading:
    """What became of one reading."""

    status: str = strawberry.field(
        description="It opened a passage (`registered`), joined one (`merged`) or was known (`duplicate`)."
    )
    registration_id: strawberry.ID = strawberry.field(description="The registration of its passage.")
    late: bool = strawberry.field(description="Seen so long before it was received that the object may be gone.")


@strawberry.type(description="The push could be taken after all.")
class QuarantineReplaySuccess:
    """The push could be taken after all."""

    readings: list[ReplayedReading] = strawberry.field(description="What became of its readings, in their order.")


@strawberry.type(description="The push is given up.")
class QuarantineSetAsideSuccess:
    """The push is given up."""

    quarantined_push: model.QuarantinedPush | None = strawberry.field(
        graphql_type=QuarantinedPush | None, description="The push as it stands now."
    )


QuarantineReplayResult = Annotated[
    QuarantineReplaySuccess | AnyProblem,
    strawberry.union("QuarantineReplayResult", description="What became of the readings, or why none was taken."),
]
QuarantineSetAsideResult = Annotated[
    QuarantineSetAsideSuccess | AnyProblem,
    strawberry.union("QuarantineSetAsideResult", description="The push, or why not."),
]


@strawberry.type
class QuarantineMutation:
    """What can be asked."""

    @ask(QuarantineReplayResult, READ_AGAIN, "Read a push again, as its device's format reads now.")
    async def quarantine_replay(self, info: Info, wish: Input[QuarantineReplayInput]) -> QuarantineReplaySuccess:
        async with _replay(local_id(wish.push_id, "QuarantinedPush", "pushId"), info.context) as command:
            taken = await info.context.dispatch(command, wish.idempotency_key)
        return QuarantineReplaySuccess(readings=[_replayed(each) for each in taken])

    @ask(QuarantineSetAsideResult, QUARANTINE, "Take a push out of quarantine for good.")
    async def quarantine_set_aside(self, info: Info, wish: Input[QuarantineSetAsideInput]) -> QuarantineSetAsideSuccess:
        push_id = local_id(wish.push_id, "QuarantinedPush", "pushId")
        await info.context.dispatch(SetPushAside(push_id=push_id, reason=wish.reason), wish.idempotency_key)
        found = await info.context.doors.views.quarantined(push_id)
        return QuarantineSetAsideSuccess(quarantined_push=found and found[0])


@asynccontextmanager
async def _replay(push_id: str, context: Context) -> AsyncIterator[TakeReadings]:
    """Read a push again. A refusal goes on audit here, as the command that it keeps from being made would be."""
    async with AsyncExitStack() as stack:
        try:
            command = await stack.enter_async_context(await _read(push_id, context))
        except Refusal as refusal:
            await _refused(refusal, push_id, context)
            raise
        yield command


async def _refused(refusal: Refusal, push_id: str, context: Context) -> None:
    refusal.path = refusal.path or ("pushId",)
    outcome = f"refused:{refusal.code}"
    await context.dispatch(RecordAccess(action=TakeReadings.__name__, target=push_id, outcome=outcome))


async def _read(push_id: str, context: Context) -> AbstractAsyncContextManager[TakeReadings]:
    found, intake = await context.doors.views.quarantined(push_id), context.doors.intake
    if found is None or intake is None:
        raise QuarantinedPushUnknown
    push, body = found
    device = await context.doors.views.device(push.device)
    if device is None:
        raise DeviceUnknown
    return intake.read_again(device, push, body)


def _replayed(taken: Taken) -> ReplayedReading:
    registration_id = strawberry.ID(global_id("Registration", taken.registration_id))
    return ReplayedReading(status=taken.status, registration_id=registration_id, late=taken.late)
