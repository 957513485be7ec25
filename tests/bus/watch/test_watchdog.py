"""When the parent is dialled anew: after a silence, then less and less often."""

import asyncio
from datetime import timedelta

import pytest

from bus.link.wire import Stream
from bus.watch.watchdog import LONGEST_PAUSE, Watchdog, keep_dialling
from tests.bus.link.virtual_time import LoopClock, run, until
from tests.bus.watch.conditions import NOW, ago, link, wire

MINUTE = timedelta(minutes=1)


def test_a_parent_that_answers_is_left_alone() -> None:
    watchdog = Watchdog(3 * MINUTE, NOW)
    assert not watchdog.is_due(link(parent=(wire(),)), NOW + 60 * MINUTE)
    assert not watchdog.is_due(link(parent=(wire(up=False, answered_at=NOW),)), NOW + 2 * MINUTE)


def test_a_silent_parent_is_dialled_anew_and_then_less_and_less_often() -> None:
    watchdog = Watchdog(3 * MINUTE, NOW)
    silent = link(parent=(wire(up=False, answered_at=NOW),))
    dialled = []
    for minute in range(300):
        now = NOW + minute * MINUTE
        if watchdog.is_due(silent, now):
            watchdog.dialled(now)
            dialled.append(minute)
    assert dialled == [3, 6, 12, 24, 48, 96, 156, 216, 276]
    assert timedelta(minutes=dialled[-1] - dialled[-2]) == LONGEST_PAUSE


def test_one_that_answered_in_between_is_dialled_as_soon_as_at_first() -> None:
    watchdog = Watchdog(3 * MINUTE, NOW)
    for minute in (3, 6, 12):
        watchdog.dialled(NOW + minute * MINUTE)
    assert not watchdog.is_due(link(parent=(wire(),)), NOW + 20 * MINUTE)
    silent = link(parent=(wire(up=False, answered_at=NOW + 20 * MINUTE),))
    assert not watchdog.is_due(silent, NOW + 22 * MINUTE)
    assert watchdog.is_due(silent, NOW + 23 * MINUTE)


def test_a_parent_that_never_answered_is_dialled_anew_a_while_after_the_beginning() -> None:
    watchdog = Watchdog(3 * MINUTE, NOW)
    never = link(parent=(wire(up=False, answered_at=None),))
    assert not watchdog.is_due(never, NOW + 2 * MINUTE)
    assert watchdog.is_due(never, NOW + 3 * MINUTE)


def test_bulk_alone_matters_and_the_centre_has_no_parent() -> None:
    watchdog = Watchdog(3 * MINUTE, ago(1000))
    silent = {"up": False, "answered_at": ago(200)}
    assert watchdog.is_due(link(parent=(wire(Stream.ALARMS), wire(Stream.BULK, **silent))), NOW)
    assert not watchdog.is_due(link(parent=(wire(Stream.ALARMS, **silent), wire(Stream.BULK))), NOW)
    assert not watchdog.is_due(link(parent=()), NOW)


def test_a_parent_that_cannot_be_dialled_now_is_dialled_again() -> None:
    dialled: list[float] = []

    async def redial() -> None:
        dialled.append(asyncio.get_running_loop().time())
        raise OSError("no server")

    async def scenario() -> None:
        never = link(parent=(wire(up=False, answered_at=None),))
        dialling = asyncio.create_task(
            keep_dialling(lambda: never, redial, after=timedelta(seconds=10), clock=LoopClock())
        )
        await until(lambda: len(dialled) == 4, 200)
        dialling.cancel()

    run(scenario())
    assert dialled == pytest.approx([10, 20, 40, 80], abs=1)
