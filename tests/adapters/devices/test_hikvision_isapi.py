"""Hikvision over ISAPI."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from adapters.devices.formats import FORMATS
from domain.registrations.readings import Push, PushContent, PushUnreadable, Seen

HIKVISION = FORMATS["hikvision_isapi"]
NAMESPACE = b'xmlns="http://www.hikvision.com/ver20/XMLSchema"'
SEEN = Seen(
    vendor_id="2024011911172144900FlERIduqg06eKsYuvLX072NugIxaHw22mHG5D5KBmWqX",
    plate="PECT600",
    country=None,
    confidence=0.97,
    candidates=(),
    device_time=datetime(2024, 1, 19, 3, 17, 19, tzinfo=UTC),
    direction="reverse",
    vehicle_type="vehicle",
    make=None,
    colour="white",
    retransmitted=False,
)


def read(body: bytes) -> PushContent:
    return HIKVISION.read(Push(content_type="application/xml", body=body))


def alert(inner: str) -> bytes:
    return f"<EventNotificationAlert>{inner}</EventNotificationAlert>".encode()


def anpr(inner: str) -> bytes:
    return alert(f"<eventType>ANPR</eventType><ANPR>{inner}</ANPR>")


def reason(body: bytes) -> str:
    with pytest.raises(PushUnreadable) as refused:
        read(body)
    return refused.value.reason


@pytest.mark.parametrize("content_type", ["application/xml", 'text/xml; charset="UTF-8"'])
def test_a_notification(hikvision_xml: bytes, content_type: str) -> None:
    push = Push(content_type=content_type, body=hikvision_xml)
    assert HIKVISION.read(push) == PushContent(seen=(SEEN,), heartbeat=False)


@pytest.mark.parametrize(
    "name", ['name="anpr.xml"; filename="anpr.xml"', 'name="anpr.xml"', 'name="f"; filename="anpr.xml"']
)
def test_the_same_in_a_form_with_pictures(hikvision_xml: bytes, form: Callable[..., Push], name: str) -> None:
    push = form((name, hikvision_xml), ('name="licensePlatePicture.jpg"', b"\xff\xd8" + bytes(1000)))
    assert HIKVISION.read(push).seen == (SEEN,)


@pytest.mark.parametrize(
    "namespace",
    [
        b"",
        b'xmlns="http://www.isapi.org/ver20/XMLSchema"',
        b'xmlns="http://www.hikvision.com/ver10/XMLSchema"',
        b'xmlns="http://www.std-cgi.com/ver20/XMLSchema"',
    ],
)
def test_any_namespace(hikvision_xml: bytes, namespace: bytes) -> None:
    changed = hikvision_xml.replace(NAMESPACE, namespace)
    assert changed != hikvision_xml
    assert read(changed).seen == (SEEN,)


def test_what_is_sent_again_after_an_outage_keeps_its_id(hikvision_xml: bytes) -> None:
    [seen] = read(hikvision_xml.replace(b">false</isData", b">true</isData")).seen
    assert (seen.retransmitted, seen.vendor_id) == (True, SEEN.vendor_id)


def test_the_country_is_the_abbreviation(hikvision_xml: bytes) -> None:
    [seen] = read(hikvision_xml.replace(b">NON<", b">POL<")).seen
    assert seen.country == "POL"


def test_a_plate_and_its_confidence_are_enough() -> None:
    body = anpr("<licensePlate> AБ1 </licensePlate><confidenceLevel>100</confidenceLevel>")
    [seen] = read(body).seen
    assert (seen.plate, seen.confidence, seen.vendor_id) == ("AБ1", 1.0, None)
    assert (seen.device_time, seen.direction, seen.vehicle_type, seen.colour) == (None, None, None, None)


def test_a_long_plate_is_left_to_the_domain() -> None:
    [seen] = read(anpr(f"<licensePlate>{'A' * 200}</licensePlate><confidenceLevel>1</confidenceLevel>")).seen
    assert seen.plate == "A" * 200


@pytest.mark.parametrize(("kind", "state"), [("videoloss", "inactive"), ("heartBeat", "active")])
def test_signs_of_life(kind: str, state: str) -> None:
    body = alert(f"<eventType>{kind}</eventType><eventState>{state}</eventState>")
    assert read(body) == PushContent(seen=(), heartbeat=True)


@pytest.mark.parametrize(("kind", "state"), [("videoloss", "active"), ("VMD", "active"), ("VMD", "inactive"), ("", "")])
def test_other_events_are_told(kind: str, state: str) -> None:
    assert reason(alert(f"<eventType>{kind}</eventType><eventState>{state}</eventState>")) == "unsupported_event"


@pytest.mark.parametrize("plate", ["", "unknown", "Unknown", " ", "无车牌"])
def test_a_vehicle_without_a_plate(hikvision_xml: bytes, plate: str) -> None:
    body = hikvision_xml.replace(b"<licensePlate>PECT600<", f"<licensePlate>{plate}<".encode())
    assert body != hikvision_xml
    assert reason(body) == "missing_field"


@pytest.mark.parametrize(
    "body",
    [
        alert("<eventType>ANPR</eventType>"),
        anpr(""),
        anpr("<licensePlate/>"),
        anpr("<licensePlate>A1</licensePlate>"),
        anpr("<licensePlate>A1</licensePlate><confidenceLevel/>"),
    ],
)
def test_what_is_needed_and_absent(body: bytes) -> None:
    assert reason(body) == "missing_field"


@pytest.mark.parametrize("level", ["NaN", "inf", "-1", "101", "high", "0x10", "1,5"])
def test_a_confidence_that_is_none(level: str) -> None:
    assert reason(anpr(f"<licensePlate>A1</licensePlate><confidenceLevel>{level}</confidenceLevel>")) == "malformed"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"<EventNotificationAlert>",
        b"<Other/>",
        alert("\x00"),
        alert("&#0;"),
        alert("&undefined;"),
        alert("<a:b/>"),
        alert("").replace(b"><", b">\xff<"),
        alert("") + alert(""),
        b"<!DOCTYPE a>" + alert(""),
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd">' + alert(""),
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + alert("&x;"),
        '<?xml version="1.0" encoding="utf-16"?><EventNotificationAlert/>'.encode("utf-16"),
    ],
)
def test_what_is_malformed(body: bytes) -> None:
    assert reason(body) == "malformed"
