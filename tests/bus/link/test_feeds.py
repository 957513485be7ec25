"""Feeds on their way down, and who may have which."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from bus.catalogue import feeds_of
from bus.link import shares
from bus.link.feeds import BEGUN_MAX
from bus.link.messages import EVERY_FEED, Hello, RangeWanted, Welcome, decode, encode
from bus.link.wire import Question, Unreachable
from bus.replication import LogId, Record, unpack
from bus.replication.ports import HeldLog
from domain.shared.errors import Unavailable
from domain.watchlist.events import EntryActivated, EntrySubmitted
from tests.bus.link.network import Network
from tests.bus.link.nodes import Chain, Node, now, play
from tests.bus.link.virtual_time import run, until
from tests.samples import audited, entry, submitted


def test_a_feed_is_live_where_its_scope_is_without_anyone_asking() -> None:
    async def scenario(chain: Chain) -> None:
        await chain.centre.record(EntryActivated(entry=entry()), EntrySubmitted(entry=submitted()))
        await chain.centre.record(EntryActivated(entry=entry(scope="tarnow")))
        await until(chain.level, 3)
        named = feeds_of(("pl", "koroszczyn"))
        assert {log.channel for log in chain.region.positions("central")} == {
            *named,
            "watchlist.drafts",
            "watchlist.tarnow",
        }
        assert {log.channel for log in chain.site.positions("central")} == named
        (log,) = (log for log in chain.site.positions("central") if log.channel == "watchlist.pl")
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


def test_children_come_and_go_while_their_parent_runs() -> None:
    async def scenario() -> None:
        network = Network()
        children: dict[str, tuple[str, ...]] = {}
        centre = Node(network, "central", children=children)
        lublin = Node(network, "lublin", parent="central", scopes=("pl",), children={})
        await centre.record(EntryActivated(entry=entry()))
        await lublin.record(audited())
        for node in (centre, lublin):
            node.start()
        await asyncio.sleep(5)
        assert [wire.up for wire in lublin.link.status().parent] == [False, False]

        children["lublin"] = ("pl",)
        await until(lambda: centre.head("lublin", "audit") == 1, 10)
        await until(lambda: lublin.head("central", "watchlist.pl") == 1, 10)
        assert set(centre.link.status().children) == {"lublin"}

        del children["lublin"]
        await lublin.record(audited())
        await asyncio.sleep(10)
        assert centre.head("lublin", "audit") == 1
        assert [wire.up for wire in lublin.link.status().parent] == [False, False]
        assert centre.link.status().children == {}

        children["lublin"] = ("pl",)
        await until(lambda: centre.head("lublin", "audit") == 2, 90)
        for node in (centre, lublin):
            await node.stop()

    run(scenario())


def test_a_node_names_what_its_new_child_wants() -> None:
    async def scenario() -> None:
        network = Network()
        children: dict[str, tuple[str, ...]] = {}
        centre = Node(network, "central", children={"lublin": ("*",)})
        lublin = Node(network, "lublin", parent="central", scopes=("*",), children=children)
        for node in (centre, lublin):
            node.start()
        await asyncio.sleep(5)
        begun = ("central", "watchlist.dorohusk")
        assert begun not in {(log.origin, log.channel) for log in lublin.positions("central")}
        children["dorohusk"] = ("dorohusk",)
        await until(lambda: begun in {(log.origin, log.channel) for log in lublin.positions("central")}, 10)
        for node in (centre, lublin):
            await node.stop()

    run(scenario())


def test_a_child_may_fetch_what_it_brought_and_nothing_of_another_child() -> None:
    async def scenario() -> None:
        network = Network()
        centre = Node(network, "central", children={"lublin": ("*",), "tarnow": ("*",)})
        region = Node(network, "lublin", parent="central", scopes=("*",), children={"dorohusk": ("pl",)})
        site = Node(network, "dorohusk", parent="lublin", scopes=("pl",))
        nodes = (centre, region, site)
        await site.record(audited(), audited(), audited())
        for node in nodes:
            node.start()
        await until(lambda: centre.head("dorohusk", "audit") == 3, 10)
        (log,) = site.positions("dorohusk")

        async def fetched(child: str, parent: Node, first: int) -> bytes:
            return await network.answers[parent.code](child, Question.RANGE, encode(RangeWanted(log, first, 250)))

        for child, parent in (("dorohusk", region), ("lublin", centre)):
            assert unpack(await fetched(child, parent, 2)).records == (await site.records("dorohusk"))[log][1:]
        assert await fetched("tarnow", centre, 2) == b""
        centre.changes.tables.events.drop("dorohusk", "audit", log.epoch, 2)
        assert await fetched("lublin", centre, 2) == await fetched("lublin", centre, 3) == b""
        assert unpack(await fetched("lublin", centre, 1)).header.last == 1
        for node in nodes:
            await node.stop()

    run(scenario())


def arrived(node: Node) -> set[str]:
    """The feeds of which a node knows that it has all there was."""
    return {held.log.channel for held in node.changes.tables.logs.all() if held.via is not None and held.arrived}


def test_an_empty_feed_arrives_too_and_is_not_forgotten() -> None:
    async def scenario(chain: Chain) -> None:
        assert {head.seq for head, _ in chain.site.positions("central").values()} == {0}
        chain.network.cut.add("koroszczyn")
        await chain.site.restart()
        await asyncio.sleep(5)
        assert not any(wire.up for wire in chain.site.link.status().parent)
        assert arrived(chain.site) == feeds_of(("pl", "koroszczyn"))

    play(scenario)


def test_nothing_arrives_while_nobody_who_owns_feeds_can_be_asked() -> None:
    async def scenario() -> None:
        chain = Chain(Network())
        for node in (chain.region, chain.site):
            node.start()
        await until(lambda: all(wire.up for wire in chain.site.link.status().parent), 5)
        await asyncio.sleep(5)
        assert arrived(chain.site) == set()
        chain.centre.start()
        await until(chain.has_all_feeds, 5)
        for node in chain.nodes:
            await node.stop()

    run(scenario())


def test_a_part_of_a_feed_is_live_at_once_and_counts_as_arrived_only_when_the_rest_is_there() -> None:
    async def scenario() -> None:
        chain = Chain(Network())
        for _ in range(3):
            await chain.centre.record(*(EntryActivated(entry=entry()) for _ in range(200)))
        ask, asked = chain.region.bulk.ask, 0

        async def first_range_only(question: Question, data: bytes) -> bytes:
            nonlocal asked
            asked += question is Question.RANGE
            if asked > 1:
                raise Unreachable("the line was cut")
            return await ask(question, data)

        chain.region.bulk.ask = first_range_only  # type: ignore[method-assign] # to be cut
        for node in chain.nodes:
            node.start()
        await until(lambda: chain.site.head("central", "watchlist.pl") == 250, 10)
        await asyncio.sleep(5)
        assert "watchlist.pl" not in arrived(chain.region) | arrived(chain.site)
        chain.region.bulk.ask = ask  # type: ignore[method-assign] # as it was
        await until(chain.has_all_feeds, 10)
        assert chain.site.head("central", "watchlist.pl") == 600
        for node in chain.nodes:
            await node.stop()

    run(scenario())


def test_a_feed_begins_only_for_a_child_that_may_have_it() -> None:
    async def scenario() -> None:
        network = Network()
        centre = Node(network, "central", children={"lublin": ("pl",)})
        greedy = Node(network, "lublin", parent="central", scopes=("pl", "tarnow"))
        for node in (centre, greedy):
            node.start()
        await until(lambda: arrived(greedy) == feeds_of(("pl",)), 5)
        await asyncio.sleep(5)
        assert {log.channel for log in centre.positions("central")} == arrived(greedy) == feeds_of(("pl",))
        for node in (centre, greedy):
            await node.stop()

    run(scenario())


def test_a_parent_that_cannot_read_for_a_moment_forgets_no_broadcast() -> None:
    async def scenario(chain: Chain) -> None:
        read, failed = chain.centre.logs.read, 0

        async def sometimes(log: LogId, first: int, limit: int) -> tuple[bytes, Sequence[Record]]:
            nonlocal failed
            failed += 1
            if failed == 1:
                raise Unavailable
            return await read(log, first, limit)

        chain.centre.logs.read = sometimes  # type: ignore[method-assign] # to fail
        chain.region.bulk.ask = silent  # type: ignore[method-assign] # so that broadcasts alone can bring it
        await chain.centre.record(EntryActivated(entry=entry()), EntryActivated(entry=entry(scope="koroszczyn")))
        for feed in ("watchlist.pl", "watchlist.koroszczyn"):
            await until(lambda feed=feed: chain.region.head("central", feed) == 1, 1)  # type: ignore[misc] # bound early

    play(scenario)


def test_a_broadcast_of_what_is_gone_is_dropped_and_keeps_no_other_waiting() -> None:
    async def scenario(chain: Chain) -> None:
        await chain.centre.record(EntryActivated(entry=entry()))
        await until(chain.level, 5)
        (log,) = (log for log in chain.centre.positions("central") if log.channel == "watchlist.pl")
        side: Any = chain.centre.link._children_side
        chain.region.bulk.ask = silent  # type: ignore[method-assign] # so that broadcasts alone can bring it
        for number in range(3):
            side.broadcasts.appended(LogId("central", log.epoch - 1 - number, "watchlist.pl"), 1, 2)
            side.broadcasts.appended(LogId("central", log.epoch, "watchlist.left"), 1, 1)
            await chain.centre.record(EntryActivated(entry=entry()))
            await until(lambda number=number: chain.region.head("central", "watchlist.pl") == 2 + number, 0.1)  # type: ignore[misc] # bound early
        tally = chain.centre.link.status().tally
        assert (tally["broadcast_dropped"], tally.get("link_task_failed")) == (6, None)

    play(scenario)


async def silent(*_: object) -> bytes:
    raise Unreachable("nobody is there")


def test_a_node_that_cannot_look_for_a_moment_greets_on_and_sends_on() -> None:
    async def scenario(chain: Chain) -> None:
        held, failed = chain.site.logs.held, 0

        async def sometimes() -> Sequence[HeldLog]:
            nonlocal failed
            failed += 1
            if failed <= 8:
                raise Unavailable
            return await held()

        chain.site.logs.held = sometimes  # type: ignore[method-assign] # to fail
        await until(lambda: failed > 8, 10)
        wires, tally = chain.site.link.status().parent, chain.site.link.status().tally
        assert [wire.up for wire in wires] == [True, True]
        assert (tally.get("heads_unknown"), tally.get("link_task_waits")) == (8, None)
        await chain.centre.record(EntryActivated(entry=entry()))
        await until(chain.level, 5)

    play(scenario)


def hello(*feeds: str) -> bytes:
    return encode(Hello(["facts"], list(feeds)))


def test_what_is_no_feeds_name_begins_nothing() -> None:
    async def scenario(chain: Chain) -> None:
        before = len(await chain.centre.logs.held())
        names = ("watchlist.Pl", "watchlist.-", "watchlist.a.b", "watchlist.", "organisation.1", "facts", "facts.pl")
        assert await chain.region.bulk.ask(Question.HELLO, hello(*names))
        assert len(await chain.centre.logs.held()) == before
        await chain.region.bulk.ask(Question.HELLO, hello("watchlist.krakow", "watchlist.drafts"))
        assert len(await chain.centre.logs.held()) == before + 2

    play(scenario)


def test_a_child_has_so_many_feeds_begun_and_no_more() -> None:
    async def scenario(chain: Chain) -> None:
        for letter in "ab":
            names = [f"watchlist.{letter}{number}" for number in range(BEGUN_MAX)]
            await chain.region.bulk.ask(Question.HELLO, hello(*names))
        asked = len([log for log in chain.centre.positions("central") if log.channel[-1].isdigit()])
        assert asked <= BEGUN_MAX < asked + 10
        assert chain.centre.link.status().tally == {"feeds_not_begun": 2}
        await chain.centre.record(EntryActivated(entry=entry()))
        await until(chain.level, 5)

    play(scenario)


def test_feeds_beyond_what_a_message_holds_follow_in_the_next_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "SHARE", 10)
    names = [f"x{number}" for number in range(35)]

    async def scenario(chain: Chain) -> None:
        await chain.region.stop()
        await chain.centre.record(*(EntryActivated(entry=entry(scope=name)) for name in names))
        welcome = decode(Welcome, await chain.region.bulk.ask(Question.HELLO, hello(EVERY_FEED)))
        assert len(welcome.heads) == 10
        await chain.region.restart()
        await until(chain.level, 10)
        assert arrived(chain.region) >= {f"watchlist.{name}" for name in names}

    play(scenario)
