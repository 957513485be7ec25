"""The plate recognition of FF Group on Axis cameras: JSON, alone or as the part ``event`` of a form with the picture.

All numbers are text. A car is told of several times while it is in sight (``carState`` new, update, lost): what says
nothing new has the same id; another plate or a direction found since is an observation of its own.
"""

from typing import Literal

import msgspec

from adapters.devices.device_number import confidence, device_number
from adapters.devices.device_time import epoch_time
from adapters.devices.document import document
from adapters.devices.json_document import decoded
from adapters.devices.observation_id import observation_id
from adapters.devices.pictures import first_pictures, picture
from domain.registrations.readings import Push, PushContent, PushUnreadable, Seen

_MEDIA_TYPES = frozenset({"application/json"})
_NOT_KNOWN = frozenset({"", "unknown"})

Text = str | int | float | None


class _Camera(msgspec.Struct, frozen=True, gc=False):
    SerialNumber: str = ""


class _Event(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    plate_text: str = msgspec.field(name="plateText", default="")
    plate_utf8: str = msgspec.field(name="plateUTF8", default="")
    plate_ascii: str = msgspec.field(name="plateASCII", default="")
    plate_country: str = ""
    plate_confidence: Text = None
    capture_timestamp: Text = msgspec.field(name="capture_timestamp", default=None)
    car_state: str = ""
    car_id: Text = msgspec.field(name="carID", default=None)
    car_move_direction: str = ""
    image_type: str = ""
    camera: _Camera = msgspec.field(name="camera_info", default=_Camera())
    sensor: Text = msgspec.field(name="sensorProviderID", default=None)


_DECODER = msgspec.json.Decoder(_Event)
_STATES = frozenset({"", "new", "update", "lost"})


class AxisLicensePlate:
    """Reads the events of FF Group's plate recognition on Axis cameras."""

    name = "axis_license_plate"

    def read(self, push: Push) -> PushContent:
        """Read a push; see `DeviceFormat.read`."""
        found = document(push, media_types=_MEDIA_TYPES, part="event")
        event = decoded(_DECODER, found.content)
        if event.car_state.lower() not in _STATES:
            raise PushUnreadable("unsupported_event", "The event has an unknown carState.")
        shows: Literal["plate", "unknown"] = "plate" if event.image_type == "plate" else "unknown"
        return PushContent(
            seen=(_seen(event),), pictures=first_pictures(picture(part.content, shows) for part in found.beside)
        )


FORMAT = AxisLicensePlate()


def _seen(event: _Event) -> Seen:
    plate = event.plate_utf8 or event.plate_text or event.plate_ascii
    if not plate:
        raise PushUnreadable("missing_field", "The event has no plate.")
    time = epoch_time(device_number(_text(event.capture_timestamp)))
    direction = None if event.car_move_direction in _NOT_KNOWN else event.car_move_direction
    day = time and time.date()
    return Seen(
        vendor_id=observation_id(event.camera.SerialNumber, event.sensor, day, event.car_id, plate, direction),
        plate=plate,
        country=event.plate_country or None,
        confidence=confidence(_text(event.plate_confidence), of=1),
        candidates=(),
        device_time=time,
        direction=direction,
        vehicle_type=None,
        make=None,
        colour=None,
        retransmitted=False,
    )


def _text(value: Text) -> str:
    return "" if value is None else str(value)
