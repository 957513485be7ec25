"""What waits and does not get on is known by this node's own clock alone, whatever the times of events."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest

from bus.link.link import LinkStatus
from bus.link.wire import Stream
from bus.ports import LogStatus
from bus.watch.progress import Progress
from bus.watch.rules import STUCK, faults
from bus.watch.thresholds import Thresholds
from tests.bus.watch.conditions import NOW, ago, condition, link, log, wire

AWAY = link(parent=(wire(Stream.ALARMS, up=False), wire(Stream.BULK, up=False)))
LONG_AGO = ago(100_000)
OF_AN_HOUR_AGO, OF_TIME_TO_COME = ago(3600), ago(-3600)


class Watched:
    """A node that is looked at every five seconds, for as long as a test says."""

    def __init__(self) -> None:
        self.now = NOW
        self.progress = Progress()

    def after(self, seconds: float, waiting: Callable[[float], LogStatus], of: LinkStatus | None = None) -> list[str]:
        """Return which logs are stuck after so long a time, in which a log was ``waiting`` at each second of it."""
        begun, told = self.now, list[str]()
        while self.now < begun + timedelta(seconds=seconds):
            self.now += timedelta(seconds=5)
            told = self.stuck([waiting((self.now - begun).total_seconds())], of or link())
        return told

    def stuck(self, logs: Sequence[LogStatus], of: LinkStatus) -> list[str]:
        unmoved = self.progress.look(logs, of, self.now)
        seen = condition(at=self.now, logs=logs, link=of, unmoved=unmoved)
        return [label for cause, label in faults(seen, Thresholds(), LONG_AGO) if cause == STUCK]


def still(waiting_since: datetime = OF_AN_HOUR_AGO, **fields: int) -> Callable[[float], LogStatus]:
    """Return a log that does not get on, whatever the time that its oldest event bears."""
    return lambda _: log(**{"seq": 12, "parent": 9, "centre": 9, "waiting_since": waiting_since, **fields})


def draining(per_second: int) -> Callable[[float], LogStatus]:
    return lambda second: log(seq=1_000_000, parent=int(second) * per_second, centre=0, waiting_since=OF_AN_HOUR_AGO)


@pytest.mark.parametrize("bears", [OF_AN_HOUR_AGO, OF_TIME_TO_COME, NOW])
def test_a_log_that_does_not_get_on_is_stuck_whatever_the_times_of_its_events(bears: datetime) -> None:
    watched = Watched()
    assert watched.after(305, still(bears)) == []
    assert watched.after(5, still(bears)) == ["lublin facts"]


def test_a_log_is_stuck_though_the_centre_lacks_what_the_parent_has() -> None:
    assert Watched().after(400, still(seq=12, parent=10, centre=9)) == ["lublin facts"]
    assert Watched().after(400, still(seq=12, parent=12, centre=9)) == []


def test_a_backlog_that_drains_is_not_stuck_however_old_it_is() -> None:
    assert Watched().after(3600, draining(per_second=10)) == []


def test_a_log_into_which_old_events_come_all_the_time_is_not_stuck() -> None:
    """A region relays what a site recorded an hour ago, or whose clock is slow."""
    assert Watched().after(3600, lambda second: log(seq=int(second) + 3, parent=int(second), centre=0)) == []


def test_a_parent_that_was_restored_and_gets_all_again_is_not_stuck() -> None:
    watched = Watched()
    watched.after(290, still(seq=900, parent=899))
    assert watched.after(600, lambda second: log(seq=900, parent=int(second), centre=0)) == []


def test_no_log_is_stuck_while_the_parent_is_away_nor_at_once_when_it_is_back() -> None:
    watched = Watched()
    assert watched.after(3600, still(), AWAY) == []
    assert watched.after(300, still()) == []
    assert watched.after(10, still()) == ["lublin facts"]


def test_a_parent_that_is_away_for_moments_does_not_hide_that_a_log_is_stuck() -> None:
    watched = Watched()
    for _ in range(3):
        watched.after(95, still())
        assert watched.after(20, still(), AWAY) == []
    assert watched.after(5, still()) == ["lublin facts"]


def test_only_the_connection_over_which_a_log_goes_matters() -> None:
    alarms_away = link(parent=(wire(Stream.ALARMS, up=False), wire(Stream.BULK)))
    assert Watched().after(400, lambda _: log(channel="alarms", seq=2, parent=1), alarms_away) == []
    assert Watched().after(400, still(), alarms_away) == ["lublin facts"]


def test_a_feed_of_this_node_goes_to_no_parent() -> None:
    assert Watched().after(400, lambda _: log(channel="watchlist.lublin", seq=2, parent=0)) == []


def test_a_clock_that_is_set_back_hides_nothing_for_longer() -> None:
    watched = Watched()
    watched.after(100, still())
    watched.now -= timedelta(hours=1)
    assert watched.after(300, still()) == []
    assert watched.after(10, still()) == ["lublin facts"]
