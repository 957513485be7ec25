"""What scales and radiation portals measure, and whose measurement it is."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from domain.identifiers.edits import one_edit_apart
from domain.identifiers.identifier import Identifier
from domain.registrations.model import KeptPicture
from domain.registrations.passages import Nearby
from domain.registrations.readings import RadiationAlarm


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What a scale measured. Masses in kilograms, lengths in metres, as far as it gave them; see `Weighed`."""

    gross_kg: float
    axles_kg: tuple[float, ...] = ()
    axle_distances_m: tuple[float, ...] = ()
    limit_kg: float | None = None
    speed_kmh: float | None = None
    length_m: float | None = None
    width_m: float | None = None
    height_m: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Radiation:
    """What a radiation portal measured; see `RadiationMeasured`."""

    seconds: float | None
    occupied: bool
    alarms: tuple[RadiationAlarm, ...] = ()
    nuclides: tuple[str, ...] = ()
    speed_kmh: float | None = None
    portal_lane: str | None = None
    instrument: str | None = None

    @property
    def is_alarming(self) -> bool:
        """Whether it raised an alarm while something stood in the portal."""
        return self.occupied and bool(self.alarms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What a scale or a radiation portal measured once: ``weight`` or ``radiation``.

    Attributes:
        node: the site whose device it is.
        vendor_id: by which the device tells this measurement again.
        at: when it was, by the best clock there is.
        late: told so long after that the object may be gone.
        plates: front and rear, as far as the device read them.
        pictures: of its push, as the site keeps them for a while; each may be gone by now.
        passage_id: of the object; None as long as nothing was read nearby, and of the background. Passages that were
            linked since stand for each other.
    """

    id: str
    node: str
    device: str
    vendor_id: str
    lane: str
    checkpoint: str
    at: datetime
    device_time: datetime | None
    received_at: datetime
    late: bool
    plates: tuple[Identifier, ...] = ()
    weight: Weight | None = None
    radiation: Radiation | None = None
    passage_id: str | None = None
    registration_id: str | None = None
    pictures: tuple[KeptPicture, ...] = ()

    @property
    def is_of_an_object(self) -> bool:
        """Whether something was measured and not the background."""
        return self.radiation is None or self.radiation.occupied

    @property
    def is_pictured(self) -> bool:
        """Whether there were pictures with it."""
        return bool(self.pictures)

    def placed(self, passage_id: str, registration_id: str) -> "Measurement":
        """Return it as the measurement of another passage."""
        return replace(self, passage_id=passage_id, registration_id=registration_id)


def nearest(measurement: Measurement, nearby: Iterable[Nearby]) -> Nearby | None:
    """Return a reading of what was measured: by plate, else in its lane, else the nearest in time; None: of nothing.

    Which reading came first, and whether it came before the measurement, makes no difference.
    """

    def distance(near: Nearby) -> tuple[object, ...]:
        by_plate = any(plate.kind == near.kind and one_edit_apart(plate.folded, near.folded) for plate in plates)
        in_time = (abs(near.seen_at - measurement.at), near.seen_at)
        return not by_plate, near.lane != measurement.lane, *in_time, near.kind, near.folded, near.canonical

    plates = measurement.plates
    return min(nearby, key=distance, default=None) if measurement.is_of_an_object else None
