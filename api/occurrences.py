"""Occurrences: looked at, at every node; put on record, corrected and ended at their site."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from api import entities
from api.context import Info
from api.fields import ask, look
from api.ids import local_id
from api.mutations import Input, idempotency_key
from api.objects.occurrences import Occurrence
from api.paging import USUAL_PAGE, After, Connection, First, Id
from api.problems import AnyProblem
from api.rules import ANALYST, OFFICER, open_to
from api.times import optional_utc, utc
from domain.occurrences import model
from domain.occurrences.commands import CorrectOccurrence, EndOccurrence, RecordOccurrence
from domain.occurrences.model import OccurrenceKind

LOOK = open_to(OFFICER, ANALYST, personal=True)
WRITE = open_to(OFFICER, personal=True)


@strawberry.type
class OccurrencesQuery:
    """What can be looked up."""

    @look(Occurrence | None, LOOK, "One occurrence, or null.")
    async def occurrence(self, info: Info, id_: Id) -> model.Occurrence | None:
        return await entities.one(info, model.Occurrence, "Occurrence", id_)

    @look(Connection[Occurrence], LOOK, "Occurrences, the newest on record first.")
    async def occurrences(
        self,
        info: Info,
        *,
        first: First = USUAL_PAGE,
        after: After = None,
        node: Annotated[str | None, strawberry.argument(description="Only of the site of this code.")] = None,
        kind: Annotated[OccurrenceKind | None, strawberry.argument(description="Only of this kind.")] = None,
        lasts: Annotated[bool | None, strawberry.argument(description="Only what goes on; or what does not.")] = None,
    ) -> Connection[model.Occurrence]:
        wanted = {"node": node, "kind": kind, "lasts": lasts}
        return await entities.listed(info, model.Occurrence, "Occurrence", first, after, **wanted)


@strawberry.input(description="What happened.")
class OccurrenceRecordInput:
    """What happened."""

    idempotency_key: UUID = idempotency_key()
    kind: OccurrenceKind = strawberry.field(description="What kind of thing it is.")
    text: str = strawberry.field(description="What happened, up to 4000 characters.")
    lane: str = strawberry.field(default="", description="Code of the lane; empty for the whole site.")
    at: datetime | None = strawberry.field(default=None, description="When it happened or began; null for now.")
    registration_id: strawberry.ID | None = strawberry.field(
        default=None, description="The registration of the object it is about, if any."
    )


@strawberry.input(description="What an occurrence should have said, and why.")
class OccurrenceCorrectInput:
    """What an occurrence should have said."""

    idempotency_key: UUID = idempotency_key()
    occurrence_id: strawberry.ID = strawberry.field(description="The occurrence.")
    text: str = strawberry.field(description="What happened.")
    at: datetime = strawberry.field(description="When it happened or began.")
    reason: str = strawberry.field(description="Why it is corrected. The first stays on record.")


@strawberry.input(description="Which occurrence is over.")
class OccurrenceEndInput:
    """Which occurrence is over."""

    idempotency_key: UUID = idempotency_key()
    occurrence_id: strawberry.ID = strawberry.field(description="The occurrence.")
    at: datetime | None = strawberry.field(default=None, description="When it was over; null for now.")


@strawberry.type(description="The occurrence is on record.")
class OccurrenceSuccess:
    """The occurrence is on record."""

    occurrence: model.Occurrence = strawberry.field(graphql_type=Occurrence, description="As it stands now.")


OccurrenceResult = Annotated[
    OccurrenceSuccess | AnyProblem, strawberry.union("OccurrenceResult", description="The occurrence, or why not.")
]


@strawberry.type
class OccurrencesMutation:
    """What can be asked."""

    @ask(OccurrenceResult, WRITE, "Put on record what happened besides crossings.")
    async def occurrence_record(self, info: Info, wish: Input[OccurrenceRecordInput]) -> OccurrenceSuccess:
        about = wish.registration_id
        command = RecordOccurrence(
            kind=wish.kind,
            text=wish.text,
            lane=wish.lane,
            at=optional_utc(wish.at, "at"),
            registration_id=None if about is None else local_id(about, "Registration", "registrationId"),
        )
        return OccurrenceSuccess(occurrence=await info.context.dispatch(command, wish.idempotency_key))

    @ask(OccurrenceResult, WRITE, "Correct what was said of an occurrence.")
    async def occurrence_correct(self, info: Info, wish: Input[OccurrenceCorrectInput]) -> OccurrenceSuccess:
        command = CorrectOccurrence(
            occurrence_id=local_id(wish.occurrence_id, "Occurrence", "occurrenceId"),
            text=wish.text,
            at=utc(wish.at, "at"),
            reason=wish.reason,
        )
        return OccurrenceSuccess(occurrence=await info.context.dispatch(command, wish.idempotency_key))

    @ask(OccurrenceResult, WRITE, "Say that an occurrence is over.")
    async def occurrence_end(self, info: Info, wish: Input[OccurrenceEndInput]) -> OccurrenceSuccess:
        command = EndOccurrence(
            occurrence_id=local_id(wish.occurrence_id, "Occurrence", "occurrenceId"), at=optional_utc(wish.at, "at")
        )
        return OccurrenceSuccess(occurrence=await info.context.dispatch(command, wish.idempotency_key))
