"""How the organisation answers its commands."""

from datetime import timedelta

from domain.organisation.commands import AdjustDevice, EnrolDevice, RenewDeviceKey, WithdrawDevice
from domain.organisation.errors import (
    CodeMalformed,
    DeviceTaken,
    DeviceUnknown,
    DeviceWithdrawnAlready,
    DirectionWordsMalformed,
    FormatUnknown,
    MergeWindowImpossible,
    SilenceImpossible,
)
from domain.organisation.events import DeviceAdjusted, DeviceEnrolled, DeviceKeyRenewed, DeviceWithdrawn
from domain.organisation.model import Device
from domain.organisation.parts import check_stand, next_version
from domain.organisation.ports import OrganisationChange
from domain.shared.lanes import check_direction
from domain.shared.texts import is_code, required

WINDOW_MIN, WINDOW_MAX = timedelta(seconds=0.5), timedelta(minutes=1)
SILENCE_MIN, SILENCE_MAX = timedelta(seconds=10), timedelta(days=30)
WORDS_MAX, WORD_MAX = 20, 40


async def enrol_device(command: EnrolDevice, change: OrganisationChange) -> Device:
    """Enrol a device.

    Raises:
        CodeMalformed: the device's, site's, lane's or checkpoint's code is not one.
        DirectionUnknown: neither inbound nor outbound.
        FormatUnknown: nothing can read what the device would push.
        DeviceTaken: the code is in use, or was.
        PartUnknown, PartEnded: the site, as far as it was set up, has no such lane or checkpoint, or has ended.
    """
    for field in ("code", "site", "lane", "checkpoint"):
        if not is_code(getattr(command, field)):
            raise CodeMalformed(path=(field,))
    check_direction(command.direction)
    if command.format not in change.device_formats:
        raise FormatUnknown(path=("format",), known=sorted(change.device_formats))
    if await change.devices.find(command.code):
        raise DeviceTaken(path=("code",))
    await check_stand(command.site, command.lane, command.checkpoint, change)
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


async def adjust_device(command: AdjustDevice, change: OrganisationChange) -> Device:
    """Say what a device sees, what its words mean, and when it is silent.

    Raises:
        SilenceImpossible, MergeWindowImpossible: a time does not make sense.
        DirectionWordsMalformed, DirectionUnknown: a word does not.
        DeviceUnknown, DeviceWithdrawnAlready: there is none in service.
        PartChangedMeanwhile: it is not as the caller saw it.
    """
    if command.silent_after is not None and not SILENCE_MIN <= command.silent_after <= SILENCE_MAX:
        raise SilenceImpossible(path=("silentAfterSeconds",))
    if command.merge_window is not None and not WINDOW_MIN <= command.merge_window <= WINDOW_MAX:
        raise MergeWindowImpossible(path=("mergeWindowSeconds",))
    if len(command.direction_words) > WORDS_MAX or not all(0 < len(w) <= WORD_MAX for w in command.direction_words):
        raise DirectionWordsMalformed(path=("directionWords",))
    for direction in command.direction_words.values():
        check_direction(direction)
    device = await _in_service(command.code, change)
    next_version(device, command.seen)
    await change.record(
        DeviceAdjusted(
            code=device.code,
            site=device.site,
            silent_after=command.silent_after,
            view=command.view,
            direction_words=command.direction_words,
            adjusted_by=change.actor.name,
            adjusted_at=change.now,
            merge_window=command.merge_window,
        )
    )
    return device.adjusted(command.silent_after, command.view, command.direction_words, command.merge_window)


async def _in_service(code: str, change: OrganisationChange) -> Device:
    device = await change.devices.find(code)
    if device is None:
        raise DeviceUnknown(path=("deviceId",))
    if device.withdrawn_at is not None:
        raise DeviceWithdrawnAlready(path=("deviceId",))
    return device
