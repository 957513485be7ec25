"""The pictures of a site: kept by the hash of their content, for a while, and as far as there is room.

A picture is written before the change that refers to it. Nothing waits for the disk to have it: a picture may be lost
with the power, a reading may not. What no reading and no measurement refers to goes, whatever became of these.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from bus.live import Lagging, Live
from domain.registrations.model import KeptPicture
from domain.registrations.readings import Picture
from domain.shared.errors import Unavailable
from domain.shared.ports import Clock

PICTURE_MAX: Final = 8 << 20
"""Bytes of one picture."""
PER_PUSH_MAX: Final = 16
LOOK_EVERY: Final = 300.0
_DROPPED_AT_ONCE: Final = 100
_SLACK: Final = timedelta(days=1)
"""A clock may have been set since a picture was written."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFile:
    """A picture as it lies in its place: its size there in bytes, and when it was written last."""

    hash: str
    size: int
    written_at: datetime


class PictureFiles(Protocol):
    """Where pictures are kept."""

    def write(self, hash_: str, content: bytes) -> None:
        """Keep a picture, or note that it came once more. May be called from any thread.

        Raises:
            OSError: it cannot be kept.
        """
        ...

    def files(self) -> Sequence[PictureFile]:
        """Return all that are kept, in no order. May be called from any thread."""
        ...

    def drop(self, file: PictureFile) -> None:
        """Forget a picture, unless it came once more since it was listed."""
        ...


class PictureViews(Protocol):
    """The readings and measurements that refer to pictures."""

    async def picture_hashes(self, since: datetime) -> frozenset[str]:
        """Return the hashes of the pictures of all readings and measurements that were received since then."""
        ...


class Gallery:
    """Keeps the pictures of a site and lets them go."""

    def __init__(
        self,
        files: PictureFiles,
        views: PictureViews,
        clock: Clock,
        *,
        kept_for: timedelta,
        has_room: Callable[[], bool],
        room: Callable[[int], Awaitable[int]],
    ) -> None:
        """Keep pictures ``kept_for`` so long.

        Args:
            files: where they are kept.
            views: which of them readings and measurements refer to.
            clock: of the node.
            kept_for: since they came last.
            has_room: whether more may be kept.
            room: of how many bytes are held, how many may be.
        """
        self._files = files
        self._views = views
        self._clock = clock
        self._kept_for = kept_for
        self._has_room = has_room
        self._room = room
        self._on_their_way: dict[int, list[str]] = {}  # hashes by the identity of the list that each push has
        self._tally: Counter[str] = Counter()

    @property
    def tally(self) -> Mapping[str, int]:
        """How many pictures were ``kept`` since the start, and how many not, by the reason."""
        return self._tally

    @asynccontextmanager
    async def keeping(self, pictures: Sequence[Picture]) -> AsyncIterator[tuple[KeptPicture, ...]]:
        """Keep pictures and give those that are kept; the change that refers to them is made within the block."""
        if not pictures:
            yield ()
            return
        hashes: list[str] = []
        self._on_their_way[id(hashes)] = hashes
        try:
            became = await asyncio.to_thread(self._keep_all, pictures, hashes)
            self._tally.update(one if isinstance(one, str) else "kept" for one in became)
            yield tuple([one for one in became if isinstance(one, KeptPicture)])
        finally:
            del self._on_their_way[id(hashes)]

    async def run(self, live: Live) -> None:
        """Let go what has to, every few minutes and whenever something is erased, until cancelled."""
        while True:
            try:
                with live.watch("EventsErased") as erased:
                    await self._follow(erased.events())
            except Lagging:
                continue

    async def _follow(self, erased: AsyncIterator[object]) -> None:
        waiting = asyncio.ensure_future(anext(erased))
        try:
            while True:
                await self._tried()
                await asyncio.wait((waiting,), timeout=LOOK_EVERY)
                if waiting.done():
                    waiting.result()
                    waiting = asyncio.ensure_future(anext(erased))
        finally:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)

    async def _tried(self) -> None:
        try:
            await self.turn()
        except (Unavailable, OSError) as refusal:
            _log.warning("pictures_not_tidied", error=repr(refusal))

    async def turn(self) -> int:
        """Let go what is past its time, what nothing refers to, and the oldest that find no room; return how many.

        Raises:
            Unavailable: the database does not tell.
            OSError: the files do not.
        """
        before = self._clock.now() - self._kept_for
        held = sorted(await asyncio.to_thread(self._files.files), key=lambda file: file.written_at)
        wanted = await self._views.picture_hashes(before - _SLACK)
        room = await self._room(sum(file.size for file in held))
        kept, gone = 0, list[PictureFile]()
        for file in reversed(held):
            if file.hash in wanted and file.written_at >= before and kept + file.size <= room:
                kept += file.size
            else:
                gone.append(file)
        for first in range(0, len(gone), _DROPPED_AT_ONCE):
            self._drop(gone[first : first + _DROPPED_AT_ONCE])
            await asyncio.sleep(0)
        if gone:
            _log.info("pictures_removed", count=len(gone))
        return len(gone)

    def _drop(self, files: Sequence[PictureFile]) -> None:
        for file in files:
            if not any(file.hash in hashes for hashes in self._on_their_way.values()):
                self._files.drop(file)

    def _keep_all(self, pictures: Sequence[Picture], hashes: list[str]) -> list[KeptPicture | str]:
        """Keep pictures and return what became of each; beside the event loop, for it takes its time."""
        return [self._keep(number, one, hashes) for number, one in enumerate(pictures)]

    def _keep(self, number: int, one: Picture, hashes: list[str]) -> KeptPicture | str:
        """Return a picture that is kept, or why it is not; while its hash is in ``hashes`` nobody lets it go."""
        media_type = media_type_of(one.content)
        if media_type is None:
            return "no_picture"
        if len(one.content) > PICTURE_MAX or number >= PER_PUSH_MAX:
            return "too_large"
        if not self._has_room():
            return "no_room"
        digest = hashlib.sha256(one.content).hexdigest()
        hashes.append(digest)
        try:
            self._files.write(digest, one.content)
        except OSError as failure:
            _log.warning("picture_not_kept", error=str(failure))
            return "failed"
        return KeptPicture(hash=digest, size=len(one.content), media_type=media_type, shows=one.shows)


def media_type_of(content: bytes) -> str | None:
    """Return the media type of a picture by its first bytes; None for all but JPEG, PNG and WebP."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return None
