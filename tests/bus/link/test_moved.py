"""Sites that move to another parent and lose something meanwhile, and what is still under way when they do."""

from bus.link.messages import EVERY_FEED
from bus.replication import pack
from domain.watchlist.events import EntryActivated
from tests.bus.link.nodes import Node, back_up
from tests.bus.link.test_copies import SITE, Country, entries, ids, play, write
from tests.bus.link.virtual_time import until
from tests.samples import entry

SOON = 60
WHOLE = {"facts": 1, "alarms": 1, "audit": 1}


def heads(node: Node, origin: str = "koroszczyn") -> dict[str, int]:
    return {channel: node.head(origin, channel) for channel in WHOLE}


async def move(country: Country, parent: Node, former: Node) -> None:
    """Have the site hang below another parent, of which all but the former one know."""
    await country.site.stop()
    children = {"lublin": (EVERY_FEED,), "rzeszow": (EVERY_FEED,), "koroszczyn": SITE}
    for node, known in ((former, {}), (parent, children if parent is country.centre else {"koroszczyn": SITE})):
        await node.stop()
        node._children = known
        await node.restart()
    country.site._parent = country.site.changes.tables._parent = parent.code
    country.site.make_link()


async def is_copied(country: Country) -> None:
    await until(lambda: all(heads(node)["facts"] for node in country.nodes), SOON)
    await until(lambda: heads(country.centre) == WHOLE, SOON)


def test_a_site_that_moved_and_lost_its_database_takes_back_what_its_new_parent_has() -> None:
    async def scenario(country: Country) -> None:
        empty = back_up(country.site)
        await write(country.site)
        await is_copied(country)
        await move(country, country.rzeszow, country.lublin)
        empty()
        country.site.start()
        await until(lambda: heads(country.site)["facts"] == heads(country.site)["alarms"] == 1, SOON)

    play(scenario)


def test_a_site_that_moved_takes_back_what_only_nodes_above_its_new_parent_have() -> None:
    async def scenario(country: Country) -> None:
        await write(country.site)
        await is_copied(country)
        restores = [back_up(node) for node in (country.site, country.rzeszow)]
        country.network.cut.add("rzeszow")
        await write(country.site)
        await until(lambda: heads(country.centre)["facts"] == 2, SOON)
        await move(country, country.rzeszow, country.lublin)
        restores[0]()
        country.site.start()
        await until(lambda: all(wire.up for wire in country.site.link.status().parent), SOON)
        country.network.cut.clear()
        await until(lambda: heads(country.site)["facts"] == heads(country.site)["alarms"] == 2, SOON)

    play(scenario)


def test_what_came_down_too_late_of_a_log_that_comes_from_below_by_now_is_let_go() -> None:
    async def scenario(country: Country) -> None:
        await write(country.site)
        await is_copied(country)
        log = next(log for log in country.site.positions("koroszczyn") if log.channel == "facts")
        before, records = await country.centre.logs.read(log, 1, 1)
        side = country.lublin.link._parent_side
        assert side is not None
        follower = side.follower
        follower.hear(pack(log, 1, before, records).data)
        await until(lambda: not follower._batches, SOON)
        await write(country.centre)
        await until(lambda: heads(country.lublin, "central")["facts"] == 1, SOON)
        assert country.lublin.link.status().stopped == ()
        assert country.network.aside == []

    play(scenario)


def test_what_a_site_that_moved_alone_still_holds_of_a_list_comes_back_to_its_owner() -> None:
    async def scenario(country: Country) -> None:
        above = (country.centre, country.lublin, country.rzeszow)
        empty = [back_up(node) for node in above]
        kept = entry()
        await country.centre.record(EntryActivated(entry=kept))
        await until(lambda: entries(country.site) == ids(kept), SOON)
        for node, restore in zip(above, empty, strict=True):
            await node.stop()
            restore()
            node.changes.epoch += 1
        await move(country, country.rzeszow, country.lublin)
        await country.centre.restart()
        country.site.start()
        for node in country.nodes:
            await until(lambda node=node: entries(node) == ids(kept), SOON)  # type: ignore[misc] # bound now

    play(scenario)
