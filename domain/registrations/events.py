"""What happens at a lane. The events travel up on the channel ``facts``, those of quarantine on ``technical``.

The values that the events carry are offered here too, for the modules that react to them.
"""

from dataclasses import dataclass
from datetime import datetime

from domain.identifiers.identifier import Identifier
from domain.registrations.measurements import Measurement, Radiation, Weight
from domain.registrations.model import (
    Correction,
    KeptPicture,
    Match,
    ObjectKind,
    Registration,
    Screening,
    ScreeningOutcome,
    TrainSighting,
    VehiclePair,
)
from domain.shared.messages import Event

__all__ = [
    "Correction",
    "KeptPicture",
    "Match",
    "Measurement",
    "MeasurementPlaced",
    "ObjectKind",
    "PassagesLinked",
    "PicturesAdded",
    "PushQuarantined",
    "PushReplayed",
    "PushSetAside",
    "QuarantineFilled",
    "Radiation",
    "RadiationTaken",
    "ReadingTaken",
    "Registered",
    "Registration",
    "RegistrationCorrected",
    "Rescreened",
    "Screening",
    "ScreeningOutcome",
    "TrainSeen",
    "TrainSighting",
    "VehiclePair",
    "VehiclesPaired",
    "VehiclesParted",
    "WeighingTaken",
    "Weight",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingTaken(Event):
    """A device said once that it saw a vehicle, a wagon or a container.

    Attributes:
        plate: what was read: a plate, or the code of a wagon or container.
        passage_id: the passage the reading belongs to.
        registration_id: the registration that grew from the passage.
        device_direction: the vendor's word, meaningless without the lane's own mapping.
        pictures: of its push, as the site keeps them for a while.
        train: the portal's number of the train, with ``track`` and the ``position`` of the wagon in it, from 1.
        view: what the device sees of a vehicle: ``front``, ``rear`` or ``side``; None when that is not known.
    """

    reading_id: str
    passage_id: str
    registration_id: str
    device: str
    vendor_id: str
    lane: str
    checkpoint: str
    plate: Identifier
    confidence: float
    seen_at: datetime
    device_time: datetime | None
    received_at: datetime
    retransmitted: bool
    device_direction: str | None
    vehicle_type: str | None
    make: str | None
    colour: str | None
    pictures: tuple[KeptPicture, ...] = ()
    train: str | None = None
    track: str | None = None
    position: int | None = None
    view: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturesAdded(Event):
    """A reading without pictures was told once more, with some; ``registration_id`` is the reading's own."""

    reading_id: str
    registration_id: str
    pictures: tuple[KeptPicture, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered(Event):
    """An object was put on record, and matched in the same change."""

    registration: Registration


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescreened(Event):
    """A registration was matched again, with further identifiers or after a check that had failed.

    ``screening`` holds only what the new check found; earlier matches stand. ``registered_at`` is of the registration,
    and so are ``direction`` and ``seen_at`` where a reading told of further identifiers; else they are empty and None.
    """

    registration_id: str
    registered_at: datetime
    node: str
    lane: str
    label: str
    identifiers: tuple[Identifier, ...]
    screening: Screening
    late: bool
    direction: str = ""
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationCorrected(Event):
    """An officer said what a registration should have said, and it was matched by that in the same change.

    What was said before stays on record: in the event that said it, and in ``correction``. ``registered_at``,
    ``direction`` and ``seen_at`` are of the registration.
    """

    registration_id: str
    registered_at: datetime
    lane: str
    direction: str
    seen_at: datetime
    correction: Correction
    screening: Screening
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PassagesLinked(Event):
    """A reading proved that two passages are of one vehicle. Both registrations stay, linked by this correction."""

    passage_id: str
    linked_passage_id: str
    registration_id: str
    linked_registration_id: str
    reading_id: str
    lane: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VehiclesPaired(Event):
    """Two plates that passed one behind the other are of one road train."""

    pair: VehiclePair


@dataclass(frozen=True, slots=True, kw_only=True)
class VehiclesParted(Event):
    """A reading that came later shows that two vehicles do not belong together, or are known under other registrations.

    Attributes:
        tractor, trailer: their registrations.
    """

    pair_id: str
    tractor: str
    trailer: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainSeen(Event):
    """A portal saw a train pass, or begin to."""

    sighting: TrainSighting


@dataclass(frozen=True, slots=True, kw_only=True)
class WeighingTaken(Event):
    """A scale weighed something.

    Attributes:
        label: of the object; empty where nobody knows yet what it is.
    """

    measurement: Measurement
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RadiationTaken(Event):
    """A radiation portal measured something, or the background.

    Attributes:
        label: of the object; the code of the device where nobody knows yet what it is.
    """

    measurement: Measurement
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementPlaced(Event):
    """A reading that came later shows of which passage a measurement is; corrects what stood before.

    Attributes:
        label: of the object.
        radiation: of the measurement; None for a weighing.
        was_registration_id: of whom it was until then; None: of nobody.
    """

    measurement_id: str
    passage_id: str
    registration_id: str
    device: str
    lane: str
    label: str
    late: bool
    radiation: Radiation | None
    was_registration_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PushQuarantined(Event):
    """A known device sent what cannot be taken.

    Attributes:
        digest: SHA-256 of the body as kept, in hexadecimal; the body itself stays at the site.
        size: of the body as received, in bytes.
        truncated: only the head of the body was kept.
    """

    push_id: str
    node: str
    device: str
    content_type: str
    digest: str
    size: int
    truncated: bool
    reason: str
    message: str
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PushReplayed(Event):
    """A push left quarantine: it could be taken after all."""

    push_id: str
    readings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PushSetAside(Event):
    """A push left quarantine for good, for the reason given."""

    push_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineFilled(Event):
    """A device sent more of what cannot be taken than quarantine has room for; recorded for the first such push alone.

    The next is recorded only once a push of the device has left quarantine.

    Attributes:
        lane: where the device stands; empty when it stands nowhere here any more.
        held: pushes of the device in quarantine.
        size: of their bodies as received, in bytes.
    """

    node: str
    device: str
    lane: str
    held: int
    size: int
    at: datetime
