"""Where a site keeps the pictures of its devices: files in its state folder, named by the hash of their content.

    <first two digits>/<hash>             the picture
    <first two digits>/<hash>.thumbnail   the same, small, made when it was first asked for

A file may be torn or gone at any time: what is read is compared with its name, so nothing here is synced.
"""

import asyncio
import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Final
from uuid import uuid4

import structlog
from PIL import Image

from bus.pushes.gallery import PictureFile, PictureFiles

THUMBNAIL_PIXELS: Final = 320
"""The longer side."""
PIXELS_MAX: Final = 32_000_000
"""Of a picture of which a thumbnail is made: more than cameras at a lane have, and 128 MiB at the most once decoded."""
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_THUMBNAIL: Final = ".thumbnail"
_BEGUN: Final = ".new"
_END_OF_JPEG: Final = b"\xff\xd9"
_BEGUN_LASTS: Final = 3600.0

_log = structlog.get_logger(__name__)


class FilePictures(PictureFiles):
    """A folder of pictures."""

    def __init__(self, folder: Path) -> None:
        """Keep them in ``folder``."""
        self._folder = folder
        self._making = asyncio.Semaphore(1)

    def write(self, hash_: str, content: bytes) -> None:
        """Keep a picture, or note that it came once more."""
        place = self._place(hash_)
        with suppress(FileNotFoundError):
            if place.stat().st_size == len(content):
                os.utime(place)
                return
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _put(place, content)

    def files(self) -> Sequence[PictureFile]:
        """Return all that are kept; thumbnails count with their pictures, and what belongs to none goes."""
        found = []
        for folder in self._folder.glob("??"):
            with os.scandir(folder) as entries:
                lie = {entry.name: entry for entry in entries}
            for name, entry in lie.items():
                with suppress(FileNotFoundError):
                    if name.endswith(_BEGUN):
                        _forget_torn(entry)
                    elif name.endswith(_THUMBNAIL) and name.removesuffix(_THUMBNAIL) not in lie:
                        Path(entry).unlink()  # made while its picture went
                    elif "." not in name:
                        small = lie.get(f"{name}{_THUMBNAIL}")
                        size = entry.stat().st_size + (0 if small is None else small.stat().st_size)
                        found.append(PictureFile(hash=name, size=size, written_at=_time(entry.stat())))
        return found

    def drop(self, file: PictureFile) -> None:
        """Forget a picture, unless it came once more since it was listed."""
        place = self._place(file.hash)
        with suppress(FileNotFoundError):
            if _time(place.stat()) == file.written_at:
                place.with_suffix(_THUMBNAIL).unlink(missing_ok=True)
                place.unlink()

    async def picture(self, hash_: str) -> bytes | None:
        """Return a picture, or None when it is not here or not as it was."""
        return await asyncio.to_thread(self._read, hash_)

    async def thumbnail(self, hash_: str) -> bytes | None:
        """Return a small JPEG of a picture; None when that is not here, or none can be made of it."""
        async with self._making:
            return await asyncio.to_thread(self._thumbnail, hash_)

    def _read(self, hash_: str) -> bytes | None:
        with suppress(OSError):
            content = self._place(hash_).read_bytes()
            if hashlib.sha256(content).hexdigest() == hash_:
                return content
        return None

    def _thumbnail(self, hash_: str) -> bytes | None:
        content = self._read(hash_)
        if content is None:
            return None
        place = self._place(hash_).with_suffix(_THUMBNAIL)
        with suppress(OSError):
            made = place.read_bytes()
            if made.endswith(_END_OF_JPEG):
                return made
        small = thumbnail(content)
        if small is not None:
            with suppress(OSError):  # it is made anew the next time
                _put(place, small)
        return small

    def _place(self, hash_: str) -> Path:
        return self._folder / hash_[:2] / hash_


def thumbnail(content: bytes) -> bytes | None:
    """Return a small JPEG of a picture; None for what is none, or has more pixels than are decoded here."""
    try:
        with Image.open(BytesIO(content), formats=_FORMATS) as image:
            if image.width * image.height > PIXELS_MAX:
                return None
            image.draft("RGB", (THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
            small = image.convert("RGB")
            small.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as fault:
        _log.info("no_thumbnail", error=str(fault))
        return None
    written = BytesIO()
    small.save(written, "JPEG", quality=80)
    return written.getvalue()


def _put(place: Path, content: bytes) -> None:
    fresh = place.with_name(f"{place.name}.{uuid4().hex}{_BEGUN}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        fresh.replace(place)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def _forget_torn(entry: "os.DirEntry[str]") -> None:
    if entry.stat().st_mtime < datetime.now(UTC).timestamp() - _BEGUN_LASTS:
        Path(entry).unlink()


def _time(status: os.stat_result) -> datetime:
    return datetime.fromtimestamp(status.st_mtime, UTC)
