"""Room on a line for the batches of many logs."""

import asyncio
from contextlib import suppress

import pytest

from bus.link.outflow import Outflow
from bus.link.wire import Unreachable
from bus.replication import Pace
from tests.bus.link.virtual_time import run, until

LARGE = 4 * 1024 * 1024


def test_who_waits_longest_goes_first() -> None:
    async def scenario() -> None:
        pace, order, release = Pace(), list[int](), asyncio.Event()
        outflow = Outflow(pace)

        async def batch(number: int) -> None:
            async with outflow.room() as flight:
                order.append(number)
                outflow.leaves(flight, pace.limit // 4, None)
                await release.wait()

        batches = [asyncio.create_task(batch(number)) for number in range(10)]
        await until(lambda: len(order) == 4, 1)
        release.set()
        await asyncio.gather(*batches)
        assert order == list(range(10))

    run(scenario())


def test_what_fails_and_who_gives_up_waiting_keep_no_room() -> None:
    async def scenario() -> None:
        pace = Pace()
        outflow = Outflow(pace)

        async def fails() -> None:
            async with outflow.room() as flight:
                outflow.leaves(flight, 2 * pace.limit, None)
                await asyncio.sleep(1)
                raise Unreachable

        async def waits() -> None:
            async with outflow.room():
                raise AssertionError("there was no room")

        failing = asyncio.create_task(fails())
        await asyncio.sleep(0.1)
        waiting = asyncio.create_task(waits())
        await asyncio.sleep(0.1)
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting
        with suppress(Unreachable):
            await failing
        assert pace.flying == 0
        async with asyncio.timeout(1), outflow.room():
            assert pace.flying > 0

    run(scenario())


def test_what_is_given_up_is_waited_for_no_more_and_makes_room() -> None:
    async def scenario() -> None:
        pace = Pace()
        outflow = Outflow(pace)

        async def sends() -> None:
            async with outflow.room() as flight:
                outflow.leaves(flight, LARGE, None)
                await asyncio.sleep(1000)

        sending = asyncio.create_task(sends())
        await until(lambda: outflow.is_laden, 1)
        outflow.give_up()
        outflow.give_up()
        with pytest.raises(Unreachable):
            await sending
        assert not outflow.is_laden
        assert pace.flying == 0
        assert asyncio.get_running_loop().time() < 1

    run(scenario())


def test_what_is_small_loads_no_line() -> None:
    async def scenario() -> None:
        outflow = Outflow(Pace())
        async with outflow.room() as flight:
            outflow.leaves(flight, 4_000, None)
            assert not outflow.is_laden

    run(scenario())


def test_a_line_that_loses_something_is_laden_no_more_until_it_is_heard_of() -> None:
    async def scenario() -> None:
        outflow = Outflow(Pace())
        with suppress(Unreachable):
            async with outflow.room() as flight:
                outflow.leaves(flight, LARGE, None)
                raise Unreachable
        async with outflow.room() as flight:
            outflow.leaves(flight, LARGE, None)
            assert not outflow.is_laden
            outflow.heard()
            assert outflow.is_laden

    run(scenario())
