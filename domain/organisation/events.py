"""What happens in the organisation. The events travel down on the feed of the site they concern."""

from dataclasses import dataclass

from domain.organisation.model import Device
from domain.shared.messages import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceEnrolled(Event):
    """A device was put on the books of a site and may push from now on."""

    device: Device
