"""FF Group's application on Axis cameras.

The payload is `parkpow/axis-lpr/assets/event.json` of parkpow/deep-license-plate-recognition.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from adapters.devices.formats import FORMATS
from domain.registrations.readings import Picture, Push, PushContent, PushUnreadable, Seen

AXIS = FORMATS["axis_license_plate"]
Payload = Callable[[str], bytes]


@pytest.fixture(scope="module")
def event(payload: Payload) -> bytes:
    return payload("axis_license_plate.json")


def read(body: bytes) -> PushContent:
    return AXIS.read(Push(content_type="application/json", body=body))


def read_one(body: bytes) -> Seen:
    [seen] = read(body).seen
    return seen


def changed(event: bytes, old: str, new: str) -> bytes:
    assert old.encode() in event
    return event.replace(old.encode(), new.encode())


def reason(body: bytes) -> str:
    with pytest.raises(PushUnreadable) as refused:
        read(body)
    return refused.value.reason


def test_an_event(event: bytes) -> None:
    seen = read_one(event)
    assert seen == Seen(
        vendor_id=seen.vendor_id,
        plate="RLE11684",
        country="POL",
        confidence=0.719034,
        candidates=(),
        device_time=datetime(2021, 6, 11, 10, 5, 38, 252000, tzinfo=UTC),
        direction="in",
        vehicle_type=None,
        make=None,
        colour=None,
        retransmitted=False,
    )


def test_the_same_in_a_form_with_the_picture(event: bytes, form: Callable[..., Push], jpeg: bytes) -> None:
    push = form(("name=event", event), ('name="image"; filename="plate.jpg"', jpeg), ("name=image", b"broken"))
    content = AXIS.read(push)
    assert content.seen == read(event).seen
    assert content.pictures == (Picture(shows="plate", content=jpeg),)


def test_a_picture_of_another_kind_is_not_called_a_plate(event: bytes, form: Callable[..., Push], jpeg: bytes) -> None:
    body = changed(event, '"imageType": "plate"', '"imageType": "roi"')
    assert AXIS.read(form(("name=event", body), ("name=image", jpeg))).pictures[0].shows == "unknown"


@pytest.mark.parametrize(
    ("old", "new"),
    [('"lost"', '"new"'), ("11890300", "11890301"), ("0.719034", "0.9"), ('1623405938252"', '1623405939999"')],
)
def test_what_a_car_is_told_of_again_is_the_same(event: bytes, old: str, new: str) -> None:
    assert read_one(changed(event, old, new)).vendor_id == read_one(event).vendor_id


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('RLE11684",\n  "plateASCII', 'RLE1168",\n  "plateASCII'),
        ('"in"', '"out"'),
        ("1144696", "1144697"),
        ("ACCC8ED3290D", "ACCC8ED3290E"),
        ("defaultID_176", "defaultID_177"),
        ('1623405938252"', '1623492338252"'),
    ],
)
def test_what_is_new_of_a_car_or_another_car_is_told_apart(event: bytes, old: str, new: str) -> None:
    assert read_one(changed(event, old, new)).vendor_id != read_one(event).vendor_id


def test_numbers_may_be_numbers(event: bytes) -> None:
    body = changed(event, '"0.719034"', "0.719034").replace(b'"1623405938252"', b"1623405938252")
    assert read_one(body) == read_one(event)


def test_an_unknown_direction_is_none(event: bytes) -> None:
    assert read_one(changed(event, '"in"', '"unknown"')).direction is None


@pytest.mark.parametrize("time", ["0", "", "NaN", "99999999999999999999", "-1"])
def test_a_time_without_a_meaning_is_none(event: bytes, time: str) -> None:
    assert read_one(changed(event, '"1623405938252"', f'"{time}"')).device_time is None


def test_the_unfolded_plate_comes_first() -> None:
    body = '{"plateUTF8":"Ж7690","plateText":"x","plateASCII":"7690","plateConfidence":"1"}'.encode()
    assert read_one(body).plate == "Ж7690"
    assert read_one(b'{"plateASCII":"AA7690EO","plateConfidence":"1"}').plate == "AA7690EO"


@pytest.mark.parametrize("body", [b"{}", b'{"plateUTF8":""}', b'{"plateUTF8":"A1"}'])
def test_what_is_needed_and_absent(body: bytes) -> None:
    assert reason(body) == "missing_field"


@pytest.mark.parametrize("confidence", ['"1.1"', '"95.5"', '"NaN"', '"-0.1"', "true", "[]"])
def test_a_confidence_that_is_none(confidence: str) -> None:
    assert reason(b'{"plateUTF8":"A1","plateConfidence":%s}' % confidence.encode()) == "malformed"


def test_other_states_are_told(event: bytes) -> None:
    assert reason(changed(event, '"lost"', '"parked"')) == "unsupported_event"
