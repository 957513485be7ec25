"""What happens in the organisation. The events travel down on the feed of the site they concern."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.organisation.model import Device, View
from domain.shared.messages import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceEnrolled(Event):
    """A device was put on the books of a site and may push from now on."""

    device: Device


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceKeyRenewed(Event):
    """A device proves itself with another key from now on, and no longer with the one it had."""

    code: str
    site: str
    key_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceWithdrawn(Event):
    """A device was taken out of service: it may not push any more."""

    code: str
    site: str
    reason: str
    withdrawn_by: str
    withdrawn_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceAdjusted(Event):
    """What a device sees, what its words for a direction mean, and when it is silent: all three as they are now."""

    code: str
    site: str
    silent_after: timedelta | None
    view: View | None
    direction_words: Mapping[str, str]
    adjusted_by: str
    adjusted_at: datetime
