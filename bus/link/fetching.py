"""Fetching a snapshot from the parent, piece by piece, onto the shelf; what is there already is not fetched again."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from bus.link.messages import decode, encode
from bus.link.snapshots import MAKING, NOTHING
from bus.link.tasks import FIRST_PAUSE, LONGEST_PAUSE, Tasks
from bus.link.wire import ParentWire, Question, Unreachable
from bus.replication.ports import Logs
from bus.snapshots.manifest import Manifest, PieceDamaged, Place, Wanted
from bus.snapshots.ports import Shelf

AT_ONCE: Final = 6
"""Pieces that are asked for at once on a line that gives them quickly."""
QUICKLY: Final = 0.25
"""Seconds. Where a piece takes longer they come one after the other: others want the line, too."""
_ASKED_AGAIN_AFTER: Final = 0.25
_DAMAGED_MAX: Final = 3


_Piece = tuple[bytes, float]
"""A piece, and how many seconds it took to come."""


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

    async def pieces(self, manifest: Manifest, fetched: Callable[[int], None]) -> None:
        """Have all pieces of a snapshot on the shelf, however often the line is cut; ``fetched`` is told how many are.

        Raises:
            Gone: the parent has it no more, or only damaged.
        """
        have = self._shelf.expect(manifest)
        numbers, under_way, at_once = deque(range(have, len(manifest.pieces))), deque[asyncio.Task[_Piece]](), 1
        try:
            while numbers or under_way:
                while numbers and len(under_way) < at_once:
                    under_way.append(asyncio.ensure_future(self._piece(manifest, numbers.popleft())))
                data, took = await under_way.popleft()
                at_once = min(at_once + 1, AT_ONCE) if took <= QUICKLY else max(at_once - 1, 1)
                self._shelf.fetched(manifest, data)
                fetched(len(manifest.pieces) - len(numbers) - len(under_way))
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _piece(self, manifest: Manifest, number: int) -> _Piece:
        clock = asyncio.get_running_loop().time
        pause, damaged = FIRST_PAUSE, 0
        while True:
            asked_at = clock()
            try:
                data = await self._wire.ask(Question.SNAPSHOT, encode(Wanted(manifest.feed, manifest.id, number)))
            except Unreachable:
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
                continue
            if data == NOTHING:
                raise Gone(f"piece {number} of {manifest.feed}")
            try:
                manifest.check(number, data)
            except PieceDamaged as damage:
                damaged += 1
                self._tasks.note("snapshot_damaged", feed=manifest.feed, damage=str(damage))
                if damaged == _DAMAGED_MAX:
                    raise Gone(str(damage)) from damage
            else:
                return data, clock() - asked_at
