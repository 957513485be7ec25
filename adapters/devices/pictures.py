"""The pictures in a push. One that is too large or broken is left out: it never costs the reading."""

import binascii
from collections.abc import Iterable

from adapters.devices.limits import MAX_PICTURE, MAX_PICTURES
from domain.registrations.readings import Picture, Shows

_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_LONGEST_BEGINNING = 8
_MAX_TEXT = MAX_PICTURE * 3 // 2  # base64 takes 4 characters for 3 bytes, some devices break it into lines


def picture(content: bytes | memoryview, shows: Shows = "unknown") -> Picture | None:
    """Return a picture; None for what is too large, or begins neither as JPEG nor as PNG."""
    if len(content) > MAX_PICTURE or not bytes(content[:_LONGEST_BEGINNING]).startswith(_BEGINNINGS):
        return None
    return Picture(shows=shows, content=bytes(content))


def base64_picture(text: str | None, shows: Shows = "unknown") -> Picture | None:
    """Return a picture of base64, with or without ``data:…;base64,`` before it; None as `picture` does."""
    if not text or len(text) > _MAX_TEXT:
        return None
    encoded = text.partition(",")[2] if text.startswith("data:") else text
    try:
        return picture(binascii.a2b_base64(encoded), shows)
    except ValueError:
        return None


def first_pictures(found: Iterable[Picture | None]) -> tuple[Picture, ...]:
    """Return those that are pictures, eight at the most."""
    return tuple(each for each in found if each)[:MAX_PICTURES]
