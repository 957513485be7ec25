"""Says what is new of feeds to all children who listen, as far as that does not fill their lines."""

import asyncio

from bus.catalogue import UP
from bus.link.allowance import AT_ONCE, Allowance
from bus.link.packing import packed
from bus.link.tasks import Tasks
from bus.link.wire import ChildrenWire
from bus.replication import MAX_RECORDS, LogId
from bus.replication.ports import Logs


class Broadcasts:
    """What a parent says unasked."""

    def __init__(self, wire: ChildrenWire, logs: Logs, tasks: Tasks) -> None:
        """Say over ``wire`` what is new in ``logs``."""
        self._wire = wire
        self._logs = logs
        self._tasks = tasks
        self._allowance = Allowance()
        self._new: dict[LogId, tuple[int, int]] = {}
        self._something = asyncio.Event()

    def appended(self, log: LogId, first: int, last: int) -> None:
        """Events of a log are committed here."""
        if log.channel not in UP:
            known = self._new.get(log, (first, last))
            self._new[log] = min(first, known[0]), max(last, known[1])
            self._something.set()

    async def run(self) -> None:
        """Say what is new; who does not hear it, or what is gone by then, is told by the next hello."""
        while True:
            await self._something.wait()
            self._something.clear()
            while self._new:
                log = next(iter(self._new))
                first, last = self._new.pop(log)
                try:
                    await self._say(log, first, last)
                except LookupError as gone:
                    self._tasks.note("broadcast_dropped", channel=log.channel, epoch=log.epoch, reason=str(gone))
                except Exception:
                    self.appended(log, first, last)
                    raise

    async def _say(self, log: LogId, first: int, last: int) -> None:
        """Say events as far as is allowed; what is not said the children learn of by their next hello."""
        now = asyncio.get_running_loop().time
        while first <= last and not self._allowance.is_silent(log, now()):
            batch = await packed(self._logs, log, first, min(MAX_RECORDS, last - first + 1), AT_ONCE)
            if self._allowance.grants(log, len(batch.data), now()):
                await self._wire.broadcast(log.channel, batch.data)
            first = batch.header.last + 1
