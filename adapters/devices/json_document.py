"""JSON in a push, of the structure that a format expects."""

from typing import TypeVar

import msgspec

from adapters.devices.limits import MAX_NODES
from domain.registrations.readings import PushUnreadable

T = TypeVar("T")


def decoded(decoder: msgspec.json.Decoder[T], content: bytes) -> T:
    """Return the document.

    The work of decoding grows with the values, not with the bytes: a document with long pictures in it may be large,
    one of many values may not. Values are counted by their commas and braces before any is made.

    Raises:
        PushUnreadable: more than 20,000 values, null characters, not UTF-8, nested too deep, no JSON, or JSON of
            another structure.
    """
    if content.count(b",") + content.count(b"{") + content.count(b"[") > MAX_NODES:
        raise PushUnreadable("too_large", f"The JSON has more than {MAX_NODES} values.")
    if b"\\u0000" in content:
        raise PushUnreadable("malformed", "The JSON holds a null character.")
    try:
        return decoder.decode(content)
    except msgspec.DecodeError as error:
        raise PushUnreadable("malformed", f"The JSON is not of this format: {error}") from None
    except (UnicodeDecodeError, RecursionError):
        raise PushUnreadable("malformed", "The JSON is not UTF-8, or nested too deep.") from None
