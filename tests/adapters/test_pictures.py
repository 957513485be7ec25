"""Files of pictures, and thumbnails of whatever calls itself one."""

import hashlib
import os
import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from adapters.pictures import FilePictures, thumbnail


def picture(form: str = "JPEG", size: tuple[int, int] = (800, 400), mode: str = "RGB") -> bytes:
    written = BytesIO()
    Image.new(mode, size).save(written, form)
    return written.getvalue()


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def test_what_is_kept_is_given_back_and_then_forgotten(tmp_path: Path) -> None:
    files, content = FilePictures(tmp_path / "pictures"), picture()
    files.write(digest(content), content)
    assert await files.picture(digest(content)) == content
    (file,) = files.files()
    assert (file.hash, file.size) == (digest(content), len(content))
    small = await files.thumbnail(digest(content))
    assert small is not None
    assert files.files()[0].size == len(content) + len(small)
    files.drop(file)
    assert (await files.picture(digest(content)), await files.thumbnail(digest(content))) == (None, None)
    assert [one for one in (tmp_path / "pictures").rglob("*") if one.is_file()] == []


async def test_what_came_once_more_is_not_dropped(tmp_path: Path) -> None:
    files, content = FilePictures(tmp_path), picture()
    files.write(digest(content), content)
    (file,) = files.files()
    files.write(digest(content), content)
    files.drop(file)
    assert await files.picture(digest(content)) == content


async def test_what_is_damaged_is_not_shown_and_mended_when_it_comes_again(tmp_path: Path) -> None:
    files, content = FilePictures(tmp_path), picture()
    files.write(digest(content), content)
    place = tmp_path / digest(content)[:2] / digest(content)
    place.write_bytes(content[:50])
    assert await files.picture(digest(content)) is None
    assert await files.thumbnail(digest(content)) is None
    files.write(digest(content), content)
    assert await files.picture(digest(content)) == content


async def test_a_thumbnail_that_was_torn_is_made_anew(tmp_path: Path) -> None:
    files, content = FilePictures(tmp_path), picture()
    files.write(digest(content), content)
    small = await files.thumbnail(digest(content))
    assert small is not None
    place = tmp_path / digest(content)[:2] / f"{digest(content)}.thumbnail"
    for torn in (b"", small[: len(small) // 2]):
        place.write_bytes(torn)
        assert await files.thumbnail(digest(content)) == small


def test_a_thumbnail_of_a_picture_that_is_gone_goes(tmp_path: Path) -> None:
    files, content = FilePictures(tmp_path), picture()
    files.write(digest(content), content)
    orphan = tmp_path / digest(content)[:2] / f"{'0' * 64}.thumbnail"
    orphan.write_bytes(b"somebody's car")
    assert [file.hash for file in files.files()] == [digest(content)]
    assert not orphan.exists()


def test_nobody_else_may_read_them(tmp_path: Path) -> None:
    files, content = FilePictures(tmp_path / "pictures"), picture()
    files.write(digest(content), content)
    (place,) = (one for one in tmp_path.rglob("*") if one.is_file())
    assert place.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("form", "mode"), [("JPEG", "RGB"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("WEBP", "RGBA")])
def test_thumbnails_are_jpegs_of_all_that_is_kept(form: str, mode: str) -> None:
    small = thumbnail(picture(form, mode=mode))
    assert small is not None
    with Image.open(BytesIO(small)) as image:
        assert (image.format, image.size) == ("JPEG", (320, 160))


def bomb() -> bytes:
    """A PNG of 100,000 by 100,000 pixels, as its head says."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8\xff",
        picture()[:100],
        picture("PNG")[:60],
        b"RIFF\x00\x00\x00\x00WEBP",
        picture("GIF"),
        bomb(),
        picture("PNG", (8000, 5000), "1"),
    ],
)
def test_what_cannot_be_made_small_is_not(content: bytes) -> None:
    assert thumbnail(content) is None


def test_what_was_torn_in_writing_goes_after_a_while(tmp_path: Path) -> None:
    files, content = FilePictures(tmp_path), picture()
    files.write(digest(content), content)
    fresh, old = (tmp_path / digest(content)[:2] / f"{name}.new" for name in ("fresh", "old"))
    for torn in (fresh, old):
        torn.write_bytes(b"")
    os.utime(old, (0, 0))
    assert len(files.files()) == 1
    assert (fresh.exists(), old.exists()) == (True, False)
