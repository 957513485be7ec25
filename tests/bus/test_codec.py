"""Events to bytes and back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bus.catalogue import EVENTS
from bus.codec import EventTooNew, EventUnreadable, decode, encode
from domain.access.events import Audited
from domain.alarms.events import AlarmAcknowledged
from domain.shared.messages import Event
from tests.samples import MORNING, audited

EVENT_TYPES = sorted(EVENTS, key=lambda type_: type_.__name__)

st.register_type_strategy(datetime, st.datetimes(timezones=st.just(UTC)))
st.register_type_strategy(timedelta, st.timedeltas(timedelta(days=-1000), timedelta(days=1000)))
st.register_type_strategy(int, st.integers(-(2**63), 2**63 - 1))
st.register_type_strategy(float, st.floats(allow_nan=False))


@pytest.mark.parametrize("type_", EVENT_TYPES, ids=lambda type_: type_.__name__)
@settings(max_examples=20)
@given(data=st.data())
def test_every_event_comes_back_as_it_was(type_: type[Event], data: st.DataObject) -> None:
    event, at = data.draw(st.from_type(type_)), data.draw(st.from_type(datetime))

    assert decode(encode(event, at)) == (EVENTS[type_].kind, at, event)


def test_the_same_event_has_the_same_bytes() -> None:
    event = audited()

    assert encode(event, MORNING) == encode(replace(event), MORNING)
    assert encode(event, MORNING) != encode(event, MORNING + timedelta(microseconds=1))


def framed(kind: str = "AlarmAcknowledged", version: int = 1, payload: object = None) -> bytes:
    event = {"alarm_id": "x", "acknowledged_by": "anna", "acknowledged_at": MORNING}
    return msgspec.msgpack.encode((kind, version, MORNING, event if payload is None else payload))


def test_fields_of_a_newer_program_are_passed_over() -> None:
    known = AlarmAcknowledged(alarm_id="x", acknowledged_by="anna", acknowledged_at=MORNING)
    newer = {"alarm_id": "x", "acknowledged_by": "anna", "acknowledged_at": MORNING, "mood": {"calm": True}}

    assert decode(framed(payload=newer)) == ("AlarmAcknowledged", MORNING, known)


@pytest.mark.parametrize("body", [framed(kind="AlarmForgotten"), framed(version=2), framed(kind="Later", payload=7)])
def test_what_only_a_newer_program_knows_is_told_apart(body: bytes) -> None:
    with pytest.raises(EventTooNew):
        decode(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xc1",
        encode(audited(), MORNING)[:-1],
        encode(audited(), MORNING) + b"\x00",
        framed(payload={"alarm_id": "x"}),
        framed(payload={"alarm_id": 7, "acknowledged_by": "anna", "acknowledged_at": MORNING}),
        framed(payload=[]),
        msgspec.msgpack.encode(("AlarmAcknowledged", 1)),
        msgspec.msgpack.encode(("AlarmAcknowledged", 1, "yesterday", {})),
        b"\x94\xa2\xff\xfe\x01\xc0\xc0",
        encode(audited(who="anna"), MORNING).replace(b"anna", b"\xff\xfe\xfd\xfc"),
    ],
)
def test_damage_is_told_as_damage(body: bytes) -> None:
    with pytest.raises(EventUnreadable):
        decode(body)


@given(st.binary(max_size=60))
def test_whatever_the_bytes_nothing_else_is_raised(body: bytes) -> None:
    with pytest.raises(EventUnreadable):
        decode(body)


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_flipped_byte_is_an_event_or_damage(place: int, value: int) -> None:
    body = bytearray(encode(audited(), MORNING))
    body[place % len(body)] = value
    try:
        _, _, event = decode(bytes(body))
    except EventUnreadable:
        return
    assert isinstance(event, Audited)
