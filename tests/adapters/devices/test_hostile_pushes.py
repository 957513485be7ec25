"""Whatever a device sends: a push is read or refused, soon, and nothing else happens."""

import json
import re
from collections.abc import Callable, Iterator
from math import isfinite
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.devices.formats import FORMATS
from adapters.devices.limits import MAX_PICTURES
from domain.registrations.readings import Push, PushContent, PushUnreadable

MEGABYTE = 1024 * 1024
SECONDS = 5
TYPES = (
    "application/json",
    "text/xml",
    "text/plain",
    "multipart/form-data; boundary=b",
    "multipart/mixed; boundary=b",
    "multipart/x-mixed-replace; boundary=b",
    "application/x-www-form-urlencoded",
)
HEAD = b"--b\r\nContent-Disposition: form-data; name=x\r\n\r\n"
TEXT = b"--b\r\nContent-Type: text/plain\r\n\r\n"
JSON = b"--b\r\nContent-Type: application/json\r\n\r\n"
N42 = b"<N42InstrumentData>%b</N42InstrumentData>"
LAUGHS = b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


def outcome(name: str, push: Push) -> PushContent | PushUnreadable:
    try:
        content = FORMATS[name].read(push)
    except PushUnreadable as refusal:
        return refusal
    said = (content.seen, content.weighed, content.codes, content.trains, content.radiation)
    assert content.heartbeat == (not any(said))
    for seen in content.seen:
        assert seen.plate
        assert all(0 <= each <= 1 for each in (seen.confidence, *(c.confidence for c in seen.candidates)))
        assert seen.device_time is None or seen.device_time.utcoffset() is not None
        assert "\x00" not in f"{seen.plate}{seen.country}{seen.direction}{seen.vehicle_type}{seen.make}{seen.colour}"
        repr(seen).encode()
    for weighed in content.weighed:
        assert weighed.gross_kg > 0
        assert all(isfinite(each) for each in (weighed.gross_kg, *weighed.axles_kg, *weighed.axle_distances_m))
    assert all(code.code and 0 <= code.confidence <= 1 for code in content.codes)
    assert all(train.train and (train.began_at or train.ended_at) for train in content.trains)
    assert all(each.seconds is None or isfinite(each.seconds) for each in content.radiation)
    assert "\x00" not in repr(content)
    assert len(content.pictures) <= MAX_PICTURES
    assert all(picture.content.startswith((b"\xff\xd8\xff", b"\x89PNG", b"RIFF")) for picture in content.pictures)
    return content


