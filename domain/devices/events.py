"""What is put on record of the state of devices. The events travel up on the channel ``technical``."""

from dataclasses import dataclass

from domain.devices.model import DeviceState
from domain.shared.messages import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStateChanged(Event):
    """A device was heard for the first time, is silent or heard again, or its clock goes otherwise."""

    state: DeviceState
