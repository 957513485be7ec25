"""Viinex: wagons, containers and trains.

Of the fields that viinex/viinex-rlw-ui reads (``src/app/tracks.service.ts``, ``history.component.html``): no message of
a portal is public. The numbers are those of wagons of 1520 mm.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.devices.formats import FORMATS
from domain.registrations.readings import CodeRead, Push, PushContent, PushUnreadable, TrainPassed

VIINEX = FORMATS["viinex_rail"]
PUSH = json.loads((Path(__file__).parents[2] / "data" / "devices" / "viinex_railcars.json").read_bytes())
WAGON, UNREAD, LAST, TRAIN = PUSH
DATA = WAGON["data"]
AT = datetime(2023, 5, 17, 13, 40, 12, 509000, tzinfo=UTC)


def read(message: Any) -> PushContent:
    return VIINEX.read(Push(content_type="application/json", body=json.dumps(message).encode()))


def reason(message: Any) -> str:
    with pytest.raises(PushUnreadable) as refused:
        read(message)
    return refused.value.reason


@pytest.mark.parametrize(("cookie", "position"), [(1, 1), (0, None), ("3", None), (None, None)])
def test_a_position_is_counted_from_1(cookie: int | str | None, position: int | None) -> None:
    [code] = read({**WAGON, "data": {**DATA, "cookie": cookie}}).codes
    assert code.position == position


def test_a_wagon() -> None:
    content = read(WAGON)
    [code] = content.codes
    assert code == CodeRead(
        vendor_id=code.vendor_id,
        kind="wagon",
        code="59915678",
        confidence=0.97,
        train="1245",
        track="track1",
        position=3,
        device_time=AT,
        retransmitted=False,
    )
    assert (content.heartbeat, content.trains) == (False, ())


@pytest.mark.parametrize(
    ("topic", "kind"),
    [("ContainerNumberRecognition", "container"), ("railcar", "wagon"), ("Other", "unknown"), (None, "unknown")],
)
def test_what_the_topic_tells(topic: str | None, kind: str) -> None:
    assert read({**WAGON, "topic": topic}).codes[0].kind == kind


def test_data_alone() -> None:
    assert read(DATA).codes[0].kind == "unknown"


def test_a_train() -> None:
    [train] = read(TRAIN).trains
    assert train == TrainPassed(
        vendor_id=train.vendor_id,
        train="1245",
        track="track1",
        began_at=AT,
        ended_at=datetime(2023, 5, 17, 13, 40, 21, 509000, tzinfo=UTC),
    )


def test_a_train_that_is_passing() -> None:
    passing = {**TRAIN, "timestamp_begin": "2023-05-17T15:40:12.509+02:00", "timestamp_end": None}
    [train], [passed] = read({"topic": "Train", "data": passing}).trains, read(TRAIN).trains
    assert (train.began_at, train.ended_at) == (AT, None)
    assert train.vendor_id != passed.vendor_id


def test_a_list_in_which_a_wagon_could_not_be_read() -> None:
    content = read(PUSH)
    assert UNREAD["data"]["result"] is None
    assert [(code.position, code.code) for code in content.codes] == [(3, "59915678"), (5, "60231156")]
    assert len(content.trains) == 1
    assert len({code.vendor_id for code in content.codes}) == 2


def test_a_train_may_have_a_name() -> None:
    assert read({**DATA, "train_number": "A7"}).codes[0].train == "A7"


def test_the_same_twice_has_the_same_id() -> None:
    assert read(WAGON).codes == read(WAGON).codes


def test_an_empty_list_is_a_sign_of_life() -> None:
    assert read([]) == PushContent(heartbeat=True)


def test_a_number_is_enough() -> None:
    [code] = read({"result": " MSKU 907032 3 ", "confidence": 1}).codes
    assert (code.code, code.train, code.track, code.position, code.device_time) == ("MSKU 907032 3",) + (None,) * 4


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({}, "missing_field"),
        ([{}], "missing_field"),
        ({"result": "", "confidence": 1}, "missing_field"),
        ({"result": "1"}, "missing_field"),
        ({"result": "1", "confidence": 1.01}, "malformed"),
        ({"result": "1", "confidence": "1"}, "malformed"),
        ({"result": 1, "confidence": 1}, "malformed"),
        ({**DATA, "train_number": 10**4000}, "malformed"),
        ({**TRAIN, "timestamp_begin": 1e300, "timestamp_end": -1}, "missing_field"),
        ([WAGON] * 257, "too_large"),
        ("text", "malformed"),
    ],
)
def test_what_cannot_be_read(message: Any, expected: str) -> None:
    assert reason(message) == expected


def test_a_number_without_a_confidence_does_not_cost_the_others() -> None:
    content = read([{"result": "1"}, DATA, TRAIN])
    assert (len(content.codes), len(content.trains)) == (1, 1)
    assert content.unread is not None
    assert content.unread.reason == "missing_field"
