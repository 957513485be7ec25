"""What scales and radiation portals measured, pairs of vehicles, and trains that portals saw."""

from datetime import datetime
from typing import cast

import strawberry

from api.fields import computed
from api.objects.identifiers import Identifier
from api.objects.lens import Node, described, id_of, lens, optional_id_of
from api.objects.pictures import Picture, pictures_of
from domain.registrations import measurements, model, readings


@lens(measurements.Weight, description="What a scale measured, as far as it gave it.")
class MeasuredWeight:
    """A weight."""

    gross_kg: float = described("Of the whole, in kilograms.")
    axles_kg: list[float] = described("Of each axle from the front, in kilograms; their sum need not be the whole.")
    axle_distances_m: list[float] = described("From each axle to the next, in metres.")
    limit_kg: float | None = described("What the device holds to be allowed, in kilograms.")
    speed_kmh: float | None = described("At which it was weighed; null at a static scale.")
    length_m: float | None = described("In metres.")
    width_m: float | None = described("In metres.")
    height_m: float | None = described("In metres.")


@lens(readings.RadiationAlarm, description="An alarm that a radiation portal sounded.")
class RadiationAlarm:
    """An alarm of a portal."""

    category: str = described("`gamma`, `neutron`, `alpha`, `beta`, `isotope` or `other`.")
    description: str = described("In the instrument's words.")


@lens(measurements.Radiation, description="What a radiation portal measured.")
class Radiation:
    """A measurement of radiation."""

    occupied: bool = described("Something stood in the portal; else it is the background.")
    seconds: float | None = described("How long it was measured.")
    alarms: list[RadiationAlarm] = described("Which the portal sounded.")
    nuclides: list[str] = described("That the instrument believes to have identified.")
    speed_kmh: float | None = described("At which the object passed.")
    portal_lane: str | None = described("The instrument's own number of the lane.")
    instrument: str | None = described("Which instrument it was.")


@lens(measurements.Measurement, description="What a scale or a radiation portal measured once.")
class Measurement(Node):
    """A measurement: `weight` or `radiation`."""

    id: strawberry.ID = id_of("Measurement")
    node: str = described("Code of the site whose device it is.")
    device: str = described("Code of the device.")
    lane: str = described("Code of the lane.")
    checkpoint: str = described("Code of the checkpoint.")
    at: datetime = described("When it was, by the best clock there is.")
    device_time: datetime | None = described("What the device's own clock said.")
    received_at: datetime = described("When the site received it.")
    late: bool = described("Told so long after that the object may be gone.")
    plates: list[Identifier] = described("Front and rear, as far as the device read them.")
    weight: MeasuredWeight | None = described("Null where radiation was measured.")
    radiation: Radiation | None = described("Null where it was weighed.")
    passage_id: str | None = described("Of the object; null while nothing was read nearby, and for the background.")
    registration_id: strawberry.ID | None = optional_id_of(
        "Registration", "registration_id", "The registration of the object; null where the passage is."
    )

    @computed(list[Picture], "Those that came with it; each may be gone by now.")
    def pictures(self) -> list[Picture]:
        """Return the pictures with their paths."""
        return pictures_of("Measurement", str(self.id), cast("measurements.Measurement", self).pictures)


@lens(model.VehiclePair, description="A vehicle and its trailer, whose plates passed one behind the other.")
class VehiclePair:
    """A pair."""

    id: strawberry.ID = id_of("VehiclePair")
    node: str = described("Code of the site.")
    checkpoint: str = described("Code of the checkpoint.")
    lane: str = described("Code of the lane.")
    tractor: strawberry.ID = id_of("Registration", "tractor", "The registration of the vehicle in front.")
    trailer: strawberry.ID = id_of("Registration", "trailer", "The registration of what it draws.")
    paired_at: datetime = described("When that was put on record.")
    holds: bool = described("False once a late reading showed otherwise.")
    parted_at: datetime | None = described("When it did.")


@lens(model.TrainSighting, description="A train, as a portal says once that it saw it.")
class TrainSighting(Node):
    """A sighting of a train."""

    id: strawberry.ID = id_of("TrainSighting")
    node: str = described("Code of the site whose portal it is.")
    device: str = described("Code of the portal.")
    lane: str = described("Code of the lane.")
    checkpoint: str = described("Code of the checkpoint.")
    train: str = described("The portal's own number, which it may give again another day.")
    track: str | None = described("The track, as the portal names it.")
    began_at: datetime | None = described("When the train began to pass.")
    ended_at: datetime | None = described("When it had passed; null while it was passing.")
    received_at: datetime = described("When the site received it.")
    late: bool = described("Told so long after that the train may be gone.")
