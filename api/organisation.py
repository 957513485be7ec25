"""Devices: looked at, at every node; put on the books, given other keys and withdrawn at the centre alone."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import strawberry

from api.context import Context, Info
from api.fields import ask, look
from api.ids import local_id
from api.mutations import Input, idempotency_key
from api.numbers import Int64
from api.objects.organisation import Device
from api.paging import USUAL_PAGE, After, Connection, First, Id, connection, window
from api.problems import AnyProblem
from api.rules import ADMINISTRATOR, ANALYST, OFFICER, open_to
from domain.organisation import model
from domain.organisation.commands import AdjustDevice, EnrolDevice, RenewDeviceKey, WithdrawDevice
from domain.organisation.errors import DirectionWordsMalformed
from domain.organisation.model import View, digest

LOOK = open_to(OFFICER, ANALYST, ADMINISTRATOR)
WRITE = open_to(ADMINISTRATOR)

_SECONDS_MAX = 1e8
_KEY = "With this key it proves itself. It is kept nowhere; the same request tells it again, for seven days."


@strawberry.type
class OrganisationQuery:
    """What can be looked up."""

    @look(Device | None, LOOK, "One device, or null.")
    async def device(self, info: Info, id_: Id) -> model.Device | None:
        return await info.context.doors.views.device(local_id(id_, "Device"))

    @look(Connection[Device], LOOK, "Devices by their codes, descending.")
    async def devices(self, info: Info, first: First = USUAL_PAGE, after: After = None) -> Connection[model.Device]:
        asked = window("Device", first, after)
        return connection(await info.context.doors.views.devices(asked), asked, lambda each: each.code)


@strawberry.input(description="A device and where it stands.")
class DeviceEnrolInput:
    """A device and where it stands."""

    idempotency_key: UUID = idempotency_key()
    code: str = strawberry.field(description="Unique in the whole system; part of the address it pushes to.")
    site: str = strawberry.field(description="Code of the site.")
    lane: str = strawberry.field(description="Code of the lane: one of the site's, where lanes were set up there.")
    checkpoint: str = strawberry.field(
        description="Code of the checkpoint at which passages are formed: one of the site's, where any were set up."
    )
    direction: str = strawberry.field(description="`inbound` or `outbound`.")
    format: str = strawberry.field(description="Name of the vendor format it speaks.")


@strawberry.input(description="Which device is given another key.")
class DeviceRenewKeyInput:
    """Which device is given another key."""

    idempotency_key: UUID = idempotency_key()
    device_id: strawberry.ID = strawberry.field(description="The device.")


@strawberry.input(description="Which device is taken out of service, and why.")
class DeviceWithdrawInput:
    """Which device is taken out of service, and why."""

    idempotency_key: UUID = idempotency_key()
    device_id: strawberry.ID = strawberry.field(description="The device.")
    reason: str = strawberry.field(description="Why it is withdrawn.")


@strawberry.input(description="A word of a device's vendor, and what it means here.")
class DirectionWordInput:
    """A word of a device's vendor."""

    word: str = strawberry.field(description="As the device says it.")
    direction: str = strawberry.field(description="`inbound` or `outbound`.")


@strawberry.input(description="A device and its adjustments, which take the place of all that it had.")
class DeviceAdjustInput:
    """A device and its adjustments."""

    idempotency_key: UUID = idempotency_key()
    device_id: strawberry.ID = strawberry.field(description="The device.")
    seen: Int64 | None = strawberry.field(
        default=None,
        description="The version that was looked at: refused when it was adjusted since. Null: whatever it is now.",
    )
    silent_after_seconds: float | None = strawberry.field(
        default=None, description="It is silent when it has said nothing for so long; null: it may be silent."
    )
    merge_window_seconds: float | None = strawberry.field(
        default=None,
        description="Readings of one vehicle no farther apart than this are one passage: half a second to a minute; "
        "null: as it is, which is ten seconds at first.",
    )
    view: View | None = strawberry.field(default=None, description="What its camera sees of a vehicle.")
    direction_words: list[DirectionWordInput] = strawberry.field(
        default_factory=list,
        description="Its words for a direction; degrees mean what the nearest does, other words nothing.",
    )


