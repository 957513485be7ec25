"""Stores how far logs are confirmed, from time to time. What was not stored is confirmed anew after a restart."""

import asyncio
from typing import Final

from bus.replication.log import LogId, Position
from bus.replication.ports import Logs

PAUSE: Final = 0.2


class Ledger:
    """Positions that wait to be stored, the newest of each log."""

    def __init__(self, logs: Logs) -> None:
        """Store in ``logs``."""
        self._logs = logs
        self._receiver: dict[LogId, Position] = {}
        self._centre: dict[LogId, Position] = {}
        self._something = asyncio.Event()

    def parent_has(self, log: LogId, position: Position) -> None:
        """Note what the parent has confirmed."""
        self._receiver[log] = position
        self._something.set()

    def centre_has(self, log: LogId, position: Position) -> None:
        """Note what the centre has confirmed, unless more of the log was confirmed before."""
        known = self._centre.get(log)
        if known is None or known.seq < position.seq:
            self._centre[log] = position
            self._something.set()

    async def run(self) -> None:
        """Store what was noted, all in one change, five times a second at most."""
        while True:
            await self._something.wait()
            self._something.clear()
            receiver, self._receiver = self._receiver, {}
            centre, self._centre = self._centre, {}
            try:
                await self._logs.confirm(receiver, centre)
            except Exception:
                self._receiver = receiver | self._receiver
                for log, position in centre.items():
                    self.centre_has(log, position)
                self._something.set()
                raise
            await asyncio.sleep(PAUSE)
