"""What a gallery keeps, and what it lets go."""

import asyncio
import hashlib
import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import pytest

from adapters.memory.clock import START, SteppingClock
from bus.live import Live
from bus.pushes.gallery import PER_PUSH_MAX, PICTURE_MAX, Gallery, PictureFile, media_type_of
from bus.recorded import Recorded
from bus.replication.log import LogId
from domain.erasure.events import EventsErased
from domain.registrations.readings import Picture
from domain.shared.errors import Unavailable
from domain.shared.messages import Event
from tests.waiting import until

DAY = timedelta(days=1)


def shot(text: str = "", size: int = 0) -> Picture:
    return Picture(shows="scene", content=(b"\xff\xd8\xff" + text.encode()).ljust(size, b"."))


def digest(picture: Picture) -> str:
    return hashlib.sha256(picture.content).hexdigest()


class Shelf:
    """Files in memory."""

    def __init__(self, clock: SteppingClock) -> None:
        self.clock = clock
        self.kept: dict[str, PictureFile] = {}
        self.is_full = False
        self.may_write = threading.Event()
        self.may_write.set()
        self.writes = 0

    def write(self, hash_: str, content: bytes) -> None:
        self.writes += 1
        self.may_write.wait()
        if self.is_full:
            raise OSError("no room")
        self.kept[hash_] = PictureFile(hash=hash_, size=len(content), written_at=self.clock.now())

    def files(self) -> Sequence[PictureFile]:
        return list(self.kept.values())

    def drop(self, file: PictureFile) -> None:
        if self.kept.get(file.hash) == file:
            del self.kept[file.hash]


class Hung:
    """A gallery and all that is around it."""

    def __init__(self) -> None:
        self.clock = SteppingClock()
        self.shelf = Shelf(self.clock)
        self.wanted: set[str] = set()
        self.has_room, self.room, self.looks, self.is_away = True, 1 << 40, 0, False
        self.gallery = Gallery(
            self.shelf, self, self.clock, kept_for=30 * DAY, has_room=lambda: self.has_room, room=self._room
        )

    async def picture_hashes(self, since: object) -> frozenset[str]:
        assert since == self.clock.now() - 31 * DAY
        self.looks += 1
        if self.is_away:
            raise Unavailable
        return frozenset(self.wanted)

    async def _room(self, held: int) -> int:
        assert held == sum(file.size for file in self.shelf.kept.values())
        return self.room

    async def keep(self, *pictures: Picture) -> list[str]:
        async with self.gallery.keeping(pictures) as kept:
            self.wanted.update(one.hash for one in kept)
            return [one.hash for one in kept]


@pytest.fixture
def hung() -> Hung:
    return Hung()


async def test_pictures_are_kept_by_their_hash_and_once(hung: Hung) -> None:
    one, other = shot("one"), shot("other")
    assert await hung.keep(one, other, one) == [digest(one), digest(other), digest(one)]
    assert set(hung.shelf.kept) == {digest(one), digest(other)}
    assert await hung.gallery.turn() == 0


async def test_what_cannot_be_kept_is_counted_by_the_reason(hung: Hung) -> None:
    large = shot(size=PICTURE_MAX + 1)
    assert await hung.keep(Picture(shows="plate", content=b"GIF89a"), large, shot(size=PICTURE_MAX)) != []
    many = [shot(str(number)) for number in range(PER_PUSH_MAX + 3)]
    assert len(await hung.keep(*many)) == PER_PUSH_MAX
    hung.has_room = False
    assert await hung.keep(shot("late")) == []
    hung.has_room, hung.shelf.is_full = True, True
    assert await hung.keep(shot("failed")) == []
    assert hung.gallery.tally == {
        "no_picture": 1, "too_large": 4, "no_room": 1, "failed": 1, "kept": 1 + PER_PUSH_MAX
    }  # fmt: skip


async def test_what_no_reading_refers_to_goes(hung: Hung) -> None:
    one, other = await hung.keep(shot("one"), shot("other"))
    hung.wanted.remove(one)
    assert await hung.gallery.turn() == 1
    assert set(hung.shelf.kept) == {other}


async def test_what_is_past_its_time_goes_though_it_is_referred_to(hung: Hung) -> None:
    old, come_again = await hung.keep(shot("old"), shot("again"))
    hung.clock.set(START + 29 * DAY)
    await hung.keep(shot("again"))
    hung.clock.set(START + 31 * DAY)
    await hung.gallery.turn()
    assert set(hung.shelf.kept) == {come_again}
    assert old in hung.wanted


async def test_the_oldest_go_where_there_is_no_room(hung: Hung) -> None:
    hashes = []
    for number in range(5):
        hashes += await hung.keep(shot(str(number), size=100))
        hung.clock.step(DAY)
    hung.room = 250
    assert await hung.gallery.turn() == 3
    assert set(hung.shelf.kept) == set(hashes[3:])


async def test_a_picture_whose_change_is_under_way_stays(hung: Hung) -> None:
    async with hung.gallery.keeping([shot("one")]) as (one,):
        assert one.hash not in hung.wanted
        await hung.gallery.turn()
        assert one.hash in hung.shelf.kept
    await hung.gallery.turn()
    assert one.hash not in hung.shelf.kept


async def test_a_push_that_is_given_up_while_its_picture_is_written_holds_none(hung: Hung) -> None:
    hung.shelf.may_write.clear()
    keeping = asyncio.create_task(hung.keep(shot("one")))
    await until(lambda: hung.shelf.writes == 1)
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping
    hung.shelf.may_write.set()
    await until(lambda: bool(hung.shelf.kept))
    assert await hung.gallery.turn() == 1
    assert hung.shelf.kept == {}


async def test_a_picture_goes_as_soon_as_its_reading_is_erased(hung: Hung) -> None:
    (one,) = await hung.keep(shot("one"))
    live = Live()
    running = asyncio.create_task(hung.gallery.run(live))
    await until(lambda: hung.looks == 1)
    hung.wanted.clear()
    erased = said(
        EventsErased(
            erasure_id="1",
            scope="dorohusk",
            events=(),
            subjects=(),
            heads=(),
            reason="r",
            legal_basis="l",
            erased_by="a",
            erased_at=START,
        )
    )
    live.heard([erased])
    await until(lambda: one not in hung.shelf.kept)
    hung.is_away = True
    live.heard([erased])
    await until(lambda: hung.looks == 3)
    live.cut()
    await until(lambda: hung.looks == 4)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


def said(event: Event) -> Recorded:
    return Recorded(
        id="01950000-0000-7000-8000-000000000000",
        log=LogId("central", 1, "erasure.dorohusk"),
        seq=1,
        hash=bytes(32),
        hlc=1,
        kind=type(event).__name__,
        at=START,
        salt=bytes(16),
        body=b"",
        event=event,
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x10\x00\x00\x00WAVE", None),
        (b"\x00\x00\x00\x18ftypheic", None),
        (b"<svg onload=alert(1)>", None),
        (b"", None),
    ],
)
def test_the_first_bytes_tell_what_it_is(content: bytes, told: str | None) -> None:
    assert media_type_of(content) == told
