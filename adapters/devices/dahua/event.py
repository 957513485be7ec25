"""An event of a Dahua camera, the same in every encoding. Fields that are not used here are not looked at.

``UTC`` is the camera's local time written as an epoch, in spite of its name; ``RealUTC`` is right, where a firmware has
it. Without it the camera gives no time that can be trusted.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated

import msgspec

from adapters.devices.device_time import device_time, epoch_time
from adapters.devices.observation_id import observation_id
from domain.registrations.readings import PushUnreadable, Seen, Weighed

Amount = Annotated[float, msgspec.Meta(ge=0, le=1e12)]
Number = Annotated[int, msgspec.Meta(ge=-(10**12), le=10**12)]

_NO_PLATE = frozenset({"", "unknown", "unlicensed", "noplate", "no plate", "--", "无牌", "无牌车", "无车牌"})
_PLATE_CODES = frozenset({"TrafficJunction", "TrafficCarMeasurement"})


class PlateObject(msgspec.Struct, frozen=True, gc=False, rename="pascal"):
    """``Object``: what was detected; its ``Text`` is the plate only when it is one. Confidence in per cent."""

    text: str | None = None
    object_type: str | None = None
    confidence: Amount | None = None
    country: str | None = None


class TrafficCar(msgspec.Struct, frozen=True, gc=False, rename="pascal"):
    """``TrafficCar``: the vehicle on record."""

    plate_number: str | None = None
    country: str | None = None
    vehicle_color: str | None = None
    vehicle_sign: str | None = None
    driving_direction: tuple[str | None, ...] | None = None


class Vehicle(msgspec.Struct, frozen=True, gc=False, rename="pascal"):
    """``Vehicle``: the vehicle in the picture."""

    category: str | None = None


class PlateInfo(msgspec.Struct, frozen=True, gc=False, rename="pascal"):
    """``PlateInfo``: both plates, where two cameras are one device."""

    front_plate_number: str | None = None
    back_plate_number: str | None = None


class CommInfo(msgspec.Struct, frozen=True, gc=False, rename="pascal"):
    """``CommInfo``: what all traffic events have."""

    country: str | None = None


class CarWeightInfo(msgspec.Struct, frozen=True, gc=False, rename="pascal"):
    """``CarWeightInfo``: masses in kilograms, lengths in millimetres, speed in km/h; arrays are padded with zeros."""

    axle_num: Amount | None = None
    axle_weight_info: tuple[Amount, ...] | None = None
    axle_length_info: tuple[Amount, ...] | None = None
    total_weight: Amount | None = None
    limit_weight: Amount | None = None
    speed: Amount | None = None


class RadarInfo(msgspec.Struct, frozen=True, gc=False, rename="pascal"):
    """``RadarInfo``: lengths in centimetres."""

    veh_length: Amount | None = None
    veh_width: Amount | None = None
    veh_height: Amount | None = None


class BaseInfo(msgspec.Struct, frozen=True, gc=False, rename="pascal"):
    """``EventBaseInfo``."""

    code: str | None = None


class Event(msgspec.Struct, frozen=True, gc=False, rename="pascal"):
    """One event."""

    code: str | None = None
    event_base_info: BaseInfo | None = None
    group_id: Number | None = msgspec.field(name="GroupID", default=None)
    event_id: Number | None = msgspec.field(name="EventID", default=None)
    utc: float | None = msgspec.field(name="UTC", default=None)
    utc_ms: Amount | None = msgspec.field(name="UTCMS", default=None)
    real_utc: float | None = msgspec.field(name="RealUTC", default=None)
    locale_time: str | None = None
    junction_direction: str | None = None
    object: PlateObject | None = None
    traffic_car: TrafficCar | None = None
    vehicle: Vehicle | None = None
    comm_info: CommInfo | None = None
    plate_info: PlateInfo | None = None
    car_weight_info: CarWeightInfo | None = None
    radar_info: RadarInfo | None = None


_NO_OBJECT, _NO_CAR, _NO_VEHICLE, _NO_RADAR = PlateObject(), TrafficCar(), Vehicle(), RadarInfo()


def read_events(events: Sequence[Event]) -> tuple[tuple[Seen, ...], tuple[Weighed, ...]]:
    """Return what the events tell; those that tell nothing are left out beside others that do.

    Raises:
        PushUnreadable: none of them tells of a plate or a weight.
    """
    weighed = tuple(found for event in events if (found := _weighed(event)))
    seen = tuple(found for event in events if not _weight(event) for found in _seen(event))
    if seen or weighed:
        return seen, weighed
    if any(_code(event) in _PLATE_CODES for event in events):
        raise PushUnreadable("missing_field", "No event of the push has a plate.")
    raise PushUnreadable("unsupported_event", "The push tells of something else than vehicles.")


def _code(event: Event) -> str:
    return event.code or (event.event_base_info and event.event_base_info.code) or ""


def _plates(event: Event) -> list[str]:
    """Return the distinct plates, that of the front first."""
    both, car, seen = event.plate_info or PlateInfo(), event.traffic_car or _NO_CAR, event.object or _NO_OBJECT
    text = seen.text if seen.object_type in {None, "Plate"} else None
    read = (car.plate_number, text, both.front_plate_number)
    front = next((plate for plate in map(_plate, read) if plate), None)
    return list(dict.fromkeys(plate for plate in (front, _plate(both.back_plate_number)) if plate))


def _plate(text: str | None) -> str | None:
    plate = (text or "").strip()
    return None if plate.lower() in _NO_PLATE else plate


def _seen(event: Event) -> Iterator[Seen]:
    car, vehicle, seen = event.traffic_car or _NO_CAR, event.vehicle or _NO_VEHICLE, event.object or _NO_OBJECT
    for plate in _plates(event):
        yield Seen(
            vendor_id=_vendor_id(event, plate),
            plate=plate,
            country=_country(event),
            confidence=min(seen.confidence or 0.0, 100.0) / 100,
            candidates=(),
            device_time=_device_time(event),
            direction=_direction(event),
            vehicle_type=_known(vehicle.category),
            make=_known(car.vehicle_sign),
            colour=_known(car.vehicle_color),
            retransmitted=False,
        )


def _weighed(event: Event) -> Weighed | None:
    gross = _weight(event)
    if not gross or event.car_weight_info is None:
        return None
    weight, radar = event.car_weight_info, event.radar_info or _NO_RADAR
    plates = _plates(event)
    return Weighed(
        vendor_id=_vendor_id(event, f"{gross:g}"),
        device_time=_device_time(event),
        plate=plates[0] if plates else None,
        rear_plate=plates[1] if plates[1:] else None,
        country=_country(event),
        gross_kg=gross,
        axles_kg=_axles(weight),
        axle_distances_m=tuple(each / 1000 for each in weight.axle_length_info or () if each),
        limit_kg=weight.limit_weight or None,
        speed_kmh=weight.speed or None,
        length_m=_metres(radar.veh_length),
        width_m=_metres(radar.veh_width),
        height_m=_metres(radar.veh_height),
        direction=_direction(event),
        retransmitted=False,
    )


def _weight(event: Event) -> float:
    """Return the gross mass, or the sum of the axles where the scale gave none; 0 when nothing was weighed."""
    weight = event.car_weight_info or CarWeightInfo()
    return weight.total_weight or sum(_axles(weight))


def _axles(weight: CarWeightInfo) -> tuple[float, ...]:
    """Return the masses of as many axles as were counted, one that is lifted among them; else of those that weigh."""
    padded = weight.axle_weight_info or ()
    return padded[: int(weight.axle_num)] if weight.axle_num else tuple(each for each in padded if each)


def _metres(centimetres: float | None) -> float | None:
    return centimetres / 100 if centimetres else None


def _country(event: Event) -> str | None:
    told = (event.traffic_car, event.object, event.comm_info)
    return next((country for each in told if each and (country := _known(each.country))), None)


def _direction(event: Event) -> str | None:
    driving = (event.traffic_car or _NO_CAR).driving_direction or ()
    return _known(driving[0] if driving else None) or _known(event.junction_direction)


def _known(text: str | None) -> str | None:
    word = (text or "").strip()
    return None if word.lower() in {"", "unknown"} else word


def _device_time(event: Event) -> datetime | None:
    if event.real_utc is None:
        return device_time(event.locale_time)
    return epoch_time(event.real_utc + (event.utc_ms or 0.0) / 1000)


def _vendor_id(event: Event, what: str) -> str | None:
    identity = (event.group_id, event.event_id, event.utc, event.utc_ms, event.locale_time)
    return observation_id(*identity, what) if any(identity) else None
