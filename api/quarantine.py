"""What devices sent and nobody could read: listed, tried again, set aside. At sites only."""

import asyncio
from typing import Annotated
from uuid import UUID

import strawberry

from api.context import Context, Info
from api.fields import ask, look
from api.ids import global_id, local_id
from api.mutations import Input, idempotency_key
from api.objects.crossings import QuarantinedPush
from api.paging import USUAL_PAGE, After, Connection, First, Id, connection, window
from api.problems import AnyProblem
from api.rules import ADMINISTRATOR, open_to
from domain.crossings import model
from domain.crossings.commands import SetPushAside, TakeReadings
from domain.crossings.errors import QuarantinedPushUnknown
from domain.crossings.intake import Taken
from domain.crossings.model import QuarantineState
from domain.crossings.readings import Push, Seen
from domain.organisation.errors import FormatUnknown

QUARANTINE = open_to(ADMINISTRATOR)


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

    @ask(QuarantineReplayResult, QUARANTINE, "Read a push again, as its device's format reads now.")
    async def quarantine_replay(self, info: Info, wish: Input[QuarantineReplayInput]) -> QuarantineReplaySuccess:
        command = await _replay(local_id(wish.push_id, "QuarantinedPush", "pushId"), info.context)
        taken = await info.context.dispatch(command, wish.idempotency_key)
        return QuarantineReplaySuccess(readings=[_replayed(each) for each in taken])

    @ask(QuarantineSetAsideResult, QUARANTINE, "Take a push out of quarantine for good.")
    async def quarantine_set_aside(self, info: Info, wish: Input[QuarantineSetAsideInput]) -> QuarantineSetAsideSuccess:
        push_id = local_id(wish.push_id, "QuarantinedPush", "pushId")
        await info.context.dispatch(SetPushAside(push_id=push_id, reason=wish.reason), wish.idempotency_key)
        found = await info.context.doors.views.quarantined(push_id)
        return QuarantineSetAsideSuccess(quarantined_push=found and found[0])


async def _replay(push_id: str, context: Context) -> TakeReadings:
    found = await context.doors.views.quarantined(push_id)
    if found is None:
        raise QuarantinedPushUnknown(path=("pushId",))
    push, body = found
    seen = await _read(push, body, context)
    return TakeReadings(device=push.device, seen=seen, received_at=push.received_at, push_id=push.id)


async def _read(push: model.QuarantinedPush, body: bytes, context: Context) -> tuple[Seen, ...]:
    device = await context.doors.views.device(push.device)
    form = context.doors.formats.get(device.format) if device else None
    if form is None:
        raise FormatUnknown(path=("pushId",))
    content = await asyncio.to_thread(form.read, Push(content_type=push.content_type, body=body))
    return content.seen


def _replayed(taken: Taken) -> ReplayedReading:
    registration_id = strawberry.ID(global_id("Registration", taken.registration_id))
    return ReplayedReading(status=taken.status, registration_id=registration_id, late=taken.late)
