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


def retention(logs: Portions, clock: SteppingClock, short: int = 0) -> Retention:
    """Return who keeps events for thirty days, on a disk that is short of room so many times."""
    left = [*[True] * short, False]

    async def is_short() -> bool:
        return left.pop(0)

    return Retention(logs, clock, kept_for=timedelta(days=30), recovering=lambda: {LOG}, is_short=is_short)


async def test_what_is_past_its_time_goes_in_portions_until_there_is_none() -> None:
    clock, logs = SteppingClock(), Portions(PORTION, 7, 0)
    assert await retention(logs, clock).turn() == PORTION + 7
    assert logs.asked == [(clock.now() - timedelta(days=30), PORTION, {LOG})] * 3


async def test_without_room_younger_events_go_and_no_more_of_them_than_needed() -> None:
    clock, logs = SteppingClock(), Portions(0, 5, 5, 5)
    assert await retention(logs, clock, short=2).turn() == 10
    assert [clock.now() - before for before, _, _ in logs.asked] == [timedelta(days=30), timedelta(0), timedelta(0)]


async def test_without_room_and_without_events_that_may_go_nothing_is_tried_over_and_over() -> None:
    logs = Portions(0, 0)
    assert await retention(logs, SteppingClock(), short=1).turn() == 0
    assert len(logs.asked) == 2


async def test_a_database_that_takes_nothing_ends_nothing() -> None:
    logs = Portions()
    task = asyncio.create_task(retention(logs, SteppingClock()).run())
    await until(lambda: logs.asked)
    assert not task.done()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
