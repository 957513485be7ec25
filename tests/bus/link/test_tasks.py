"""Work that goes on whatever happens, and ends when it shall."""

import asyncio
from itertools import pairwise

from bus.link.tasks import LONGEST_PAUSE, Tasks
from bus.link.wire import Unreachable
from domain.shared.errors import Unavailable
from tests.bus.link.virtual_time import run, until


def test_work_that_fails_is_done_again_after_a_pause_that_grows() -> None:
    async def scenario() -> None:
        tasks, times = Tasks(), []

        async def work() -> None:
            times.append(asyncio.get_running_loop().time())
            raise (Unavailable, Unreachable, ZeroDivisionError)[len(times) % 3]

        tasks.forever("work", work)
        await until(lambda: len(times) == 12, 60)
        await tasks.end()
        pauses = [round(later - earlier, 6) for earlier, later in pairwise(times)]
        assert pauses == sorted(pauses)
        assert 0.1 < pauses[0] < 0.5
        assert max(pauses) < LONGEST_PAUSE + 0.01
        assert tasks.tally == {"link_task_waits": 8, "link_task_failed": 4}

    run(scenario())


def test_a_cancellation_that_is_swallowed_is_repeated() -> None:
    async def scenario() -> None:
        tasks, heard = Tasks(), 0

        async def stubborn() -> None:
            nonlocal heard
            while heard < 3:
                try:
                    await asyncio.sleep(1000)
                except asyncio.CancelledError:
                    heard += 1

        tasks.forever("stubborn", stubborn)
        await asyncio.sleep(0)
        async with asyncio.timeout(10):
            await tasks.end()
        assert heard == 3

    run(scenario())


def test_work_that_is_cancelled_before_it_began_leaves_nothing_behind() -> None:
    async def scenario() -> None:
        tasks, done = Tasks(), []

        async def work() -> None:
            done.append("work")

        tasks.once("work", work)
        await tasks.end()
        assert done == []

    run(scenario())


def test_nothing_begins_after_the_end() -> None:
    async def scenario() -> None:
        tasks, done = Tasks(), []

        async def work() -> None:
            done.append("work")

        tasks.once("before", work)
        await asyncio.sleep(0)
        await tasks.end()
        tasks.once("after", work)
        await asyncio.sleep(1)
        assert done == ["work"]

    run(scenario())
