"""How the organisation answers its commands."""

from domain.organisation.commands import EnrolDevice, RenewDeviceKey, WithdrawDevice
from domain.organisation.errors import (
    CodeMalformed,
    DeviceTaken,
    DeviceUnknown,
    DeviceWithdrawnAlready,
    FormatUnknown,
)
from domain.organisation.events import DeviceEnrolled, DeviceKeyRenewed, DeviceWithdrawn
from domain.organisation.model import Device
from domain.organisation.ports import OrganisationChange
from domain.shared.lanes import check_direction
from domain.shared.texts import is_code, required


async def enrol_device(command: EnrolDevice, change: OrganisationChange) -> Device:
    """Enrol a device.

    Raises:
        CodeMalformed: the device's, site's, lane's or checkpoint's code is not one.
        DirectionUnknown: neither inbound nor outbound.
        FormatUnknown: nothing can read what the device would push.
        DeviceTaken: the code is in use, or was.
    """
    for field in ("code", "site", "lane", "checkpoint"):
        if not is_code(getattr(command, field)):
            raise CodeMalformed(path=(field,))
    check_direction(command.direction)
    if command.format not in change.device_formats:
        raise FormatUnknown(path=("format",), known=sorted(change.device_formats))
    if await change.devices.find(command.code):
        raise DeviceTaken(path=("code",))
    device = Device(
        code=command.code,
        site=command.site,
        lane=command.lane,
        checkpoint=command.checkpoint,
        direction=command.direction,
        format=command.format,
        key_digest=command.key_digest,
    )
    await change.record(DeviceEnrolled(device=device))
    return device


async def renew_device_key(command: RenewDeviceKey, change: OrganisationChange) -> Device:
    """Give a device another key.

    Raises:
        DeviceUnknown, DeviceWithdrawnAlready: there is none in service.
    """
    device = await _in_service(command.code, change)
    await change.record(DeviceKeyRenewed(code=device.code, site=device.site, key_digest=command.key_digest))
    return device.with_key(command.key_digest)


async def withdraw_device(command: WithdrawDevice, change: OrganisationChange) -> Device:
    """Take a device out of service. What its site holds of it in quarantine can still be taken.

    Raises:
        TextMissing, TextTooLong: no reason is given, or too much of it.
        DeviceUnknown, DeviceWithdrawnAlready: there is none in service.
    """
    reason = required(command.reason, "reason")
    device = await _in_service(command.code, change)
    await change.record(
        DeviceWithdrawn(
            code=device.code,
            site=device.site,
            reason=reason,
            withdrawn_by=change.actor.name,
            withdrawn_at=change.now,
        )
    )
    return device.withdrawn(change.now)


async def _in_service(code: str, change: OrganisationChange) -> Device:
    device = await change.devices.find(code)
    if device is None:
        raise DeviceUnknown(path=("deviceId",))
    if device.withdrawn_at is not None:
        raise DeviceWithdrawnAlready(path=("deviceId",))
    return device
