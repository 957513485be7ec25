"""Sites that move to another parent and no longer hold all that they once recorded."""

import asyncio
from collections.abc import Sequence

import pytest

from bus.link.messages import EVERY_FEED, Hello, encode
from bus.link.wire import Question
from bus.replication import Position
from domain.shared.quarantine import QuarantineState
from tests.bus.link.network import MemoryParentWire
from tests.bus.link.nodes import Node, back_up
from tests.bus.link.test_copies import COPIED, SITE, SOON, Country, heads, is_quiet, play, write
from tests.bus.link.test_retained import shorten
from tests.bus.link.test_standstill import refusing
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
    """Wait until the centre has all of the site's and the site knows, and nothing goes on any more."""
    wanted = heads(country.site, "koroszczyn", *channels)
    await until(lambda: heads(country.centre, "koroszczyn", *channels) == wanted, SOON)
    await until(lambda: all(head == sure for head, sure in _positions(country.site, channels)), SOON)
    await is_quiet(country)


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
        await arrive(country, *WHOLE)

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
        await arrive(country, *WHOLE)
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
        await arrive(country, *WHOLE)

    play(scenario)


def test_what_no_parent_can_have_any_more_is_missing_and_told_of_and_what_follows_is_not() -> None:
    """The audit trail of before the move: its new region may not have it of the centre, and the site has it no more."""

    async def scenario(country: Country) -> None:
        await settle(country, 5)
        await shorten(country.site)
        await move(country, country.rzeszow)
        await settle(country, 2)
        assert heads(country.rzeszow, "koroszczyn", *WHOLE) == heads(country.centre, "koroszczyn", *WHOLE)
        held = await country.rzeszow.held("koroszczyn", "audit")
        assert held is not None
        assert (held.floor.seq, held.head.seq, held.via) == (4, 7, "koroszczyn")
        assert country.rzeszow.link.status().tally["events_missing"] == 1
        assert "events_missing" not in country.centre.link.status().tally
        for channel in COPIED:
            copy = await country.rzeszow.held("koroszczyn", channel)
            assert copy is not None
            assert copy.floor.seq == 0
        await country.rzeszow.restart()
        await settle(country, 1)
        await is_quiet(country)

    play(scenario)


@pytest.mark.parametrize("is_wiped", [False, True])
def test_a_centre_put_back_by_more_than_a_site_keeps_goes_on_with_what_is_new(*, is_wiped: bool) -> None:
    async def scenario(country: Country) -> None:
        wipe = back_up(country.centre)
        await move(country, country.centre)
        await settle(country, 2)
        restore = wipe if is_wiped else back_up(country.centre)
        await settle(country, 6)
        await shorten(country.site)
        await country.rzeszow.stop()
        await country.centre.stop()
        restore()
        await country.centre.restart()
        await settle(country, 1)
        await is_quiet(country)
        for channel in WHOLE:
            held = await country.centre.held("koroszczyn", channel)
            assert held is not None
            assert (held.floor.seq, held.head.seq) == (7, 9)
        assert country.centre.link.status().tally["events_missing"] == len(WHOLE)
        await country.rzeszow.restart()
        await until(lambda: heads(country.rzeszow, "koroszczyn", *COPIED) == dict.fromkeys(COPIED, 9), SOON)

    play(scenario)


def test_a_copy_begins_where_the_centres_does() -> None:
    async def scenario(country: Country) -> None:
        wipe = back_up(country.centre)
        absent = back_up(country.rzeszow)
        await move(country, country.centre)
        await settle(country, 6)
        await shorten(country.site)
        for node, restore in ((country.rzeszow, absent), (country.centre, wipe)):
            await node.stop()
            restore()
        await country.centre.restart()
        await settle(country, 1)
        await country.rzeszow.restart()
        await until(lambda: heads(country.rzeszow, "koroszczyn", *COPIED) == dict.fromkeys(COPIED, 7), SOON)
        for channel in COPIED:
            held = await country.rzeszow.held("koroszczyn", channel)
            assert held is not None
            assert (held.floor.seq, held.via) == (5, "central")
        await is_quiet(country)

    play(scenario)


def test_a_restored_region_waits_for_what_the_centre_has() -> None:
    """The audit trail as well: it went up through this region, which may have it back."""

    async def scenario(country: Country) -> None:
        wipe = back_up(country.lublin)
        await settle(country, 6)
        await shorten(country.site)
        await country.lublin.stop()
        wipe()
        country.network.cut.add("lublin")
        await country.lublin.restart()
        await write(country.site)
        await asyncio.sleep(SOON)
        assert heads(country.lublin, "koroszczyn", *WHOLE) == dict.fromkeys(WHOLE, 0)
        country.network.cut.clear()
        await arrive(country, *WHOLE)
        for channel in WHOLE:
            held = await country.lublin.held("koroszczyn", channel)
            assert held is not None
            assert (held.floor.seq, held.head.seq) == (0, 7)

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


def test_a_log_that_stood_still_before_its_site_moved_does_so_nowhere_once_it_goes_on() -> None:
    async def scenario(country: Country) -> None:
        await settle(country, 1)
        end = refusing(country.centre, lambda batch: OverflowError() if batch.header.log.channel == "facts" else None)
        await write(country.site)
        for node in (country.centre, country.lublin):
            await until(lambda node=node: bool(node.link.status().stopped), SOON)  # type: ignore[misc] # bound now
        await country.site.stop()
        country.site._parent = "rzeszow"
        assert isinstance(country.rzeszow._children, dict)
        country.rzeszow._children["koroszczyn"] = SITE
        country.network.cut.add("lublin")
        await asyncio.sleep(5)
        end()
        await country.site.restart()
        await write(country.site)
        wanted = heads(country.site, "koroszczyn", *WHOLE)
        await until(lambda: heads(country.centre, "koroszczyn", *WHOLE) == wanted, SOON)
        await until(lambda: not country.centre.link.status().stopped, SOON)
        (kept,) = country.centre.changes.tables.batches.all()
        assert (kept.child, kept.state) == ("lublin", QuarantineState.REPLAYED)
        assert isinstance(country.lublin._children, dict)
        del country.lublin._children["koroszczyn"]
        country.network.cut.clear()
        await until(lambda: heads(country.lublin, "koroszczyn", *COPIED) == dict.fromkeys(COPIED, 3), SOON)
        await until(lambda: not country.lublin.link.status().stopped, SOON)

    play(scenario)
