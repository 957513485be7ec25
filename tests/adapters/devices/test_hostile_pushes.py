"""Whatever a device sends: a push is read or refused, soon, and nothing else happens."""

import json
from collections.abc import Callable, Iterator
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.devices.formats import FORMATS
from domain.registrations.readings import Push, PushContent, PushUnreadable

MEGABYTE = 1024 * 1024
SECONDS = 5
TYPES = ("application/json", "text/xml", "multipart/form-data; boundary=b")
HEAD = b"--b\r\nContent-Disposition: form-data; name=x\r\n\r\n"
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
def test_mutated_json(stream_json: bytes, data: st.DataObject) -> None:
    body = data.draw(mutated(stream_json))
    assert outcome("plate_recognizer_stream", Push(content_type="application/json", body=body))


@given(st.data())
def test_json_of_another_structure(stream_json: bytes, data: st.DataObject) -> None:
    webhook = json.loads(stream_json)
    container, key = data.draw(st.sampled_from(list(places(webhook))))
    container[key] = data.draw(json_values)
    push = Push(content_type="application/json", body=json.dumps(webhook).encode())
    assert outcome("plate_recognizer_stream", push)


@given(st.data())
def test_mutated_xml(hikvision_xml: bytes, data: st.DataObject) -> None:
    assert outcome("hikvision_isapi", Push(content_type="text/xml", body=data.draw(mutated(hikvision_xml))))


@given(st.data())
def test_a_mutated_form(hikvision_xml: bytes, form: Callable[..., Push], data: st.DataObject) -> None:
    push = form(('name="anpr.xml"', hikvision_xml), ('name="p"; filename="p.jpg"', b"\xff\xd8"))
    assert outcome("hikvision_isapi", Push(content_type=push.content_type, body=data.draw(mutated(push.body))))


@pytest.mark.parametrize("content_type", TYPES)
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"x" * 20 * MEGABYTE, id="junk of 20 MB"),
        pytest.param(b"x" * 15 * MEGABYTE, id="junk of 15 MB"),
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
    ],
)
def test_what_is_large_or_deep_is_refused_within_seconds(content_type: str, body: bytes) -> None:
    push = Push(content_type=content_type, body=body)
    for name in FORMATS:
        started = process_time()
        assert isinstance(outcome(name, push), PushUnreadable)
        assert process_time() - started < SECONDS
