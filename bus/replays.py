"""Shows what waits in quarantine: for an upgrade at the start, for other events whenever more of them have come."""

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog

from bus.dispatcher import Dispatcher
from bus.recorded import Recorded
from domain.shared.actors import system
from domain.upkeep.commands import ReplayParked, ReplayWaiting

EVERY: Final = 5.0
"""Seconds from one try to the next at least: nobody waits long for what was held up, and a node whose logs never rest
asks its database for next to nothing."""
RESTS: Final = 10
"""So many times as long as a try took there is no other: what waits in vain takes a tenth of the database at most."""
TRIED_TOGETHER: Final = 100
"""Events in one change, which others have to wait for."""

_log = structlog.get_logger(__name__)


class Replays:
    """What a node replays by itself."""

    def __init__(self, dispatcher: Dispatcher, node: str) -> None:
        """Replay at ``node`` through its ``dispatcher``."""
        self._dispatcher = dispatcher
        self._actor = system(node)
        self._more = asyncio.Event()

    def heard(self, _: Sequence[Recorded]) -> None:
        """Hear that there are more events than before. A listener of changes and of logs, and a watcher of changes."""
        self._more.set()

    async def begin(self) -> None:
        """Show what waits for an upgrade: this program may be the one."""
        try:
            replayed = await self._dispatcher.dispatch(ReplayParked(), self._actor)
        except Exception:  # noqa: BLE001 - logged; the node serves, and an operator can ask for it again
            _log.exception("parked_not_replayed")
        else:
            _log.info("parked_replayed", shown=replayed.shown, held=replayed.held)

    async def run(self) -> None:
        """Show what waits for other events, some time after more of them have come, until cancelled."""
        clock = asyncio.get_running_loop().time
        while True:
            await self._more.wait()
            self._more.clear()
            began = clock()
            try:
                await self._replay_waiting()
            except Exception:  # noqa: BLE001 - logged, and tried again after the pause
                _log.exception("waiting_not_replayed")
                self._more.set()
            await asyncio.sleep(max(EVERY, RESTS * (clock() - began)))

    async def _replay_waiting(self) -> None:
        """Try all that waits, some at a time; those that still wait are passed over by the next."""
        shown = held = 0
        is_all = False
        while not is_all:
            command = ReplayWaiting(skip=held, limit=TRIED_TOGETHER)
            replayed = await self._dispatcher.dispatch(command, self._actor)
            shown, held = shown + replayed.shown, held + replayed.held
            is_all = replayed.shown + replayed.held < TRIED_TOGETHER
        if shown:
            _log.info("waiting_replayed", shown=shown, held=held)
