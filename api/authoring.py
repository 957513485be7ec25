"""What is written at the centre alone: watchlist entries."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from api.context import Info
from api.fields import ask
from api.ids import local_id
from api.mutations import Input, idempotency_key
from api.objects.watchlist import WatchlistEntry
from api.problems import AnyProblem
from api.rules import ANALYST, open_to
from api.times import utc
from domain.watchlist import model
from domain.watchlist.commands import ApproveEntry, CreateEntry, WantedIdentifier, WithdrawEntry
from domain.watchlist.model import Category

WRITE = open_to(ANALYST, personal=True)


@strawberry.input(description="A value to be matched.")
class CriterionInput:
    """A value to be matched."""

    kind: str = strawberry.field(description="`plate` or `document`.")
    value: str = strawberry.field(description="In any spelling.")
    country: str | None = strawberry.field(default=None, description="Of the plate, or the document's issuer.")


@strawberry.input(description="Who or what is to be sought, why, and what to do on a match.")
class WatchlistEntryCreateInput:
    """Who or what is to be sought."""

    idempotency_key: UUID = idempotency_key()
    title: str = strawberry.field(description="In a line.")
    category: Category = strawberry.field(description="What to do with the object on a match.")
    priority: int = strawberry.field(description="1 (highest) to 3.")
    legal_basis: str = strawberry.field(description="The provision that allows to seek the object.")
    instructions: str = strawberry.field(default="", description="What the officer is told on a match.")
    scope: str = strawberry.field(description="Where it is sought: code of the country, a region or a site.")
    valid_until: datetime = strawberry.field(description="Sought until then; with an offset, at most five years ahead.")
    criteria: list[CriterionInput] = strawberry.field(description="What is matched: 1 to 20.")


@strawberry.input(description="Which entry is approved.")
class WatchlistEntryApproveInput:
    """Which entry is approved."""

    idempotency_key: UUID = idempotency_key()
    entry_id: strawberry.ID = strawberry.field(description="The entry, of another author.")


@strawberry.input(description="Which entry is withdrawn, and why.")
class WatchlistEntryWithdrawInput:
    """Which entry is withdrawn, and why."""

    idempotency_key: UUID = idempotency_key()
    entry_id: strawberry.ID = strawberry.field(description="The entry.")
    reason: str = strawberry.field(description="Why it is no longer sought.")


@strawberry.type(description="The entry as it stands now.")
class WatchlistEntrySuccess:
    """The entry as it stands now."""

    entry: model.Entry = strawberry.field(graphql_type=WatchlistEntry, description="The entry.")


WatchlistEntryResult = Annotated[
    WatchlistEntrySuccess | AnyProblem, strawberry.union("WatchlistEntryResult", description="The entry, or why not.")
]


@strawberry.type
class AuthoringMutation:
    """What can be asked."""

    @ask(WatchlistEntryResult, WRITE, "Submit an entry for another person's approval.")
    async def watchlist_entry_create(self, info: Info, wish: Input[WatchlistEntryCreateInput]) -> WatchlistEntrySuccess:
        return WatchlistEntrySuccess(entry=await info.context.dispatch(_entry(wish), wish.idempotency_key))

    @ask(WatchlistEntryResult, WRITE, "Make a submitted entry active; it travels to every site in its scope.")
    async def watchlist_entry_approve(
        self, info: Info, wish: Input[WatchlistEntryApproveInput]
    ) -> WatchlistEntrySuccess:
        command = ApproveEntry(entry_id=local_id(wish.entry_id, "WatchlistEntry", "entryId"))
        return WatchlistEntrySuccess(entry=await info.context.dispatch(command, wish.idempotency_key))

    @ask(WatchlistEntryResult, WRITE, "End an entry before its validity does.")
    async def watchlist_entry_withdraw(
        self, info: Info, wish: Input[WatchlistEntryWithdrawInput]
    ) -> WatchlistEntrySuccess:
        command = WithdrawEntry(entry_id=local_id(wish.entry_id, "WatchlistEntry", "entryId"), reason=wish.reason)
        return WatchlistEntrySuccess(entry=await info.context.dispatch(command, wish.idempotency_key))


def _entry(wish: WatchlistEntryCreateInput) -> CreateEntry:
    return CreateEntry(
        title=wish.title,
        category=wish.category,
        priority=wish.priority,
        legal_basis=wish.legal_basis,
        instructions=wish.instructions,
        scope=wish.scope,
        valid_until=utc(wish.valid_until, "validUntil"),
        criteria=tuple(
            WantedIdentifier(kind=each.kind, value=each.value, country=each.country) for each in wish.criteria
        ),
    )
