"""What neighbours know of each other by their hellos, over wires in memory and in virtual time."""

import asyncio
from collections.abc import Collection
from datetime import timedelta

import msgspec
import pytest

from bus.link.heartbeats import OFFSETS, WITHOUT_BREAK, ChildStatus, Heartbeats, milliseconds
from bus.link.messages import Health, Hello, Standing, decode, encode
from bus.link.wire import Stream, Unreachable
from bus.replication import LogId, Position
from bus.watch.observer import Observer
from bus.watch.rules import FaultKey, faults
from bus.watch.thresholds import Thresholds
from domain.alarms.events import AlarmRaised
from domain.watchlist.events import EntryActivated
from tests.bus.link.network import Faults, Network
from tests.bus.link.nodes import Chain, play
from tests.bus.link.virtual_time import until
from tests.samples import MORNING, alarm, entry

HEALTH = Health(
    version="0.2.0", now=0, waiting=7, oldest=milliseconds(MORNING), quarantined=2, free=10_000, room=100_000
)


def site_at_region(chain: Chain) -> ChildStatus:
    return chain.region.link.status().children["koroszczyn"]


def test_a_parent_knows_how_its_child_says_it_is() -> None:
    async def scenario(chain: Chain) -> None:
        chain.site.health = HEALTH
        await until(lambda: site_at_region(chain).health == HEALTH, 5)
        heard = site_at_region(chain).heard
        assert set(heard) == {Stream.ALARMS, Stream.BULK}
        assert chain.region.clock.now() - min(heard.values()) <= timedelta(seconds=2)

    play(scenario)


async def seen_for(minutes: int, chain: Chain) -> Collection[FaultKey]:
    """Have region and site look at themselves for so long; return the faults that the region sees then."""
    site, region = (
        Observer(node.code, "0.2.0", views=node.views, link=node.link.status, clock=node.clock, clocks_ahead={})
        for node in (chain.site, chain.region)
    )
    for _ in range(12 * minutes):
        await site.look()
        chain.site.health = site.say()
        await asyncio.sleep(5)
    seen = await region.look()
    return set(faults(seen, Thresholds(), seen.at))


def test_a_parent_knows_when_alarms_of_a_child_wait_there_though_it_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(*_: object) -> None:
        raise Unreachable("the stream of alarms is full")

    async def scenario(chain: Chain) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(chain.site.alarms, "send", refused)
            await chain.site.record(AlarmRaised(alarm=alarm(node="koroszczyn")))
            assert not await seen_for(4, chain)
            assert await seen_for(2, chain) == {("mute", "koroszczyn")}
        assert not await seen_for(1, chain)

    play(scenario)


def test_a_parent_hears_no_more_of_a_child_that_is_cut_off() -> None:
    async def scenario(chain: Chain) -> None:
        chain.network.cut.add("koroszczyn")
        before = site_at_region(chain).heard
        await asyncio.sleep(30)
        assert site_at_region(chain).heard == before

    play(scenario)


def test_a_child_knows_its_parents_version_and_an_unknown_one_is_empty() -> None:
    async def scenario(chain: Chain) -> None:
        assert {wire.version for wire in chain.site.link.status().parent} == {""}
        chain.region.health = HEALTH
        await until(lambda: {wire.version for wire in chain.site.link.status().parent} == {"0.2.0"}, 5)

    play(scenario)


@pytest.mark.parametrize("ahead", [-90.0, 0.0, 3600.0])
def test_each_knows_how_far_the_others_clock_is_ahead_over_a_slow_line(ahead: float) -> None:
    async def scenario(chain: Chain) -> None:
        chain.region.clock.ahead = timedelta(seconds=ahead)
        for _ in range(2 * OFFSETS):
            chain.site.health = msgspec.structs.replace(HEALTH, now=milliseconds(chain.site.clock.now()))
            await asyncio.sleep(1)
        for wire in chain.site.link.status().parent:
            assert wire.clock_offset == pytest.approx(ahead, abs=0.2)
        assert site_at_region(chain).clock_offset == pytest.approx(-ahead, abs=2)

    play(scenario, Network(faults=Faults(delay=0.2)))


