"""How long a site keeps events that the centre holds, too: what they show in the tables stays."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from bus.replication.log import LogId
from domain.shared.errors import Unavailable
from domain.shared.ports import Clock

PORTION: Final = 500
LOOK_EVERY: Final = 10.0
BREATH: Final = 0.05
"""Seconds between two portions, in which others write."""

_log = structlog.get_logger(__name__)


class AgedLogs(Protocol):
    """The node's own logs, whose oldest events may go."""

    async def shorten(self, before: datetime, limit: int, sparing: Collection[LogId] = ()) -> int:
        """Remove the oldest events of the node's own logs, ``limit`` of each at most; return how many.

        Only those go that parent and centre have confirmed, that were recorded earlier than ``before``, to which no
        reaction is due, and behind none that is held in quarantine. The newest of a log always stays, and so do the
        logs ``sparing`` and all feeds. Where a log begins then is noted in the same transaction.

        Raises:
            Unavailable: nothing was removed.
        """
        ...


class Retention:
    """Removes, beside the node's work, what is past its time."""

    def __init__(
        self,
        logs: AgedLogs,
        clock: Clock,
        *,
        kept_for: timedelta,
        recovering: Callable[[], Collection[LogId]],
        is_short: Callable[[], Awaitable[bool]],
    ) -> None:
        """Keep events ``kept_for`` so long, or as long as there is room: ``is_short`` tells when there is none.

        Logs that are ``recovering`` are left alone.
        """
        self._logs = logs
        self._clock = clock
        self._kept_for = kept_for
        self._recovering = recovering
        self._is_short = is_short

    async def run(self) -> None:
        """Remove every few seconds what there is, until cancelled; what goes wrong is tried again the next time."""
        while True:
            try:
                await self.turn()
            except Unavailable as refusal:
                _log.warning("retention_waits", error=repr(refusal))
            except Exception:  # noqa: BLE001 - logged; a node that keeps too much still works
                _log.exception("retention_failed")
            await asyncio.sleep(LOOK_EVERY)

    async def turn(self) -> int:
        """Remove all that is past its time, and more as long as there is no room; return how many events.

        Raises:
            Unavailable: the database takes nothing; what was removed is.
        """
        removed = 0
        while portion := await self._shorten(self._clock.now() - self._kept_for):
            removed += portion
            await asyncio.sleep(BREATH)
        early = 0
        while await self._is_short() and (portion := await self._shorten(self._clock.now())):
            early += portion
            await asyncio.sleep(BREATH)
        if removed or early:
            _log.info("events_removed", past_their_time=removed, for_room=early)
        return removed + early

    async def _shorten(self, before: datetime) -> int:
        return await self._logs.shorten(before, PORTION, self._recovering())
