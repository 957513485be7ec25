"""Sites that move to another parent and no longer hold all that they once recorded."""

import asyncio
from collections.abc import Sequence

import pytest

from bus.link.messages import EVERY_FEED, Hello, encode
from bus.link.wire import Question
from bus.replication import Position
from tests.bus.link.network import MemoryParentWire
from tests.bus.link.nodes import Node
from tests.bus.link.test_copies import COPIED, SITE, SOON, Country, heads, play, write
from tests.bus.link.test_retained import shorten
from tests.bus.link.virtual_time import until
from tests.samples import reading_taken

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


def test_a_site_that_is_invited_elsewhere_is_served_where_it_is_until_it_moves() -> None:
    """The centre reads its register while it runs: the site is its child from the invitation on."""

    async def scenario(country: Country) -> None:
        await settle(country, 1)
        children = country.centre._children
        assert isinstance(children, dict)
        children["koroszczyn"] = SITE
        assert country.centre.link.status().children["koroszczyn"].let_in == country.centre.clock.now()
        await country.site.logs.go_on(country.site.changes.epoch)
        await settle(country, 3)
        assert not country.network.aside
        country.site._parent = "central"
        await country.site.restart()
        await settle(country, 2)
        await arrive(country, *WHOLE)
        del children["koroszczyn"]
        assert "koroszczyn" not in country.centre.link.status().children

    play(scenario)


def test_a_region_speaks_no_more_for_a_site_once_the_centre_has_heard_that() -> None:
    async def scenario(country: Country) -> None:
        await settle(country, 1)
        assert isinstance(country.centre._children, dict)
        country.centre._children["koroszczyn"] = SITE
        there = MemoryParentWire(country.network, "koroszczyn", "central")
        await there.ask(Question.HELLO, encode(Hello(["facts"])))
        await country.site.record(reading_taken())
        await until(lambda: bool(country.network.aside), SOON)
        assert {(delivery.child, reason.split(" LogId")[0]) for delivery, reason in country.network.aside} == {
            ("lublin", "lublin may not send")
        }

    play(scenario)
