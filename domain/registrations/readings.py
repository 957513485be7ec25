"""What a device said once, and the form in which its vendor says it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal, Protocol

from domain.shared.errors import Invalid

Reason = Literal["content_type", "malformed", "missing_part", "missing_field", "too_large", "unsupported_event"]


class PushUnreadable(Invalid):
    """What the device sent cannot be read."""

    code: ClassVar[str] = "PUSH_UNREADABLE"

    def __init__(self, reason: Reason, message: str | None = None) -> None:
        """Refuse.

        Args:
            reason: what is wrong, one of a closed list, for counting and sorting.
            message: the same in words, without the content of the push.
        """
        self.reason: Reason = reason
        super().__init__(message, reason=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """A request of a device as it was received."""

    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateCandidate:
    """One of the plates a device takes for possible; confidence from 0 to 1."""

    plate: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one device said once about one vehicle, in the vendor's own words and spelling.

    Attributes:
        vendor_id: the same for the same observation sent twice; None when the vendor gives nothing to tell by.
        plate: as read, not empty, not normalised and of any length.
        country: the vendor's code or region.
        confidence: of the plate, from 0 to 1.
        candidates: other readings and their confidence, in the vendor's order; may include the plate itself.
        device_time: the device's own clock in UTC; None when it gave no time, no offset, or nonsense.
        direction: the vendor's word; it means nothing without the mapping of the checkpoint.
        retransmitted: sent again after an outage, so old.
    """

    vendor_id: str | None
    plate: str
    country: str | None
    confidence: float
    candidates: tuple[PlateCandidate, ...]
    device_time: datetime | None
    direction: str | None
    vehicle_type: str | None
    make: str | None
    colour: str | None
    retransmitted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PushContent:
    """What a push says: vehicles seen, or only that the device is alive (then ``heartbeat``)."""

    seen: tuple[Seen, ...]
    heartbeat: bool


class DeviceFormat(Protocol):
    """Reads the pushes of one vendor."""

    @property
    def name(self) -> str:
        """Name under which a device is configured to use this format."""
        ...

    def read(self, push: Push) -> PushContent:
        """Read a push.

        Raises:
            PushUnreadable: for whatever cannot be read; nothing else is raised.
        """
        ...
