"""OpenALPR, now Rekor: JSON of the agent, and of the old open-source daemon.

The daemon sends no ``data_type``, and its epochs are in seconds, those of the agent in milliseconds.

While a vehicle is in sight the agent tells of it tens of times (``alpr_results``), and at the end once more
(``alpr_group``, up to ten seconds late). A group has the id of its best result, so that it is new only where the
results are not sent.
"""

from typing import Annotated

import msgspec

from adapters.devices.device_time import epoch_time
from adapters.devices.document import document
from adapters.devices.json_document import decoded
from adapters.devices.limits import require_few
from adapters.devices.observation_id import observation_id
from adapters.devices.one_by_one import read_each
from adapters.devices.pictures import base64_picture, first_pictures
from domain.registrations.readings import PlateCandidate, Push, PushContent, PushUnreadable, Seen

MAX_DOCUMENT = 12 * 1024 * 1024

_MEDIA_TYPES = frozenset({"application/json"})
_EPOCH_DIGITS = 13

Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]


class _Candidate(msgspec.Struct, frozen=True, gc=False):
    plate: str
    confidence: Percent = 0.0


class _Named(msgspec.Struct, frozen=True, gc=False):
    name: str | None = None


class _Vehicle(msgspec.Struct, frozen=True, gc=False):
    make: tuple[_Named, ...] | None = None
    color: tuple[_Named, ...] | None = None
    body_type: tuple[_Named, ...] | None = None


class _Result(msgspec.Struct, frozen=True, gc=False):
    plate: str | None = None
    confidence: Percent | None = None
    region: str | None = None
    candidates: tuple[_Candidate, ...] | None = None
    plate_index: int | None = None
    plate_crop_jpeg: str | None = None
    vehicle: _Vehicle | None = None
    travel_direction: float | None = None


class _Results(msgspec.Struct, frozen=True, gc=False):
    results: tuple[_Result, ...] | None = None
    uuid: str | None = None
    camera_id: int | str | None = None
    epoch_time: float | None = None


class _Group(msgspec.Struct, frozen=True, gc=False):
    best_plate_number: str | None = None
    best_confidence: Percent | None = None
    best_region: str | None = None
    best_uuid: str | None = None
    best_plate: _Result | None = None
    candidates: tuple[_Candidate, ...] | None = None
    country: str | None = None
    camera_id: int | str | None = None
    epoch_start: float | None = None
    epoch_end: float | None = None
    is_parked: bool | None = None
    travel_direction: float | None = None
    vehicle: _Vehicle | None = None
    vehicle_crop_jpeg: str | None = None


class _Message(msgspec.Struct, frozen=True, gc=False):
    data_type: str = "alpr_results"  # the old daemon says nothing else


_MESSAGE = msgspec.json.Decoder(_Message)
_RESULTS = msgspec.json.Decoder(_Results)
_GROUP = msgspec.json.Decoder(_Group)


class OpenAlpr:
    """Reads the messages of OpenALPR's and Rekor's agents."""

    name = "openalpr"

    def read(self, push: Push) -> PushContent:
        """Read a push; see `DeviceFormat.read`."""
        content = document(push, media_types=_MEDIA_TYPES, part="json", limit=MAX_DOCUMENT).content
        kind = decoded(_MESSAGE, content).data_type
        if kind == "heartbeat":
            return PushContent(heartbeat=True)
        if kind == "alpr_results":
            return _of_results(decoded(_RESULTS, content))
        if kind == "alpr_group":
            return _of_group(decoded(_GROUP, content))
        raise PushUnreadable("unsupported_event", "The message is of a data_type that is not known here.")


FORMAT = OpenAlpr()


def _of_results(message: _Results) -> PushContent:
    results = message.results
    if results is None:
        raise PushUnreadable("missing_field", "The message has no results.")
    require_few(results)

    def read(placed: tuple[int, _Result]) -> Seen | None:
        place, result = placed
        return _seen(message, result, place) if result.plate else None

    seen, unread = read_each(enumerate(results), read)
    if results and not seen:
        raise PushUnreadable("missing_field", "No result of the message has a plate.")
    pictures = first_pictures(base64_picture(result.plate_crop_jpeg, "plate") for result in results)
    return PushContent(seen=seen, pictures=pictures, heartbeat=not seen, unread=unread)


def _seen(message: _Results, result: _Result, place: int) -> Seen:
    index = place if result.plate_index is None else result.plate_index
    vehicle = result.vehicle or _Vehicle()
    return Seen(
        vendor_id=_vendor_id(message.uuid, index)
        or observation_id(message.camera_id, message.epoch_time, index, result.plate),
        plate=result.plate or "",
        country=result.region or None,
        confidence=_confidence(result.confidence),
        candidates=_candidates(result.candidates),
        device_time=epoch_time(message.epoch_time),
        direction=_degrees(result.travel_direction),
        vehicle_type=_first(vehicle.body_type),
        make=_first(vehicle.make),
        colour=_first(vehicle.color),
        retransmitted=False,
    )


def _of_group(group: _Group) -> PushContent:
    if not group.best_plate_number:
        raise PushUnreadable("missing_field", "The group has no best_plate_number.")
    best = group.best_plate or _Result()
    vehicle = group.vehicle or _Vehicle()
    seen = Seen(
        vendor_id=_vendor_id(group.best_uuid, best.plate_index or 0)
        or observation_id(group.camera_id, group.epoch_start, group.epoch_end, group.best_plate_number),
        plate=group.best_plate_number,
        country=group.best_region or group.country or None,
        confidence=_confidence(group.best_confidence),
        candidates=_candidates(group.candidates or best.candidates),
        device_time=epoch_time(_best_epoch(group)),
        direction=None if group.is_parked else _degrees(group.travel_direction),
        vehicle_type=_first(vehicle.body_type),
        make=_first(vehicle.make),
        colour=_first(vehicle.color),
        retransmitted=False,
    )
    pictures = (base64_picture(best.plate_crop_jpeg, "plate"), base64_picture(group.vehicle_crop_jpeg, "vehicle"))
    return PushContent(seen=(seen,), pictures=first_pictures(pictures))


def _best_epoch(group: _Group) -> float | None:
    """Return when the best result was seen: its id ends with it. A group of a parked vehicle may last hours."""
    start, end = group.epoch_start, group.epoch_end
    last = (group.best_uuid or "").rpartition("-")[2]
    if start is None or end is None or not (last.isascii() and last.isdigit() and len(last) <= _EPOCH_DIGITS):
        return start
    return float(last) if start <= int(last) <= end else start


def _vendor_id(uuid: str | None, index: int) -> str | None:
    return f"{uuid}/{index}" if uuid else None


def _confidence(percent: float | None) -> float:
    if percent is None:
        raise PushUnreadable("missing_field", "The message has a plate without a confidence.")
    return percent / 100


def _candidates(found: tuple[_Candidate, ...] | None) -> tuple[PlateCandidate, ...]:
    return tuple(PlateCandidate(plate=each.plate, confidence=each.confidence / 100) for each in found or ())


def _degrees(direction: float | None) -> str | None:
    return None if direction is None else f"{direction:.0f}"


def _first(named: tuple[_Named, ...] | None) -> str | None:
    return (named[0].name or None) if named else None
