"""What is in quarantine of the link, at every node: listed, tried again, set aside."""

from base64 import b64encode
from typing import Annotated
from uuid import UUID

import strawberry

from api.context import Context, Info
from api.fields import ask, look
from api.ids import local_id
from api.mutations import Input, idempotency_key
from api.numbers import Int64
from api.objects.upkeep import QuarantinedBatch, QuarantinedEvent
from api.paging import USUAL_PAGE, After, Connection, First, Id, connection, window
from api.problems import AnyProblem
from api.refusals import IdMalformed, ReplayAmbiguous
from api.rules import ADMINISTRATOR, open_to
from domain.access.commands import RecordAccess
from domain.shared.errors import Refusal
from domain.shared.quarantine import QuarantineState
from domain.upkeep import model
from domain.upkeep.commands import NoteBatchTaken, ReplayEvent, ReplayLog, SetBatchAside, SetEventAside
from domain.upkeep.errors import (
    BatchNotForThisNode,
    BatchStillRefused,
    QuarantinedBatchSettled,
    QuarantinedBatchUnknown,
)
from domain.upkeep.model import Trouble

UPKEEP = open_to(ADMINISTRATOR)
READ = open_to(ADMINISTRATOR, personal=True)
EVENT, BATCH = "QuarantinedEvent", "QuarantinedBatch"
_EPOCH_END = 1 << 63
_EPOCH_DIGITS = 19

State = Annotated[QuarantineState | None, strawberry.argument(description="Only in this state.")]


@strawberry.type
class UpkeepQuery:
    """What can be looked up."""

    @look(QuarantinedEvent | None, UPKEEP, "One event in quarantine, or null.")
    async def quarantined_event(self, info: Info, id_: Id) -> model.QuarantinedEvent | None:
        found = await info.context.doors.views.quarantined_event(local_id(id_, EVENT))
        return found and found[0]

    @look(str | None, READ, "The bytes of an event in quarantine, in Base64; null when it is not there.")
    async def quarantined_event_bytes(self, info: Info, id_: Id) -> str | None:
        found = await info.context.doors.views.quarantined_event(local_id(id_, EVENT))
        return None if found is None else b64encode(found[1]).decode()

    @look(Connection[QuarantinedEvent], UPKEEP, "Events that cannot be shown in the tables here, newest first.")
    async def quarantined_events(  # noqa: PLR0917 - GraphQL passes all of them by name
        self,
        info: Info,
        first: First = USUAL_PAGE,
        after: After = None,
        state: State = None,
        trouble: Annotated[Trouble | None, strawberry.argument(description="Only of this trouble.")] = None,
        origin: Annotated[str | None, strawberry.argument(description="Only of the node of this code.")] = None,
    ) -> Connection[model.QuarantinedEvent]:
        asked = window(EVENT, first, after)
        page = await info.context.doors.views.quarantined_events(asked, state=state, trouble=trouble, origin=origin)
        return connection(page, asked, lambda each: each.id)

    @look(QuarantinedBatch | None, UPKEEP, "One batch in quarantine, or null.")
    async def quarantined_batch(self, info: Info, id_: Id) -> model.QuarantinedBatch | None:
        found = await info.context.doors.views.quarantined_batch(local_id(id_, BATCH))
        return found and found[0]

    @look(str | None, READ, "The bytes of a batch in quarantine, in Base64; null when it is not there.")
    async def quarantined_batch_bytes(self, info: Info, id_: Id) -> str | None:
        found = await info.context.doors.views.quarantined_batch(local_id(id_, BATCH))
        return None if found is None else b64encode(found[1]).decode()

    @look(Connection[QuarantinedBatch], UPKEEP, "Batches of neighbours that could not be taken here, newest first.")
    async def quarantined_batches(
        self,
        info: Info,
        first: First = USUAL_PAGE,
        after: After = None,
        state: State = None,
        child: Annotated[str | None, strawberry.argument(description="Only of the child of this code.")] = None,
    ) -> Connection[model.QuarantinedBatch]:
        asked = window(BATCH, first, after)
        page = await info.context.doors.views.quarantined_batches(asked, state=state, child=child)
        return connection(page, asked, lambda each: each.id)


@strawberry.input(description="A log that is held here.")
class LogInput:
    """A log."""

    origin: str = strawberry.field(description="Code of the node whose events it holds.")
    epoch: str = strawberry.field(description="Life of that node's log, in decimal digits.")
    channel: str = strawberry.field(description="Kind of events that it holds.")


@strawberry.input(description="Which events are shown again: one and what waits for it, or all held ones of a log.")
class QuarantinedEventReplayInput:
    """Which events are shown again."""

    idempotency_key: UUID = idempotency_key()
    event_id: strawberry.ID | None = strawberry.field(description="The event; not together with a log.", default=None)
    log: LogInput | None = strawberry.field(description="The log; not together with an event.", default=None)


@strawberry.input(description="Which event is given up, and why.")
class QuarantinedEventSetAsideInput:
    """Which event is given up."""

    idempotency_key: UUID = idempotency_key()
    event_id: strawberry.ID = strawberry.field(description="The event.")
    reason: str = strawberry.field(description="Why it is given up.")


@strawberry.input(description="Which batch is taken in again.")
class QuarantinedBatchReplayInput:
    """Which batch is taken in again."""

    idempotency_key: UUID = idempotency_key()
    batch_id: strawberry.ID = strawberry.field(description="The batch.")


@strawberry.input(description="Which batch is given up, and why.")
class QuarantinedBatchSetAsideInput:
    """Which batch is given up."""

    idempotency_key: UUID = idempotency_key()
    batch_id: strawberry.ID = strawberry.field(description="The batch.")
    reason: str = strawberry.field(description="Why it is given up.")


