"""Feeds that are left: not wanted or not allowed any more, whole or in the middle of a load."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from adapters.shelf import FileShelf
from bus.link import leaving
from bus.link.messages import decode
from bus.link.wire import Question
from bus.snapshots.manifest import Manifest, Piece, Wanted
from bus.snapshots.ports import Load
from domain.watchlist.events import EntryActivated
from tests.bus.link.lists import FEED, entries, few_are_many, is_like, list_of
from tests.bus.link.network import MemoryParentWire, Network
from tests.bus.link.nodes import Chain, Node, play
from tests.bus.link.virtual_time import run, until
from tests.samples import entry


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    few_are_many(monkeypatch)


def test_a_scope_that_is_left_goes_with_all_that_was_in_it_and_on_record() -> None:
    async def scenario(chain: Chain) -> None:
        await chain.centre.record(EntryActivated(entry=entry()), EntryActivated(entry=entry(scope="koroszczyn")))
        await until(chain.level, 10)
        await chain.site.stop()
        chain.site._scopes = ("koroszczyn",)
        await chain.site.restart()
        await until(lambda: len(entries(chain.site)) == 1, 10)
        await asyncio.sleep(5)
        assert {log.channel for log in chain.site.positions("central")} == {
            "watchlist.koroszczyn",
            "organisation.koroszczyn",
            "erasure.koroszczyn",
        }
        assert [(feed, rows) for feed, _, rows in chain.site.left] == [
            ("erasure.pl", 0),
            ("organisation.pl", 0),
            (FEED, 1),
        ]

    play(scenario)


async def until_half_put(chain: Chain, node: Node) -> None:
    """Start a node that has nothing yet, and stop it when all of a list is on its shelf and half is in its tables."""
    put, half = node.snapshots.put, asyncio.Event()

    async def slowly(load: Load, columns: Sequence[str], piece: Piece) -> Load:
        if load.pieces == 4:
            half.set()
            await asyncio.get_running_loop().create_future()
        return await put(load, columns, piece)

    node.snapshots.put = slowly  # type: ignore[method-assign] # to stop
    node.start()
    await asyncio.wait_for(half.wait(), 30)
    await node.stop()
    node.snapshots.put = put  # type: ignore[method-assign] # as it was
    assert len(node.shelf.pieces[node.changes.tables.loads.all()[0].snapshot]) > 4
    assert node.head("central", FEED) == 0
    assert 0 < len(entries(node)) < len(entries(chain.region))


def test_a_scope_that_is_left_in_the_middle_of_its_first_load_goes_too() -> None:
    async def scenario(chain: Chain) -> None:
        await list_of(chain)
        site = Node(chain.network, "koroszczyn", parent="lublin", scopes=("pl", "koroszczyn"))
        await until_half_put(chain, site)
        half = len(entries(site))
        site._scopes = ("koroszczyn",)
        await site.restart()
        await asyncio.sleep(30)
        assert entries(site) == {}
        assert site.changes.tables.loads.all() == []
        assert not [log for log in site.positions("central") if log.channel == FEED]
        assert site.shelf.find(FEED) is None
        assert (FEED, leaving.NOT_WANTED, half) in site.left
        await site.stop()

    play(scenario)


def test_what_was_fetched_of_a_scope_that_is_left_goes_from_the_shelf(tmp_path: Path) -> None:
    async def scenario(chain: Chain) -> None:
        await list_of(chain)
        site: Any = Node(chain.network, "koroszczyn", parent="lublin", scopes=("pl", "koroszczyn"))
        site.shelf = FileShelf(tmp_path)
        site.snapshots.begin = pause
        await site.restart()
        await until(lambda: site.shelf.find(FEED) is not None, 30)
        await site.stop()
        assert site.shelf.feeds() == {FEED}
        assert site.changes.tables.loads.all() == []
        del site.snapshots.begin
        site._scopes = ("koroszczyn",)
        await site.restart()
        await asyncio.sleep(30)
        assert not any(os.scandir(tmp_path))
        assert FEED not in {feed for feed, _, _ in site.left}
        await site.stop()

    play(scenario)


async def pause(_: Manifest) -> None:
    await asyncio.get_running_loop().create_future()


def test_a_feed_that_is_refused_in_the_middle_of_its_first_load_goes_too() -> None:
    async def scenario(chain: Chain) -> None:
        await list_of(chain)
        site = Node(chain.network, "koroszczyn", parent="lublin", scopes=("pl", "koroszczyn"))
        await until_half_put(chain, site)
        half = len(entries(site))
        scopes: Any = chain.region._children
        scopes["koroszczyn"] = ("koroszczyn",)
        chain.network.cut.add("koroszczyn")
        put, held = site.snapshots.put, asyncio.Event()

        async def slowly(load: Load, columns: Sequence[str], piece: Piece) -> Load:
            await held.wait()
            return await put(load, columns, piece)

        site.snapshots.put = slowly  # type: ignore[method-assign] # to be overtaken
        await site.restart()
        await asyncio.sleep(5)
        chain.network.cut.clear()
        await until(lambda: bool(site.left), 10)
        held.set()
        await asyncio.sleep(30)
        assert entries(site) == {}
        assert site.changes.tables.loads.all() == []
        assert site.link.status().loads == ()
        assert (FEED, leaving.NOT_ALLOWED, half) in site.left
        await site.stop()

    play(scenario)


def test_what_is_refused_while_it_is_fetched_leaves_nothing_behind(tmp_path: Path) -> None:
    async def scenario(chain: Chain) -> None:
        await list_of(chain)
        site: Any = chain.site
        site.shelf = FileShelf(tmp_path)
        scopes: Any = chain.region._children
        ask, is_late = MemoryParentWire.ask, asyncio.Event()

        async def refused(question: Question, data: bytes) -> bytes:
            told = await ask(site.bulk, question, data)
            if question is Question.SNAPSHOT and decode(Wanted, data).id:
                scopes["koroszczyn"] = ("koroszczyn",)
                await until(lambda: any(feed == FEED for feed, _, _ in site.left), 10)
                is_late.set()
            return told

        await site.stop()
        site.make_link()
        site.bulk.ask = refused
        site.start()
        await asyncio.wait_for(is_late.wait(), 20)
        await asyncio.sleep(30)
        assert site.changes.tables.loads.all() == []
        assert site.link.status().loads == ()
        assert not any(os.scandir(tmp_path))

    play(scenario)


def test_a_feed_that_the_parent_allows_no_more_goes_and_a_silent_parent_takes_nothing() -> None:
    async def scenario() -> None:
        network, scopes = Network(), {"dorohusk": ("pl", "dorohusk")}
        centre = Node(network, "central", children=scopes)
        site = Node(network, "dorohusk", parent="central", scopes=("pl", "dorohusk"))
        for node in (centre, site):
            node.start()
        await centre.record(EntryActivated(entry=entry()), EntryActivated(entry=entry(scope="dorohusk")))
        await until(lambda: len(entries(site)) == 2, 10)
        held = scopes.pop("dorohusk")
        await asyncio.sleep(30)
        await centre.stop()
        await asyncio.sleep(30)
        scopes["dorohusk"] = held
        await centre.restart()
        await asyncio.sleep(30)
        assert len(entries(site)) == 2
        assert site.left == []

        scopes["dorohusk"] = ("dorohusk",)
        await until(lambda: len(entries(site)) == 1, 10)
        await asyncio.sleep(5)
        assert sorted(feed for feed, _, _ in site.left) == ["erasure.pl", "organisation.pl", FEED]
        scopes["dorohusk"] = held
        await until(lambda: is_like(site, centre), 30)
        for node in (centre, site):
            await node.stop()

    run(scenario())
