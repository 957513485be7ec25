"""How long a site keeps what the centre holds, too."""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta

from adapters.memory.clock import SteppingClock
from bus.replication.log import LogId
from bus.retention import PORTION, Retention
from domain.shared.errors import Unavailable
from tests.waiting import until

LOG = LogId("koroszczyn", 1, "facts")


class Portions:
    """Logs that say what they were asked."""

    def __init__(self, *removed: int) -> None:
        self.left = list(removed)
        self.asked: list[tuple[datetime, int, Collection[LogId]]] = []

    async def shorten(self, before: datetime, limit: int, sparing: Collection[LogId] = ()) -> int:
        self.asked.append((before, limit, sparing))
        if not self.left:
            raise Unavailable
        return self.left.pop(0)


def retention(logs: Portions, clock: SteppingClock) -> Retention:
    return Retention(logs, clock, kept_for=timedelta(days=30), recovering=lambda: {LOG})


async def test_what_is_past_its_time_goes_in_portions_until_there_is_none() -> None:
    clock, logs = SteppingClock(), Portions(PORTION, 7, 0)
    assert await retention(logs, clock).turn() == PORTION + 7
    assert logs.asked == [(clock.now() - timedelta(days=30), PORTION, {LOG})] * 3


async def test_a_database_that_takes_nothing_ends_nothing() -> None:
    logs = Portions()
    task = asyncio.create_task(retention(logs, SteppingClock()).run())
    await until(lambda: logs.asked)
    assert not task.done()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
