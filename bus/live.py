"""Fan-out of recorded events to those who watch this node, each behind a bounded queue."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager

from bus.recorded import Recorded

QUEUE_MAX = 1000


class Lagging(Exception):  # noqa: N818 - a state of the subscriber, not of the program
    """The subscriber did not keep up and was cut off."""


class Live:
    """Where recorded events are heard."""

    def __init__(self) -> None:
        """Start with nobody watching."""
        self._watchers: set[Watch] = set()

    def heard(self, recorded: Sequence[Recorded]) -> None:
        """Hand events to everybody who watches their kind; never blocks."""
        for watch in self._watchers:
            for one in recorded:
                if one.kind in watch.kinds:
                    watch.offer(one)

    @contextmanager
    def watch(self, *kinds: str) -> Iterator["Watch"]:
        """Watch events of these kinds from now on."""
        watch = Watch(frozenset(kinds))
        self._watchers.add(watch)
        try:
            yield watch
        finally:
            self._watchers.discard(watch)


class Watch:
    """One subscriber's queue."""

    def __init__(self, kinds: frozenset[str]) -> None:
        """Queue events of ``kinds``, at most ``QUEUE_MAX``."""
        self.kinds = kinds
        self._queue: asyncio.Queue[Recorded] = asyncio.Queue(QUEUE_MAX)
        self._cut = False

    def offer(self, recorded: Recorded) -> None:
        """Queue an event, or mark the subscriber as cut off when its queue is full."""
        try:
            self._queue.put_nowait(recorded)
        except asyncio.QueueFull:
            self._cut = True

    async def events(self) -> AsyncIterator[Recorded]:
        """Yield events as they come.

        Raises:
            Lagging: the queue overflowed; what follows would have a gap.
        """
        while not self._cut:
            yield await self._queue.get()
        raise Lagging
