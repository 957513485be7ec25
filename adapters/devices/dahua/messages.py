"""The two encodings of messages in JSON: RPC, as the camera's own page gets its events, and ITSAPI, which pushes them.

RPC carries events as the texts do (``client.notifyEventStream``). ITSAPI has a shape of its own, with the pictures in
base64 (``/NotificationInfo/TollgateInfo``), and a sign of life (``/NotificationInfo/KeepAlive``).
"""

from collections.abc import Iterator

import msgspec

from adapters.devices.dahua.event import Amount, Event, PlateObject, TrafficCar, Vehicle
from adapters.devices.json_document import decoded
from adapters.devices.pictures import base64_picture, first_pictures
from domain.registrations.readings import Picture, Shows

_KEEP_ALIVE = "global.keepAlive"


class _Told(msgspec.Struct, frozen=True, gc=False, rename="pascal"):
    """An event in a list of RPC."""

    code: str | None = None
    data: Event | None = None


class _Params(msgspec.Struct, frozen=True, gc=False):
    events: tuple[_Told, ...] | None = msgspec.field(name="eventList", default=None)


class _Plate(msgspec.Struct, frozen=True, gc=False, rename="pascal"):
    plate_number: str | None = None
    confidence: Amount | None = None
    region: str | None = None


class _Vehicle(msgspec.Struct, frozen=True, gc=False, rename="pascal"):
    vehicle_color: str | None = None
    vehicle_sign: str | None = None
    vehicle_type: str | None = None


class _SnapInfo(msgspec.Struct, frozen=True, gc=False, rename="pascal"):
    accurate_time: str | None = None
    snap_time: str | None = None
    direction: str | None = None


class _Image(msgspec.Struct, frozen=True, gc=False, rename="pascal"):
    content: str | None = None


class _Tollgate(msgspec.Struct, frozen=True, gc=False, rename="pascal"):
    plate: _Plate | None = None
    vehicle: _Vehicle | None = None
    snap_info: _SnapInfo | None = None
    normal_pic: _Image | None = None
    vehicle_pic: _Image | None = None
    cutout_pic: _Image | None = None


class Message(Event, frozen=True, gc=False, rename="pascal"):
    """A message, which may itself be an event.

    Attributes:
        active: of a sign of life.
        picture: of ITSAPI: what was seen, not only how it looked.
    """

    active: str | None = None
    data: Event | None = None
    events: tuple[Event, ...] | None = None
    picture: _Tollgate | None = None
    method: str | None = msgspec.field(name="method", default=None)
    params: _Params | None = msgspec.field(name="params", default=None)


_DECODER = msgspec.json.Decoder(Message, strict=False)


def message_in(content: bytes) -> Message:
    """Return the message.

    Raises:
        PushUnreadable: too many values, or not such JSON.
    """
    return decoded(_DECODER, content)


def message_is_heartbeat(message: Message) -> bool:
    """Tell whether the message says that the camera is alive."""
    return message.active is not None or message.method == _KEEP_ALIVE


def message_events(message: Message) -> Iterator[Event]:
    """Yield the events in order."""
    if message.picture:
        yield _of_tollgate(message.picture)
    if message.traffic_car or message.object:
        yield message
    if message.data:
        yield _coded(message.data, message.code)
    yield from message.events or ()
    for told in (message.params and message.params.events) or ():
        yield _coded(told.data or Event(), told.code)


def message_pictures(message: Message) -> tuple[Picture, ...]:
    """Return the pictures of ITSAPI."""
    if message.picture is None:
        return ()
    shown = message.picture
    images: dict[Shows, _Image | None] = {
        "scene": shown.normal_pic,
        "vehicle": shown.vehicle_pic,
        "plate": shown.cutout_pic,
    }
    return first_pictures(base64_picture(image.content, shows) for shows, image in images.items() if image)


def _coded(event: Event, code: str | None) -> Event:
    return msgspec.structs.replace(event, code=code or event.code)


def _of_tollgate(shown: _Tollgate) -> Event:
    plate, vehicle = shown.plate or _Plate(), shown.vehicle or _Vehicle()
    snap = shown.snap_info or _SnapInfo()
    return Event(
        code="TrafficJunction",
        locale_time=snap.accurate_time or snap.snap_time,
        junction_direction=snap.direction,
        object=PlateObject(confidence=plate.confidence),
        traffic_car=TrafficCar(
            plate_number=plate.plate_number,
            country=plate.region,
            vehicle_color=vehicle.vehicle_color,
            vehicle_sign=vehicle.vehicle_sign,
        ),
        vehicle=Vehicle(category=vehicle.vehicle_type),
    )
