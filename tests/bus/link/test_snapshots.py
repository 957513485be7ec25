"""Feeds that are loaded from the parent's snapshots, in virtual time: new nodes, far behind, cut, damaged, refused."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bus.link import follower
from bus.link.messages import decode, encode
from bus.link.snapshots import MAKING, NOTHING
from bus.link.wire import Question
from bus.snapshots.manifest import Manifest, Wanted
from domain.watchlist.events import EntryActivated
from domain.watchlist.model import EntryState
from tests.bus.link.lists import FEED, entries, few_are_many, floor, is_like, list_of
from tests.bus.link.nodes import Chain, Node, play
from tests.bus.link.virtual_time import until
from tests.samples import entry, withdrawn


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    few_are_many(monkeypatch)


def test_who_is_far_behind_loads_a_snapshot_and_follows() -> None:
    async def scenario(chain: Chain) -> None:
        ids = await list_of(chain)
        await chain.site.restart()
        await until(lambda: is_like(chain.site, chain.region), 10)
        assert floor(chain.site) == 40
        assert len(chain.site.changes.tables.loads.all()) == 0
        await chain.centre.record(withdrawn(ids[0]))
        await until(chain.level, 10)
        assert entries(chain.site)[ids[0]] is EntryState.WITHDRAWN
        assert (floor(chain.site), chain.site.head("central", FEED)) == (40, 41)

    play(scenario)


def test_who_is_a_little_behind_fetches_events() -> None:
    async def scenario(chain: Chain) -> None:
        await list_of(chain, count=8)
        await chain.site.restart()
        await until(lambda: is_like(chain.site, chain.region), 10)
        assert floor(chain.site) == 0

    play(scenario)


def test_a_region_loads_too_and_gives_its_children_what_it_no_longer_holds_as_events() -> None:
    async def scenario(chain: Chain) -> None:
        await chain.site.stop()
        await chain.region.stop()
        await chain.centre.record(*(EntryActivated(entry=entry()) for _ in range(40)))
        await chain.region.restart()
        await until(lambda: is_like(chain.region, chain.centre), 20)
        assert floor(chain.region) == 40
        await chain.site.restart()
        await until(lambda: is_like(chain.site, chain.centre), 20)
        assert floor(chain.site) == 40

    play(scenario)


def test_a_region_that_made_a_snapshot_for_its_children_does_not_take_it_for_its_parents() -> None:
    async def scenario(chain: Chain) -> None:
        await list_of(chain)
        await chain.site.restart()
        await until(lambda: is_like(chain.site, chain.region), 10)
        assert chain.region.shelf.find(FEED) is not None
        await chain.region.stop()
        await chain.centre.record(*(EntryActivated(entry=entry()) for _ in range(40)))
        await chain.region.restart()
        await until(chain.level, 60)
        assert (floor(chain.region), len(entries(chain.site))) == (80, 80)

    play(scenario)


def test_few_events_that_the_parent_no_longer_holds_come_by_a_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(chain: Chain) -> None:
        await chain.site.stop()
        await chain.region.stop()
        await chain.centre.record(*(EntryActivated(entry=entry()) for _ in range(40)))
        await chain.region.restart()
        await until(lambda: is_like(chain.region, chain.centre), 20)
        monkeypatch.setattr(follower, "FAR_BEHIND", 1_000_000)
        await chain.site.restart()
        await until(lambda: is_like(chain.site, chain.centre), 20)
        assert floor(chain.site) == 40

    play(scenario)


def test_a_list_that_grows_and_shrinks_meanwhile_is_complete_in_the_end() -> None:
    async def scenario(chain: Chain) -> None:
        ids = await list_of(chain)
        chain.network.faults.delay = 0.2
        await chain.site.restart()
        for number in range(30):
            await chain.centre.record(EntryActivated(entry=entry()), withdrawn(ids[number]))
            await asyncio.sleep(0.1)
        await chain.heal()
        await until(lambda: is_like(chain.site, chain.centre), 10)
        assert floor(chain.site) >= 40
        assert list(entries(chain.site).values()).count(EntryState.WITHDRAWN) == 30

    play(scenario)


@pytest.mark.parametrize("restarts", [False, True])
def test_what_was_cut_off_goes_on_where_it_was(restarts: bool) -> None:  # noqa: FBT001 - a case
    async def scenario(chain: Chain) -> None:
        await list_of(chain)
        asked: list[int] = []
        chain.network.answers["lublin"] = counting(chain.network.answers["lublin"], asked)
        await chain.site.restart()
        chain.network.faults.delay = 0.1
        await until(lambda: any(1 < len(pieces) < 8 for pieces in chain.site.shelf.pieces.values()), 10)
        chain.network.cut.add("koroszczyn")
        await asyncio.sleep(20)
        if restarts:
            await chain.site.restart()
        have = max(len(pieces) for pieces in chain.site.shelf.pieces.values())
        asked.clear()
        await chain.heal()
        assert is_like(chain.site, chain.region)
        assert floor(chain.site) == 40
        assert min(asked) >= have

    play(scenario)


def counting(
    answer: Callable[[str, Question, bytes], Awaitable[bytes]], asked: list[int]
) -> Callable[[str, Question, bytes], Awaitable[bytes]]:
    async def counted(child: str, question: Question, data: bytes) -> bytes:
        if question is Question.SNAPSHOT and (wanted := decoded(data)).id:
            asked.append(wanted.piece)
        return await answer(child, question, data)

    return counted


def decoded(data: bytes) -> Wanted:
    return decode(Wanted, data)


def test_a_node_that_stops_in_the_middle_of_taking_in_goes_on_and_its_list_counts_as_missing() -> None:
    async def scenario(chain: Chain) -> None:
        await list_of(chain)
        put, placed = chain.site.snapshots.put, 0

        async def slowly(*given: object) -> object:
            nonlocal placed
            placed += 1
            if placed == 4:
                await asyncio.get_running_loop().create_future()
            return await put(*given)  # type: ignore[arg-type] # as it was called

        chain.site.snapshots.put = slowly  # type: ignore[assignment, method-assign] # to stop
        await chain.site.restart()
        await until(lambda: placed == 4, 10)
        await chain.site.stop()
        (load,) = chain.site.changes.tables.loads.all()
        assert (load.pieces, floor(chain.site)) == (3, 0)
        assert not any(one.arrived for one in chain.site.changes.tables.logs.all() if one.log.channel == FEED)
        await chain.site.restart()
        await until(lambda: is_like(chain.site, chain.region), 10)
        assert floor(chain.site) == 40
        assert placed == len(chain.region.shelf.find(FEED).pieces) + 1  # type: ignore[union-attr] # it is there

    play(scenario)


def test_damaged_pieces_are_asked_for_again() -> None:
    async def scenario(chain: Chain) -> None:
        await list_of(chain)
        answer, damaged = chain.network.answers["lublin"], 0

        async def damaging(child: str, question: Question, data: bytes) -> bytes:
            nonlocal damaged
            told = await answer(child, question, data)
            if question is Question.SNAPSHOT and decoded(data).id and damaged < 2:
                damaged += 1
                return told[:-1] + bytes([told[-1] ^ 1])
            return told

        chain.network.answers["lublin"] = damaging
        await chain.site.restart()
        await until(lambda: is_like(chain.site, chain.region), 10)
        assert floor(chain.site) == 40
        assert chain.site.link.status().tally["snapshot_damaged"] == 2

    play(scenario)


def test_what_is_damaged_at_the_parent_is_made_anew() -> None:
    async def scenario(chain: Chain) -> None:
        await list_of(chain)
        await chain.site.restart()
        await until(lambda: is_like(chain.site, chain.region), 10)
        (pieces,) = chain.region.shelf.pieces.values()
        pieces[0] = b"damaged"
        other = Node(chain.network, "koroszczyn", parent="lublin", scopes=("pl", "koroszczyn"))
        await chain.site.stop()
        other.start()
        await until(lambda: is_like(other, chain.region), 120)
        await other.stop()

    play(scenario)


def test_nobody_gets_a_snapshot_of_what_it_may_not_have() -> None:
    async def scenario(chain: Chain) -> None:
        await chain.centre.record(EntryActivated(entry=entry()), EntryActivated(entry=entry(scope="tarnow")))
        await until(chain.level, 10)
        answer = chain.network.answers["lublin"]
        for child, feed in (
            ("koroszczyn", "watchlist.tarnow"),
            ("koroszczyn", "watchlist.drafts"),
            ("koroszczyn", "audit"),
            ("koroszczyn", "facts"),
            ("stranger", FEED),
        ):
            assert await answer(child, Question.SNAPSHOT, encode(Wanted(feed))) == NOTHING
        assert await answer("koroszczyn", Question.SNAPSHOT, b"?") == NOTHING
        question = encode(Wanted(FEED))
        assert await answer("koroszczyn", Question.SNAPSHOT, question) == MAKING
        await asyncio.sleep(1)
        told = await answer("koroszczyn", Question.SNAPSHOT, question)
        manifest = decode(Manifest, told)
        assert (manifest.feed, manifest.rows) == (FEED, 1)
        for id, piece in (("ab", 0), (manifest.id, 99)):  # noqa: A001 - what it is called
            assert await answer("koroszczyn", Question.SNAPSHOT, encode(Wanted(FEED, id, piece))) == NOTHING
        assert chain.region.shelf.find("watchlist.tarnow") is None

    play(scenario)


def test_a_snapshot_serves_all_children_until_the_feed_has_moved_far() -> None:
    async def scenario(chain: Chain) -> None:
        await list_of(chain)
        await chain.site.restart()
        await until(lambda: is_like(chain.site, chain.region), 10)
        first = chain.region.shelf.find(FEED)
        for events, is_same in ((3, True), (3, False)):
            await chain.centre.record(*(EntryActivated(entry=entry()) for _ in range(events)))
            await until(chain.level, 10)
            other = Node(chain.network, "koroszczyn", parent="lublin", scopes=("pl", "koroszczyn"))
            await chain.site.stop()
            other.start()
            await until(lambda other=other: is_like(other, chain.region), 60)  # type: ignore[misc] # bound on purpose
            assert (chain.region.shelf.find(FEED) == first) is is_same
            await other.stop()
            await chain.site.restart()

    play(scenario)


def test_a_snapshot_that_was_loaded_once_is_not_loaded_again_in_place_of_what_the_parent_has() -> None:
    async def scenario(chain: Chain) -> None:
        await chain.site.stop()
        await chain.region.stop()
        await chain.centre.record(*(EntryActivated(entry=entry()) for _ in range(40)))
        await chain.region.restart()
        await until(lambda: is_like(chain.region, chain.centre), 20)
        assert chain.region.shelf.find(FEED) is not None
        await chain.centre.record(*(EntryActivated(entry=entry()) for _ in range(8)))
        await until(lambda: is_like(chain.region, chain.centre), 20)
        await chain.region.snapshots.require(FEED)
        await until(lambda: not chain.region.changes.tables.loads.all(), 60)
        assert floor(chain.region) == 48

    play(scenario)