@strawberry.type(description="The device is adjusted, as soon as its site has heard.")
class DeviceAdjustSuccess:
    """The device is adjusted."""

    device: model.Device = strawberry.field(graphql_type=Device, description="The device.")


DeviceAdjustResult = Annotated[
    DeviceAdjustSuccess | AnyProblem, strawberry.union("DeviceAdjustResult", description="The device, or why not.")
]


@strawberry.type(description="The device may push from now on, as soon as its site has heard of it.")
class DeviceEnrolSuccess:
    """The device may push from now on."""

    device: model.Device = strawberry.field(graphql_type=Device, description="The device.")
    key: str = strawberry.field(description=_KEY)


@strawberry.type(description="The device has another key; the one it had stops working as soon as its site has heard.")
class DeviceRenewKeySuccess:
    """The device has another key."""

    device: model.Device = strawberry.field(graphql_type=Device, description="The device.")
    key: str = strawberry.field(description=_KEY)


@strawberry.type(description="The device may not push any more, as soon as its site has heard.")
class DeviceWithdrawSuccess:
    """The device may not push any more."""

    device: model.Device = strawberry.field(graphql_type=Device, description="The device.")


DeviceEnrolResult = Annotated[
    DeviceEnrolSuccess | AnyProblem, strawberry.union("DeviceEnrolResult", description="Device and key, or why not.")
]
DeviceRenewKeyResult = Annotated[
    DeviceRenewKeySuccess | AnyProblem,
    strawberry.union("DeviceRenewKeyResult", description="Device and new key, or why not."),
]
DeviceWithdrawResult = Annotated[
    DeviceWithdrawSuccess | AnyProblem,
    strawberry.union("DeviceWithdrawResult", description="The device, or why not."),
]


@strawberry.type
class OrganisationMutation:
    """What can be asked."""

    @ask(DeviceEnrolResult, WRITE, "Put a device on the books of a site.")
    async def device_enrol(self, info: Info, wish: Input[DeviceEnrolInput]) -> DeviceEnrolSuccess:
        key = _key(info.context, wish.idempotency_key, wish.code)
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

    @ask(DeviceRenewKeyResult, WRITE, "Give a device another key, because the one it has is lost or known to others.")
    async def device_renew_key(self, info: Info, wish: Input[DeviceRenewKeyInput]) -> DeviceRenewKeySuccess:
        code = local_id(wish.device_id, "Device", "deviceId")
        key = _key(info.context, wish.idempotency_key, code)
        command = RenewDeviceKey(code=code, key_digest=digest(key))
        return DeviceRenewKeySuccess(device=await info.context.dispatch(command, wish.idempotency_key), key=key)

    @ask(DeviceAdjustResult, WRITE, "Say what a device sees, what its words mean, and when it is silent.")
    async def device_adjust(self, info: Info, wish: Input[DeviceAdjustInput]) -> DeviceAdjustSuccess:
        command = AdjustDevice(
            code=local_id(wish.device_id, "Device", "deviceId"),
            silent_after=_time(wish.silent_after_seconds),
            view=wish.view,
            direction_words=_words(wish.direction_words),
            merge_window=_time(wish.merge_window_seconds),
            seen=wish.seen,
        )
        return DeviceAdjustSuccess(device=await info.context.dispatch(command, wish.idempotency_key))

    @ask(DeviceWithdrawResult, WRITE, "Take a device out of service for good. Its code is never given again.")
    async def device_withdraw(self, info: Info, wish: Input[DeviceWithdrawInput]) -> DeviceWithdrawSuccess:
        command = WithdrawDevice(code=local_id(wish.device_id, "Device", "deviceId"), reason=wish.reason)
        return DeviceWithdrawSuccess(device=await info.context.dispatch(command, wish.idempotency_key))


def _key(context: Context, request: UUID, code: str) -> str:
    return context.doors.device_keys.key(context.actor.name, str(request), code)


def _time(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=max(0.0, min(seconds, _SECONDS_MAX)))


def _words(given: Sequence[DirectionWordInput]) -> dict[str, str]:
    """Return the words of a device with their directions.

    Raises:
        DirectionWordsMalformed: one is given twice.
    """
    words = {each.word: each.direction for each in given}
    if len(words) < len(given):
        raise DirectionWordsMalformed(path=("directionWords",))
    return words
