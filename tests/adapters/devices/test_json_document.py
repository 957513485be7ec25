"""JSON in a push."""

import msgspec
import pytest

from adapters.devices.json_document import decoded
from adapters.devices.limits import MAX_NODES
from domain.registrations.readings import PushUnreadable

DECODER = msgspec.json.Decoder(dict[str, list[int]])


def reason(content: bytes) -> str:
    with pytest.raises(PushUnreadable) as refused:
        decoded(DECODER, content)
    return refused.value.reason


def test_a_document() -> None:
    assert decoded(DECODER, b'{"a":[1,2]}') == {"a": [1, 2]}


def test_values_are_counted_before_any_is_made() -> None:
    most = b'{"a":[' + b",".join([b"1"] * (MAX_NODES - 1)) + b"]}"
    assert len(decoded(DECODER, most)["a"]) == MAX_NODES - 1
    assert reason(most.replace(b"]", b",1]")) == "too_large"
    assert reason(b"[" * (MAX_NODES + 1)) == "too_large"
    assert reason(b"{" * (MAX_NODES + 1)) == "too_large"


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"a":[NaN]}', b'{"a":1}', b'{"\\u0000":[]}', b'{"\xff":[]}', b'{"a":' * 19_000]
)
def test_what_is_malformed(content: bytes) -> None:
    assert reason(content) == "malformed"
