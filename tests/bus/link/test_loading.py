"""Loads that fail: what is wrong with one is told, keeps no other waiting, and is over when its cause is."""

import asyncio
import sqlite3
from collections.abc import Sequence
from typing import Any

import pytest

from adapters.memory.snapshots import MemoryShelf
from bus.link.messages import encode
from bus.link.wire import Question
from bus.snapshots.manifest import Manifest, Piece, Wanted
from bus.snapshots.ports import Load
from domain.shared.errors import Unavailable
from domain.watchlist.events import EntryActivated
from tests.bus.link.lists import FEED, entries, few_are_many, floor, is_like, list_of
from tests.bus.link.nodes import Chain, Node, play
from tests.bus.link.virtual_time import until
from tests.samples import entry, withdrawn

OTHER = "watchlist.koroszczyn"


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    few_are_many(monkeypatch)


def breaking(node: Node, feed: str, failure: Exception, *, at: int) -> list[bool]:
    """Have a piece of a feed not taken while the answer is not empty."""
    put, broken = node.snapshots.put, [True]

    async def fails(load: Load, columns: Sequence[str], piece: Piece) -> Load:
        if broken and (load.feed, load.pieces) == (feed, at):
            raise failure
        return await put(load, columns, piece)

    node.snapshots.put = fails  # type: ignore[method-assign] # to fail
    return broken


def troubles(node: Node) -> dict[str, str]:
    return {load.feed: load.trouble for load in node.link.status().loads}


@pytest.mark.parametrize(
    ("failure", "trouble"),
    [
        (sqlite3.IntegrityError("UNIQUE constraint failed: a name"), "IntegrityError"),
        (OSError(28, "No space left on device"), "OSError(28, 'No space left on device')"),
        (Unavailable(), repr(Unavailable())),
    ],
)
def test_what_fails_is_told_keeps_no_other_waiting_and_goes_on_when_it_can(failure: Exception, trouble: str) -> None:
    async def scenario(chain: Chain) -> None:
        await list_of(chain)
        await chain.centre.record(*(EntryActivated(entry=entry(scope="koroszczyn")) for _ in range(40)))
        await until(lambda: len(entries(chain.region)) == 80, 10)
        broken = breaking(chain.site, OTHER, failure, at=3)
        await chain.site.restart()
        await until(lambda: floor(chain.site) == 40 and troubles(chain.site) == {OTHER: trouble}, 10)
        assert chain.site.changes.tables.loads.all()[0].pieces == 3
        await asyncio.sleep(60)
        assert troubles(chain.site) == {OTHER: trouble}
        assert "link_task_failed" not in chain.site.link.status().tally

        broken.clear()
        await until(lambda: is_like(chain.site, chain.region), 10)
        assert chain.site.link.status().loads == ()

    play(scenario)


def test_a_shelf_that_takes_nothing_is_no_end_of_a_feed() -> None:
    async def scenario(chain: Chain) -> None:
        await list_of(chain)
        full: Any = MemoryShelf()

        def fails(_: Manifest) -> int:
            raise OSError(28, "No space left on device")

        full.expect = fails
        site: Any = chain.site
        site.shelf = full
        await site.restart()
        await until(lambda: is_like(chain.site, chain.region), 60)
        assert floor(chain.site) == 0
        assert chain.site.link.status().tally["snapshot_not_loaded"] >= 1

    play(scenario)


@pytest.mark.parametrize(("at", "floored"), [(0, 0), (5, 60)])
def test_a_snapshot_that_the_parent_has_no_more_gives_way(at: int, floored: int) -> None:
    """In the middle of fetching, to events; in the middle of taking in, to the parent's next one."""

    async def scenario(chain: Chain) -> None:
        ids = await list_of(chain)
        broken = breaking(chain.site, FEED, Unavailable(), at=at)
        chain.network.faults.delay = 0.2
        await chain.site.restart()
        if at:
            await until(lambda: bool(troubles(chain.site).get(FEED)), 30)
            (pieces,) = chain.site.shelf.pieces.values()
            pieces[at] = b"damaged"
        else:
            await until(lambda: any(chain.site.shelf.pieces.values()), 30)
        chain.region.shelf.drop(FEED)
        await chain.centre.record(*(withdrawn(one) for one in ids[:20]))
        broken.clear()
        await chain.heal()
        await until(lambda: is_like(chain.site, chain.region), 90)
        assert floor(chain.site) == floored
        assert chain.site.link.status().loads == ()

    play(scenario)


def test_a_snapshot_at_which_something_fails_gives_way_to_a_newer_one_of_the_parents() -> None:
    async def scenario(chain: Chain) -> None:
        await list_of(chain)
        put, spoiled = chain.site.snapshots.put, chain.region.shelf

        async def fails(load: Load, columns: Sequence[str], piece: Piece) -> Load:
            if load.snapshot == first:
                raise sqlite3.IntegrityError
            return await put(load, columns, piece)

        chain.site.snapshots.put = fails  # type: ignore[method-assign] # to fail
        await chain.network.answers["lublin"]("koroszczyn", Question.SNAPSHOT, encode(Wanted(FEED)))
        await until(lambda: spoiled.find(FEED) is not None, 5)
        first = spoiled.find(FEED).id  # type: ignore[union-attr] # it is there
        await chain.site.restart()
        await until(lambda: bool(troubles(chain.site).get(FEED)), 30)
        await chain.centre.record(*(EntryActivated(entry=entry()) for _ in range(10)))
        await until(lambda: is_like(chain.site, chain.region), 30)
        assert floor(chain.site) == 50

    play(scenario)
