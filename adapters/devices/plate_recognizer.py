"""What Plate Recognizer says of a vehicle, in its products Stream and Snapshot alike.

Two shapes are about: the older has the plate as text and its details beside it, the newer has them in ``props``.
Fields that are not used here are not looked at.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, NamedTuple

import msgspec

from adapters.devices.limits import require_few
from adapters.devices.observation_id import observation_id
from adapters.devices.one_by_one import read_each
from domain.registrations.readings import PlateCandidate, PushUnreadable, Seen

Score = Annotated[float, msgspec.Meta(ge=0, le=1)]


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


class _Orientation(msgspec.Struct, frozen=True, gc=False):
    orientation: str | None = None


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
    orientation: tuple[_Value, ...] | None = None


class _Vehicle(msgspec.Struct, frozen=True, gc=False):
    type: str | None = None
    props: _VehicleProps | None = None


class Result(msgspec.Struct, frozen=True, gc=False):
    """A vehicle or a plate in a picture."""

    plate: str | _Plate | None = None
    score: Score | None = None
    box: _Box | None = None
    region: _Region | None = None
    candidates: tuple[_Candidate, ...] | None = None
    vehicle: _Vehicle | None = None
    model_make: tuple[_Make, ...] | None = None
    color: tuple[_Colour, ...] | None = None
    orientation: tuple[_Orientation, ...] | None = None
    direction: float | str | None = None


class _Read(NamedTuple):
    """A plate in either shape."""

    plate: str
    score: float
    candidates: tuple[PlateCandidate, ...]
    region: str | None
    box: _Box | None


def all_seen(
    results: Sequence[Result], picture: Sequence[str | None], time: datetime | None
) -> tuple[tuple[Seen, ...], PushUnreadable | None]:
    """Return the vehicles with a plate that were found in a picture, and why a result beside them cannot be read.

    Args:
        results: what was found; none says that the device is alive.
        picture: what tells it from others; the vendor gives no id.
        time: when it was taken.

    Raises:
        PushUnreadable: there are too many results, or none has a plate with a score.
    """

    def seen(result: Result) -> Seen | None:
        read = _read(result)
        return None if read is None else _seen(picture, time, result, read)

    require_few(results)
    found, unread = read_each(results, seen)
    if results and not found:
        raise PushUnreadable("missing_field", "No result has a plate.")
    return found, unread


def _read(result: Result) -> _Read | None:
    """Return the plate of a result; None when the camera saw a vehicle but no plate."""
    if isinstance(result.plate, _Plate):
        return _read_props(result.plate)
    if not result.plate:
        return None
    if result.score is None:
        raise PushUnreadable("missing_field", "A result has a plate without a score.")
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


def _seen(picture: Sequence[str | None], time: datetime | None, result: Result, read: _Read) -> Seen:
    make, colour = _make_and_colour(result)
    box = read.box and (read.box.xmin, read.box.ymin, read.box.xmax, read.box.ymax)
    return Seen(
        vendor_id=observation_id(*picture, read.plate, box),
        plate=read.plate,
        country=read.region or None,
        confidence=read.score,
        candidates=read.candidates,
        device_time=time,
        direction=_direction(result),
        vehicle_type=result.vehicle.type if result.vehicle else None,
        make=make,
        colour=colour,
        retransmitted=False,
    )


def _make_and_colour(result: Result) -> tuple[str | None, str | None]:
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


def _direction(result: Result) -> str | None:
    """Return the degrees, or which end of the vehicle was seen when the device did not see it move."""
    direction = result.direction
    if isinstance(direction, float):
        return f"{direction:g}"
    props = result.vehicle.props if result.vehicle else None
    ends = [each.orientation for each in result.orientation or ()]
    ends += [each.value for each in (props.orientation if props else None) or ()]
    return direction or (ends[0] if ends and ends[0] != "Unknown" else None) or None
