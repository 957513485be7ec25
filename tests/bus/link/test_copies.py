"""Every region holds what the centre holds, whoever recorded it; and sites that move from one region to another."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from bus.link.messages import EVERY_FEED
from domain.alarms.events import AlarmRaised
from tests.bus.link.network import Network
from tests.bus.link.nodes import Node
from tests.bus.link.virtual_time import run, until
from tests.samples import alarm, audited, reading_taken

SITE = ("pl", "koroszczyn")
SOON = 60


class Country:
    """The centre with two regions, and a site below the first."""

    def __init__(self) -> None:
        self.network = Network()
        self.centre = Node(self.network, "central", children={"lublin": (EVERY_FEED,), "rzeszow": (EVERY_FEED,)})
        self.lublin = Node(
            self.network, "lublin", parent="central", scopes=(EVERY_FEED,), children={"koroszczyn": SITE}
        )
        self.rzeszow = Node(self.network, "rzeszow", parent="central", scopes=(EVERY_FEED,), children={})
        self.site = Node(self.network, "koroszczyn", parent="lublin", scopes=SITE)
        self.nodes = (self.centre, self.lublin, self.rzeszow, self.site)


def play(scenario: Callable[[Country], Awaitable[None]]) -> None:
    async def played() -> None:
        country = Country()
        async with AsyncExitStack() as ends:
            for node in country.nodes:
                node.start()
                ends.push_async_callback(node.stop)
            await scenario(country)

    run(played())


def heads(node: Node, origin: str, *channels: str) -> dict[str, int]:
    return {channel: node.head(origin, channel) for channel in channels}


async def write(node: Node) -> None:
    await node.record(reading_taken(), AlarmRaised(alarm=alarm(node=node.code)), audited())


COPIED = {"facts": 1, "alarms": 1}


def test_a_region_holds_what_sites_of_another_one_recorded_but_not_their_audit_trail() -> None:
    async def scenario(country: Country) -> None:
        await write(country.site)
        await write(country.lublin)
        await write(country.centre)
        for origin in ("koroszczyn", "lublin", "central"):
            await until(lambda origin=origin: heads(country.rzeszow, origin, *COPIED) == COPIED, SOON)  # type: ignore[misc] # bound now
        await until(lambda: heads(country.lublin, "central", *COPIED) == COPIED, SOON)
        await until(lambda: heads(country.centre, "koroszczyn", "audit") == {"audit": 1}, SOON)
        assert heads(country.rzeszow, "koroszczyn", "audit") == {"audit": 0}
        assert heads(country.lublin, "central", "audit") == {"audit": 0}
        assert len(country.rzeszow.changes.tables.alarms.all()) == 3
        assert country.rzeszow.link.status().stopped == ()

    play(scenario)


def test_what_came_down_is_not_sent_up_again() -> None:
    async def scenario(country: Country) -> None:
        await write(country.site)
        await until(lambda: heads(country.rzeszow, "koroszczyn", *COPIED) == COPIED, SOON)
        await country.rzeszow.restart()
        await write(country.rzeszow)
        await until(lambda: heads(country.centre, "rzeszow", *COPIED) == COPIED, SOON)
        assert {batch.header.log.origin for batch in country.rzeszow.bulk.sent} == {"rzeszow"}

    play(scenario)


def test_a_site_moves_to_another_region() -> None:
    async def scenario(country: Country) -> None:
        await write(country.site)
        await until(lambda: heads(country.rzeszow, "koroszczyn", *COPIED) == COPIED, SOON)
        await country.site.stop()
        for region, children in ((country.lublin, {}), (country.rzeszow, {"koroszczyn": SITE})):
            await region.stop()
            region._children = children
            region.make_link()
            region.start()
        country.site._parent = "rzeszow"
        await write(country.site)
        country.site.make_link()
        country.site.start()
        twice = {"facts": 2, "alarms": 2, "audit": 2}
        for node in (country.rzeszow, country.centre):
            await until(lambda node=node: heads(node, "koroszczyn", *twice) == twice, SOON)  # type: ignore[misc] # bound now
        await until(lambda: heads(country.lublin, "koroszczyn", *COPIED) == {"facts": 2, "alarms": 2}, SOON)
        head, confirmed = next(iter(country.site.positions("koroszczyn").values()))
        await until(lambda: all(head == sure for head, sure in country.site.positions("koroszczyn").values()), SOON)
        assert head.seq == 2 >= confirmed.seq

    play(scenario)
