"""Plate Recognizer Snapshot.

The payloads are a gist of an integrator (danleyb2/afd3d8ba23b508ddcae012835fe4e71b) and
`snapshot-middleware/test/GenetecSnapshot.json` of parkpow/deep-license-plate-recognition.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from adapters.devices.formats import FORMATS
from domain.registrations.readings import Picture, PlateCandidate, Push, PushContent, PushUnreadable, Seen

SNAPSHOT = FORMATS["plate_recognizer_snapshot"]
Payload = Callable[[str], bytes]


def read(body: bytes) -> PushContent:
    return SNAPSHOT.read(Push(content_type="application/json", body=body))


def reason(body: bytes) -> str:
    with pytest.raises(PushUnreadable) as refused:
        read(body)
    return refused.value.reason


def test_an_answer(payload: Payload) -> None:
    [seen] = read(payload("platerecognizer_snapshot.json")).seen
    assert seen == Seen(
        vendor_id=seen.vendor_id,
        plate="nhk552",
        country="gb",
        confidence=0.898,
        candidates=(PlateCandidate(plate="nhk552", confidence=0.898),),
        device_time=None,
        direction=None,
        vehicle_type="Sedan",
        make=None,
        colour=None,
        retransmitted=False,
    )


def test_a_time_with_an_offset_is_one(payload: Payload) -> None:
    body = payload("platerecognizer_snapshot.json").replace(b"2021-10-11 05:43:58.514896", b"2024-10-24T17:29:26Z")
    [seen] = read(body).seen
    assert seen.device_time == datetime(2024, 10, 24, 17, 29, 26, tzinfo=UTC)


def test_an_answer_without_results_is_a_sign_of_life(payload: Payload) -> None:
    assert read(payload("platerecognizer_snapshot_nothing.json")) == PushContent(heartbeat=True)


def test_the_same_in_a_form_with_the_picture(payload: Payload, form: Callable[..., Push], jpeg: bytes) -> None:
    body = payload("platerecognizer_snapshot.json")
    content = SNAPSHOT.read(form(("name=json", body), ("name=upload", jpeg)))
    assert content == PushContent(seen=read(body).seen, pictures=(Picture(shows="scene", content=jpeg),))


@pytest.mark.parametrize("changed", [b'nhk552",\n      "region', b"05:43:58", b"car.jpg", b"146"])
def test_the_id_tells_observations_apart(payload: Payload, changed: bytes) -> None:
    body = payload("platerecognizer_snapshot.json")
    other = body.replace(changed, changed.replace(b"5", b"6", 1).replace(b"car", b"bus").replace(b"146", b"147"))
    assert other != body
    assert read(other).seen[0].vendor_id != read(body).seen[0].vendor_id


@pytest.mark.parametrize("body", [b"{}", b'{"results":null}', b'{"results":[{}]}', b'{"results":[{"plate":"a"}]}'])
def test_what_is_needed_and_absent(body: bytes) -> None:
    assert reason(body) == "missing_field"


def test_a_plate_without_a_score_does_not_cost_the_others() -> None:
    content = read(b'{"results":[{"plate":"a"},{"plate":"b","score":1},{}]}')
    assert [seen.plate for seen in content.seen] == ["b"]
    assert content.unread is not None
    assert content.unread.reason == "missing_field"


def test_stream_is_not_mistaken(stream_json: bytes) -> None:
    assert reason(stream_json) == "missing_field"


def test_too_many_results_are_refused() -> None:
    result = b'{"plate":"a","score":1}'
    assert len(read(b'{"results":[%s]}' % b",".join([result] * 256)).seen) == 256
    assert reason(b'{"results":[%s]}' % b",".join([result] * 257)) == "too_large"
