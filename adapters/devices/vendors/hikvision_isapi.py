"""Hikvision cameras over ISAPI: XML, alone or as the part ``anpr.xml`` of a form that carries the pictures.

The namespace differs between firmwares and brands, so elements are told by their local names.
"""

from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from adapters.devices.device_time import device_time
from adapters.devices.document import document
from domain.registrations.readings import Push, PushContent, PushUnreadable, Seen

_MEDIA_TYPES = frozenset({"application/xml", "text/xml"})
_ROOT = "EventNotificationAlert"
_HEARTBEATS = frozenset({("videoloss", "inactive"), ("heartbeat", "active")})
_NO_PLATE = frozenset({"", "unknown", "无车牌"})
_NOT_KNOWN = frozenset({"", "unknown", "NON"})


class HikvisionIsapi:
    """Reads the event notifications of Hikvision cameras."""

    name = "hikvision_isapi"

    def read(self, push: Push) -> PushContent:
        """Read a push; see `DeviceFormat.read`."""
        root = _parsed(document(push, media_types=_MEDIA_TYPES, part="anpr.xml"))
        alert = _children(root)
        kind, state = _text(alert, "eventType").lower(), _text(alert, "eventState").lower()
        if kind == "anpr":
            return PushContent(seen=(_seen(alert),), heartbeat=False)
        if (kind, state) in _HEARTBEATS:
            return PushContent(seen=(), heartbeat=True)
        raise PushUnreadable("unsupported_event", "The notification tells of something else than a plate.")


FORMAT = HikvisionIsapi()


def _parsed(content: bytes) -> Element:
    try:
        root: Element = fromstring(content.decode(), forbid_dtd=True)
    except UnicodeDecodeError:
        raise PushUnreadable("malformed", "The XML is not UTF-8.") from None
    except DefusedXmlException:
        raise PushUnreadable("malformed", "The XML has a document type or entities.") from None
    except ParseError as error:
        raise PushUnreadable("malformed", f"The XML is malformed: {error}") from None
    if _local_name(root) != _ROOT:
        raise PushUnreadable("malformed", f"The root of the XML is not {_ROOT}.")
    return root


def _seen(alert: dict[str, Element]) -> Seen:
    anpr = _children(alert.get("ANPR"))
    plate = _text(anpr, "licensePlate")
    if plate.lower() in _NO_PLATE:
        raise PushUnreadable("missing_field", "The notification has no plate.")
    return Seen(
        vendor_id=_text(alert, "UUID") or None,
        plate=plate,
        country=_known(alert, "countryAbbreviation"),
        confidence=_confidence(_text(anpr, "confidenceLevel")),
        candidates=(),
        device_time=device_time(_text(alert, "dateTime")),
        direction=_known(anpr, "direction"),
        vehicle_type=_known(anpr, "vehicleType"),
        make=None,
        colour=_known(_children(anpr.get("vehicleInfo")), "color"),
        retransmitted=_text(alert, "isDataRetransmission").lower() == "true",
    )


def _confidence(text: str) -> float:
    if not text:
        raise PushUnreadable("missing_field", "The notification has no confidenceLevel.")
    try:
        percent = float(text)
    except ValueError:
        percent = -1.0
    if not 0 <= percent <= 100:  # noqa: PLR2004 - a percentage
        raise PushUnreadable("malformed", "The confidenceLevel is not a number from 0 to 100.")
    return percent / 100


def _children(element: Element | None) -> dict[str, Element]:
    return {} if element is None else {_local_name(child): child for child in element}


def _local_name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _text(children: dict[str, Element], name: str) -> str:
    element = children.get(name)
    return "" if element is None else (element.text or "").strip()


def _known(children: dict[str, Element], name: str) -> str | None:
    text = _text(children, name)
    return None if text in _NOT_KNOWN else text
