"""Hikvision cameras over ISAPI: XML, alone or as the part ``anpr.xml`` of a form that carries the pictures.

The namespace differs between firmwares and brands, so elements are told by their local names.
"""

from xml.etree.ElementTree import Element

from adapters.devices.device_number import confidence
from adapters.devices.device_time import device_time
from adapters.devices.document import document
from adapters.devices.xml_document import children, parsed, text
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
        root = parsed(document(push, media_types=_MEDIA_TYPES, part="anpr.xml").content, _ROOT)
        alert = children(root)
        kind, state = text(alert, "eventType").lower(), text(alert, "eventState").lower()
        if kind == "anpr":
            return PushContent(seen=(_seen(alert),), heartbeat=False)
        if (kind, state) in _HEARTBEATS:
            return PushContent(seen=(), heartbeat=True)
        raise PushUnreadable("unsupported_event", "The notification tells of something else than a plate.")


FORMAT = HikvisionIsapi()


def _seen(alert: dict[str, Element]) -> Seen:
    anpr = children(alert.get("ANPR"))
    plate = text(anpr, "licensePlate")
    if plate.lower() in _NO_PLATE:
        raise PushUnreadable("missing_field", "The notification has no plate.")
    return Seen(
        vendor_id=text(alert, "UUID") or None,
        plate=plate,
        country=_known(alert, "countryAbbreviation"),
        confidence=confidence(text(anpr, "confidenceLevel"), of=100),
        candidates=(),
        device_time=device_time(text(alert, "dateTime")),
        direction=_known(anpr, "direction"),
        vehicle_type=_known(anpr, "vehicleType"),
        make=None,
        colour=_known(children(anpr.get("vehicleInfo")), "color"),
        retransmitted=text(alert, "isDataRetransmission").lower() == "true",
    )


def _known(named: dict[str, Element], name: str) -> str | None:
    word = text(named, name)
    return None if word in _NOT_KNOWN else word
