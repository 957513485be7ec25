"""What a device said once, and the form in which its vendor says it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal, Protocol

from domain.shared.errors import Invalid

Shows = Literal["scene", "vehicle", "plate", "unknown"]
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
class Weighed:
    """What a scale said once about one vehicle. Masses in kilograms, lengths in metres, as far as it gave them.

    Attributes:
        plate: as the camera of the scale read it; None when it has none or read nothing.
        rear_plate: of the rear camera, when it is another one: a trailer's as a rule.
        axles_kg: from the front; their sum need not be ``gross_kg``.
        axle_distances_m: from each axle to the next.
        limit_kg: what the device holds to be allowed.
        speed_kmh: None at a static scale.
    """

    vendor_id: str | None
    device_time: datetime | None
    plate: str | None
    country: str | None
    gross_kg: float
    axles_kg: tuple[float, ...]
    axle_distances_m: tuple[float, ...]
    limit_kg: float | None
    speed_kmh: float | None
    length_m: float | None
    width_m: float | None
    height_m: float | None
    direction: str | None
    retransmitted: bool
    rear_plate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRead:
    """What a portal read once of one wagon or container.

    Attributes:
        kind: ``wagon`` or ``container``, as far as the portal tells; ``unknown`` when it does not.
        code: as read, not empty, not normalised.
        train: the portal's number of the train; with ``track`` it tells trains apart.
        position: of the wagon in the train, from 1; None when the portal does not count.
    """

    vendor_id: str | None
    kind: Literal["wagon", "container", "unknown"]
    code: str
    confidence: float
    train: str | None
    track: str | None
    position: int | None
    device_time: datetime | None
    retransmitted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainPassed:
    """That a portal saw a train; ``ended_at`` is None while it is passing."""

    vendor_id: str | None
    train: str
    track: str | None
    began_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RadiationAlarm:
    """An alarm of a radiation portal: ``category`` is gamma, neutron, alpha, beta, isotope or other."""

    category: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RadiationMeasured:
    """What a radiation portal measured while something passed.

    Attributes:
        occupied: something stood in the portal; a measurement of the background is not.
        nuclides: that the instrument believes to have identified.
        lane: the instrument's own number of the lane.
    """

    vendor_id: str | None
    device_time: datetime | None
    seconds: float | None
    occupied: bool
    alarms: tuple[RadiationAlarm, ...]
    nuclides: tuple[str, ...]
    speed_kmh: float | None
    lane: str | None
    instrument: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture in a push.

    Attributes:
        shows: ``scene``, ``vehicle`` or ``plate``; ``unknown`` when the device does not tell.
        content: as sent: it may be no picture at all.
    """

    shows: Shows
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PushContent:
    """What a push says: what the device saw, or only that it is alive (then ``heartbeat``).

    Attributes:
        pictures: they belong to all that it says.
        unread: why a part of the push cannot be read; then the push is kept beside what could be.
    """

    seen: tuple[Seen, ...] = ()
    weighed: tuple[Weighed, ...] = ()
    codes: tuple[CodeRead, ...] = ()
    trains: tuple[TrainPassed, ...] = ()
    radiation: tuple[RadiationMeasured, ...] = ()
    pictures: tuple[Picture, ...] = ()
    heartbeat: bool = False
    unread: PushUnreadable | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing of what passed."""
        return not (self.seen or self.weighed or self.codes or self.trains or self.radiation)


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
