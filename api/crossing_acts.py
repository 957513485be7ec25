"""What officers do with crossings: at sites only."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from api.context import Info
from api.crossing_inputs import CrossingPartsInput
from api.fields import ask
from api.ids import local_id
from api.mutations import Input, idempotency_key
from api.objects.crossing_words import Outcome, RefusalReason
from api.objects.crossings import Crossing
from api.objects.organisation_words import Subsystem
from api.problems import AnyProblem
from api.rules import OFFICER, open_to
from domain.crossings import commands, model

WRITE = open_to(OFFICER, personal=True)
_ID = "The crossing."
_SEEN = "The version of the crossing that the officer saw."
_WHY = "Why."
_DUPLICATES = "The officer confirms that a document was shown twice, or that two persons or things are called the same."


@strawberry.input(description="A crossing to begin with.")
class CrossingOpenInput:
    """A crossing to begin with."""

    idempotency_key: UUID = idempotency_key()
    subsystem: Subsystem = strawberry.field(description="Whose profile it follows.")
    put: CrossingPartsInput = strawberry.field(description="What is known of it.")
    confirm_duplicates: bool = strawberry.field(default=False, description=_DUPLICATES)


@strawberry.input(description="An act on a crossing.")
class CrossingActInput:
    """An act on a crossing."""

    idempotency_key: UUID = idempotency_key()
    crossing_id: strawberry.ID = strawberry.field(description=_ID)
    seen: int = strawberry.field(description=_SEEN)


@strawberry.input(description="An act on a crossing, and why.")
class CrossingReasonInput(CrossingActInput):
    """An act on a crossing, and why."""

    reason: str = strawberry.field(description=_WHY)


@strawberry.input(description="What is put into a crossing.")
class CrossingCompleteInput(CrossingActInput):
    """What is put into a crossing."""

    put: CrossingPartsInput = strawberry.field(description="What is new.")
    confirm_duplicates: bool = strawberry.field(default=False, description=_DUPLICATES)


@strawberry.input(description="What a crossing should have said, and why. What was said first stays in its acts.")
class CrossingCorrectInput(CrossingReasonInput):
    """What a crossing should have said."""

    put: CrossingPartsInput = strawberry.field(description="What takes the place of what has its number, or is new.")
    without: list[int] = strawberry.field(
        default_factory=list, description="Numbers of goods, documents and weights that do not belong to it."
    )
    without_members: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Registrations that do not belong to it."
    )
    confirm_duplicates: bool = strawberry.field(default=False, description=_DUPLICATES)


@strawberry.input(description="What the check of a requirement came to.")
class CrossingCheckInput(CrossingActInput):
    """What a check came to."""

    requirement: str = strawberry.field(description="Code of the requirement.")
    outcome: Outcome = strawberry.field(description="A result, or WAIVED with a reason.")
    reason: str = strawberry.field(default="", description=_WHY)
    shown: str = strawberry.field(default="", description="Number of the certificate or licence that was shown.")


@strawberry.input(description="A requirement that shall not stand against the release, and why.")
class CrossingOverrideInput(CrossingReasonInput):
    """A requirement that shall not stand against the release."""

    requirement: str = strawberry.field(description="Code of the requirement.")


@strawberry.input(description="What a control came to.")
class CrossingReturnInput(CrossingActInput):
    """What a control came to."""

    result: Outcome = strawberry.field(description="A1, A2, A3 or B1.")
    reason: str = strawberry.field(default="", description=_WHY)


@strawberry.input(description="Why a crossing is refused.")
class CrossingRefuseInput(CrossingReasonInput):
    """Why a crossing is refused."""

    code: RefusalReason = strawberry.field(description="One of a short list.")


@strawberry.type(description="It is on record.")
class CrossingSuccess:
    """It is on record."""

    crossing: model.Crossing = strawberry.field(graphql_type=Crossing, description="As it stands now.")


CrossingResult = Annotated[
    CrossingSuccess | AnyProblem, strawberry.union("CrossingResult", description="The crossing, or why not.")
]


@strawberry.type
class CrossingsMutation:
    """What can be asked."""

    @ask(CrossingResult, WRITE, "Begin with a crossing.")
    async def crossing_open(self, info: Info, wish: Input[CrossingOpenInput]) -> CrossingSuccess:
        command = commands.OpenCrossing(
            subsystem=wish.subsystem, put=wish.put.read(), confirm_duplicates=wish.confirm_duplicates
        )
        return CrossingSuccess(crossing=await info.context.dispatch(command, wish.idempotency_key))

    @ask(CrossingResult, WRITE, "Put more into a crossing.")
    async def crossing_complete(self, info: Info, wish: Input[CrossingCompleteInput]) -> CrossingSuccess:
        put, confirmed = wish.put.read(), wish.confirm_duplicates
        return await _act(info, wish, commands.CompleteCrossing, put=put, confirm_duplicates=confirmed)

    @ask(CrossingResult, WRITE, "Put right what is wrong of a crossing.")
    async def crossing_correct(self, info: Info, wish: Input[CrossingCorrectInput]) -> CrossingSuccess:
        return await _act(
            info,
            wish,
            commands.CorrectCrossing,
            reason=wish.reason,
            put=wish.put.read(),
            without=tuple(wish.without),
            without_members=tuple(local_id(each, "Registration", "withoutMembers") for each in wish.without_members),
            confirm_duplicates=wish.confirm_duplicates,
        )

    @ask(CrossingResult, WRITE, "Say what the check of a requirement came to.")
    async def crossing_check(self, info: Info, wish: Input[CrossingCheckInput]) -> CrossingSuccess:
        return await _act(
            info,
            wish,
            commands.CheckRequirement,
            requirement=wish.requirement,
            outcome=wish.outcome,
            reason=wish.reason,
            shown=wish.shown,
        )

    @ask(CrossingResult, WRITE, "Decide that a requirement does not stand against the release.")
    async def crossing_override(self, info: Info, wish: Input[CrossingOverrideInput]) -> CrossingSuccess:
        requirement, reason = wish.requirement, wish.reason
        return await _act(info, wish, commands.OverrideRequirement, requirement=requirement, reason=reason)

    @ask(CrossingResult, WRITE, "Send a crossing to control.")
    async def crossing_send_to_control(self, info: Info, wish: Input[CrossingReasonInput]) -> CrossingSuccess:
        return await _act(info, wish, commands.SendToControl, reason=wish.reason)

    @ask(CrossingResult, WRITE, "Say what the control of a crossing came to.")
    async def crossing_return_from_control(self, info: Info, wish: Input[CrossingReturnInput]) -> CrossingSuccess:
        return await _act(info, wish, commands.ReturnFromControl, result=wish.result, reason=wish.reason)

    @ask(CrossingResult, WRITE, "Let a crossing go.")
    async def crossing_release(self, info: Info, wish: Input[CrossingActInput]) -> CrossingSuccess:
        return await _act(info, wish, commands.ReleaseCrossing)

    @ask(CrossingResult, WRITE, "Do not let a crossing pass.")
    async def crossing_refuse(self, info: Info, wish: Input[CrossingRefuseInput]) -> CrossingSuccess:
        return await _act(info, wish, commands.RefuseCrossing, code=wish.code, reason=wish.reason)

    @ask(CrossingResult, WRITE, "Say that there is no such crossing.")
    async def crossing_cancel(self, info: Info, wish: Input[CrossingReasonInput]) -> CrossingSuccess:
        return await _act(info, wish, commands.CancelCrossing, reason=wish.reason)

    @ask(CrossingResult, WRITE, "Take up a crossing again on which somebody has decided.")
    async def crossing_reopen(self, info: Info, wish: Input[CrossingReasonInput]) -> CrossingSuccess:
        return await _act(info, wish, commands.ReopenCrossing, reason=wish.reason)

    @ask(CrossingResult, WRITE, "Take back one's own last act, within ten minutes.")
    async def crossing_undo(self, info: Info, wish: Input[CrossingActInput]) -> CrossingSuccess:
        return await _act(info, wish, commands.UndoAct)


async def _act(info: Info, wish: CrossingActInput, command: Any, **fields: Any) -> CrossingSuccess:
    crossing_id = local_id(wish.crossing_id, "Crossing", "crossingId")
    act = command(crossing_id=crossing_id, seen=wish.seen, **fields)
    return CrossingSuccess(crossing=await info.context.dispatch(act, wish.idempotency_key))
