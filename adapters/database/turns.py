"""Turns: who asked first about a log is served first, however long each prepares.

All logs of an origin's channel are one line: what stands in one of them may stand in another, and shows once. So
are all feeds of a module.
"""

import asyncio
from collections.abc import Collection, Iterable

from bus.catalogue import UP
from bus.replication.log import LogId

Line = tuple[str, str]
"""An origin and a channel; or nobody's name and a module."""


def lines_of(logs: Iterable[LogId]) -> frozenset[Line]:
    """Return the lines in which logs stand."""
    return frozenset(
        (log.origin, log.channel) if log.channel in UP else ("", log.channel.partition(".")[0]) for log in logs
    )


def lines_beside(log: LogId) -> frozenset[Line]:
    """Return the lines of all logs that show in the tables in which this one does, also of those yet to begin."""
    return frozenset((log.origin, channel) for channel in UP) if log.channel in UP else lines_of([log])


class Turn:
    """A place in some lines, taken when it is made."""

    def __init__(self, last: dict[Line, "Turn"], lines: Collection[Line]) -> None:
        """Queue up behind the ``last`` of each line, and be the last from now on."""
        self._last = last
        self._ahead = tuple({last[line] for line in lines if line in last})
        self._over = asyncio.Event()
        last.update(dict.fromkeys(lines, self))

    async def come(self) -> None:
        """Wait until everybody ahead is through, also ahead of those who left before their turn."""
        for ahead in self._ahead:
            await ahead._over.wait()  # noqa: SLF001 - of the same class
            await ahead.come()
        self._ahead = ()

    def end(self) -> None:
        """Let those behind go on."""
        self._over.set()
        for line in [line for line, turn in self._last.items() if turn is self]:
            del self._last[line]
