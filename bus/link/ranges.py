"""Asking the parent for ranges of a log: fewer events at once where the answer does not arrive in time."""

from typing import Final

from bus.link.messages import RangeWanted, encode
from bus.link.tasks import Tasks
from bus.link.wire import ParentWire, Question, Unreachable
from bus.replication import MAX_RECORDS, LogId

RANGE_MAX: Final = 250


class Ranges:
    """Asks for ranges."""

    def __init__(self, wire: ParentWire, tasks: Tasks) -> None:
        """Ask over ``wire``."""
        self._wire = wire
        self._tasks = tasks
        self._most: dict[LogId, int] = {}

    async def ask(self, log: LogId, first: int, limit: int = RANGE_MAX) -> bytes:
        """Return a batch that begins with event ``first``, of ``limit`` at most; empty: the parent does not give it.

        Half as many events are asked for after each answer that did not arrive, twice as many after one that did.

        Raises:
            Unreachable: there is no answer.
        """
        most = min(limit, self._most.get(log, limit))
        try:
            data = await self._wire.ask(Question.RANGE, encode(RangeWanted(log, first, most)))
        except Unreachable:
            self._most[log] = max(1, most // 2)
            self._tasks.note("range_unanswered", origin=log.origin, channel=log.channel, first=first, most=most)
            raise
        if most == self._most.get(log):
            self._most[log] = min(2 * most, MAX_RECORDS)
        return data
