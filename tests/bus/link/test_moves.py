"""Sites that move to another parent and no longer hold all that they once recorded."""

import asyncio
from collections.abc import Sequence

import pytest

from bus.link.messages import EVERY_FEED
from bus.replication import Position
from tests.bus.link.nodes import Node
from tests.bus.link.test_copies import COPIED, SITE, SOON, Country, heads, play, write
from tests.bus.link.test_retained import shorten
from tests.bus.link.virtual_time import until

WHOLE = ("facts", "alarms", "audit")


async def settle(country: Country, times: int) -> None:
    """Have the site record, and wait until the centre has it and the site knows."""
    for _ in range(times):
        await write(country.site)
    wanted = dict.fromkeys(WHOLE, country.site.head("koroszczyn", "facts"))
    await until(lambda: heads(country.centre, "koroszczyn", *WHOLE) == wanted, SOON)
    await until(lambda: all(head == sure for head, sure in country.site.positions("koroszczyn").values()), SOON)


async def adopt(parent: Node, *children: str) -> None:
    """Have a node serve these sites."""
    await parent.stop()
    regions = {code: (EVERY_FEED,) for code in ("lublin", "rzeszow") if parent.code == "central"}
    parent._children = regions | dict.fromkeys(children, SITE)
    await parent.restart()


async def move(country: Country, parent: Node) -> None:
    await country.site.stop()
    await adopt(country.lublin)
    await adopt(parent, "koroszczyn")
    country.site._parent = parent.code
    await country.site.restart()


async def arrive(country: Country, *channels: str) -> None:
    """Wait until the centre has all of the site's and the site knows, and nothing stands still."""
    wanted = heads(country.site, "koroszczyn", *channels)
    await until(lambda: heads(country.centre, "koroszczyn", *channels) == wanted, SOON)
    await until(lambda: all(head == sure for head, sure in _positions(country.site, channels)), SOON)
    assert not any(node.link.status().stopped for node in country.nodes)


def _positions(node: Node, channels: Sequence[str]) -> list[tuple[Position, Position]]:
    return [place for log, place in node.positions(node.code).items() if log.channel in channels]


@pytest.mark.parametrize("parent", ["rzeszow", "central"])
def test_a_site_moves_that_holds_no_more_what_the_centre_has(parent: str) -> None:
    """Nothing is recorded until long after the move: what is held then comes from where the parent is."""

    async def scenario(country: Country) -> None:
        await settle(country, 5)
        await shorten(country.site)
        await move(country, getattr(country, "centre" if parent == "central" else parent))
        await asyncio.sleep(SOON)
        await write(country.site)
        await arrive(country, *COPIED)

    play(scenario)


def test_a_site_moves_to_a_region_whose_copy_is_not_complete_yet() -> None:
    async def scenario(country: Country) -> None:
        await settle(country, 3)
        await until(lambda: heads(country.rzeszow, "koroszczyn", *COPIED) == dict.fromkeys(COPIED, 3), SOON)
        country.network.cut.add("rzeszow")
        await settle(country, 5)
        await shorten(country.site)
        await move(country, country.rzeszow)
        await write(country.site)
        await asyncio.sleep(20)
        assert heads(country.rzeszow, "koroszczyn", *COPIED) == dict.fromkeys(COPIED, 3)
        country.network.cut.clear()
        await arrive(country, *COPIED)
        assert heads(country.rzeszow, "koroszczyn", *COPIED) == dict.fromkeys(COPIED, 9)

    play(scenario)


def test_a_site_of_two_epochs_moves_after_the_first_was_shortened() -> None:
    async def scenario(country: Country) -> None:
        await settle(country, 3)
        await country.site.logs.go_on(country.site.changes.epoch)
        await settle(country, 3)
        await shorten(country.site)
        await move(country, country.rzeszow)
        await asyncio.sleep(SOON)
        await write(country.site)
        await arrive(country, *COPIED)

    play(scenario)
