"""Asking the parent for ranges of a log: fewer events at once where the answer does not arrive in time."""

from typing import Final

from bus.link.messages import RangeWanted, encode
from bus.link.tasks import Tasks
from bus.link.wire import ParentWire, Question, Unreachable
from bus.replication.log import LogId

RANGE_MAX: Final = 250


class Ranges:
    """Asks for ranges."""

    def __init__(self, wire: ParentWire, tasks: Tasks) -> None:
        """Ask over ``wire``."""
        self._wire = wire
        self._tasks = tasks
        self._most: dict[LogId, int] = {}

    async def ask(self, log: LogId, first: int) -> bytes:
        """Return a batch that begins with event ``first``; empty: the parent does not give it.

        Half as many events are asked for after each answer that did not arrive, twice as many after one that did.

        Raises:
            Unreachable: there is no answer.
        """
        most = self._most.get(log, RANGE_MAX)
        try:
            data = await self._wire.ask(Question.RANGE, encode(RangeWanted(log, first, most)))
        except Unreachable:
            self._most[log] = max(1, most // 2)
            self._tasks.note("range_unanswered", origin=log.origin, channel=log.channel, first=first, most=most)
            raise
        if 2 * most < RANGE_MAX:
            self._most[log] = 2 * most
        else:
            self._most.pop(log, None)
        return data
