"""Events to bytes and back: ``[kind, version, time, event]`` in msgpack. Unknown fields of newer events are ignored."""

from datetime import datetime
from functools import cache
from typing import Any

import msgspec

from bus.catalogue import EVENTS_BY_KIND, event_entry
from domain.shared.messages import Event


class EventUnreadable(Exception):  # noqa: N818 - a state of the data, not of the program
    """The bytes of an event cannot be decoded."""


class EventTooNew(EventUnreadable):
    """The event is of a kind or version that this program does not know yet."""


_frame = msgspec.msgpack.Decoder(tuple[str, int, datetime, msgspec.Raw])
_encode = msgspec.msgpack.Encoder().encode


def encode(event: Event, at: datetime) -> bytes:
    """Return the bytes of an event that happened at ``at``."""
    entry = event_entry(type(event))
    return _encode((entry.kind, entry.version, at, event))


def decode(body: bytes) -> tuple[str, datetime, Event]:
    """Return kind, time and event.

    Raises:
        EventTooNew: kind or version are unknown to this program.
        EventUnreadable: the bytes are damaged.
    """
    try:
        kind, version, at, payload = _frame.decode(body)
        entry = EVENTS_BY_KIND.get(kind)
        if entry is None or version > entry.version:
            raise EventTooNew(f"{kind} version {version}")
        return kind, at, _decoder(kind).decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError) as damage:
        raise EventUnreadable(str(damage)) from damage


@cache
def _decoder(kind: str) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(EVENTS_BY_KIND[kind].type)
