"""Hikvision over ISAPI.

The payloads are `parkpow/hikvision_lpr/assets/anpr.xml` of parkpow/deep-license-plate-recognition, and what integrators
of other public repositories recorded (tests/data/devices/README.md).
"""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from adapters.devices.formats import FORMATS
from domain.registrations.readings import Picture, PlateCandidate, Push, PushContent, PushUnreadable, Seen

HIKVISION = FORMATS["hikvision_isapi"]
NAMESPACE = b'xmlns="http://www.hikvision.com/ver20/XMLSchema"'
SEEN = Seen(
    vendor_id="2024011911172144900FlERIduqg06eKsYuvLX072NugIxaHw22mHG5D5KBmWqX",
    plate="PECT600",
    country="DE",
    confidence=0.97,
    candidates=(),
    device_time=datetime(2024, 1, 19, 3, 17, 19, tzinfo=UTC),
    direction="reverse",
    vehicle_type="vehicle",
    make=None,
    colour="white",
    retransmitted=False,
)


Payload = Callable[[str], bytes]
Form = Callable[..., Push]


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


def test_another_camera_and_its_three_pictures(payload: Payload, form: Form, jpeg: bytes) -> None:
    push = form(
        ('name="anpr.xml"; filename="anpr.xml"', payload("hikvision_anpr_38AAP084.xml")),
        ('name="licensePlatePicture.jpg"; filename="licensePlatePicture.jpg"', jpeg),
        ('name="vehiclePicture"', jpeg + b"2"),
        ('name="x"; filename="DetectionPicture.jpg"', jpeg + b"3"),
        ('name="other.jpg"', jpeg + b"4"),
        ('name="empty.jpg"', b""),
    )
    content = HIKVISION.read(push)
    [seen] = content.seen
    assert (seen.plate, seen.country, seen.direction, seen.vehicle_type) == ("38AAP084", "TR", "forward", "bus")
    assert [(each.shows, each.content[len(jpeg) :]) for each in content.pictures] == [
        ("plate", b""),
        ("vehicle", b"2"),
        ("scene", b"3"),
        ("unknown", b"4"),
    ]


def test_the_list_of_pictures_says_what_they_show(hikvision_xml: bytes, form: Form, jpeg: bytes) -> None:
    body = hikvision_xml.replace(b"<fileName>licensePlatePicture.jpg", b"<fileName>1.jpg")
    assert body != hikvision_xml
    content = HIKVISION.read(form(("name=anpr.xml", body), ('name="1.jpg"', jpeg)))
    assert content.pictures == (Picture(shows="plate", content=jpeg),)


def test_a_form_that_is_cut_off_in_a_picture(hikvision_xml: bytes, form: Form, jpeg: bytes) -> None:
    push = form(("name=anpr.xml", hikvision_xml), ('name="a.jpg"', jpeg), ('name="b.jpg"', jpeg))
    cut = Push(content_type=push.content_type, body=push.body[:-60])
    assert HIKVISION.read(cut) == PushContent(seen=(SEEN,), pictures=(Picture(shows="unknown", content=jpeg),))


def test_a_form_without_xml(form: Form, jpeg: bytes) -> None:
    with pytest.raises(PushUnreadable) as refused:
        HIKVISION.read(form(('name="a.jpg"', jpeg)))
    assert refused.value.reason == "missing_part"


def stream(*contents: tuple[str, bytes], end: str = "--boundary--") -> Push:
    parts = [
        f"--boundary\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content + b"\r\n"
        for kind, content in contents
    ]
    return Push(content_type="multipart/mixed; boundary=boundary", body=b"".join(parts) + end.encode())


XML = 'application/xml; charset="UTF-8"'


@pytest.mark.parametrize("end", ["--boundary--\r\n", ""])
def test_a_piece_of_the_alert_stream(payload: Payload, hikvision_xml: bytes, jpeg: bytes, end: str) -> None:
    push = stream(
        (XML, payload("hikvision_heartbeat.xml")),
        (XML, hikvision_xml),
        ("image/pjpeg", jpeg),
        (XML, payload("hikvision_motion.xml")),
        (XML, payload("hikvision_anpr_38AAP084.xml")),
        end=end,
    )
    content = HIKVISION.read(push)
    assert [seen.plate for seen in content.seen] == ["PECT600", "38AAP084"]
    assert (content.heartbeat, [each.content for each in content.pictures]) == (False, [jpeg])


def test_a_stream_that_counts_its_dashes_as_part_of_the_boundary(hikvision_xml: bytes) -> None:
    push = stream((XML, hikvision_xml))
    assert HIKVISION.read(Push(content_type="multipart/mixed; boundary=--boundary", body=push.body)).seen == (SEEN,)