@strawberry.type(description="What came of showing events again.")
class QuarantinedEventReplaySuccess:
    """What came of showing events again."""

    shown: Int64 = strawberry.field(description="Events that show now.")
    held: Int64 = strawberry.field(description="Events that were tried and still cannot be shown.")


@strawberry.type(description="The event as it stands now.")
class QuarantinedEventSetAsideSuccess:
    """The event as it stands now."""

    quarantined_event: model.QuarantinedEvent | None = strawberry.field(
        graphql_type=QuarantinedEvent | None, description="The event."
    )


@strawberry.type(description="The batch as it stands now.")
class QuarantinedBatchSuccess:
    """The batch as it stands now."""

    quarantined_batch: model.QuarantinedBatch | None = strawberry.field(
        graphql_type=QuarantinedBatch | None, description="The batch."
    )


QuarantinedEventReplayResult = Annotated[
    QuarantinedEventReplaySuccess | AnyProblem,
    strawberry.union("QuarantinedEventReplayResult", description="What came of it, or why nothing did."),
]
QuarantinedEventSetAsideResult = Annotated[
    QuarantinedEventSetAsideSuccess | AnyProblem,
    strawberry.union("QuarantinedEventSetAsideResult", description="The event, or why not."),
]
QuarantinedBatchResult = Annotated[
    QuarantinedBatchSuccess | AnyProblem,
    strawberry.union("QuarantinedBatchResult", description="The batch, or why not."),
]


@strawberry.type
class UpkeepMutation:
    """What can be asked."""

    @ask(QuarantinedEventReplayResult, UPKEEP, "Show events again that could not be shown, in the order of their log.")
    async def quarantined_event_replay(
        self, info: Info, wish: Input[QuarantinedEventReplayInput]
    ) -> QuarantinedEventReplaySuccess:
        replayed = await info.context.dispatch(_replay(wish), wish.idempotency_key)
        return QuarantinedEventReplaySuccess(shown=Int64(replayed.shown), held=Int64(replayed.held))

    @ask(QuarantinedEventSetAsideResult, UPKEEP, "Give up showing an event. It stays in its log.")
    async def quarantined_event_set_aside(
        self, info: Info, wish: Input[QuarantinedEventSetAsideInput]
    ) -> QuarantinedEventSetAsideSuccess:
        event_id = local_id(wish.event_id, EVENT, "eventId")
        await info.context.dispatch(SetEventAside(event_id=event_id, reason=wish.reason), wish.idempotency_key)
        found = await info.context.doors.views.quarantined_event(event_id)
        return QuarantinedEventSetAsideSuccess(quarantined_event=found and found[0])

    @ask(QuarantinedBatchResult, UPKEEP, "Take a batch in again, as if its sender had sent it now.")
    async def quarantined_batch_replay(
        self, info: Info, wish: Input[QuarantinedBatchReplayInput]
    ) -> QuarantinedBatchSuccess:
        batch_id = local_id(wish.batch_id, BATCH, "batchId")
        await _take_again(batch_id, info.context)
        await info.context.dispatch(NoteBatchTaken(batch_id=batch_id), wish.idempotency_key)
        return await _batch(batch_id, info.context)

    @ask(QuarantinedBatchResult, UPKEEP, "Give up a batch. Its bytes are kept while there is room.")
    async def quarantined_batch_set_aside(
        self, info: Info, wish: Input[QuarantinedBatchSetAsideInput]
    ) -> QuarantinedBatchSuccess:
        batch_id = local_id(wish.batch_id, BATCH, "batchId")
        await info.context.dispatch(SetBatchAside(batch_id=batch_id, reason=wish.reason), wish.idempotency_key)
        return await _batch(batch_id, info.context)


def _replay(wish: QuarantinedEventReplayInput) -> ReplayEvent | ReplayLog:
    if (wish.event_id is None) == (wish.log is None):
        raise ReplayAmbiguous(path=("eventId",))
    if wish.log is None:
        return ReplayEvent(event_id=local_id(str(wish.event_id), EVENT, "eventId"))
    epoch = wish.log.epoch
    if not (epoch.isascii() and epoch.isdecimal() and len(epoch) <= _EPOCH_DIGITS and int(epoch) < _EPOCH_END):
        raise IdMalformed(path=("log", "epoch"))
    return ReplayLog(origin=wish.log.origin, epoch=int(epoch), channel=wish.log.channel)


async def _take_again(batch_id: str, context: Context) -> None:
    """Take a batch in, unless it was. A refusal goes on audit here: there is no command that it came from."""
    try:
        await _take(batch_id, context)
    except Refusal as refusal:
        refusal.path = refusal.path or ("batchId",)
        outcome = f"refused:{refusal.code}"
        await context.dispatch(RecordAccess(action=NoteBatchTaken.__name__, target=batch_id, outcome=outcome))
        raise


async def _take(batch_id: str, context: Context) -> None:
    found = await context.doors.views.quarantined_batch(batch_id)
    if found is None:
        raise QuarantinedBatchUnknown
    batch, data = found
    if batch.state is QuarantineState.SET_ASIDE:
        raise QuarantinedBatchSettled(state=batch.state.value)
    if batch.state is QuarantineState.REPLAYED:
        return
    if batch.refused:
        raise BatchNotForThisNode
    reason = await context.doors.replay_batch(batch.child, data)
    if reason is not None:
        raise BatchStillRefused(reason=reason)


async def _batch(batch_id: str, context: Context) -> QuarantinedBatchSuccess:
    found = await context.doors.views.quarantined_batch(batch_id)
    return QuarantinedBatchSuccess(quarantined_batch=found and found[0])
