"""What waits and does not get on is known by this node's own clock alone, whatever the times of events."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bus.link.behind import Missing
from bus.link.loading import Loading
from bus.link.status import LinkStatus
from bus.link.stopped import Stopped
from bus.link.wire import Stream
from bus.ports import LogStatus
from bus.replication import LogId
from bus.watch.progress import Progress
from bus.watch.rules import STUCK, faults
from bus.watch.thresholds import Thresholds
from tests.bus.watch.conditions import EPOCH, NOW, ago, condition, link, log, wire

AWAY = link(parent=(wire(Stream.ALARMS, up=False), wire(Stream.BULK, up=False)))
LONG_AGO = ago(100_000)
PL, LUBLIN, COPY = (
    LogId(origin, EPOCH, channel)
    for origin, channel in (("central", "watchlist.pl"), ("central", "watchlist.lublin"), ("dorohusk", "facts"))
)
OF_AN_HOUR_AGO, OF_TIME_TO_COME = ago(3600), ago(-3600)


class Watched:
    """A node that is looked at every five seconds, for as long as a test says."""

    def __init__(self) -> None:
        self.now = NOW
        self.progress = Progress()

    def after(self, seconds: float, waiting: Callable[[float], LogStatus], of: LinkStatus | None = None) -> list[str]:
        """Return which logs are stuck after so long a time, in which a log was ``waiting`` at each second of it."""
        return self.coming(seconds, lambda second: [waiting(second)], lambda _: of or link())

    def coming(
        self, seconds: float, held: Callable[[float], Sequence[LogStatus]], of: Callable[[float], LinkStatus]
    ) -> list[str]:
        """Return which logs are stuck after so long a time, in which these were ``held`` and the link was so."""
        begun, told = self.now, list[str]()
        while self.now < begun + timedelta(seconds=seconds):
            self.now += timedelta(seconds=5)
            second = (self.now - begun).total_seconds()
            told = self.stuck(held(second), of(second))
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


def of_parent(of: LogId, seq: int) -> LogStatus:
    return log(origin=of.origin, epoch=of.epoch, channel=of.channel, seq=seq, parent=seq, centre=seq, via="central")


def lacking(*logs: LogId, asked_at: int | None = None, head: int = 10_000) -> LinkStatus:
    return link(missing={log: Missing(head, asked_at) for log in logs})


def test_a_feed_that_was_asked_for_in_vain_for_long_is_stuck_whatever_else_comes() -> None:
    def held(second: float) -> Sequence[LogStatus]:
        return [of_parent(PL, 4), of_parent(COPY, int(second))]

    watched = Watched()
    assert watched.coming(305, held, lambda _: lacking(PL, asked_at=4)) == []
    assert watched.coming(5, held, lambda _: lacking(PL, asked_at=4)) == ["watchlist.pl"]
    assert watched.coming(5, held, lambda _: lacking(PL, asked_at=3)) == [], "it has come so far since it was asked for"


def test_a_feed_of_which_there_is_nothing_yet_is_stuck_as_well() -> None:
    assert Watched().coming(400, lambda _: [], lambda _: lacking(PL, asked_at=0)) == ["watchlist.pl"]


def test_a_feed_that_comes_slowly_is_not_stuck() -> None:
    def held(second: float) -> Sequence[LogStatus]:
        return [of_parent(PL, int(second) // 200)]

    assert Watched().coming(3600, held, lambda second: lacking(PL, asked_at=int(second) // 200)) == []


def test_what_awaits_its_turn_is_not_stuck_as_long_as_anything_comes() -> None:
    watched = Watched()
    assert watched.coming(3600, lambda second: [of_parent(COPY, int(second))], lambda _: lacking(PL, LUBLIN)) == []
    assert watched.coming(400, lambda _: [of_parent(COPY, 3600)], lambda _: lacking(PL, LUBLIN)) == [
        "watchlist.pl",
        "watchlist.lublin",
    ]


def test_what_comes_another_way_or_stands_still_is_told_of_otherwise() -> None:
    still_there = Stopped(
        origin="central", epoch=EPOCH, channel="watchlist.pl", seq=5, reason="", since=LONG_AGO, kept=True
    )
    through_a_child = replace(of_parent(COPY, 4), via="koroszczyn")
    of = replace(lacking(PL, COPY, asked_at=4), stopped=(still_there,))
    assert Watched().coming(400, lambda _: [of_parent(PL, 4), through_a_child], lambda _: of) == []


def test_what_lags_for_a_moment_each_time_is_not_stuck() -> None:
    def held(second: float) -> Sequence[LogStatus]:
        return [of_parent(PL, int(second))]

    assert Watched().coming(3600, held, lambda second: lacking(PL, head=int(second) + 1, asked_at=int(second))) == []


def test_nothing_is_stuck_while_the_parent_is_away() -> None:
    away = replace(lacking(PL, asked_at=4), parent=AWAY.parent, loads=[Loading(feed="watchlist.pl", has_begun=True)])
    assert Watched().coming(400, lambda _: [of_parent(PL, 4)], lambda _: away) == []


def loading(**fields: Any) -> LinkStatus:
    return replace(lacking(PL), loads=[Loading(**{"feed": "watchlist.pl", "has_begun": True, "pieces": 90, **fields})])


def test_a_snapshot_that_comes_is_not_stuck_and_one_that_stays_is() -> None:
    watched = Watched()
    assert watched.coming(3600, lambda _: [], lambda second: loading(fetched=int(second) // 60)) == []
    assert watched.coming(3600, lambda _: [], lambda second: loading(fetched=60, placed=int(second) // 60)) == []
    assert watched.coming(400, lambda _: [], lambda _: loading(fetched=60, placed=60)) == ["watchlist.pl"]


def test_a_snapshot_that_begins_anew_all_the_time_is_stuck() -> None:
    watched = Watched()
    watched.coming(50, lambda _: [], lambda second: loading(fetched=int(second)))
    assert watched.coming(400, lambda _: [], lambda second: loading(fetched=int(second) % 40)) == ["watchlist.pl"]


def test_a_snapshot_that_is_refused_time_and_again_is_stuck() -> None:
    """Between two tries it is not among the loads, and events are asked for in vain."""

    def of(second: float) -> LinkStatus:
        return loading(pieces=0, trouble="Gone") if second % 30 < 5 else lacking(PL, asked_at=4)

    assert Watched().coming(420, lambda _: [of_parent(PL, 4)], of) == ["watchlist.pl"]


def test_a_snapshot_that_awaits_its_turn_is_not_stuck() -> None:
    def of(second: float) -> LinkStatus:
        first = Loading(feed="watchlist.pl", has_begun=True, pieces=900, fetched=int(second))
        return replace(lacking(PL, LUBLIN), loads=[first, Loading(feed="watchlist.lublin")])

    assert Watched().coming(900, lambda _: [], of) == []
