"""Messages of the organisation."""

from bus.catalogue.entries import EntityEntry, command, event
from bus.feed_modules import ORGANISATION, feed
from domain.organisation.commands import AdjustDevice, EnrolDevice, RenewDeviceKey, WithdrawDevice
from domain.organisation.events import DeviceAdjusted, DeviceEnrolled, DeviceKeyRenewed, DeviceWithdrawn
from domain.organisation.handlers import adjust_device, enrol_device, renew_device_key, withdraw_device
from domain.organisation.model import Device

COMMANDS = (
    command(EnrolDevice, enrol_device, Device, lambda c, _: c.code[:40]),
    command(RenewDeviceKey, renew_device_key, Device, lambda c, _: c.code),
    command(WithdrawDevice, withdraw_device, Device, lambda c, _: c.code),
    command(AdjustDevice, adjust_device, Device, lambda c, _: c.code),
)

EVENTS = (
    event("DeviceEnrolled", DeviceEnrolled, lambda e: feed(ORGANISATION, e.device.site)),
    event("DeviceKeyRenewed", DeviceKeyRenewed, lambda e: feed(ORGANISATION, e.site)),
    event("DeviceWithdrawn", DeviceWithdrawn, lambda e: feed(ORGANISATION, e.site)),
    event("DeviceAdjusted", DeviceAdjusted, lambda e: feed(ORGANISATION, e.site)),
)

ENTITIES: tuple[EntityEntry, ...] = ()
