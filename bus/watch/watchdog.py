"""Dials the parent anew when it has been silent for long: a leaf link may stop dialling and never say so."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from bus.link.status import LinkStatus
from bus.link.wire import Stream
from domain.shared.ports import Clock

LOOK_EVERY: Final = 1.0
LONGEST_PAUSE: Final = timedelta(hours=1)

Redial = Callable[[], Awaitable[None]]
"""Dials the parent anew, which may or may not answer then."""

_log = structlog.get_logger(__name__)


class Watchdog:
    """Decides when the parent is dialled anew. Pure: what is known and the time in, a decision out.

    Only the connection of bulk matters: alarms may go straight to the parent, past what is dialled anew.
    """

    def __init__(self, after: timedelta, since: datetime) -> None:
        """Begin at ``since``. Dial anew after so long a silence; then after pauses, each twice as long, of an hour."""
        self._after = after
        self._since = since
        self._pause = after
        self._dialled_at: datetime | None = None

    def is_due(self, link: LinkStatus, now: datetime) -> bool:
        """Tell whether to dial anew now."""
        silent = [wire for wire in link.parent if wire.stream is Stream.BULK and not wire.up]
        if not silent:
            self._pause, self._dialled_at = self._after, None
            return False
        if self._dialled_at is not None:
            return now - self._dialled_at >= self._pause
        return now - (silent[0].answered_at or self._since) >= self._after

    def dialled(self, now: datetime) -> None:
        """The parent has been dialled anew."""
        if self._dialled_at is not None:
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
        self._dialled_at = now


async def keep_dialling(link: Callable[[], LinkStatus], redial: Redial, *, after: timedelta, clock: Clock) -> None:
    """Have the parent dialled anew whenever it is due, until cancelled."""
    watchdog = Watchdog(after, clock.now())
    while True:
        await asyncio.sleep(LOOK_EVERY)
        now = clock.now()
        if watchdog.is_due(link(), now):
            _log.warning("parent_dialled_anew", parent=link().parent_code)
            watchdog.dialled(now)
            try:
                await redial()
            except Exception:  # noqa: BLE001 - logged, and tried again after the next pause
                _log.exception("parent_not_dialled")
