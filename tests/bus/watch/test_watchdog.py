"""When the parent is dialled anew: after a silence, then less and less often."""

from datetime import timedelta

from bus.watch.watchdog import LONGEST_PAUSE, Watchdog
from tests.bus.watch.conditions import NOW, ago, wire

MINUTE = timedelta(minutes=1)


def test_a_parent_that_answers_is_left_alone() -> None:
    watchdog = Watchdog(3 * MINUTE, NOW)
    assert not watchdog.is_due([wire()], NOW + 60 * MINUTE)
    assert not watchdog.is_due([wire(up=False, answered_at=NOW)], NOW + 2 * MINUTE)


def test_a_silent_parent_is_dialled_anew_and_then_less_and_less_often() -> None:
    watchdog = Watchdog(3 * MINUTE, NOW)
    silent = [wire(up=False, answered_at=NOW)]
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
    assert not watchdog.is_due([wire()], NOW + 20 * MINUTE)
    silent = [wire(up=False, answered_at=NOW + 20 * MINUTE)]
    assert not watchdog.is_due(silent, NOW + 22 * MINUTE)
    assert watchdog.is_due(silent, NOW + 23 * MINUTE)


def test_a_parent_that_never_answered_is_dialled_anew_a_while_after_the_beginning() -> None:
    watchdog = Watchdog(3 * MINUTE, NOW)
    never = [wire(up=False, answered_at=None)]
    assert not watchdog.is_due(never, NOW + 2 * MINUTE)
    assert watchdog.is_due(never, NOW + 3 * MINUTE)


def test_one_silent_connection_is_enough_and_the_centre_has_none() -> None:
    watchdog = Watchdog(3 * MINUTE, ago(1000))
    assert watchdog.is_due([wire(), wire(up=False, answered_at=ago(200))], NOW)
    assert not watchdog.is_due([], NOW)
