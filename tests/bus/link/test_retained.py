"""Sites that no longer hold as events what the centre has confirmed, and neighbours that went back in time."""

import asyncio
from datetime import timedelta

from tests.bus.link.nodes import Chain, Node, back_up, play
from tests.bus.link.test_restored import SOON, level, shown, write
from tests.bus.link.virtual_time import until


async def shorten(node: Node) -> None:
    """Remove all that may go, whatever its age."""
    while await node.retention.shorten(node.clock.now() + timedelta(days=1), 2):
        pass


async def floor(node: Node, channel: str) -> int:
    held = await node.held(node.code, channel)
    assert held is not None
    return held.floor.seq


async def forks(node: Node) -> int:
    return node.link.status().tally.get("log_forked", 0)


def test_a_site_goes_on_after_it_was_shortened() -> None:
    async def scenario(chain: Chain) -> None:
        await write(chain.site, 5)
        await level(chain)
        await shorten(chain.site)
        assert await floor(chain.site, "facts") == 4
        await write(chain.site)
        await level(chain)
        await chain.site.restart()
        await write(chain.site)
        await level(chain)
        assert await forks(chain.site) == 0

    play(scenario)


def test_a_restored_region_gets_from_the_centre_what_its_site_no_longer_holds() -> None:
    async def scenario(chain: Chain) -> None:
        await write(chain.site)
        await level(chain)
        restore = back_up(chain.region)
        await write(chain.site, 6)
        await level(chain)
        await shorten(chain.site)
        assert await floor(chain.site, "facts") == 8
        await chain.region.stop()
        restore()
        await write(chain.site, 2)
        await chain.region.restart()
        await until(lambda: len(shown(chain.region)) == 14, SOON)
        await level(chain)
        assert await forks(chain.site) == 0

    play(scenario)


def test_a_restored_region_that_does_not_reach_the_centre_waits_and_nothing_is_lost() -> None:
    async def scenario(chain: Chain) -> None:
        await write(chain.site)
        await level(chain)
        restore = back_up(chain.region)
        await write(chain.site, 6)
        await level(chain)
        await shorten(chain.site)
        await chain.region.stop()
        restore()
        chain.network.cut.add("lublin")
        await chain.region.restart()
        await write(chain.site, 2)
        await asyncio.sleep(20)
        assert chain.region.head("koroszczyn", "facts") == 3
        chain.network.cut.clear()
        await level(chain)
        assert len(shown(chain.centre)) == 14

    play(scenario)


def test_a_restored_site_that_had_been_shortened_takes_back_what_it_lost() -> None:
    async def scenario(chain: Chain) -> None:
        await write(chain.site, 5)
        await level(chain)
        await shorten(chain.site)
        restore = back_up(chain.site)
        await write(chain.site, 4)
        await level(chain)
        await shorten(chain.site)
        before = shown(chain.centre)
        await chain.site.stop()
        restore()
        await write(chain.site, 2)
        await chain.site.restart()
        await until(lambda: len(shown(chain.centre)) == len(before) + 3, SOON)
        await level(chain)
        assert set(before) < set(shown(chain.site))

    play(scenario)
