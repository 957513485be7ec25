"""OpenALPR.

The payloads are the examples of openalpr/doc (`source/app_integration.include`, `source/opensource.rst`).
"""

import json
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.devices.formats import FORMATS
from domain.registrations.readings import Picture, PlateCandidate, Push, PushContent, PushUnreadable, Seen

OPENALPR = FORMATS["openalpr"]
BEST = "YYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYY-1234-1562681122676"
Payload = Callable[[str], bytes]


def read(body: bytes) -> PushContent:
    return OPENALPR.read(Push(content_type="application/json", body=body))


def read_message(**fields: object) -> PushContent:
    return read(json.dumps(fields).encode())


def read_one(**fields: object) -> Seen:
    [seen] = read_message(**fields).seen
    return seen


def reason(body: bytes) -> str:
    with pytest.raises(PushUnreadable) as refused:
        read(body)
    return refused.value.reason


@pytest.fixture
def group(openalpr_json: bytes) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(openalpr_json)
    return message


def test_a_result_of_the_agent(payload: Payload) -> None:
    [seen] = read(payload("openalpr_agent_alpr_results.json")).seen
    assert (seen.plate, seen.country, seen.confidence) == ("AE1T3E", "mo", pytest.approx(0.93904076))
    assert seen.vendor_id == "unspecified-cam16488027-1490574589596/0"
    assert seen.device_time == datetime(2017, 3, 27, 0, 29, 49, 596000, tzinfo=UTC)
    assert [each.plate for each in seen.candidates[:3]] == ["AE1T3E", "AET3E", "A1T3E"]
    assert all(0.65 < each.confidence < 0.94 for each in seen.candidates)


def test_results_of_the_old_daemon_are_in_seconds(payload: Payload) -> None:
    first, second = read(payload("openalpr_daemon_results.json")).seen
    assert first == Seen(
        vendor_id="f11e0acc-6aaf-4817-9299-9e6773043b8e/0",
        plate="S11FRE",
        country=None,
        confidence=pytest.approx(0.77130661),
        candidates=first.candidates,
        device_time=datetime(2014, 6, 7, 17, 10, 50, tzinfo=UTC),
        direction=None,
        vehicle_type=None,
        make=None,
        colour=None,
        retransmitted=False,
    )
    assert (second.plate, second.vendor_id) == ("EJLESSIE", "f11e0acc-6aaf-4817-9299-9e6773043b8e/1")


def test_a_group(openalpr_json: bytes) -> None:
    [seen] = read(openalpr_json).seen
    assert seen == Seen(
        vendor_id=f"{BEST}/0",
        plate="D2651BF",
        country="us-mo",
        confidence=pytest.approx(0.93877067565918),
        candidates=(
            PlateCandidate(plate="D2651BF", confidence=pytest.approx(0.93877067565918)),
            PlateCandidate(plate="D2651F", confidence=pytest.approx(0.748114395141602)),
            PlateCandidate(plate="D265BF", confidence=pytest.approx(0.73527099609375)),
        ),
        device_time=datetime(2019, 7, 9, 14, 5, 22, 676000, tzinfo=UTC),
        direction=seen.direction,
        vehicle_type=seen.vehicle_type,
        make=seen.make,
        colour="black",
        retransmitted=False,
    )
    assert seen.direction is not None
    assert 0 <= int(seen.direction) < 360
    assert seen.vehicle_type
    assert seen.make


def test_a_group_is_known_by_its_best_result(group: dict[str, Any]) -> None:
    group["best_plate"]["plate_index"] = 2
    best = {"plate": "D2651BF", "confidence": 93.9, "plate_index": 2}
    result = read_one(data_type="alpr_results", uuid=BEST, epoch_time=1562681122676, results=[best])
    [grouped] = read_message(**group).seen
    assert (grouped.vendor_id, grouped.device_time) == (result.vendor_id, result.device_time)


@pytest.mark.parametrize("uuid", ["", "x", "agent-9999999999999", "agent-1562681121503", "agent-²", f"a-{'1' * 5000}"])
def test_a_best_result_that_does_not_tell_its_time(group: dict[str, Any], uuid: str) -> None:
    [seen] = read_message(**{**group, "best_uuid": uuid}).seen
    assert seen.device_time == datetime(2019, 7, 9, 14, 5, 21, 504000, tzinfo=UTC)
    assert seen.vendor_id


