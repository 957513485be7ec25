"""Events to bytes and back: ``[kind, version, time, event]`` in msgpack. Unknown fields of newer events are ignored."""

import re
from datetime import datetime
from functools import cache
from typing import Any

import msgspec

from bus.catalogue import EVENTS_BY_KIND, event_entry
from domain.shared.messages import Event


class EventUnreadable(Exception):  # noqa: N818 - a state of the data, not of the program
    """The bytes of an event cannot be decoded. The text says where, and nothing of what they say."""


class EventTooNew(EventUnreadable):
    """The event is of a kind or version that this program does not know yet."""


_FRAME_OF_FOUR = b"\x94"
_KIND = re.compile(r"[A-Za-z]{1,64}")
_PLACE = re.compile(r"`(\$[A-Za-z0-9_.\[\]]*)`$")
_frame = msgspec.msgpack.Decoder(tuple[str, int, datetime, msgspec.Raw])
_encode = msgspec.msgpack.Encoder().encode


def encode(event: Event, at: datetime) -> bytes:
    """Return the bytes of an event that happened at ``at``."""
    entry = event_entry(type(event))
    return _encode((entry.kind, entry.version, at, event))


def head_of(type_: type[Event]) -> bytes:
    """Return the bytes with which every event of a type begins."""
    return _FRAME_OF_FOUR + _encode(event_entry(type_).kind)


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
            raise EventTooNew(f"{kind if _KIND.fullmatch(kind) else '?'} version {version}")
        return kind, at, _decoder(kind).decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError) as damage:
        raise EventUnreadable(_place(damage)) from damage


def _place(damage: Exception) -> str:
    """Return the field at fault, as msgspec names it: without what stands there."""
    place = _PLACE.search(str(damage))
    return place.group(1) if place else "the frame"


@cache
def _decoder(kind: str) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(EVENTS_BY_KIND[kind].type)