def test_a_stream_of_heartbeats_is_one(payload: Payload) -> None:
    heartbeat = (XML, payload("hikvision_heartbeat.xml"))
    assert HIKVISION.read(stream(heartbeat, heartbeat)) == PushContent(heartbeat=True)


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        (["heartbeat", "motion"], "unsupported_event"),
        (["no plate", "heartbeat"], "missing_field"),
        (["malformed", "heartbeat"], "malformed"),
        (["no plate", "no confidence", "motion"], "missing_field"),
        ([], "missing_part"),
    ],
)
def test_a_stream_with_what_cannot_be_read(payload: Payload, parts: list[str], reason: str) -> None:
    known = {
        "heartbeat": payload("hikvision_heartbeat.xml"),
        "motion": payload("hikvision_motion.xml"),
        "no plate": anpr("<licensePlate>unknown</licensePlate>"),
        "no confidence": anpr("<licensePlate>A1</licensePlate>"),
        "malformed": b"<EventNotificationAlert>",
    }
    with pytest.raises(PushUnreadable) as refused:
        HIKVISION.read(stream(*((XML, known[name]) for name in parts)))
    assert refused.value.reason == reason


def test_the_xml_of_a_push_is_limited_together() -> None:
    large = b"<EventNotificationAlert>" + bytes(100 * 1024).replace(b"\0", b" ") + b"</EventNotificationAlert>"
    with pytest.raises(PushUnreadable) as refused:
        HIKVISION.read(stream(*[(XML, large)] * 6))
    assert refused.value.reason == "too_large"


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        (b"<EventNotificationAlert>", "malformed"),
        (anpr("<licensePlate>A1</licensePlate>"), "missing_field"),
        (anpr("<licensePlate>A1</licensePlate><confidenceLevel>high</confidenceLevel>"), "malformed"),
    ],
)
@pytest.mark.parametrize("comes_first", [True, False])
def test_what_else_a_stream_holds_is_read(
    hikvision_xml: bytes, jpeg: bytes, part: bytes, reason: str, *, comes_first: bool
) -> None:
    both = [(XML, part), (XML, hikvision_xml)]
    content = HIKVISION.read(stream(*(both if comes_first else both[::-1]), ("image/jpeg", jpeg)))
    assert (content.seen, content.heartbeat, len(content.pictures)) == ((SEEN,), False, 1)
    assert content.unread is not None
    assert content.unread.reason == reason


def test_a_stream_that_is_cut_off_is_read_as_far_as_it_goes(hikvision_xml: bytes) -> None:
    push = stream((XML, hikvision_xml), (XML, hikvision_xml), end="")
    content = HIKVISION.read(Push(content_type=push.content_type, body=push.body[:-20]))
    assert content.seen == (SEEN,)
    assert content.unread is not None
    assert content.unread.reason == "malformed"


def test_a_stream_that_is_cut_off_in_a_picture_is_read(hikvision_xml: bytes, jpeg: bytes) -> None:
    push = stream((XML, hikvision_xml), ("image/jpeg", jpeg), end="")
    content = HIKVISION.read(Push(content_type=push.content_type, body=push.body[:-3]))
    assert content == PushContent(seen=(SEEN,))


def test_a_stream_that_is_cut_off_in_its_first_part_is_refused(hikvision_xml: bytes) -> None:
    push = stream((XML, hikvision_xml), end="")
    with pytest.raises(PushUnreadable) as refused:
        HIKVISION.read(Push(content_type=push.content_type, body=push.body[:-20]))
    assert refused.value.reason == "malformed"


def test_vehicles_without_a_plate_are_passed_over_in_a_stream(hikvision_xml: bytes) -> None:
    push = stream((XML, anpr("<licensePlate>unknown</licensePlate>")), (XML, hikvision_xml))
    assert HIKVISION.read(push) == PushContent(seen=(SEEN,))


def test_what_the_camera_corrected_is_a_candidate(hikvision_xml: bytes) -> None:
    [seen] = read(hikvision_xml.replace(b"<originalLicensePlate>PECT600", b"<originalLicensePlate>PECT6OO")).seen
    assert seen.candidates == (PlateCandidate(plate="PECT6OO", confidence=0.97),)
    [seen] = read(hikvision_xml.replace(b"<originalLicensePlate>PECT600", b"<originalLicensePlate>unknown")).seen
    assert seen.candidates == ()


@pytest.mark.parametrize(
    ("index", "country"), [("7", "PL"), ("3", "DE"), ("12", None), ("0", None), ("999", None), ("x", None), ("²", None)]
)
def test_the_number_of_the_country(index: str, country: str | None) -> None:
    body = anpr(f"<country>{index}</country><licensePlate>A1</licensePlate><confidenceLevel>1</confidenceLevel>")
    assert read(body).seen[0].country == country


def test_the_wider_number_of_the_country_comes_first() -> None:
    inner = "<licensePlate>A1</licensePlate><confidenceLevel>1</confidenceLevel>"
    assert read(anpr(f"<country>253</country><CRIndex>7</CRIndex>{inner}")).seen[0].country == "PL"


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
