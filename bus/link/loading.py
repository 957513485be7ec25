"""Loading feeds from the parent's snapshots, where this node is new or far behind.

A snapshot is first brought onto the shelf, while what is in the tables stays as it is. Then its pieces take the place
of what stands there, one short transaction each; until the last is in, and the logs stand where the snapshot does, the
feed counts as not arrived. What is interrupted goes on where it was.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from bus.link.fetching import Fetching, Gone
from bus.link.messages import MessageUnreadable
from bus.link.reasons import reason_of
from bus.link.snapshots import SnapshotParts
from bus.link.tasks import Tasks
from bus.link.wire import ParentWire, Unreachable
from bus.replication.ports import Logs
from bus.snapshots.manifest import Manifest, PieceDamaged, unpack_piece
from bus.snapshots.ports import Outrun
from domain.shared.errors import Unavailable

FAR_BEHIND: Final = 20_000
"""Events of a log that are missing from which on a snapshot is loaded rather than all of them fetched."""
LOOK_EVERY: Final = 5.0
_NOT_AGAIN_FOR: Final = 30.0
_BREATH: Final = 0.0
_OF_NO_USE: Final = (Gone, Outrun, PieceDamaged, MessageUnreadable, LookupError)

Wants = Callable[[str], bool]
"""Tells whether a feed is to be here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """A snapshot on its way.

    Attributes:
        has_begun: it has been its turn.
        pieces: how many it has; 0: that is not known yet.
        fetched: how many of them have come; 0: none since this start.
        placed: how many of them are in the tables.
        rows: in all its pieces.
        trouble: why it does not go on; empty: it does.
    """

    feed: str
    has_begun: bool = False
    pieces: int = 0
    fetched: int = 0
    placed: int = 0
    rows: int = 0
    trouble: str = ""


class Loader:
    """Loads feeds from snapshots, one after the other.

    Attributes:
        under_way: what is being loaded, and waits to be, by feed.
    """

    def __init__(
        self,
        parts: SnapshotParts,
        wire: ParentWire,
        wants: Wants,
        *,
        parent: str,
        logs: Logs,
        tasks: Tasks,
        keeps: bool,
    ) -> None:
        """Load what ``parent`` gives over ``wire``; ``keeps``: this node has children who want the same snapshots.

        Loads of feeds that are not wanted are left alone: who leaves those removes them.
        """
        self.under_way: dict[str, Loading] = {}
        self._tables = parts.tables
        self._shelf = parts.shelf
        self._fetching = Fetching(wire, parts.shelf, logs=logs, tasks=tasks)
        self._wants = wants
        self._parent = parent
        self._tasks = tasks
        self._keeps = keeps
        self._is_ready = False
        self._is_served: bool | None = None
        self._not_before: dict[str, float] = {}
        self._left: set[str] = set()
        self._doubted: set[str] = set()
        self._something = asyncio.Event()

    def served(self, *, is_served: bool) -> None:
        """The parent has said whether it is one that gives snapshots."""
        self._is_served = is_served

    def holds(self, feed: str) -> bool:
        """Tell whether a feed is to be left alone, as it is being loaded or left; of none is that known at first."""
        return not self._is_ready or feed in self.under_way or feed in self._left

    def takes(self, feed: str) -> bool:
        """Begin to load a feed; False if that cannot be, or was tried in vain just now.

        As long as the parent has not said whether it gives snapshots, that is waited for.
        """
        if self._is_served is None:
            return True
        if not self._is_served or self._not_before.get(feed, 0.0) > asyncio.get_running_loop().time():
            return False
        if feed not in self.under_way:
            self.under_way[feed] = Loading(feed=feed)
            self._something.set()
        return True

    async def require(self, feed: str) -> None:
        """Load a feed whatever of it is held here: the parent's history is another one."""
        await self._tables.require(feed)
        self.under_way.setdefault(feed, Loading(feed=feed))
        self._something.set()

    @contextmanager
    def leaving(self, feed: str) -> Iterator[None]:
        """Load this feed no more while what is here of it goes."""
        self.under_way.pop(feed, None)
        self._left.add(feed)
        try:
            yield
        finally:
            self._left.discard(feed)

    async def run(self) -> None:
        """Go on with what was interrupted, then load what is wanted."""
        await self._look()
        await self._tables.sweep()
        while True:
            for feed in list(self.under_way):
                await self._load(feed)
            self._something.clear()
            try:
                await asyncio.wait_for(self._something.wait(), LOOK_EVERY)
            except TimeoutError:
                await self._look()

    async def _look(self) -> None:
        """Look for loads under way, of before a restart, or wanted since by the database itself."""
        for load in await self._tables.loads():
            if self._wants(load.feed) and load.feed not in self._left:
                self.under_way.setdefault(load.feed, Loading(feed=load.feed, placed=load.pieces))
        self._is_ready = True

    async def _load(self, feed: str) -> None:
        """Load a feed, or say why that cannot be now: what is wrong with one keeps no other waiting."""
        self._note(feed, has_begun=True)
        try:
            await self._bring(feed)
        except (Unreachable, Unavailable) as silence:
            trouble = repr(silence)
        except Exception as failure:  # noqa: BLE001 - whatever it is, the others are loaded
            trouble = self._put_off(feed, failure)
        else:
            self.under_way.pop(feed, None)
            return
        self._tasks.note("snapshot_not_loaded", feed=feed, trouble=trouble)
        self._note(feed, trouble=trouble)
        if feed not in {load.feed for load in await self._tables.loads()}:
            self.under_way.pop(feed, None)

    def _put_off(self, feed: str, failure: Exception) -> str:
        """Begin no load of this feed for a while; return what is to be told of it.

        A snapshot that is of no use goes; of one at which something else fails the parent may have a newer one.
        """
        self._not_before[feed] = asyncio.get_running_loop().time() + _NOT_AGAIN_FOR
        if isinstance(failure, _OF_NO_USE):
            with suppress(OSError):
                self._shelf.drop(feed)
        elif not isinstance(failure, OSError):
            self._doubted.add(feed)
            return reason_of(failure)
        return repr(failure)

    async def _manifest(self, feed: str) -> Manifest:
        """Return what is to be loaded: what was begun, or what the parent has, parts of which may be on the shelf."""
        begun = next((load.snapshot for load in await self._tables.loads() if load.feed == feed), "")
        held = self._shelf.find(feed, begun) if begun and feed not in self._doubted else None
        manifest = held or await self._fetching.manifest(feed)
        self._doubted.discard(feed)
        return manifest

    async def _bring(self, feed: str) -> None:
        manifest = await self._manifest(feed)
        self._note(feed, pieces=len(manifest.pieces), rows=manifest.rows, trouble="")
        await self._fetching.pieces(manifest, partial(self._note, feed))
        if feed not in self.under_way:
            return
        load = await self._tables.begin(manifest)
        while load.pieces < len(manifest.pieces) and feed in self.under_way:
            piece = unpack_piece(self._shelf.piece(manifest, load.pieces))
            load = await self._tables.put(load, manifest.columns[piece.table], piece)
            self._note(feed, placed=load.pieces)
            await asyncio.sleep(_BREATH)
        if feed in self.under_way:
            await self._tables.finish(manifest, self._parent)
            await self._tables.sweep()
            if not self._keeps:
                self._shelf.drop(feed)

    def _note(self, feed: str, **changes: object) -> None:
        if feed in self.under_way:
            self.under_way[feed] = replace(self.under_way[feed], **changes)  # type: ignore[arg-type] # of its own fields
