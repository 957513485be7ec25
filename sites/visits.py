"""The watch over the visits of a terminal."""

import asyncio
from typing import Final

import structlog

from bus.dispatcher import Dispatcher
from domain.shared.actors import system
from domain.visits.commands import WatchVisits

WATCH_SECONDS: Final = 10

_log = structlog.get_logger(__name__)


async def watch(dispatcher: Dispatcher, node: str) -> None:
    """Look every few seconds who is overdue, until cancelled; what goes wrong is tried again the next time."""
    while True:
        try:
            await dispatcher.dispatch(WatchVisits(), system(node))
        except Exception:  # noqa: BLE001 - logged; the next time will do
            _log.exception("visits_not_watched")
        await asyncio.sleep(WATCH_SECONDS)
