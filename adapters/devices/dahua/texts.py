r"""The two encodings of events as text, with ``Heartbeat`` between them.

eventManager writes a line with the event's data in JSON, as a rule over many lines:
``Code=TrafficJunction;action=Pulse;index=0;data={…}``. snapManager writes a line for each value:
``Events[0].TrafficCar.PlateNumber=AC00003`` (``ReturnEvents[0]`` on some devices).
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from adapters.devices.dahua.event import Event
from adapters.devices.json_document import decoded
from domain.registrations.readings import PushUnreadable

_HEARTBEAT = re.compile(r"^Heartbeat\s*$", re.MULTILINE)
_CODE = re.compile(r"^Code=", re.MULTILINE)
_VALUE = re.compile(r"(?:Return)?Events\[(\d{1,2})\]\.(?:([A-Za-z]+)\.)?([A-Za-z]+)(\[\d{1,2}\])?=(.*)")
_DATA = msgspec.json.Decoder(Event, strict=False)


def text_of(content: bytes | memoryview) -> str:
    """Return the text.

    Raises:
        PushUnreadable: not UTF-8, or with null characters.
    """
    try:
        text = bytes(content).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PushUnreadable("malformed", "The text is not UTF-8.") from None
    if "\x00" in text:
        raise PushUnreadable("malformed", "The text holds a null character.")
    return text


def is_heartbeat(text: str) -> bool:
    """Tell whether a line says that the camera is alive."""
    return _HEARTBEAT.search(text) is not None


def events_in(text: str) -> Iterator[Event | PushUnreadable]:
    """Yield the events in order, and why one cannot be read in its place; lines that are none are passed over."""
    head, *lines = _CODE.split(text)
    yield from _of_values(head)
    for line in lines:
        try:
            yield _of_line(line)
        except PushUnreadable as refusal:
            yield refusal


def _of_line(line: str) -> Event:
    code = line.partition(";")[0].strip()
    start, end = line.find("{"), line.rfind("}")
    if start < 0:
        return Event(code=code)
    event = decoded(_DATA, line[start : end + 1].encode())
    return msgspec.structs.replace(event, code=code)


def _of_values(text: str) -> Iterator[Event | PushUnreadable]:
    found: dict[int, dict[str, dict[str, Any]]] = {}
    for line in text.splitlines():
        matched = _VALUE.fullmatch(line.strip())
        if matched and matched[5].strip():
            group = found.setdefault(int(matched[1]), {}).setdefault(matched[2] or "", {})
            _put(group, matched[3], matched[5].strip(), is_item=matched[4] is not None)
    for _, groups in sorted(found.items()):
        own = groups.pop("", {})
        try:
            yield msgspec.convert({**own, **groups}, Event, strict=False)
        except msgspec.ValidationError as error:
            yield PushUnreadable("malformed", f"The values of an event are not those of one: {error}")


def _put(group: dict[str, Any], name: str, value: str, *, is_item: bool) -> None:
    if not is_item:
        group[name] = value
    elif isinstance(items := group.setdefault(name, []), list):
        items.append(value)
