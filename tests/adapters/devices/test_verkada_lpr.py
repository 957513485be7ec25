"""Verkada's LPR web-hook; the payload is the sample of https://apidocs.verkada.com/reference/lpr."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from adapters.devices.formats import FORMATS
from domain.registrations.readings import Push, PushContent, PushUnreadable, Seen

VERKADA = FORMATS["verkada_lpr"]
Payload = Callable[[str], bytes]


def read(body: bytes) -> PushContent:
    return VERKADA.read(Push(content_type="application/json", body=body))


def reason(body: bytes) -> str:
    with pytest.raises(PushUnreadable) as refused:
        read(body)
    return refused.value.reason


def test_a_plate(payload: Payload) -> None:
    [seen] = read(payload("verkada_lpr.json")).seen
    assert seen == Seen(
        vendor_id=seen.vendor_id,
        plate="ABCD123",
        country="us-ca",
        confidence=0.9630414285714286,
        candidates=(),
        device_time=datetime(2025, 9, 19, 17, 27, 45, 879000, tzinfo=UTC),
        direction=None,
        vehicle_type=None,
        make=None,
        colour=None,
        retransmitted=False,
    )


def test_an_older_web_hook_has_seconds_only(payload: Payload) -> None:
    [seen] = read(payload("verkada_lpr.json").replace(b'"detected"', b'"x"')).seen
    assert seen.device_time == datetime(2025, 9, 19, 17, 27, 44, tzinfo=UTC)


@pytest.mark.parametrize("changed", [b"38718198", b"1758302864,", b"1758302865879", b"ABCD123"])
def test_the_id_tells_observations_apart(payload: Payload, changed: bytes) -> None:
    body = payload("verkada_lpr.json")
    other = body.replace(changed, changed.replace(b"8", b"7").replace(b"A", b"B"))
    assert other != body
    assert read(other).seen[0].vendor_id != read(body).seen[0].vendor_id


def test_the_id_does_not_hang_on_the_delivery(payload: Payload) -> None:
    body = payload("verkada_lpr.json")
    again = body.replace(b"a73b17d4", b"00000000").replace(b'"created_at": 1758302865', b'"created_at": 1758302999')
    assert again != body
    assert read(again) == read(body)


@pytest.mark.parametrize("kind", ["notification", "sensor_alert"])
def test_other_events_are_told(kind: str) -> None:
    assert reason(b'{"webhook_type":"%s","data":[]}' % kind.encode()) == "unsupported_event"


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"webhook_type":"lpr"}',
        b'{"webhook_type":"lpr","data":{"license_plate_number":"A1"}}',
        b'{"webhook_type":"LPR","data":{"license_plate_number":"","confidence":1}}',
    ],
)
def test_what_is_needed_and_absent(body: bytes) -> None:
    assert reason(body) == "missing_field"


@pytest.mark.parametrize("data", ["null", "[]", '{"license_plate_number":"A1","confidence":96}', '{"confidence":"1"}'])
def test_what_is_malformed(data: str) -> None:
    assert reason(b'{"webhook_type":"lpr","data":%s}' % data.encode()) == "malformed"
