"""Plate Recognizer Stream; the payload is from parkpow/deep-license-plate-recognition."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.devices.formats import FORMATS
from domain.registrations.readings import Picture, PlateCandidate, Push, PushContent, PushUnreadable, Seen

STREAM = FORMATS["plate_recognizer_stream"]
RECOGNISED = Seen(
    vendor_id="a27f08003e80047405def3fde3bbc628",
    plate="pl8rec",
    country="us-ca",
    confidence=0.902,
    candidates=(PlateCandidate(plate="pl8rec", confidence=0.902), PlateCandidate(plate="plbrec", confidence=0.758)),
    device_time=datetime(2024, 5, 14, 7, 18, 3, 512000, tzinfo=UTC),
    direction="210",
    vehicle_type="Sedan",
    make="Porsche",
    colour="red",
    retransmitted=False,
)
NEWER: dict[str, Any] = {
    "plate": {
        "box": {"xmin": 1, "ymin": 2, "xmax": 3, "ymax": 4},
        "score": 0.7,
        "type": "Plate",
        "props": {
            "plate": [{"value": "wa88822", "score": 0.999}, {"value": "wa8b822", "score": 0.864}],
            "region": [{"value": "pl", "score": 0.718}],
        },
    },
    "vehicle": {
        "type": "Big Truck",
        "score": 0.8,
        "props": {
            "make_model": [{"make": "Scania", "model": "R", "score": 0.5}],
            "color": [{"value": "white", "score": 0.9}],
        },
    },
    "direction": "",
}


def read(body: bytes) -> PushContent:
    return STREAM.read(Push(content_type="application/json", body=body))


def webhook(*results: object, **data: object) -> bytes:
    return json.dumps({"hook": {"event": "recognition"}, "data": {**data, "results": results}}).encode()


def read_one(result: object, **data: object) -> Seen:
    [seen] = read(webhook(result, **data)).seen
    return seen


def reason(body: bytes) -> str:
    with pytest.raises(PushUnreadable) as refused:
        read(body)
    return refused.value.reason


def test_a_web_hook(stream_json: bytes) -> None:
    assert read(stream_json) == PushContent(seen=(RECOGNISED,), heartbeat=False)


def test_the_same_in_a_form_with_the_picture(stream_json: bytes, form: Callable[..., Push], jpeg: bytes) -> None:
    push = form(('name="json"', stream_json), ('name="upload"; filename="a.jpg"', jpeg))
    assert STREAM.read(push) == PushContent(seen=(RECOGNISED,), pictures=(Picture(shows="scene", content=jpeg),))


@pytest.mark.parametrize("upload", [b"", b"no picture", b"\xff\xd8\xff" + bytes(8 * 1024 * 1024)])
def test_a_picture_that_is_broken_or_too_large_does_not_cost_the_reading(
    stream_json: bytes, form: Callable[..., Push], upload: bytes
) -> None:
    push = form(('name="upload"; filename="a.jpg"', upload), ('name="json"', stream_json))
    assert STREAM.read(push) == PushContent(seen=(RECOGNISED,))


def test_the_newer_shape() -> None:
    seen = read_one(NEWER, camera_id="c", timestamp="2025-02-19T09:35:04.691903+01:00")
    assert seen == Seen(
        vendor_id=seen.vendor_id,
        plate="wa88822",
        country="pl",
        confidence=0.999,
        candidates=(
            PlateCandidate(plate="wa88822", confidence=0.999),
            PlateCandidate(plate="wa8b822", confidence=0.864),
        ),
        device_time=datetime(2025, 2, 19, 8, 35, 4, 691903, tzinfo=UTC),
        direction=None,
        vehicle_type="Big Truck",
        make="Scania",
        colour="white",
        retransmitted=False,
    )


def test_a_plate_and_its_score_are_enough() -> None:
    seen = read_one({"plate": "x", "score": 1, "region": {"code": ""}, "candidates": [{"plate": "x"}], "vehicle": None})
    assert seen == Seen(
        vendor_id=seen.vendor_id,
        plate="x",
        country=None,
        confidence=1.0,
        candidates=(PlateCandidate(plate="x", confidence=0.0),),
        device_time=None,
        direction=None,
        vehicle_type=None,
        make=None,
        colour=None,
        retransmitted=False,
    )


def test_a_long_plate_is_left_to_the_domain() -> None:
    assert read_one({"plate": "A" * 200, "score": 0.5}).plate == "A" * 200


def test_several_vehicles_in_a_push() -> None:
    content = read(webhook({"plate": "a1", "score": 0.5}, {"plate": None}, NEWER, {"plate": {"props": None}}))
    assert [seen.plate for seen in content.seen] == ["a1", "wa88822"]


def test_the_time_of_the_camera_is_preferred() -> None:
    times = {"timestamp": "2024-05-14T07:18:03Z", "timestamp_camera": "2024-05-14T09:18:01+02:00"}
    assert read_one(NEWER, **times).device_time == datetime(2024, 5, 14, 7, 18, 1, tzinfo=UTC)
    times["timestamp_camera"] = ""
    assert read_one(NEWER, **times).device_time == datetime(2024, 5, 14, 7, 18, 3, tzinfo=UTC)


def test_the_next_time_stands_in_for_nonsense() -> None:
    times = {
        "timestamp_camera": "soon",
        "timestamp": "2024-05-14T07:18:03",
        "timestamp_local": "2024-05-14T09:18:03+02:00",
    }
    assert read_one(NEWER, **times).device_time == datetime(2024, 5, 14, 7, 18, 3, tzinfo=UTC)


def test_the_end_that_was_seen_stands_in_for_the_degrees() -> None:
    older = {"plate": "a", "score": 1, "direction": "", "orientation": [{"orientation": "Rear", "score": 0.9}]}
    assert read_one(older).direction == "Rear"
    assert read_one({**older, "direction": 90}).direction == "90"
    props = {**NEWER["vehicle"]["props"], "orientation": [{"value": "Front", "score": 0.7}]}
    assert read_one({**NEWER, "vehicle": {"props": props}}).direction == "Front"
    assert read_one({**older, "orientation": [{"orientation": "Unknown"}]}).direction is None


def test_the_id_tells_observations_apart(stream_json: bytes) -> None:
    first = {"plate": "a", "score": 0.5, "box": {"xmin": 1, "ymin": 2, "xmax": 3, "ymax": 4}}
    where = {"camera_id": "c", "timestamp": "2024-05-14T07:18:03Z", "filename": "f"}
    others = [
        read_one({**first, "plate": "b"}, **where),
        read_one({**first, "box": {"xmin": 2, "ymin": 2, "xmax": 3, "ymax": 4}}, **where),
        *(read_one(first, **{**where, field: "other"}) for field in where),
    ]
    assert len({seen.vendor_id for seen in others} | {read_one(first, **where).vendor_id}) == 6
    assert read(stream_json).seen[0].vendor_id == read(stream_json).seen[0].vendor_id


def test_no_results_are_a_sign_of_life() -> None:
    assert read(webhook()) == PushContent(seen=(), heartbeat=True)


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"data":null}',
        b'{"data":{}}',
        b'{"data":{"results":null}}',
        webhook({}),
        webhook({"plate": ""}),
        webhook({"plate": {"props": {"plate": []}}}),
        webhook({"plate": {"props": {"plate": [{"value": ""}]}}}),
        webhook({"plate": "a"}),
        webhook({"plate": "a", "score": None}),
    ],
)
def test_what_is_needed_and_absent(body: bytes) -> None:
    assert reason(body) == "missing_field"


def test_a_plate_without_a_score_does_not_cost_the_others() -> None:
    content = read(webhook({"plate": "a"}, {"plate": "b", "score": 1}))
    assert [seen.plate for seen in content.seen] == ["b"]
    assert content.unread is not None
    assert content.unread.reason == "missing_field"


def test_another_vendor_is_not_mistaken(openalpr_json: bytes) -> None:
    assert reason(openalpr_json) == "missing_field"


def test_other_events_are_told(stream_json: bytes) -> None:
    assert reason(stream_json.replace(b'"recognition"', b'"heartbeat"')) == "unsupported_event"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b'"\\u0000"',
        b"\xef\xbb\xbf{}",
        b'{"data":{"results":[{"plate":"\xff","score":1}]}}',
        b'{"data":{"results":[{"plate":"\\ud800","score":1}]}}',
        b'{"data":{"results":[{"plate":"a\\u0000","score":1}]}}',
        b'{"data":{"results":[{"plate":"a","score":NaN}]}}',
        b'{"data":{"results":[{"plate":"a","score":1e999}]}}',
        b'{"data":{"results":[{"plate":"a","score":"0.9"}]}}',
        b'{"data":{"results":[{"plate":"a","score":90}]}}',
        b'{"data":{"results":[{"plate":"a","score":-0.1}]}}',
        b'{"data":{"results":[{"plate":1,"score":1}]}}',
        b'{"data":{"results":{}}}',
        '{"data":{"results":[]}}'.encode("utf-16"),
    ],
)
def test_what_is_malformed(body: bytes) -> None:
    assert reason(body) == "malformed"
