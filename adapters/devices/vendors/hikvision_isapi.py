"""Hikvision cameras over ISAPI: XML, alone or as a part of a form or stream that carries the pictures.

A form is what a camera pushes (``anpr.xml``), ``multipart/mixed`` what its ``alertStream`` delivers, piece by piece and
with whatever else the camera has to tell. The namespace differs between firmwares and brands; so do names: the vendor
misspells some (``vehileModel``), none of them is needed here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from adapters.devices.device_number import confidence
from adapters.devices.device_time import device_time
from adapters.devices.document import media_type
from adapters.devices.hikvision_countries import COUNTRIES
from adapters.devices.limits import MAX_DOCUMENT, MAX_PUSH, require_size
from adapters.devices.multipart import Part, parts
from adapters.devices.pictures import first_pictures, picture
from adapters.devices.xml_document import children, local_name, parsed, text
from domain.registrations.readings import Picture, PlateCandidate, Push, PushContent, PushUnreadable, Seen, Shows

_MEDIA_TYPES = frozenset({"application/xml", "text/xml"})
_INDEX_DIGITS = 3
_ROOT = "EventNotificationAlert"
_HEARTBEATS = frozenset({("videoloss", "inactive"), ("heartbeat", "active")})
_NO_PLATE = frozenset({"", "unknown", "无车牌"})
_NOT_KNOWN = frozenset({"", "unknown", "NON"})
_SHOWS: dict[str, Shows] = {
    "licensePlatePicture": "plate",
    "vehiclePicture": "vehicle",
    "detectionPicture": "scene",
}


class HikvisionIsapi:
    """Reads the event notifications of Hikvision cameras."""

    name = "hikvision_isapi"

    def read(self, push: Push) -> PushContent:
        """Read a push; see `DeviceFormat.read`."""
        require_size(push.body, MAX_PUSH, "The push")
        kind = media_type(push.content_type)
        if kind in _MEDIA_TYPES:
            return _content([push.body], (), None)
        if kind not in {"multipart/form-data", "multipart/mixed"}:
            raise PushUnreadable("content_type", "This format does not come with such a content type.")
        found = _found(push, is_stream=kind == "multipart/mixed")
        if found.notifications:
            return _content(found.notifications, found.others, found.broken)
        raise found.broken or PushUnreadable("missing_part", "The push has no part of XML.")


FORMAT = HikvisionIsapi()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """The parts of a push; ``broken``: why what else it may have held cannot be told."""

    notifications: Sequence[bytes]
    others: Sequence[Part]
    broken: PushUnreadable | None


def _found(push: Push, *, is_stream: bool) -> _Found:
    """Return the parts. What a form that is broken lacks behind its notification are pictures: these are not needed."""
    notifications: list[bytes] = []
    others: list[Part] = []
    broken = None
    try:
        for part in parts(push.content_type, push.body):
            if _is_xml(part):
                notifications.append(bytes(part.content))
            else:
                others.append(part)
    except PushUnreadable as refusal:
        broken = refusal if is_stream or not notifications else None
    return _Found(notifications=notifications, others=others, broken=broken)


def _is_xml(part: Part) -> bool:
    return part.media_type in _MEDIA_TYPES or any(name.lower().endswith(".xml") for name in (part.name, part.filename))


def _content(notifications: Sequence[bytes], others: Sequence[Part], broken: PushUnreadable | None) -> PushContent:
    """Return what the notifications say: plates; if there are none, what stands in the way; or that it is alive."""
    require_size(b"".join(notifications), MAX_DOCUMENT, "The XML in the push")
    seen: list[Seen] = []
    unread: list[PushUnreadable] = []
    passed_over: list[PushUnreadable] = []
    shows: dict[str, Shows] = {}
    for notification in notifications:
        try:
            alert = children(parsed(notification, _ROOT))
            told = _told(alert)
            shows |= _shown(alert)
        except PushUnreadable as refusal:
            unread.append(refusal)
        else:
            seen += [told] if isinstance(told, Seen) else []
            passed_over += [told] if isinstance(told, PushUnreadable) else []
    unread += [broken] if broken else []
    if not seen and (refusals := unread + passed_over):
        raise refusals[0]
    return PushContent(
        seen=tuple(seen), pictures=_pictures(others, shows), heartbeat=not seen, unread=unread[0] if unread else None
    )


def _told(alert: dict[str, Element]) -> Seen | PushUnreadable | None:
    """Return the vehicle of which a notification tells, or why it tells of none; None for a heartbeat."""
    kind, state = text(alert, "eventType").lower(), text(alert, "eventState").lower()
    if kind == "anpr":
        return _seen(alert) or PushUnreadable("missing_field", "The notification has no plate.")
    if (kind, state) in _HEARTBEATS:
        return None
    return PushUnreadable("unsupported_event", "The notification tells of something else than a plate.")


def _seen(alert: dict[str, Element]) -> Seen | None:
    """Return the vehicle; None for one whose plate was not read."""
    anpr = children(alert.get("ANPR"))
    plate = text(anpr, "licensePlate")
    if plate.lower() in _NO_PLATE:
        return None
    level = confidence(text(anpr, "confidenceLevel"), of=100)
    original = text(anpr, "originalLicensePlate")
    is_corrected = original.lower() not in {plate.lower(), *_NO_PLATE}
    return Seen(
        vendor_id=text(alert, "UUID") or None,
        plate=plate,
        country=_country(alert, anpr),
        confidence=level,
        candidates=(PlateCandidate(plate=original, confidence=level),) if is_corrected else (),
        device_time=device_time(text(alert, "dateTime")),
        direction=_known(anpr, "direction"),
        vehicle_type=_known(anpr, "vehicleType"),
        make=None,
        colour=_known(children(anpr.get("vehicleInfo")), "color"),
        retransmitted=text(alert, "isDataRetransmission").lower() == "true",
    )


def _country(alert: dict[str, Element], anpr: dict[str, Element]) -> str | None:
    """Return the abbreviation, or what the number stands for."""
    abbreviation = _known(alert, "countryAbbreviation") or _known(anpr, "countryAbbreviation")
    return abbreviation or _numbered(text(anpr, "CRIndex")) or _numbered(text(anpr, "country"))


def _numbered(index: str) -> str | None:
    return COUNTRIES.get(int(index)) if index.isascii() and index.isdigit() and len(index) <= _INDEX_DIGITS else None


def _known(named: dict[str, Element], name: str) -> str | None:
    word = text(named, name)
    return None if word in _NOT_KNOWN else word


def _shown(alert: dict[str, Element]) -> dict[str, Shows]:
    """Return what the pictures show by their names in lower case."""
    listed = children(alert.get("ANPR")).get("pictureInfoList")
    infos = [children(each) for each in listed if local_name(each) == "pictureInfo"] if listed is not None else []
    return {text(info, "fileName").lower(): _SHOWS.get(text(info, "type"), "unknown") for info in infos}


def _pictures(others: Sequence[Part], shows: dict[str, Shows]) -> tuple[Picture, ...]:
    names = {name.removesuffix(".jpg"): shown for name, shown in shows.items()}
    names = {**{name.lower(): shown for name, shown in _SHOWS.items()}, **names}
    return first_pictures(
        picture(part.content, names.get(name, "unknown"))
        for part in others
        for name in [(part.filename or part.name).lower().removesuffix(".jpg")]
    )
