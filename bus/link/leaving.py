"""Feeds that this node has no right to, or no use for, are removed: it is told so, never inferred from silence."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Final

from bus.catalogue import UP
from bus.link.loading import Loader, Wants
from bus.link.snapshots import SnapshotParts
from bus.link.tasks import Tasks
from bus.replication.ports import Logs

NOT_WANTED: Final = "its scope is no longer this node's"
NOT_ALLOWED: Final = "the parent no longer allows it"

Told = Callable[[str, str, int], Awaitable[None]]
"""Puts on record that a feed was left: its name, why, and how many rows of it were removed."""


class Leaving:
    """Removes feeds."""

    def __init__(
        self,
        parts: SnapshotParts,
        wants: Wants,
        *,
        node: str,
        logs: Logs,
        loader: Loader,
        tasks: Tasks,
        told: Told | None,
    ) -> None:
        """Remove what this node does not want, or is not allowed; ``told`` puts that on record."""
        self._parts = parts
        self._wants = wants
        self._node = node
        self._logs = logs
        self._loader = loader
        self._tasks = tasks
        self._told = told
        self._refused: set[str] = set()
        self._something = asyncio.Event()

    def refused(self, feeds: Collection[str]) -> None:
        """The parent says that these are not allowed to this node."""
        if not self._refused.issuperset(feeds):
            self._refused.update(feeds)
            self._something.set()

    def is_refused(self, feed: str) -> bool:
        """Tell whether the parent has said that a feed is not allowed."""
        return feed in self._refused

    async def run(self) -> None:
        """Remove what was left before this start, then what the parent refuses."""
        await self._leave(lambda feed: not self._wants(feed), NOT_WANTED)
        while True:
            await self._something.wait()
            self._something.clear()
            refused = frozenset(self._refused)
            try:
                await self._leave(refused.__contains__, NOT_ALLOWED)
            except Exception:
                self._something.set()
                raise
            self._refused -= refused

    async def _leave(self, is_left: Callable[[str], bool], why: str) -> None:
        """Remove feeds that are here, or of which there is only a load that has not come to its end."""
        held = {
            one.log.channel
            for one in await self._logs.held()
            if one.log.channel not in UP and one.log.origin != self._node
        }
        loads = {load.feed for load in await self._parts.tables.loads()}
        for feed in sorted(filter(is_left, held | loads)):
            with self._loader.leaving(feed):
                self._parts.shelf.drop(feed)
                rows = await self._parts.tables.leave(feed)
            self._tasks.note("feed_left", feed=feed, why=why, rows=rows)
            if self._told is not None:
                await self._told(feed, why, rows)
        for feed in filter(is_left, self._parts.shelf.feeds()):
            self._parts.shelf.drop(feed)
