"""Genetec AutoVu (Sharp): JSON, or a form with the same fields, with the pictures in base64.

The date is written as the sender's country does: ``24/10/2024`` or ``10/24/2024``. One that may be read both ways is
no time: a wrong one is worse.
"""

from datetime import UTC, datetime
from urllib.parse import parse_qsl

import msgspec

from adapters.devices.device_number import confidence
from adapters.devices.document import media_type
from adapters.devices.json_document import decoded
from adapters.devices.limits import MAX_PUSH, require_size
from adapters.devices.multipart import parts
from adapters.devices.observation_id import observation_id
from adapters.devices.pictures import base64_picture, first_pictures
from domain.registrations.readings import Push, PushContent, PushUnreadable, Seen

MAX_DOCUMENT = 12 * 1024 * 1024
MAX_ESCAPES = 500_000
"""Characters of a form in percent-encoding: of base64 few have to be."""
MAX_FIELDS = 128

_NOT_KNOWN = frozenset({"", "-", "unknown"})


class _Read(msgspec.Struct, frozen=True, gc=False, rename="pascal"):
    camera_name: str | None = None
    date_utc: str | None = None
    time_utc: str | None = None
    plate: str | None = None
    state: str | None = None
    confidence_score: str | None = None
    context_image: str | None = None
    overview_image: str | None = None
    plate_image: str | None = None
    attributes: dict[str, str | None] | None = None


_DECODER = msgspec.json.Decoder(_Read)
_ATTRIBUTES = msgspec.json.Decoder(dict[str, str | None])


class GenetecAutoVu:
    """Reads the plate reads of Genetec AutoVu."""

    name = "genetec_autovu"

    def read(self, push: Push) -> PushContent:
        """Read a push; see `DeviceFormat.read`."""
        read = _read(push)
        pictures = (
            base64_picture(read.plate_image, "plate"),
            base64_picture(read.context_image, "scene"),
            base64_picture(read.overview_image, "scene"),
        )
        return PushContent(seen=(_seen(read),), pictures=first_pictures(pictures))


FORMAT = GenetecAutoVu()


def _read(push: Push) -> _Read:
    require_size(push.body, MAX_PUSH, "The push")
    kind = media_type(push.content_type)
    if kind == "application/json":
        require_size(push.body, MAX_DOCUMENT, "The document in the push")
        return decoded(_DECODER, push.body)
    if kind == "application/x-www-form-urlencoded":
        return _of_fields(_url_encoded(push.body))
    if kind == "multipart/form-data":
        form = parts(push.content_type, push.body)
        return _of_fields({part.name: bytes(part.content).decode(errors="replace") for part in form})
    raise PushUnreadable("content_type", "This format does not come with such a content type.")


def _url_encoded(body: bytes) -> dict[str, str]:
    require_size(body, MAX_DOCUMENT, "The form")
    if body.count(b"%") > MAX_ESCAPES:
        raise PushUnreadable("too_large", f"The form has more than {MAX_ESCAPES} escaped characters.")
    try:
        return dict(parse_qsl(body.decode("ascii"), max_num_fields=MAX_FIELDS))
    except ValueError:
        raise PushUnreadable("malformed", f"The form is not ASCII, or of more than {MAX_FIELDS} fields.") from None


def _of_fields(fields: dict[str, str]) -> _Read:
    for name in ("ContextImage", "OverviewImage", "PlateImage"):
        fields[name] = fields.get(name, "").replace(" ", "+")  # what was sent without being escaped
    if any("\0" in value for value in fields.values()):
        raise PushUnreadable("malformed", "The form holds a null character.")
    attributes = decoded(_ATTRIBUTES, fields.pop("Attributes", "{}").encode())
    return msgspec.convert({**fields, "Attributes": attributes}, _Read)


def _seen(read: _Read) -> Seen:
    if not read.plate:
        raise PushUnreadable("missing_field", "The push has no Plate.")
    attributes = read.attributes or {}
    return Seen(
        vendor_id=observation_id(read.camera_name, read.date_utc, read.time_utc, read.plate),
        plate=read.plate,
        country=_known(read.state),
        confidence=confidence(read.confidence_score or "", of=100),
        candidates=(),
        device_time=_time(read.date_utc, read.time_utc),
        direction=_known(attributes.get("Relative Motion")),
        vehicle_type=_known(attributes.get("Vehicle Type")),
        make=_known(attributes.get("Vehicle Make")),
        colour=_known(attributes.get("Vehicle Color")),
        retransmitted=False,
    )


def _time(date: str | None, time: str | None) -> datetime | None:
    times = set()
    for order in ("%d/%m/%Y", "%m/%d/%Y"):
        try:
            times.add(datetime.strptime(f"{date} {time}", f"{order} %H:%M:%S").replace(tzinfo=UTC))
        except ValueError:
            continue
    return times.pop() if len(times) == 1 else None


def _known(word: str | None) -> str | None:
    return None if (word or "").lower() in _NOT_KNOWN else word
