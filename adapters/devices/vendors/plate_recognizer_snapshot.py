"""Plate Recognizer Snapshot: the answer to a picture, forwarded by whoever asked; JSON, with or without the picture.

Its ``timestamp`` is no time unless it has an offset: the cloud means UTC, an installation of one's own may not.
"""

import msgspec

from adapters.devices.device_time import device_time
from adapters.devices.document import document
from adapters.devices.json_document import decoded
from adapters.devices.pictures import first_pictures, picture
from adapters.devices.plate_recognizer import Result, all_seen
from domain.registrations.readings import Push, PushContent, PushUnreadable

_MEDIA_TYPES = frozenset({"application/json"})


class _Answer(msgspec.Struct, frozen=True, gc=False):
    results: tuple[Result, ...] | None = None
    filename: str | None = None
    camera_id: str | None = None
    timestamp: str | None = None


_DECODER = msgspec.json.Decoder(_Answer)


class PlateRecognizerSnapshot:
    """Reads the answers of Plate Recognizer Snapshot."""

    name = "plate_recognizer_snapshot"

    def read(self, push: Push) -> PushContent:
        """Read a push; see `DeviceFormat.read`."""
        found = document(push, media_types=_MEDIA_TYPES, part="json")
        answer = decoded(_DECODER, found.content)
        if answer.results is None:
            raise PushUnreadable("missing_field", "The answer has no results.")
        where = (answer.camera_id, answer.timestamp, answer.filename)
        seen, unread = all_seen(answer.results, where, device_time(answer.timestamp))
        pictures = first_pictures(picture(part.content, "scene") for part in found.beside)
        return PushContent(seen=seen, pictures=pictures, heartbeat=not seen, unread=unread)


FORMAT = PlateRecognizerSnapshot()