def test_one_hello_that_was_long_under_way_is_no_wrong_clock() -> None:
    heartbeats = Heartbeats()
    for delay in (0.25, 90.0, 0.5):
        hello = Hello(["facts"], health=msgspec.structs.replace(HEALTH, now=milliseconds(MORNING)))
        heartbeats.hear("koroszczyn", hello, MORNING + timedelta(seconds=delay))
    assert heartbeats.of("koroszczyn").clock_offset == -0.25


def test_a_clock_that_was_set_back_is_known_after_a_few_hellos() -> None:
    heartbeats = Heartbeats()
    for said in (MORNING, *[MORNING - timedelta(seconds=70)] * OFFSETS):
        hello = Hello(["facts"], health=msgspec.structs.replace(HEALTH, now=milliseconds(said)))
        heartbeats.hear("koroszczyn", hello, MORNING)
    assert heartbeats.of("koroszczyn").clock_offset == -70


def test_a_parent_knows_how_far_its_child_is_in_each_feed() -> None:
    async def scenario(chain: Chain) -> None:
        await chain.centre.record(EntryActivated(entry=entry(("WA 1", None))))
        await until(chain.level, 5)
        (pl,) = (log for log in chain.centre.positions("central") if log.channel == "watchlist.pl")
        await until(lambda: site_at_region(chain).held.get(pl) == 1, 5)

    play(scenario)


def test_a_child_of_an_older_version_says_nothing_of_itself() -> None:
    heartbeats = Heartbeats()
    said = msgspec.msgpack.encode(
        [["facts"], ["watchlist.pl"], [[["central", 1, "watchlist.pl"], [3, bytes(32)], True]]]
    )
    heartbeats.hear("koroszczyn", decode(Hello, said), MORNING)
    log = LogId("central", 1, "watchlist.pl")
    assert heartbeats.of("koroszczyn") == ChildStatus(
        heard={Stream.BULK: MORNING}, health=None, clock_offset=None, held={log: 3}
    )
    of_alarms = Hello(["alarms"], held=[Standing(log, Position(9, bytes(32)), arrived=True)])
    heartbeats.hear("koroszczyn", decode(Hello, encode(of_alarms)), MORNING)
    assert heartbeats.of("koroszczyn").held == {log: 3}


def test_alarms_of_a_child_wait_as_long_as_it_says_the_same_without_a_break() -> None:
    heartbeats, since = Heartbeats(), []
    first, second, gone = 1_000, 2_000, None
    silence = int(WITHOUT_BREAK.total_seconds()) + 1
    for second_of, oldest in ((0, first), (1, first), (9, first), (10, second), (11, gone), (12, second)):
        hello = Hello(["alarms"], health=msgspec.structs.replace(HEALTH, alarms=oldest))
        heartbeats.hear("koroszczyn", hello, MORNING + timedelta(seconds=second_of))
        since.append(heartbeats.of("koroszczyn").alarms_wait_since)
    assert [one and (one - MORNING).total_seconds() for one in since] == [0, 0, 0, 10, None, 12]
    after_silence = MORNING + timedelta(seconds=12 + silence)
    heartbeats.hear("koroszczyn", hello, after_silence)
    assert heartbeats.of("koroszczyn").alarms_wait_since == after_silence


def test_refusals_that_follow_each_other_are_of_one_clone() -> None:
    heartbeats = Heartbeats()
    times = [MORNING + timedelta(seconds=second) for second in (0, 1, 10, 21, 22)]
    seen = []
    for at in times:
        heartbeats.refuse("koroszczyn", at)
        seen.append(heartbeats.of("koroszczyn").refused)
    assert seen == [
        (times[0], times[0]),
        (times[0], times[1]),
        (times[0], times[2]),
        (times[3], times[3]),
        (times[3], times[4]),
    ]
