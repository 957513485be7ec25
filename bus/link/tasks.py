"""The tasks of a link: none is ended by an exception, all end together."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

import structlog

from bus.link.wire import Unreachable
from domain.shared.errors import Unavailable

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0
_CANCEL_EVERY: Final = 1.0

Work = Callable[[], Awaitable[None]]

_log = structlog.get_logger(__name__)


class Tasks:
    """Runs work until the end.

    Attributes:
        tally: how often something happened that an operator wants to know, by name.
    """

    def __init__(self) -> None:
        """Begin without work."""
        self.tally: Counter[str] = Counter()
        self._running: set[asyncio.Task[None]] = set()
        self._ending = False

    def forever(self, name: str, work: Work) -> None:
        """Do work over and over; when it fails say so, and wait a little, longer each time."""
        self._start(self._repeat(name, work), name)

    def once(self, name: str, work: Work) -> None:
        """Do work once; when it fails say so."""
        if not self._ending:
            self._start(self._try(name, work), name)

    async def end(self) -> None:
        """End everything. A cancellation that a library swallows is repeated until it is heard."""
        self._ending = True
        running = set(self._running)
        while running:
            for task in running:
                task.cancel()
            _, running = await asyncio.wait(running, timeout=_CANCEL_EVERY)

    def note(self, event: str, **facts: object) -> None:
        """Count something that went wrong, and log it."""
        self.tally[event] += 1
        _log.warning(event, **facts)

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=f"link {name}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _repeat(self, name: str, work: Work) -> None:
        pause = FIRST_PAUSE
        clock = asyncio.get_running_loop().time
        while True:
            began = clock()
            await self._try(name, work)
            pause = FIRST_PAUSE if clock() - began > LONGEST_PAUSE else min(2 * pause, LONGEST_PAUSE)
            await asyncio.sleep(pause)

    async def _try(self, name: str, work: Work) -> None:
        try:
            await work()
        except (Unavailable, Unreachable) as refusal:
            self.note("link_task_waits", task=name, error=repr(refusal))
        except Exception:  # noqa: BLE001 - logged; the others go on
            self.tally["link_task_failed"] += 1
            _log.exception("link_task_failed", task=name)
