"""Turns: who asked first about a log is served first, however long each prepares."""

import asyncio
from collections.abc import Collection

from bus.replication.log import LogId


class Turn:
    """A place in the queues of some logs, taken when it is made."""

    def __init__(self, last: dict[LogId, "Turn"], logs: Collection[LogId]) -> None:
        """Queue up behind the ``last`` of each log, and be the last from now on."""
        self._last = last
        self._ahead = tuple({last[log] for log in logs if log in last})
        self._over = asyncio.Event()
        last.update(dict.fromkeys(logs, self))

    async def come(self) -> None:
        """Wait until everybody ahead is through, also ahead of those who left before their turn."""
        for ahead in self._ahead:
            await ahead._over.wait()  # noqa: SLF001 - of the same class
            await ahead.come()
        self._ahead = ()

    def end(self) -> None:
        """Let those behind go on."""
        self._over.set()
        for log in [log for log, turn in self._last.items() if turn is self]:
            del self._last[log]
