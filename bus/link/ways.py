"""Several ways to one parent, of which one is taken: the next when the parent does not answer over it."""

import asyncio
from collections.abc import Collection
from typing import Final

from bus.link.wire import Hear, ParentWire, Question
from bus.replication.batch import PackedBatch
from bus.replication.pace import SHORTEST

_CANCEL_EVERY: Final = 1.0


class Ways:
    """A connection towards the parent that can be made in several ways."""

    def __init__(self, *ways: ParentWire) -> None:
        """Take the first of these ways, and after the last the first again."""
        self._ways = ways
        self._taken = 0
        self._changed = asyncio.Event()

    @property
    def _way(self) -> ParentWire:
        return self._ways[self._taken]

    async def take_next(self) -> None:
        """Leave the way that is taken for the next."""
        self._taken = (self._taken + 1) % len(self._ways)
        self._changed.set()

    async def run(self, *, feeds: Collection[str], confirmations: Hear, broadcast: Hear) -> None:
        """Stay connected over the way that is taken, until cancelled."""
        while True:
            self._changed.clear()
            way = asyncio.ensure_future(self._way.run(feeds=feeds, confirmations=confirmations, broadcast=broadcast))
            changed = asyncio.ensure_future(self._changed.wait())
            try:
                await asyncio.wait((way, changed), return_when=asyncio.FIRST_COMPLETED)
                if way.done():
                    way.result()
            finally:
                changed.cancel()
                await _ended(way)

    async def send(self, batch: PackedBatch, within: float = SHORTEST) -> None:
        """Put a batch into the parent's stream."""
        await self._way.send(batch, within)

    async def ask(self, question: Question, data: bytes) -> bytes:
        """Ask the parent."""
        return await self._way.ask(question, data)


async def _ended(way: "asyncio.Future[None]") -> None:
    """End a connection. A cancellation that a library swallows is repeated until it is heard."""
    while not way.done():
        way.cancel()
        await asyncio.wait((way,), timeout=_CANCEL_EVERY)
