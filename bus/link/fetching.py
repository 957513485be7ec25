"""Fetching a snapshot from the parent, piece by piece, onto the shelf; what is there already is not fetched again.

A piece is asked for in stretches, of which no more are on their way than the line carries in a moment: hellos come
through beside them, and an answer comes in time on a line that carries little.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from typing import Final, NamedTuple, Protocol

from bus.link.messages import decode, encode
from bus.link.outflow import Outflow
from bus.link.snapshots import MAKING, NOTHING
from bus.link.tasks import FIRST_PAUSE, LONGEST_PAUSE, Tasks
from bus.link.wire import ParentWire, Question, Unreachable
from bus.replication import FLOOR, Pace
from bus.replication.pace import SHARES
from bus.replication.ports import Logs
from bus.snapshots.manifest import Manifest, PieceDamaged, Place, Wanted
from bus.snapshots.ports import Shelf

AT_ONCE: Final = 6
"""Stretches that are asked for at once on a line that gives them quickly."""
_ASKED_AGAIN_AFTER: Final = 0.25
_DAMAGED_MAX: Final = 3


class Progress(Protocol):
    """Is told how far the pieces of a snapshot are."""

    def __call__(self, *, fetched: int = ..., trouble: str = ...) -> None:
        """Hear that so many are on the shelf, or why it does not go on; empty: it does."""
        ...


class _Stretch(NamedTuple):
    """Bytes of a piece."""

    number: int
    offset: int
    length: int


class Gone(Exception):  # noqa: N818 - a state of the parent
    """The parent has no such snapshot, or does not give it."""


class Fetching:
    """Brings snapshots from the parent."""

    def __init__(self, wire: ParentWire, shelf: Shelf, *, logs: Logs, tasks: Tasks) -> None:
        """Ask over ``wire``, and put on ``shelf``."""
        self._wire = wire
        self._shelf = shelf
        self._logs = logs
        self._tasks = tasks
        self._pace = Pace(first=FLOOR)
        self._outflow = Outflow(self._pace)
        self._knows_parts = True

    async def manifest(self, feed: str) -> Manifest:
        """Have the parent say what its snapshot of a feed is, which it may have to make first.

        Raises:
            Gone: there is none.
            Unreachable: there is no answer.
            MessageUnreadable: the answer is none.
        """
        held = [Place(one.log, one.head) for one in await self._logs.held() if one.log.channel == feed]
        question = encode(Wanted(feed, held=held))
        while (answer := await self._wire.ask(Question.SNAPSHOT, question)) == MAKING:  # noqa: ASYNC110 - the parent's event
            await asyncio.sleep(_ASKED_AGAIN_AFTER)
        if answer == NOTHING:
            raise Gone(feed)
        manifest = decode(Manifest, answer)
        if manifest.feed != feed or any(place.log.channel != feed for place in manifest.places):
            raise Gone(f"the parent gives a snapshot of {manifest.feed} for {feed}")
        return manifest

    async def pieces(self, manifest: Manifest, tell: Progress) -> None:
        """Have all pieces of a snapshot on the shelf, however often the line is cut.

        Raises:
            Gone: the parent has it no more, or only damaged.
            PieceDamaged: it was forgotten here meanwhile.
        """
        have = self._shelf.expect(manifest)
        stretches, under_way = self._stretches(manifest, have), deque[asyncio.Task[bytes]]()

        def ask_on() -> None:
            while len(under_way) < AT_ONCE and (stretch := next(stretches, None)) is not None:
                under_way.append(asyncio.ensure_future(self._stretch(manifest, stretch, tell)))

        try:
            for number in range(have, len(manifest.pieces)):
                data = b""
                while len(data) < manifest.pieces[number].size:
                    ask_on()
                    data += await under_way.popleft()
                self._shelf.fetched(manifest, await self._sound(manifest, number, data, tell))
                tell(fetched=number + 1)
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    def _stretches(self, manifest: Manifest, have: int) -> Iterator[_Stretch]:
        """Yield what is to be asked for, in order, each as long as the line makes it when its turn comes."""
        for number in range(have, len(manifest.pieces)):
            offset, size = 0, manifest.pieces[number].size
            while offset < size:
                most = max(self._pace.limit // SHARES, FLOOR) if self._knows_parts else size
                length = min(most, size - offset)
                yield _Stretch(number, offset, length)
                offset += length

    async def _sound(self, manifest: Manifest, number: int, data: bytes, tell: Progress) -> bytes:
        """Return a piece as the manifest knows it; if it has come otherwise, ask for it again."""
        damaged = 0
        while True:
            try:
                manifest.check(number, data)
            except PieceDamaged as damage:
                damaged += 1
                self._tasks.note("snapshot_damaged", feed=manifest.feed, damage=str(damage))
                if damaged == _DAMAGED_MAX:
                    raise Gone(str(damage)) from damage
                data = await self._stretch(manifest, _Stretch(number, 0, manifest.pieces[number].size), tell)
            else:
                return data

    async def _stretch(self, manifest: Manifest, stretch: _Stretch, tell: Progress) -> bytes:
        """Have a stretch, in smaller parts where the line has become thinner."""
        data, pause = b"", FIRST_PAUSE
        while len(data) < stretch.length:
            left = _Stretch(stretch.number, stretch.offset + len(data), stretch.length - len(data))
            try:
                part = await self._part(manifest, left)
            except Unreachable as silence:
                tell(trouble=repr(silence))
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
                continue
            if part == NOTHING:
                raise Gone(f"piece {stretch.number} of {manifest.feed}")
            tell(trouble="")
            data, pause = data + part, FIRST_PAUSE
        return data

    async def _part(self, manifest: Manifest, wanted: _Stretch) -> bytes:
        """Ask for as much of a stretch as there is room for. A parent that knows no parts gives the whole piece."""
        number, offset, most = wanted
        async with self._outflow.room() as flight:
            length = min(flight.size, most)
            self._outflow.leaves(flight, length, None)
            question = encode(Wanted(manifest.feed, manifest.id, number, offset=offset, length=length))
            told = await self._wire.ask(Question.SNAPSHOT, question)
        if len(told) <= length:
            return told
        self._knows_parts = False
        return told[offset : offset + most]
