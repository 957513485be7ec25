"""Fan-out of recorded events to those who watch this node, each behind a bounded queue."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from bus.recorded import Recorded

QUEUE_MAX: Final = 14_000
"""Events. A subscriber runs only between two commits, so what these bring at once must find room: the link applies two
groups of each of its two streams side by side, each of up to 3,499 events (`bus/link/applier.py`)."""


class Lagging(Exception):  # noqa: N818 - a state of the subscriber, not of the program
    """The subscriber was cut off: it did not keep up, or what is on record is in doubt."""


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

    def cut(self) -> None:
        """Cut everybody off: events may be on record of which nobody will be told."""
        for watch in self._watchers:
            watch.cut()

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
        self._waiting: deque[Recorded] = deque()
        self._stirred = asyncio.Event()
        self._cut = False

    def offer(self, recorded: Recorded) -> None:
        """Queue an event, or cut the subscriber off when its queue is full."""
        if self._cut:
            return
        if len(self._waiting) >= QUEUE_MAX:
            self.cut()
            return
        self._waiting.append(recorded)
        self._stirred.set()

    def cut(self) -> None:
        """Queue nothing any more."""
        self._cut = True
        self._stirred.set()

    async def events(self) -> AsyncIterator[Recorded]:
        """Yield events as they come.

        Raises:
            Lagging: the subscriber was cut off and has had all that was queued until then; what follows has a gap.
        """
        while True:
            while self._waiting:
                yield self._waiting.popleft()
            if self._cut:
                raise Lagging
            self._stirred.clear()
            await self._stirred.wait()
