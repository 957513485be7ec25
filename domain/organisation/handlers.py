"""How the organisation answers its commands."""

from domain.organisation.commands import EnrolDevice
from domain.organisation.errors import CodeMalformed, DeviceTaken, FormatUnknown
from domain.organisation.events import DeviceEnrolled
from domain.organisation.model import Device
from domain.organisation.ports import OrganisationChange
from domain.shared.lanes import check_direction
from domain.shared.texts import is_code


async def enrol_device(command: EnrolDevice, change: OrganisationChange) -> Device:
    """Enrol a device.

    Raises:
        CodeMalformed: the device's, site's, lane's or checkpoint's code is not one.
        DirectionUnknown: neither inbound nor outbound.
        FormatUnknown: nothing can read what the device would push.
        DeviceTaken: the code is in use.
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
