"""What cameras of two vendors push for a vehicle, in each of the shapes they use."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

BOUNDARY = "camera-boundary"
PICTURE = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What a camera saw. ``number`` tells one sight from the next."""

    camera: str
    number: int
    plate: str
    country: str
    kind: str
    confidence: float
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A push as it goes over the wire."""

    content_type: str
    body: bytes


def stream_json(sight: Sight) -> Shot:
    """Plate Recognizer Stream, plain JSON."""
    return Shot(content_type="application/json", body=_stream(sight))


def stream_form(sight: Sight) -> Shot:
    """Plate Recognizer Stream, a form with the field ``json`` and a picture."""
    return _form(("json", None, "application/json", _stream(sight)), ("upload", "car.jpg", "image/jpeg", PICTURE))


def isapi_xml(sight: Sight) -> Shot:
    """Hikvision ISAPI, plain XML."""
    return Shot(content_type="application/xml", body=_isapi(sight))


def isapi_form(sight: Sight) -> Shot:
    """Hikvision ISAPI, a form with the part ``anpr.xml`` and a picture."""
    return _form(
        ("anpr.xml", "anpr.xml", "application/xml", _isapi(sight)),
        ("licensePlatePicture.jpg", "licensePlatePicture.jpg", "image/jpeg", PICTURE),
    )


SHAPES: Mapping[str, tuple[Callable[[Sight], Shot], ...]] = {
    "plate_recognizer_stream": (stream_json, stream_form),
    "hikvision_isapi": (isapi_xml, isapi_form),
}


def _stream(sight: Sight) -> bytes:
    at = sight.at.isoformat()
    result = {
        "plate": sight.plate.lower(),
        "score": sight.confidence,
        "dscore": 0.8,
        "box": {"xmin": 337, "ymin": 270, "xmax": 412, "ymax": 305},
        "region": {"code": sight.country.lower(), "score": 0.6},
        "candidates": [{"plate": sight.plate.lower(), "score": sight.confidence}],
        "vehicle": {"type": sight.kind, "score": 0.7, "box": {"xmin": 155, "ymin": 71, "xmax": 590, "ymax": 373}},
        "direction": 210,
    }
    name = f"{sight.camera}_screenshots/{sight.number}.jpg"
    data = {
        "camera_id": sight.camera,
        "filename": name,
        "timestamp": at,
        "timestamp_local": at,
        "results": [result],
    }
    hook = {"target": "https://site/devices", "id": sight.camera, "event": "recognition", "filename": name}
    return json.dumps({"hook": hook, "data": data}).encode()


def _isapi(sight: Sight) -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<EventNotificationAlert version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema">
<ipAddress>10.0.0.8</ipAddress><macAddress>00:00:5e:00:53:08</macAddress><channelID>1</channelID>
<dateTime>{sight.at.isoformat(timespec="milliseconds")}</dateTime>
<eventType>ANPR</eventType><eventState>active</eventState><channelName>{escape(sight.camera)}</channelName>
<ANPR><country>0</country><licensePlate>{escape(sight.plate)}</licensePlate><line>1</line>
<direction>forward</direction><confidenceLevel>{round(sight.confidence * 100)}</confidenceLevel>
<vehicleType>{escape(sight.kind)}</vehicleType><vehicleInfo><color>white</color></vehicleInfo>
<originalLicensePlate>{escape(sight.plate)}</originalLicensePlate></ANPR>
<UUID>{sight.camera}-{sight.number}</UUID><picNum>1</picNum><isDataRetransmission>false</isDataRetransmission>
<countryAbbreviation>{escape(sight.country)}</countryAbbreviation>
</EventNotificationAlert>""".encode()


def _form(*parts: tuple[str, str | None, str, bytes]) -> Shot:
    body = bytearray()
    for name, filename, media_type, content in parts:
        named = f'name="{name}"' + (f'; filename="{filename}"' if filename else "")
        head = f"--{BOUNDARY}\r\nContent-Disposition: form-data; {named}\r\nContent-Type: {media_type}\r\n\r\n"
        body += head.encode() + content + b"\r\n"
    body += f"--{BOUNDARY}--\r\n".encode()
    return Shot(content_type=f"multipart/form-data; boundary={BOUNDARY}", body=bytes(body))
