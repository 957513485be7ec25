"""Messages of the state of devices."""

from bus.catalogue.entries import TECHNICAL, EntityEntry, Shows, always, command, event
from domain.devices.commands import ReportDevices
from domain.devices.events import DeviceStateChanged
from domain.devices.handlers import report_devices
from domain.devices.model import DeviceState

COMMANDS = (command(ReportDevices, report_devices, None, lambda c, _: " ".join(each.code for each in c.states)),)

EVENTS = (
    event(
        "DeviceStateChanged",
        DeviceStateChanged,
        always(TECHNICAL),
        Shows(entity=DeviceState, key=lambda e: e.state.code, fold=lambda _, e: e.state, begins=True),
    ),
)

ENTITIES: tuple[EntityEntry, ...] = (EntityEntry(type=DeviceState, table="device_state", key="code"),)
