"""Plate Recognizer Stream: JSON, alone or as the field ``json`` of a form that carries the picture.

Two shapes are about: the older has the plate as text and its details beside it, the newer has them in ``props``.
Fields that are not used here are not looked at.
"""

from typing import Annotated, NamedTuple

import msgspec

from adapters.devices.device_time import device_time
from adapters.devices.document import document
from adapters.devices.json_document import decoded
from adapters.devices.observation_id import observation_id
from domain.registrations.readings import PlateCandidate, Push, PushContent, PushUnreadable, Seen

_MEDIA_TYPES = frozenset({"application/json"})

Score = Annotated[float, msgspec.Meta(ge=0, le=1)]


class _Hook(msgspec.Struct, frozen=True, gc=False):
    event: str = "recognition"


class _Box(msgspec.Struct, frozen=True, gc=False):
    xmin: float
    ymin: float
    xmax: float
    ymax: float


class _Candidate(msgspec.Struct, frozen=True, gc=False):
    plate: str
    score: Score = 0.0


class _Value(msgspec.Struct, frozen=True, gc=False):
    value: str
    score: Score = 0.0


class _Region(msgspec.Struct, frozen=True, gc=False):
    code: str | None = None


class _Make(msgspec.Struct, frozen=True, gc=False):
    make: str | None = None


class _Colour(msgspec.Struct, frozen=True, gc=False):
    color: str | None = None


class _PlateProps(msgspec.Struct, frozen=True, gc=False):
    plate: tuple[_Value, ...] | None = None
    region: tuple[_Value, ...] | None = None


class _Plate(msgspec.Struct, frozen=True, gc=False):
    props: _PlateProps | None = None
    box: _Box | None = None


class _VehicleProps(msgspec.Struct, frozen=True, gc=False):
    make_model: tuple[_Make, ...] | None = None
    color: tuple[_Value, ...] | None = None


class _Vehicle(msgspec.Struct, frozen=True, gc=False):
    type: str | None = None
    props: _VehicleProps | None = None


class _Result(msgspec.Struct, frozen=True, gc=False):
    plate: str | _Plate | None = None
    score: Score | None = None
    box: _Box | None = None
    region: _Region | None = None
    candidates: tuple[_Candidate, ...] | None = None
    vehicle: _Vehicle | None = None
    model_make: tuple[_Make, ...] | None = None
    color: tuple[_Colour, ...] | None = None
    direction: float | str | None = None


class _Data(msgspec.Struct, frozen=True, gc=False):
    results: tuple[_Result, ...] | None = None
    camera_id: str | None = None
    filename: str | None = None
    timestamp: str | None = None
    timestamp_camera: str | None = None


class _Webhook(msgspec.Struct, frozen=True, gc=False):
    data: _Data | None = None
    hook: _Hook = _Hook()


_DECODER = msgspec.json.Decoder(_Webhook)


class _Read(NamedTuple):
    """A plate in either shape."""

    plate: str
    score: float
    candidates: tuple[PlateCandidate, ...]
    region: str | None
    box: _Box | None


class PlateRecognizerStream:
    """Reads the web-hooks of Plate Recognizer Stream."""

    name = "plate_recognizer_stream"

    def read(self, push: Push) -> PushContent:
        """Read a push; see `DeviceFormat.read`."""
        webhook = decoded(_DECODER, document(push, media_types=_MEDIA_TYPES, part="json").content)
        if webhook.hook.event != "recognition":
            raise PushUnreadable("unsupported_event", "The web-hook tells of something else than a recognition.")
        if webhook.data is None or webhook.data.results is None:
            raise PushUnreadable("missing_field", "The web-hook has no data.results.")
        data, results = webhook.data, webhook.data.results
        seen = tuple(_seen(data, result, read) for result in results if (read := _read(result)))
        if results and not seen:
            raise PushUnreadable("missing_field", "No result of the web-hook has a plate.")
        return PushContent(seen=seen, heartbeat=not seen)


FORMAT = PlateRecognizerStream()


def _read(result: _Result) -> _Read | None:
    """Return the plate of a result; None when the camera saw a vehicle but no plate."""
    if isinstance(result.plate, _Plate):
        return _read_props(result.plate)
    if not result.plate:
        return None
    if result.score is None:
        raise PushUnreadable("missing_field", "A result of the web-hook has a plate without a score.")
    return _Read(
        plate=result.plate,
        score=result.score,
        candidates=tuple(PlateCandidate(plate=c.plate, confidence=c.score) for c in result.candidates or ()),
        region=result.region.code if result.region else None,
        box=result.box,
    )


def _read_props(plate: _Plate) -> _Read | None:
    values = (plate.props and plate.props.plate) or ()
    if not values or not values[0].value:
        return None
    regions = (plate.props and plate.props.region) or ()
    return _Read(
        plate=values[0].value,
        score=values[0].score,
        candidates=tuple(PlateCandidate(plate=each.value, confidence=each.score) for each in values),
        region=regions[0].value if regions else None,
        box=plate.box,
    )


def _seen(data: _Data, result: _Result, read: _Read) -> Seen:
    make, colour = _make_and_colour(result)
    direction = result.direction
    return Seen(
        vendor_id=_vendor_id(data, read),
        plate=read.plate,
        country=read.region or None,
        confidence=read.score,
        candidates=read.candidates,
        device_time=device_time(data.timestamp_camera or data.timestamp),
        direction=(f"{direction:g}" if isinstance(direction, float) else direction) or None,
        vehicle_type=result.vehicle.type if result.vehicle else None,
        make=make,
        colour=colour,
        retransmitted=False,
    )


def _make_and_colour(result: _Result) -> tuple[str | None, str | None]:
    props = result.vehicle.props if result.vehicle else None
    if props:
        return (
            props.make_model[0].make if props.make_model else None,
            props.color[0].value if props.color else None,
        )
    return (
        result.model_make[0].make if result.model_make else None,
        result.color[0].color if result.color else None,
    )


def _vendor_id(data: _Data, read: _Read) -> str:
    """Return an id for the observation: the vendor gives none, but the same push has the same fields."""
    box = read.box and (read.box.xmin, read.box.ymin, read.box.xmax, read.box.ymax)
    return observation_id(data.camera_id, data.timestamp, data.filename, read.plate, box)
