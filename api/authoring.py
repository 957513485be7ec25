"""What is written at the centre alone: watchlist entries and the devices of all posts."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import strawberry

from api.context import Info
from api.fields import ask
from api.ids import local_id
from api.mutations import Input, idempotency_key
from api.objects.organisation import Device
from api.objects.watchlist import WatchlistEntry
from api.problems import AnyProblem
from api.refusals import TimeMalformed
from api.rules import ADMINISTRATOR, ANALYST, open_to
from domain.organisation import model as organisation
from domain.organisation.commands import EnrolDevice
from domain.organisation.model import digest
from domain.watchlist import model
from domain.watchlist.commands import ApproveEntry, CreateEntry, WantedIdentifier, WithdrawEntry
from domain.watchlist.model import Category

WRITE = open_to(ANALYST, personal=True)
KEY_BYTES = 32


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


@strawberry.input(description="A device and where it stands.")
class DeviceEnrolInput:
    """A device and where it stands."""

    idempotency_key: UUID = idempotency_key()
    code: str = strawberry.field(description="Unique in the whole system; part of the address it pushes to.")
    site: str = strawberry.field(description="Code of the site.")
    lane: str = strawberry.field(description="Code of the lane.")
    checkpoint: str = strawberry.field(description="Code of the checkpoint at which passages are formed.")
    direction: str = strawberry.field(description="`inbound` or `outbound`.")
    format: str = strawberry.field(description="Name of the vendor format it speaks.")


@strawberry.type(description="The entry as it stands now.")
class WatchlistEntrySuccess:
    """The entry as it stands now."""

    entry: model.Entry = strawberry.field(graphql_type=WatchlistEntry, description="The entry.")


@strawberry.type(description="The device may push from now on, as soon as its site has heard of it.")
class DeviceEnrolSuccess:
    """The device may push from now on."""

    device: organisation.Device = strawberry.field(graphql_type=Device, description="The device.")
    key: str = strawberry.field(description="With this key it proves itself. It is told this once and kept nowhere.")


WatchlistEntryResult = Annotated[
    WatchlistEntrySuccess | AnyProblem, strawberry.union("WatchlistEntryResult", description="The entry, or why not.")
]
DeviceEnrolResult = Annotated[
    DeviceEnrolSuccess | AnyProblem, strawberry.union("DeviceEnrolResult", description="Device and key, or why not.")
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

    @ask(
        DeviceEnrolResult,
        open_to(ADMINISTRATOR),
        "Put a device on the books of a site. A repeated request is refused: its key was told once.",
    )
    async def device_enrol(self, info: Info, wish: Input[DeviceEnrolInput]) -> DeviceEnrolSuccess:
        key = urlsafe_b64encode(info.context.doors.ids.random(KEY_BYTES)).rstrip(b"=").decode()
        command = EnrolDevice(
            code=wish.code,
            site=wish.site,
            lane=wish.lane,
            checkpoint=wish.checkpoint,
            direction=wish.direction,
            format=wish.format,
            key_digest=digest(key),
        )
        return DeviceEnrolSuccess(device=await info.context.dispatch(command, wish.idempotency_key), key=key)


def _entry(wish: WatchlistEntryCreateInput) -> CreateEntry:
    return CreateEntry(
        title=wish.title,
        category=wish.category,
        priority=wish.priority,
        legal_basis=wish.legal_basis,
        instructions=wish.instructions,
        scope=wish.scope,
        valid_until=_utc(wish.valid_until, "validUntil"),
        criteria=tuple(
            WantedIdentifier(kind=each.kind, value=each.value, country=each.country) for each in wish.criteria
        ),
    )


def _utc(time: datetime, path: str) -> datetime:
    if time.tzinfo is None:
        raise TimeMalformed(path=(path,))
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise TimeMalformed(path=(path,)) from None
