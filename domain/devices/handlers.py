"""How the state of devices is put on record."""

from domain.devices.commands import ReportDevices
from domain.devices.events import DeviceStateChanged
from domain.devices.model import Contact, DeviceState
from domain.devices.ports import DevicesChange


async def report_devices(command: ReportDevices, change: DevicesChange) -> None:
    """Keep when devices were heard, and put on record what others should know."""
    for state in command.states:
        if state.last_heard_at is not None:
            await change.contacts.keep(Contact(device=state.code, heard_at=state.last_heard_at, pushes=state.pushes))
        if state.has_changed(await change.entities.find(DeviceState, state.code)):
            await change.record(DeviceStateChanged(state=state))
