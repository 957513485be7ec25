"""Pictures in a push."""

from base64 import b64encode

import pytest

from adapters.devices.limits import MAX_PICTURE, MAX_PICTURES
from adapters.devices.pictures import base64_picture, first_pictures, picture
from domain.registrations.readings import Picture

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
WEBP = b"RIFF\n\x00\x00\x00WEBPVP8 " + bytes(20)
BASE64 = b64encode(JPEG).decode()


@pytest.mark.parametrize("content", [JPEG, PNG, WEBP, memoryview(JPEG)])
def test_a_picture(content: bytes) -> None:
    assert picture(content, "plate") == Picture(shows="plate", content=bytes(content))


@pytest.mark.parametrize("content", [b"", b"\xff\xd8", b"text", b"RIFF1234AVI ", b"<html>", JPEG + bytes(MAX_PICTURE)])
def test_what_is_broken_or_too_large_is_none(content: bytes) -> None:
    assert picture(content) is None


@pytest.mark.parametrize(
    "text", [BASE64, f"data:image/jpeg;base64,{BASE64}", f"{BASE64[:10]}\r\n{BASE64[10:]}", BASE64.rstrip("=") + "=="]
)
def test_a_picture_in_base64(text: str) -> None:
    assert base64_picture(text) == Picture(shows="unknown", content=JPEG)


@pytest.mark.parametrize(
    "text",
    [None, "", "...base64 jpeg data...", "AAAA", "żółć", "data:", BASE64[:-3], b64encode(JPEG * 600_000).decode()],
)
def test_what_is_no_picture_in_base64(text: str | None) -> None:
    assert base64_picture(text) is None


def test_the_first_eight_pictures_are_taken() -> None:
    found = [picture(JPEG + bytes([number])) for number in range(MAX_PICTURES + 2)]
    assert first_pictures([None, *found]) == tuple(found[:MAX_PICTURES])
