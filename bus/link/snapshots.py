"""What a parent answers to who asks for a snapshot of a feed: made on demand, kept for all who may have the feed."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from bus.catalogue import is_feed
from bus.link.heartbeats import milliseconds
from bus.link.messages import decode, encode
from bus.link.tasks import Tasks
from bus.replication import LogId, Position
from bus.replication.ports import HeldLog, Logs
from bus.snapshots.making import Maker
from bus.snapshots.manifest import Manifest, PieceDamaged, Wanted
from bus.snapshots.ports import NoSnapshot, Shelf, SnapshotTables
from domain.shared.ports import Clock

NOTHING: Final = b""
MAKING: Final = b"making"
"""The answer while a snapshot is being made: ask again."""
KEPT_FOR: Final = timedelta(days=1)
MOVED_FAR: Final = 10_000
"""Events of a log behind a snapshot from which on a newer one is made."""
_NONE_FOR: Final = 5.0
_MADE_AGAIN_AFTER: Final = timedelta(minutes=1)

Allows = Callable[[str, str], bool]
"""Tells whether a child may have a feed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotParts:
    """What snapshots need of a node: its tables, and where pieces are kept."""

    tables: SnapshotTables
    shelf: Shelf


class SnapshotAnswers:
    """The snapshots of a parent."""

    def __init__(self, parts: SnapshotParts, *, logs: Logs, clock: Clock, tasks: Tasks, allows: Allows) -> None:
        """Make snapshots of what is in the tables."""
        self._tables = parts.tables
        self._shelf = parts.shelf
        self._logs = logs
        self._clock = clock
        self._tasks = tasks
        self._allows = allows
        self._making: set[str] = set()
        self._none_until: dict[str, float] = {}
        self._one_at_a_time = asyncio.Lock()

    async def answer(self, child: str, data: bytes) -> bytes:
        """Answer a child with a manifest or a piece, `MAKING`, or `NOTHING`.

        Raises:
            MessageUnreadable: that is no question.
        """
        wanted = decode(Wanted, data)
        if not is_feed(wanted.feed) or not self._allows(child, wanted.feed):
            return NOTHING
        if wanted.id:
            return self._piece(wanted)
        if wanted.feed in self._making:
            return MAKING
        manifest = self._shelf.find(wanted.feed)
        if manifest is not None and await self._is_fit(manifest, wanted):
            return encode(manifest)
        if self._none_until.get(wanted.feed, 0.0) > asyncio.get_running_loop().time():
            return NOTHING
        self._making.add(wanted.feed)
        self._tasks.once("snapshot", partial(self._make, wanted.feed))
        return MAKING

    def _piece(self, wanted: Wanted) -> bytes:
        manifest = self._shelf.find(wanted.feed, wanted.id)
        if manifest is None or wanted.piece >= len(manifest.pieces):
            return NOTHING
        try:
            data = self._shelf.piece(manifest, wanted.piece)
        except PieceDamaged as damage:
            self._tasks.note("snapshot_damaged", feed=wanted.feed, damage=str(damage))
            self._shelf.drop(wanted.feed)
            return NOTHING
        return data[wanted.offset : wanted.offset + wanted.length] if wanted.length else data

    async def _is_fit(self, manifest: Manifest, wanted: Wanted) -> bool:
        """Tell whether a snapshot still leads to where this node is, by events that it holds, and helps the child."""
        age = self._clock.now() - datetime.fromtimestamp(manifest.made_at / 1000, self._clock.now().tzinfo)
        if age > KEPT_FOR:
            return False
        places = {place.log: place.position for place in manifest.places}
        is_behind_child = any(one.log in places and places[one.log].seq < one.position.seq for one in wanted.held)
        if is_behind_child and age > _MADE_AGAIN_AFTER:
            return False
        held = [one for one in await self._logs.held() if one.log.channel == manifest.feed]
        return all([await self._leads_to(places, one) for one in held])

    async def _leads_to(self, places: Mapping[LogId, Position], held: HeldLog) -> bool:
        place = places.get(held.log)
        return (
            place is not None
            and held.head.seq - place.seq <= MOVED_FAR
            and await self._logs.hash_at(held.log, place.seq) == place.hash
        )

    async def _make(self, feed: str) -> None:
        try:
            async with self._one_at_a_time:
                maker = Maker(feed, self._shelf, milliseconds(self._clock.now()))
                await self._tables.take(feed, maker)
                maker.finish()
        except BaseException as failure:
            self._none_until[feed] = asyncio.get_running_loop().time() + _NONE_FOR
            if not isinstance(failure, NoSnapshot):
                raise
        finally:
            self._making.discard(feed)
