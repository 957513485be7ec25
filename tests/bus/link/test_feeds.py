"""Feeds on their way down, and who may have which."""

import asyncio

from domain.watchlist.events import EntryActivated, EntrySubmitted
from tests.bus.link.network import Network
from tests.bus.link.nodes import Chain, Node, now, play
from tests.bus.link.virtual_time import run, until
from tests.samples import entry, submitted


def test_a_feed_is_live_where_its_scope_is_without_anyone_asking() -> None:
    async def scenario(chain: Chain) -> None:
        await chain.centre.record(EntryActivated(entry=entry()), EntrySubmitted(entry=submitted()))
        await chain.centre.record(EntryActivated(entry=entry(scope="tarnow")))
        await until(chain.level, 3)
        feeds = {log.channel for log in chain.region.positions("central")}
        assert feeds == {"watchlist.pl", "watchlist.drafts", "watchlist.tarnow"}
        assert {log.channel for log in chain.site.positions("central")} == {"watchlist.pl"}
        log = next(iter(chain.site.positions("central")))
        assert (await chain.site.records("central"))[log] == (await chain.centre.records("central"))[log]

    play(scenario)


def test_a_feed_is_live_within_a_moment() -> None:
    async def scenario(chain: Chain) -> None:
        await chain.centre.record(EntryActivated(entry=entry()))
        await until(chain.level, 5)
        began = now()
        await chain.centre.record(EntryActivated(entry=entry()))
        await until(chain.level, 5)
        assert now() - began < 0.1

    play(scenario)


def test_a_broadcast_that_is_lost_is_asked_for_as_soon_as_the_next_one_is_there() -> None:
    async def scenario(chain: Chain) -> None:
        await chain.centre.record(EntryActivated(entry=entry()))
        await until(chain.level, 5)
        wires = [node.bulk for node in (chain.region, chain.site)]
        wanted = [wire.feeds for wire in wires]
        for wire in wires:
            wire.feeds = ()
        await chain.centre.record(EntryActivated(entry=entry()))
        await asyncio.sleep(0.02)
        for wire, feeds in zip(wires, wanted, strict=True):
            wire.feeds = feeds
        began = now()
        await chain.centre.record(EntryActivated(entry=entry()))
        await until(chain.level, 5)
        assert now() - began < 0.1

    play(scenario)


def test_a_long_feed_is_fetched_by_ranges() -> None:
    async def scenario(chain: Chain) -> None:
        await chain.region.stop()
        for _ in range(4):
            await chain.centre.record(*(EntryActivated(entry=entry()) for _ in range(400)))
        await chain.region.restart()
        await until(chain.level, 10)
        assert await chain.region.records("central") == await chain.centre.records("central")

    play(scenario)


def test_a_child_gets_only_what_its_parent_allows() -> None:
    async def scenario() -> None:
        network = Network()
        centre = Node(network, "central", children={"lublin": ("pl",), "tarnow": ()})
        greedy = [Node(network, code, parent="central", scopes=("*",)) for code in ("lublin", "tarnow", "stranger")]
        await centre.record(EntryActivated(entry=entry()), EntrySubmitted(entry=submitted()))
        for node in (centre, *greedy):
            node.start()
        await asyncio.sleep(10)
        lublin, tarnow, stranger = greedy
        assert {log.channel for log in lublin.positions("central")} == {"watchlist.pl"}
        assert tarnow.positions("central") == stranger.positions("central") == {}
        assert [wire.up for wire in stranger.link.status().parent] == [False, False]
        assert centre.link.status().tally.get("stranger_refused", 0) > 0
        for node in (centre, *greedy):
            await node.stop()

    run(scenario())