@st.composite
def mutated(draw: st.DrawFn, original: bytes) -> bytes:
    body = bytearray(original)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(body)))
        end = draw(st.integers(start, min(len(body), start + 40)))
        body[start:end] = draw(st.binary(max_size=6) | st.just(bytes(body[start:end]) * 2))
    return bytes(body[: draw(st.none() | st.integers(0, len(body)))])


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every (container, key) of a JSON value."""
    items = list(value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ())
    for key, inner in items:
        yield value, key
        yield from places(inner)


@given(st.sampled_from(list(FORMATS)), st.sampled_from(TYPES) | st.text(), st.binary())
def test_any_bytes(name: str, content_type: str, body: bytes) -> None:
    assert isinstance(outcome(name, Push(content_type=content_type, body=body)), PushContent | PushUnreadable)


@given(st.data())
def test_a_mutated_payload(payloads: list[tuple[str, Push]], data: st.DataObject) -> None:
    name, push = data.draw(st.sampled_from(payloads))
    body = data.draw(mutated(push.body))
    assert outcome(name, Push(content_type=push.content_type, body=body))


@given(st.data())
def test_json_of_another_structure(payloads: list[tuple[str, Push]], data: st.DataObject) -> None:
    name, push = data.draw(st.sampled_from([each for each in payloads if each[1].content_type == "application/json"]))
    document = json.loads(push.body)
    container, key = data.draw(st.sampled_from(list(places(document))))
    container[key] = data.draw(json_values)
    assert outcome(name, Push(content_type="application/json", body=json.dumps(document).encode()))


@pytest.mark.parametrize(
    "number", ["1e308", "-1e308", "99999999999999999999", "253402300800000", "-62135596801", "NaN"]
)
def test_absurd_numbers_and_times(payloads: list[tuple[str, Push]], number: str) -> None:
    for name, push in payloads:
        body = re.sub(rb"[0-9]{10,}", number.encode(), push.body)
        body = re.sub(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}", b"9999-12-31", body)
        assert outcome(name, Push(content_type=push.content_type, body=body))


@pytest.mark.parametrize("filler", [b"\\u0000", b"\x00", b"&#0;", b"\xff", b"\\ud800"])
def test_characters_that_are_none(payloads: list[tuple[str, Push]], filler: bytes) -> None:
    for name, push in payloads:
        for match in list(re.finditer(rb"(?<=[>\"])[A-Za-z0-9]{5,}", push.body))[:40]:
            body = push.body[: match.start()] + filler + push.body[match.start() :]
            assert outcome(name, Push(content_type=push.content_type, body=body))


@given(st.data())
def test_a_mutated_form(hikvision_xml: bytes, form: Callable[..., Push], data: st.DataObject) -> None:
    push = form(('name="anpr.xml"', hikvision_xml), ('name="p"; filename="p.jpg"', b"\xff\xd8"))
    assert outcome("hikvision_isapi", Push(content_type=push.content_type, body=data.draw(mutated(push.body))))


TEXTS = ("dahua_snap_retrograde.txt", "dahua_snap_weighing.txt", "dahua_event_human_trait.txt")
N42_FILES = ("n42_2006_passthrough.n42", "n42_2012_detective_x.n42")


@given(st.sampled_from(TEXTS), st.data())
def test_mutated_text(payload: Callable[[str], bytes], name: str, data: st.DataObject) -> None:
    assert outcome("dahua", Push(content_type="text/plain", body=data.draw(mutated(payload(name)))))


@given(st.data())
def test_values_of_another_kind(payload: Callable[[str], bytes], data: st.DataObject) -> None:
    lines = payload("dahua_snap_weighing.txt").decode().splitlines()
    index = data.draw(st.integers(0, len(lines) - 1))
    value = data.draw(st.sampled_from(["", "-1", "nan", "inf", "1e400", "9" * 400, "true", "null", "[]"]) | st.text())
    lines[index] = f"{lines[index].partition('=')[0]}={value}"
    assert outcome("dahua", Push(content_type="text/plain", body="\n".join(lines).encode(errors="replace")))


@given(st.data())
def test_messages_of_another_structure(payload: Callable[[str], bytes], data: st.DataObject) -> None:
    message = json.loads(payload("dahua_rpc_junction.json"))
    container, key = data.draw(st.sampled_from(list(places(message))))
    container[key] = data.draw(json_values)
    assert outcome("dahua", Push(content_type="application/json", body=json.dumps(message).encode()))


@given(st.sampled_from(N42_FILES), st.data())
def test_mutated_n42(payload: Callable[[str], bytes], name: str, data: st.DataObject) -> None:
    assert outcome("n42", Push(content_type="text/xml", body=data.draw(mutated(payload(name)))))


@pytest.mark.parametrize("content_type", TYPES)
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"x" * 20 * MEGABYTE, id="junk of 20 MB"),
        pytest.param(b"x" * 15 * MEGABYTE, id="junk of 15 MB"),
        pytest.param(b'{"results":[' + b"{}," * 3 * MEGABYTE + b"{}]}", id="results"),
        pytest.param(b'{"results":[{"candidates":[' + b'{"plate":"a"},' * 600_000, id="candidates"),
        pytest.param(b'{"' + b'a":0,"' * 2 * MEGABYTE + b'a":0}', id="fields"),
        pytest.param(b'{"a":"' + b"\\u0041" * 1_900_000 + b'"}', id="escapes"),
        pytest.param(b"<a>" + b"&lt;" * 3 * MEGABYTE + b"</a>", id="references"),
        pytest.param(b"--b\r\nContent-Length: 99999999\r\n\r\n" + b"x" * 15 * MEGABYTE, id="an unclosed part"),
        pytest.param(b"[" * 100_000, id="brackets"),
        pytest.param(b'{"data":{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}}", id="closed brackets"),
        pytest.param(b'{"a":' * 100_000, id="objects"),
        pytest.param(b"<a>" * 170_000, id="elements"),
        pytest.param(b"<a>" * 70_000 + b"</a>" * 70_000, id="closed elements"),
        pytest.param(b"<a " + b" ".join(b'a%d=""' % i for i in range(40_000)) + b"/>", id="attributes"),
        pytest.param(b'<!DOCTYPE a [<!ENTITY a "ha">' + LAUGHS + b"]><a>&j;</a>", id="billion laughs"),
        pytest.param(HEAD + b"x\r\n--b" + b" " * 15 * MEGABYTE, id="padding"),
        pytest.param(HEAD + b"\r\n--bX" * 2 * MEGABYTE, id="false boundaries"),
        pytest.param(HEAD * 300_000, id="parts"),
        pytest.param(b"--b\r\n" + b"a:b\r\n" * 3 * MEGABYTE, id="headers"),
        pytest.param(b"Events[999999999].x=1\n" * 1_000_000, id="values of 20 MB"),
        pytest.param(b"Events[999999999].x=1\n" * 23_000, id="values"),
        pytest.param(b"Events[" + b"9" * 500_000 + b"].x=1", id="an index"),
        pytest.param(b"Events[0]." + b"a." * 250_000 + b"x=1", id="a deep key"),
        pytest.param(b"Events[0]." + b"a" * 500_000 + b"=1", id="a long key"),
        pytest.param(b"Code=\n" * 87_000, id="events"),
        pytest.param(b"Code=;data={}\n" * 36_000, id="events with data"),
        pytest.param(b"Code=;data=" + b"{" * 500_000, id="deep data"),
        pytest.param((TEXT + b"Code=\n" * 80_000 + b"\r\n") * 31, id="texts"),
        pytest.param((JSON + b'{"Events":[' + b"{}," * 9000 + b"{}]}\r\n") * 31, id="messages"),
        pytest.param(b"[" + b"{}," * 300 + b"{}]", id="list"),
        pytest.param(N42 % (b"<a/>" * 4 * MEGABYTE), id="N42 of 16 MB"),
        pytest.param(N42 % (b"<Speed/>" * 399_000), id="N42 of elements"),
        pytest.param(N42 % (b"<DetectorData/>" * 500_000), id="N42 of records"),
        pytest.param(N42 % (b"<Measurement/>" * 19_000), id="N42 of measurements"),
        pytest.param(N42 % (b"<Speed " + b'a=""' * 500_000 + b"/>"), id="N42 of attributes"),
        pytest.param(b'<!DOCTYPE a [<!ENTITY a "ha">' + LAUGHS + b"]>" + N42 % b"&j;", id="N42 with entities"),
    ],
)
def test_what_is_large_or_deep_is_refused_within_seconds(content_type: str, body: bytes) -> None:
    push = Push(content_type=content_type, body=body)
    for name in FORMATS:
        started = process_time()
        assert isinstance(outcome(name, push), PushUnreadable)
        assert process_time() - started < SECONDS
