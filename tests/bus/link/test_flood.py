"""More of a feed at once than thin lines carry: it comes in order, and nothing else waits for it."""

import asyncio
import base64
import random

from bus.link.allowance import AT_ONCE, PER_SECOND
from domain.watchlist.events import EntryActivated
from tests.bus.link.network import Network
from tests.bus.link.nodes import Chain, Node, now, play
from tests.bus.link.virtual_time import until
from tests.samples import entry

SECONDS = 3.0
CHANCE = random.Random(1)  # noqa: S311 - to be repeated is the point


def text(size: int) -> str:
    """Return a text that has so many bytes when it is compressed."""
    return base64.b64encode(CHANCE.randbytes(size)).decode()


async def flood(node: Node) -> int:
    """Have so many seconds of entries come that take up about ten times what may be said; return how many bytes."""
    end, size = now() + SECONDS, 0
    while now() < end:
        await node.record(*(EntryActivated(entry=entry(instructions=text(1_000))) for _ in range(20)))
        size += 20 * 1_000
        await asyncio.sleep(0.05)
    return size


def said(network: Network, node: str, since: float) -> list[tuple[float, int]]:
    """Return when a node said how many bytes to its children."""
    return [(at - since, size) for at, parent, _, size in network.said if parent == node and at >= since]


def test_a_flood_is_not_said_and_all_of_it_comes_in_order() -> None:
    async def scenario(chain: Chain) -> None:
        began = now()
        size = await flood(chain.centre)
        await until(chain.level, 5)
        for parent in ("central", "lublin"):
            told = said(chain.network, parent, began)
            for last, _ in told:
                assert sum(size for at, size in told if at <= last) <= AT_ONCE + last * PER_SECOND
            assert AT_ONCE / 2 < sum(size for _, size in told) < size / 4
        (log,) = (log for log in chain.site.positions("central") if log.channel == "watchlist.pl")
        assert (await chain.site.records("central"))[log] == (await chain.centre.records("central"))[log]

    play(scenario)


def test_an_entry_of_another_feed_does_not_wait_for_a_flood() -> None:
    async def scenario(chain: Chain) -> None:
        flooding = asyncio.create_task(flood(chain.centre))
        while not flooding.done():
            await asyncio.sleep(0.21)
            urgent = chain.centre.head("central", "watchlist.koroszczyn") + 1
            await chain.centre.record(EntryActivated(entry=entry(scope="koroszczyn")))
            began = now()
            await until(lambda wanted=urgent: chain.site.head("central", "watchlist.koroszczyn") == wanted, 5)
            assert now() - began < 0.1
        await until(chain.level, 5)

    play(scenario)


def test_one_large_event_is_said_at_once_where_nothing_else_is() -> None:
    async def scenario(chain: Chain) -> None:
        await asyncio.sleep(10)
        began = now()
        await chain.centre.record(EntryActivated(entry=entry(instructions=text(5 * AT_ONCE))))
        await until(chain.level, 0.5)
        assert [size > 5 * AT_ONCE for _, size in said(chain.network, "central", began)] == [True]

    play(scenario)


def test_after_a_flood_entries_are_said_at_once_again() -> None:
    async def scenario(chain: Chain) -> None:
        await flood(chain.centre)
        await until(chain.level, 5)
        await asyncio.sleep(AT_ONCE / PER_SECOND)
        began = now()
        await chain.centre.record(EntryActivated(entry=entry()))
        await until(chain.level, 0.5)
        assert now() - began < 0.1

    play(scenario)