def test_a_parked_vehicle_moves_nowhere(group: dict[str, Any]) -> None:
    [seen] = read_message(**{**group, "is_parked": True}).seen
    assert seen.direction is None


def test_the_country_of_the_agent_stands_in_for_the_region(group: dict[str, Any]) -> None:
    [seen] = read_message(**{**group, "best_region": ""}).seen
    assert seen.country == "us"


def test_the_crops_are_pictures(group: dict[str, Any], jpeg: bytes) -> None:
    crop = b64encode(jpeg).decode()
    group["vehicle_crop_jpeg"] = group["best_plate"]["plate_crop_jpeg"] = crop
    expected = (Picture(shows="plate", content=jpeg), Picture(shows="vehicle", content=jpeg))
    assert read_message(**group).pictures == expected
    results = [{"plate": "a", "confidence": 1, "plate_crop_jpeg": each} for each in (crop, "...", None, crop)]
    assert read_message(data_type="alpr_results", results=results).pictures == expected[:1] * 2


def test_a_crop_that_is_broken_does_not_cost_the_reading(openalpr_json: bytes) -> None:
    assert b"...base64 jpeg data..." in openalpr_json
    assert read(openalpr_json).pictures == ()


def test_a_heartbeat(payload: Payload) -> None:
    assert read(payload("openalpr_agent_heartbeat.json")) == PushContent(heartbeat=True)


def test_no_results_are_a_sign_of_life() -> None:
    assert read_message(data_type="alpr_results", results=[]) == PushContent(heartbeat=True)


def test_without_an_id_observations_are_told_apart() -> None:
    first: dict[str, Any] = {"camera_id": 1, "epoch_time": 1562681122676, "results": [{"plate": "a", "confidence": 1}]}
    others = [
        {**first, "camera_id": 2},
        {**first, "epoch_time": 1562681122677},
        {**first, "results": [{"plate": "b", "confidence": 1}]},
        {**first, "results": [{"plate": "a", "confidence": 1, "plate_index": 1}]},
    ]
    assert len({read_one(**each).vendor_id for each in (first, *others)}) == 5
    assert read_one(**first) == read_one(**first)


def test_vehicles_without_a_plate_are_passed_over() -> None:
    content = read_message(results=[{"plate": ""}, {"plate": "a1", "confidence": 50}, {"region": "pl"}])
    assert [seen.plate for seen in content.seen] == ["a1"]


def test_a_plate_without_a_confidence_does_not_cost_the_others() -> None:
    content = read_message(results=[{"plate": "b"}, {"plate": "a1", "confidence": 50}, {"plate": "c"}])
    assert [seen.plate for seen in content.seen] == ["a1"]
    assert content.unread is not None
    assert content.unread.reason == "missing_field"


def test_too_many_results_are_refused() -> None:
    results = [{"plate": "a", "confidence": 1}] * 257
    assert reason(json.dumps({"results": results}).encode()) == "too_large"


@pytest.mark.parametrize("kind", ["alpr_alert", "vehicle", ""])
def test_other_messages_are_told(kind: str) -> None:
    assert reason(json.dumps({"data_type": kind}).encode()) == "unsupported_event"


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"results":null}',
        b'{"results":[{"plate":"a"}]}',
        b'{"results":[{"confidence":1}]}',
        b'{"data_type":"alpr_group"}',
        b'{"data_type":"alpr_group","best_plate_number":"a"}',
    ],
)
def test_what_is_needed_and_absent(body: bytes) -> None:
    assert reason(body) == "missing_field"


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b'{"data_type":1}',
        b'{"results":{}}',
        b'{"results":[{"plate":"a","confidence":100.1}]}',
        b'{"results":[{"plate":"a","confidence":NaN}]}',
        b'{"results":[{"plate":"a","confidence":-1}]}',
        b'{"results":[{"plate":1,"confidence":1}]}',
        b'{"data_type":"alpr_group","best_plate_number":"a","best_confidence":1e999}',
    ],
)
def test_what_is_malformed(body: bytes) -> None:
    assert reason(body) == "malformed"
