"""What may be asked about the state of devices."""

from dataclasses import dataclass

from domain.devices.model import DeviceState
from domain.shared.messages import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDevices(Command):
    """Say how devices are that were heard, have become silent, or are withdrawn."""

    states: tuple[DeviceState, ...]
