"""Plate Recognizer Stream: JSON, alone or as the field ``json`` of a form that carries the picture."""

import msgspec

from adapters.devices.device_time import device_time
from adapters.devices.document import document
from adapters.devices.json_document import decoded
from adapters.devices.pictures import first_pictures, picture
from adapters.devices.plate_recognizer import Result, all_seen
from domain.registrations.readings import Push, PushContent, PushUnreadable

_MEDIA_TYPES = frozenset({"application/json"})


class _Hook(msgspec.Struct, frozen=True, gc=False):
    event: str = "recognition"


class _Data(msgspec.Struct, frozen=True, gc=False):
    results: tuple[Result, ...] | None = None
    camera_id: str | None = None
    filename: str | None = None
    timestamp: str | None = None
    timestamp_local: str | None = None
    timestamp_camera: str | None = None


class _Webhook(msgspec.Struct, frozen=True, gc=False):
    data: _Data | None = None
    hook: _Hook = _Hook()


_DECODER = msgspec.json.Decoder(_Webhook)


class PlateRecognizerStream:
    """Reads the web-hooks of Plate Recognizer Stream."""

    name = "plate_recognizer_stream"

    def read(self, push: Push) -> PushContent:
        """Read a push; see `DeviceFormat.read`."""
        found = document(push, media_types=_MEDIA_TYPES, part="json")
        webhook = decoded(_DECODER, found.content)
        if webhook.hook.event != "recognition":
            raise PushUnreadable("unsupported_event", "The web-hook tells of something else than a recognition.")
        if webhook.data is None or webhook.data.results is None:
            raise PushUnreadable("missing_field", "The web-hook has no data.results.")
        data, results = webhook.data, webhook.data.results
        times = map(device_time, (data.timestamp_camera, data.timestamp, data.timestamp_local))
        time = next((each for each in times if each), None)
        seen, unread = all_seen(results, (data.camera_id, data.timestamp, data.filename), time)
        pictures = first_pictures(picture(part.content, "scene") for part in found.beside)
        return PushContent(seen=seen, pictures=pictures, heartbeat=not seen, unread=unread)


FORMAT = PlateRecognizerStream()
