"""How measurements are put on record, and how they find what was measured, whichever comes first."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from domain.identifiers.identifier import Identifier
from domain.identifiers.plates import PlateUnreadable, plate
from domain.registrations.commands import TakeReadings
from domain.registrations.events import MeasurementPlaced, RadiationTaken, WeighingTaken
from domain.registrations.measurements import Measurement, Radiation, Weight, nearest
from domain.registrations.passages import Nearby, is_late, seen_at
from domain.registrations.ports import RegistrationsChange, Stand
from domain.registrations.readings import RadiationMeasured, Weighed


async def take_measurements(command: TakeReadings, stand: Stand, change: RegistrationsChange) -> None:
    """Put what was measured on record, once, as of the passage to which it belongs as far as that can be told."""
    for measurement in _measurements(command, stand, change):
        told = {"device": measurement.device, "vendor_id": measurement.vendor_id}
        if not await change.entities.those(Measurement, limit=1, **told):
            await _take(measurement, stand, change)


async def place_anew(at: datetime, stand: Stand, change: RegistrationsChange) -> None:
    """See to it that measurements near a reading that was taken belong to the passage to which they do now."""
    window = stand.merge_window
    for measurement in await change.readings.measured(stand.checkpoint, at - window, at + window):
        near = await _nearest(measurement, stand, change)
        if near is not None and near.passage_id != measurement.passage_id:
            await change.record(
                MeasurementPlaced(
                    measurement_id=measurement.id,
                    passage_id=near.passage_id,
                    registration_id=near.registration_id,
                    device=measurement.device,
                    lane=measurement.lane,
                    label=await _label(near, change),
                    late=measurement.late,
                    radiation=measurement.radiation,
                    was_registration_id=measurement.registration_id,
                )
            )


async def _take(measurement: Measurement, stand: Stand, change: RegistrationsChange) -> None:
    near, label = await _nearest(measurement, stand, change), ""
    if near is not None:
        measurement = measurement.placed(near.passage_id, near.registration_id)
        label = await _label(near, change)
    if measurement.radiation is None:
        await change.record(WeighingTaken(measurement=measurement, label=label))
    else:
        await change.record(RadiationTaken(measurement=measurement, label=label or measurement.device))


async def _nearest(measurement: Measurement, stand: Stand, change: RegistrationsChange) -> Nearby | None:
    since, until = measurement.at - stand.merge_window, measurement.at + stand.merge_window
    return nearest(measurement, await change.readings.near(measurement.checkpoint, since, until))


async def _label(near: Nearby, change: RegistrationsChange) -> str:
    registration = await change.registrations.find(near.registration_id)
    return near.canonical if registration is None else registration.label


def _measurements(command: TakeReadings, stand: Stand, change: RegistrationsChange) -> Iterator[Measurement]:
    for weighed in command.weighed:
        yield replace(_blank(weighed, stand, command, change), plates=_plates(weighed), weight=_weight(weighed))
    for measured in command.radiation:
        yield replace(_blank(measured, stand, command, change), radiation=_radiation(measured))


def _blank(
    told: Weighed | RadiationMeasured, stand: Stand, command: TakeReadings, change: RegistrationsChange
) -> Measurement:
    at = seen_at(told.device_time, command.received_at)
    kind = "weight" if isinstance(told, Weighed) else "radiation"
    return Measurement(
        id=change.new_id(),
        node=change.node,
        device=stand.device,
        vendor_id=told.vendor_id or f"{at.isoformat()}/{kind}",
        lane=stand.lane,
        checkpoint=stand.checkpoint,
        at=at,
        device_time=told.device_time,
        received_at=command.received_at,
        late=is_late(at, change.now),
        pictures=command.pictures,
    )


def _plates(weighed: Weighed) -> tuple[Identifier, ...]:
    """Return the plates that can be read: a weight counts whatever the camera of the scale made of them."""
    told = ((weighed.plate, weighed.country), (weighed.rear_plate, None))
    found = []
    for raw, country in told:
        try:
            found += [plate(raw, country)] if raw else []
        except PlateUnreadable:
            continue
    return tuple(found)


def _weight(weighed: Weighed) -> Weight:
    return Weight(
        gross_kg=weighed.gross_kg,
        axles_kg=weighed.axles_kg,
        axle_distances_m=weighed.axle_distances_m,
        limit_kg=weighed.limit_kg,
        speed_kmh=weighed.speed_kmh,
        length_m=weighed.length_m,
        width_m=weighed.width_m,
        height_m=weighed.height_m,
    )


def _radiation(measured: RadiationMeasured) -> Radiation:
    return Radiation(
        seconds=measured.seconds,
        occupied=measured.occupied,
        alarms=measured.alarms,
        nuclides=measured.nuclides,
        speed_kmh=measured.speed_kmh,
        portal_lane=measured.lane,
        instrument=measured.instrument,
    )


def begin(_: Measurement | None, event: WeighingTaken | RadiationTaken) -> Measurement:
    """Return the measurement that was recorded."""
    return event.measurement


def place(before: Measurement, event: MeasurementPlaced) -> Measurement:
    """Return it as that of another passage."""
    return before.placed(event.passage_id, event.registration_id)
