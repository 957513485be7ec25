"""Snapshots on lines that carry little: they come, hellos come through beside them, and silence is told."""

import asyncio
import base64
import random
from typing import Final

import pytest

from bus.link import follower
from bus.link.fetching import AT_ONCE
from bus.link.messages import decode, encode
from bus.link.wire import Question
from bus.snapshots import making
from bus.snapshots.manifest import Wanted
from domain.watchlist.events import EntryActivated
from tests.bus.link.lists import FEED, floor, is_like
from tests.bus.link.nodes import Chain, now, play
from tests.bus.link.virtual_time import until
from tests.samples import entry

BYTES: Final = 600_000
ENTRIES: Final = 60
PLENTY: Final = 1e9


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follower, "FAR_BEHIND", 10)


async def large_list_of(chain: Chain) -> None:
    """Have the centre record so many bytes of entries while the site is away."""
    await chain.site.stop()
    chance = random.Random(1)  # noqa: S311 - no secret
    for _ in range(ENTRIES):
        told = base64.b85encode(chance.randbytes(BYTES // ENTRIES)).decode()
        await chain.centre.record(EntryActivated(entry=entry(instructions=told)))
    await until(lambda: is_like(chain.region, chain.centre), 30)


def make_thin(chain: Chain, rate: float) -> list[int]:
    """Have what the region answers go down a line of so many bytes a second; return the sizes of parts of pieces."""
    answer, free_at, sizes = chain.network.answers["lublin"], 0.0, []
    chain.network.faults.rate = PLENTY

    async def thin(child: str, question: Question, data: bytes) -> bytes:
        nonlocal free_at
        told = await answer(child, question, data)
        if question is Question.SNAPSHOT and decode(Wanted, data).id:
            sizes.append(len(told))
        free_at = max(now(), free_at) + len(told) / rate
        await asyncio.sleep(free_at - now())
        return told

    chain.network.answers["lublin"] = thin
    return sizes


@pytest.mark.parametrize("rate", [2_500_000.0, 250_000.0, 31_250.0, 4_000.0])
def test_a_snapshot_comes_whatever_the_line_and_hellos_beside_it(rate: float) -> None:
    async def scenario(chain: Chain) -> None:
        await large_list_of(chain)
        sizes = make_thin(chain, rate)
        began = now()
        await chain.site.restart()
        await until(lambda: is_like(chain.site, chain.region), 5 + 1.5 * BYTES / rate)
        assert floor(chain.site) == ENTRIES
        assert now() - began >= BYTES / rate
        assert sum(sizes) < 1.3 * BYTES
        assert "parent_silent" not in chain.site.link.status().tally
        if rate <= 250_000.0:
            assert max(sizes[len(sizes) // 2 :]) < max(0.3 * rate, 7_000)

    play(scenario)


def test_a_line_that_becomes_thin_is_asked_for_less(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(chain: Chain) -> None:
        monkeypatch.setattr(making, "PIECE_BYTES", 20_000)
        await large_list_of(chain)
        chain.network.faults.delay = 0.1
        await chain.site.restart()
        await until(lambda: any(chain.site.shelf.pieces.values()), 5)
        chain.network.faults.delay = 0.0
        sizes = make_thin(chain, 8_000.0)
        await until(lambda: is_like(chain.site, chain.region), 2 * BYTES / 8_000)
        assert max(sizes[len(sizes) // 2 :]) < 7_000

    play(scenario)


@pytest.mark.parametrize(("seconds", "most"), [(1.0, range(1, 4)), (0.01, range(4, AT_ONCE + 1))])
def test_a_line_that_takes_long_is_asked_for_little_at_once_and_a_quick_one_for_much(
    seconds: float, most: range
) -> None:
    async def scenario(chain: Chain) -> None:
        await large_list_of(chain)
        await chain.site.restart()
        ask, line, waiting = chain.site.bulk.ask, asyncio.Lock(), [0]

        async def thinly(question: Question, data: bytes) -> bytes:
            if question is not Question.SNAPSHOT or not decode(Wanted, data).id:
                return await ask(question, data)
            waiting.append(waiting[-1] + 1)
            async with line:
                await asyncio.sleep(seconds)
            waiting.append(waiting[-1] - 1)
            return await ask(question, data)

        chain.site.bulk.ask = thinly  # type: ignore[method-assign] # its answers take time
        await until(lambda: is_like(chain.site, chain.region), 300)
        assert max(waiting) in most

    play(scenario)


def test_a_parent_that_knows_no_parts_gives_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(chain: Chain) -> None:
        monkeypatch.setattr(making, "PIECE_BYTES", 20_000)
        await large_list_of(chain)
        answer, asked = chain.network.answers["lublin"], 0

        async def older(child: str, question: Question, data: bytes) -> bytes:
            nonlocal asked
            if question is Question.SNAPSHOT and (wanted := decode(Wanted, data)).id:
                asked += 1
                data = encode(Wanted(wanted.feed, wanted.id, wanted.piece))
            return await answer(child, question, data)

        chain.network.answers["lublin"] = older
        await chain.site.restart()
        await until(lambda: is_like(chain.site, chain.region), 10)
        assert floor(chain.site) == ENTRIES
        assert asked <= len(chain.region.shelf.find(FEED).pieces) + 2 * AT_ONCE  # type: ignore[union-attr] # it is there

    play(scenario)


def test_silence_is_told_and_forgotten_with_the_next_answer() -> None:
    async def scenario(chain: Chain) -> None:
        await large_list_of(chain)
        sizes = make_thin(chain, 31_250.0)
        await chain.site.restart()
        await until(lambda: len(sizes) > 5, 10)
        assert [load.trouble for load in chain.site.link.status().loads] == [""]
        chain.network.cut.add("koroszczyn")
        await asyncio.sleep(10)
        (load,) = chain.site.link.status().loads
        assert load.trouble.startswith("Unanswered(")
        chain.network.cut.clear()
        await asyncio.sleep(10)
        assert [load.trouble for load in chain.site.link.status().loads] == [""]
        await until(lambda: is_like(chain.site, chain.region), 30)

    play(scenario)
