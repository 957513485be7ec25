"""Genetec AutoVu.

The payload is `snapshot-middleware/test/Genetec.json` of parkpow/deep-license-plate-recognition.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from adapters.devices.formats import FORMATS
from domain.registrations.readings import Picture, Push, PushContent, PushUnreadable, Seen

GENETEC = FORMATS["genetec_autovu"]
URL_ENCODED = "application/x-www-form-urlencoded"
TINY = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")
Payload = Callable[[str], bytes]


@pytest.fixture(scope="module")
def plate_read(payload: Payload) -> bytes:
    return payload("genetec_autovu.json")


def read(body: bytes, content_type: str = "application/json") -> PushContent:
    return GENETEC.read(Push(content_type=content_type, body=body))


def reason(body: bytes, content_type: str = "application/json") -> str:
    with pytest.raises(PushUnreadable) as refused:
        read(body, content_type)
    return refused.value.reason


def fields(body: bytes) -> dict[str, str]:
    read = json.loads(body)
    return {**read, "Attributes": json.dumps(read["Attributes"])}


def test_a_read(plate_read: bytes) -> None:
    content = read(plate_read)
    [seen] = content.seen
    assert seen == Seen(
        vendor_id=seen.vendor_id,
        plate="9HKA742",
        country="CA",
        confidence=0.99,
        candidates=(),
        device_time=datetime(2024, 10, 24, 20, 29, 26, tzinfo=UTC),
        direction="Moving Away",
        vehicle_type="Passenger Vehicle",
        make=None,
        colour="Grey",
        retransmitted=False,
    )
    assert content.pictures == (Picture(shows="plate", content=TINY), Picture(shows="scene", content=TINY))


def test_the_same_in_a_form(plate_read: bytes, form: Callable[..., Push]) -> None:
    named = fields(plate_read)
    assert read(urlencode(named).encode(), URL_ENCODED) == read(plate_read)
    assert GENETEC.read(form(*((f'name="{name}"', text.encode()) for name, text in named.items()))) == read(plate_read)


def test_a_picture_whose_plus_was_not_escaped(plate_read: bytes) -> None:
    picture = "/9j/4AAQSk++SUZJRg=="
    body = urlencode({**fields(plate_read), "PlateImage": picture}).replace("%2B", "+").encode()
    assert read(body, URL_ENCODED).pictures[0].content.startswith(b"\xff\xd8\xff\xe0\x00\x10JO\xbeI")


@pytest.mark.parametrize(
    ("date", "day"),
    [("24/10/2024", (10, 24)), ("10/24/2024", (10, 24)), ("05/05/2024", (5, 5)), ("31/12/2024", (12, 31))],
)
def test_the_date_in_either_order(plate_read: bytes, date: str, day: tuple[int, int]) -> None:
    [seen] = read(plate_read.replace(b"10/24/2024", date.encode())).seen
    assert seen.device_time == datetime(2024, *day, 20, 29, 26, tzinfo=UTC)


@pytest.mark.parametrize("date", ["05/06/2024", "32/01/2024", "13/13/2024", "", "2024-10-24", "10/24/0000"])
def test_a_date_that_may_be_read_both_ways_or_none_is_no_time(plate_read: bytes, date: str) -> None:
    [seen] = read(plate_read.replace(b"10/24/2024", date.encode())).seen
    assert seen.device_time is None


def test_the_id_tells_observations_apart(plate_read: bytes) -> None:
    others = [(b"9HKA742", b"9HKA743"), (b"20:29:26", b"20:29:27"), (b"10/24", b"10/25"), (b"521C - Camera", b"522C")]
    ids = {read(plate_read.replace(old, new)).seen[0].vendor_id for old, new in others}
    assert len(ids | {read(plate_read).seen[0].vendor_id}) == 5


def test_a_picture_that_is_broken_does_not_cost_the_reading(plate_read: bytes) -> None:
    content = read(plate_read.replace(b"/9j/4AAQ", b"broken!!"))
    assert (content.seen, content.pictures) == (read(plate_read).seen, ())


def test_a_plate_and_its_confidence_are_enough() -> None:
    [seen] = read(b'{"Plate":"A1","ConfidenceScore":"50","Attributes":null,"ContextImage":null}').seen
    assert (seen.plate, seen.confidence, seen.device_time, seen.direction, seen.country) == (
        "A1",
        0.5,
        None,
        None,
        None,
    )


@pytest.mark.parametrize("body", [b"{}", b'{"Plate":""}', b'{"Plate":"A1"}', b'{"Plate":null,"ConfidenceScore":"1"}'])
def test_what_is_needed_and_absent(body: bytes) -> None:
    assert reason(body) == "missing_field"


def test_a_form_without_fields_is_refused() -> None:
    assert reason(b"", URL_ENCODED) == "missing_field"


@pytest.mark.parametrize(
    "body",
    ["Plate=\xff", "&".join(["a=b"] * 200), "Plate=A%00&ConfidenceScore=1", "Attributes=x", "Attributes=[]"],
)
def test_a_malformed_form(body: str) -> None:
    assert reason(body.encode("latin-1"), URL_ENCODED) == "malformed"


def test_a_form_that_takes_too_long_to_unescape_is_refused() -> None:
    assert reason(b"Plate=" + b"%41" * 600_000, URL_ENCODED) == "too_large"


@pytest.mark.parametrize("content_type", ["text/plain", "image/jpeg", "multipart/mixed; boundary=b", ""])
def test_other_content_types_are_refused(plate_read: bytes, content_type: str) -> None:
    assert reason(plate_read, content_type) == "content_type"
