"""Viinex: the numbers of wagons and containers that a portal over a track reads, and the trains they belong to.

A message is an event as its web socket and its archive give it (``{"topic": …, "data": {…}}``), or the data alone.
A push holds one message or a list of them.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from adapters.devices.device_time import device_time, epoch_time
from adapters.devices.document import document
from adapters.devices.json_document import decoded
from adapters.devices.limits import require_few
from adapters.devices.observation_id import observation_id
from adapters.devices.one_by_one import read_each
from domain.registrations.readings import CodeRead, Push, PushContent, PushUnreadable, TrainPassed

_MEDIA_TYPES = frozenset({"application/json"})
_KINDS: dict[str, Literal["wagon", "container"]] = {"railcar": "wagon", "container": "container"}
_KIND = re.compile("|".join(_KINDS), re.IGNORECASE)

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Number = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
Moment = float | str


class _Timestamps(msgspec.Struct, frozen=True, gc=False):
    first: Moment | None = None
    best: Moment | None = None
    last: Moment | None = None


class _Channel(msgspec.Struct, frozen=True, gc=False):
    timestamps: _Timestamps | None = None


class _Data(msgspec.Struct, frozen=True, gc=False):
    track: str | None = None
    train_number: Number | str | None = None
    result: str | None = None
    confidence: Share | None = None
    cookie: Number | str | None = None
    channels: tuple[_Channel | str, ...] | None = None
    timestamp_begin: Moment | None = None
    timestamp_end: Moment | None = None


class _Message(_Data, frozen=True, gc=False):
    """An event, or its data alone."""

    topic: str | None = None
    data: _Data | None = None


_DECODER = msgspec.json.Decoder(_Message | tuple[_Message, ...])


class ViinexRail:
    """Reads what Viinex tells of trains."""

    name = "viinex_rail"

    def read(self, push: Push) -> PushContent:
        """Read a push; see `DeviceFormat.read`."""
        told = decoded(_DECODER, document(push, media_types=_MEDIA_TYPES, part="json").content)
        messages = told if isinstance(told, tuple) else (told,)
        require_few(messages)
        found, unread = read_each(messages, lambda message: _code(message) or _train(message))
        if messages and not found:
            raise PushUnreadable("missing_field", "No message has the number of a wagon, or the times of a train.")
        codes = tuple(each for each in found if isinstance(each, CodeRead))
        trains = tuple(each for each in found if isinstance(each, TrainPassed))
        return PushContent(codes=codes, trains=trains, heartbeat=not messages, unread=unread)


FORMAT = ViinexRail()


def _code(message: _Message) -> CodeRead | None:
    """Return the number read; None for a wagon whose number could not be, and for a train."""
    data = message.data or message
    code = (data.result or "").strip()
    if not code:
        return None
    if data.confidence is None:
        raise PushUnreadable("missing_field", "A message has a number without a confidence.")
    at = min(_seen_at(data), default=None)
    return CodeRead(
        vendor_id=observation_id(data.track, data.train_number, data.cookie, at, code),
        kind=_kind(message.topic),
        code=code,
        confidence=data.confidence,
        train=_text(data.train_number),
        track=data.track or None,
        position=data.cookie if isinstance(data.cookie, int) and data.cookie > 0 else None,
        device_time=at,
        retransmitted=False,
    )


def _train(message: _Message) -> TrainPassed | None:
    data = message.data or message
    train, began_at, ended_at = _text(data.train_number), _time(data.timestamp_begin), _time(data.timestamp_end)
    if data.result or not train or not (began_at or ended_at):
        return None
    return TrainPassed(
        vendor_id=observation_id(data.track, train, began_at, ended_at),
        train=train,
        track=data.track or None,
        began_at=began_at,
        ended_at=ended_at,
    )


def _kind(topic: str | None) -> Literal["wagon", "container", "unknown"]:
    named = _KIND.search(topic or "")
    return _KINDS[named[0].lower()] if named else "unknown"


def _seen_at(data: _Data) -> Iterator[datetime]:
    """Yield when each camera saw the number best."""
    for channel in data.channels or ():
        if isinstance(channel, _Channel) and channel.timestamps:
            stamps = channel.timestamps
            at = _time(stamps.best) or _time(stamps.first) or _time(stamps.last)
            if at:
                yield at


def _time(moment: Moment | None) -> datetime | None:
    return device_time(moment) if isinstance(moment, str) else epoch_time(moment)


def _text(number: int | str | None) -> str | None:
    return None if number in {None, ""} else str(number)
