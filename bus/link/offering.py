"""Offering the parent what it lacks of a log that came from it: it has lost that, or its own parent has."""

import asyncio
from typing import Final

from bus.link.places import stand_later
from bus.link.ranges import RANGE_MAX
from bus.link.recalling import NotSupplied, Recalling
from bus.link.tasks import Tasks
from bus.link.wire import Unreachable
from bus.replication import LogId, Position, fill, pack
from bus.replication.ports import Logs

OFFERED_AGAIN_AFTER: Final = 2.0
OFFERED_AGAIN_MAX: Final = 640.0
"""Seconds, doubling from the first to these: an owner that lost a log with erased events never holds that log again."""


class Offering:
    """What is offered, and when again."""

    def __init__(self, recalling: Recalling, logs: Logs, tasks: Tasks) -> None:
        """Offer what is in ``logs``."""
        self._recalling = recalling
        self._logs = logs
        self._tasks = tasks
        self._told: dict[LogId, Position] = {}
        self._again: dict[LogId, tuple[float, float]] = {}

    def is_told_again(self, log: LogId, position: Position) -> bool:
        """Tell whether the parent stays where it was: what is told once may be of a moment ago."""
        told, self._told[log] = self._told.get(log), position
        return told == position

    async def offer(self, log: LogId, at: int, position: Position) -> None:
        """Give back what the parent lacks of a log; as long as it does, that is offered again, less and less often.

        Raises:
            Unavailable: the database does not answer.
        """
        if at <= position.seq:
            self._again.pop(log, None)
        elif self.is_told_again(log, position) and self._is_due(log):
            if await self._gives_way(log, position.seq, at):
                self._tasks.note("feed_gives_way", channel=log.channel, epoch=log.epoch, at=position.seq)
                return
            self._tasks.note("log_given_back", channel=log.channel, epoch=log.epoch, first=position.seq + 1)
            await self._give_back(log, position.seq + 1, at)

    def _is_due(self, log: LogId) -> bool:
        now = asyncio.get_running_loop().time()
        again_at, pause = self._again.get(log, (now, OFFERED_AGAIN_AFTER))
        if now < again_at:
            return False
        self._again[log] = now + pause, min(2 * pause, OFFERED_AGAIN_MAX)
        return True

    async def _gives_way(self, log: LogId, seq: int, head: int) -> bool:
        """Drop what follows ``seq`` if it stands in later logs, too: its owner has put other events ahead of it."""
        try:
            at = seq
            while at < head:
                _, records = await self._logs.read(log, at + 1, RANGE_MAX)
                places = await self._logs.places(log.origin, [record.id for record in records])
                if not records or not stand_later(records, log, places):
                    return False
                at += len(records)
            await self._logs.give_way(log, seq)
        except (LookupError, ValueError):
            return False
        return True

    async def _give_back(self, log: LogId, first: int, head: int) -> None:
        while first <= head:
            try:
                before, records = await self._logs.read(log, first, RANGE_MAX)
                batch = pack(log, first, before, records[: fill(records)])
                is_taken = await self._recalling.give_back(batch.data)
            except Unreachable:
                self._again.pop(log, None)
                return
            except (NotSupplied, LookupError, ValueError):
                return
            if not is_taken:
                return
            first = batch.header.last + 1
