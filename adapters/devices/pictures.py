"""The pictures in a push. One that is too large or broken is left out: it never costs the reading."""

import binascii
import re
from collections.abc import Iterable

from adapters.devices.limits import MAX_PICTURE, MAX_PICTURES
from domain.registrations.readings import Picture, Shows

_BEGINNING = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|RIFF.{4}WEBP", re.DOTALL)
_MAX_TEXT = MAX_PICTURE * 3 // 2  # base64 takes 4 characters for 3 bytes, some devices break it into lines


def picture(content: bytes | memoryview, shows: Shows = "unknown") -> Picture | None:
    """Return a picture; None for what is too large, or does not begin as JPEG, PNG or WebP."""
    if len(content) > MAX_PICTURE or not _BEGINNING.match(content):
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
