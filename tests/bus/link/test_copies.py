"""Every region holds what the centre holds, whoever recorded it; and sites that move from one region to another."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from bus.codec import decode
from bus.link.messages import EVERY_FEED
from bus.replication import pack, unpack
from domain.alarms.events import AlarmRaised
from domain.upkeep.errors import BatchNotKept
from domain.watchlist.events import EntryActivated, EntryWithdrawn
from domain.watchlist.model import Entry, EntryState
from tests.bus.link.network import Network
from tests.bus.link.nodes import Node, back_up
from tests.bus.link.virtual_time import run, until
from tests.samples import MORNING, alarm, audited, entry, reading_taken

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


def entries(node: Node) -> set[str]:
    """The entries that a node shows as sought."""
    return {one.id for one in node.changes.tables.entries.all() if one.state is EntryState.ACTIVE}


def withdrawn(of: Entry) -> EntryWithdrawn:
    return EntryWithdrawn(
        entry_id=of.id, scope=of.scope, was_active=True, reason="x", withdrawn_by="anna", withdrawn_at=MORNING
    )


def ids(*active: Entry) -> set[str]:
    return {one.id for one in active}


COPIED = {"facts": 1, "alarms": 1}


async def is_quiet(country: Country) -> None:
    """After a moment nobody sends anything any more, no log changes its way, and none stands still."""
    await asyncio.sleep(10)
    before = [(dict(node.link.status().tally), _sent(node)) for node in country.nodes]
    await asyncio.sleep(30)
    assert [(dict(node.link.status().tally), _sent(node)) for node in country.nodes] == before
    assert not any(node.link.status().stopped for node in country.nodes)


def _sent(node: Node) -> int:
    return 0 if node._parent is None else len(node.bulk.sent) + len(node.alarms.sent)


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
        await is_quiet(country)

    play(scenario)


def test_two_regions_that_hold_the_logs_of_a_site_that_moved_do_not_take_turns() -> None:
    """Nobody has told the first region that the site is its child no more; it may send its logs, audit trail too."""

    async def scenario(country: Country) -> None:
        await write(country.site)
        whole = {"facts": 1, "alarms": 1, "audit": 1}
        await until(lambda: heads(country.centre, "koroszczyn", *whole) == whole, SOON)
        await country.site.stop()
        await country.rzeszow.stop()
        country.rzeszow._children = {"koroszczyn": SITE}
        country.rzeszow.make_link()
        country.rzeszow.start()
        country.site._parent = "rzeszow"
        await country.site.restart()
        await until(lambda: heads(country.rzeszow, "koroszczyn", *whole) == whole, SOON)
        for node in (country.centre, country.lublin, country.rzeszow):
            await node.restart()
        await is_quiet(country)
        await write(country.site)
        twice = {"facts": 2, "alarms": 2, "audit": 2}
        await until(lambda: heads(country.centre, "koroszczyn", *twice) == twice, SOON)
        await is_quiet(country)

    play(scenario)


def test_a_site_moves_to_the_centre_and_its_region_keeps_what_it_has() -> None:
    async def scenario(country: Country) -> None:
        await write(country.site)
        whole = {"facts": 1, "alarms": 1, "audit": 1}
        await until(lambda: heads(country.centre, "koroszczyn", *whole) == whole, SOON)
        await country.site.stop()
        await country.centre.stop()
        country.centre._children = {"lublin": (EVERY_FEED,), "rzeszow": (EVERY_FEED,), "koroszczyn": SITE}
        country.centre.make_link()
        country.centre.start()
        country.site._parent = "central"
        await country.site.restart()
        await write(country.site)
        twice = {"facts": 2, "alarms": 2, "audit": 2}
        await until(lambda: heads(country.centre, "koroszczyn", *twice) == twice, SOON)
        await country.lublin.stop()
        country.lublin._children = {}
        await country.lublin.restart()
        for region in (country.lublin, country.rzeszow):
            await until(lambda region=region: heads(region, "koroszczyn", *COPIED) == {"facts": 2, "alarms": 2}, SOON)  # type: ignore[misc] # bound now
        assert heads(country.lublin, "koroszczyn", "audit") == {"audit": 1}
        await is_quiet(country)

    play(scenario)


async def activated(node: Node) -> list[str]:
    """Return the entries of the country's list in the order in which a node has them in its logs, each once."""
    logs = sorted(
        (one for one in await node.logs.held() if one.log.channel == "watchlist.pl"), key=lambda one: one.log.epoch
    )
    bodies = [record.body or b"" for one in logs for record in (await node.logs.read(one.log, 1, 100))[1]]
    return list(dict.fromkeys(event.entry.id for *_, event in map(decode, bodies) if isinstance(event, EntryActivated)))


def test_a_restored_centre_takes_back_what_its_regions_hold_and_goes_on() -> None:
    async def scenario(country: Country) -> None:
        first, lost, since, later = entry(), entry(), entry(), entry()
        await country.centre.record(EntryActivated(entry=first))
        await until(lambda: entries(country.site) == ids(first), SOON)
        restore = back_up(country.centre)
        await country.centre.record(EntryActivated(entry=lost))
        await write(country.centre)
        await until(lambda: entries(country.site) == ids(first, lost), SOON)
        await until(lambda: heads(country.rzeszow, "central", *COPIED) == COPIED, SOON)
        await country.centre.stop()
        restore()
        await country.centre.record(EntryActivated(entry=since))
        await country.centre.restart()
        for node in country.nodes:
            await until(lambda node=node: entries(node) == ids(first, lost, since), SOON)  # type: ignore[misc] # bound now
        assert [await activated(node) for node in country.nodes] == [[first.id, lost.id, since.id]] * len(country.nodes)
        await country.centre.record(withdrawn(lost))
        await country.centre.record(EntryActivated(entry=later))
        for node in country.nodes:
            await until(lambda node=node: entries(node) == ids(first, since, later), SOON)  # type: ignore[misc] # bound now
        assert heads(country.centre, "central", *COPIED) == COPIED
        assert not any(node.link.status().stopped for node in country.nodes)

    play(scenario)


def test_a_site_that_followed_the_restored_centre_first_takes_over_the_history_that_stands() -> None:
    """It had missed what the regions hold, and heard what the centre recorded in its place."""

    async def scenario(country: Country) -> None:
        first, lost, since = entry(), entry(), entry()
        await country.centre.record(EntryActivated(entry=first))
        for node in country.nodes:
            await until(lambda node=node: entries(node) == ids(first), SOON)  # type: ignore[misc] # bound now
        restores = [back_up(node) for node in (country.centre, country.lublin)]
        country.network.cut.add("koroszczyn")
        await country.centre.record(EntryActivated(entry=lost))
        await until(lambda: entries(country.rzeszow) == ids(first, lost), SOON)
        country.network.cut.add("rzeszow")
        for node, restore in zip((country.centre, country.lublin), restores, strict=True):
            await node.stop()
            restore()
            await node.restart()
        country.network.cut.discard("koroszczyn")
        await country.centre.record(EntryActivated(entry=since))
        await until(lambda: entries(country.site) == ids(first, since), SOON)
        country.network.cut.clear()
        for node in country.nodes:
            await until(lambda node=node: entries(node) == ids(first, lost, since), SOON)  # type: ignore[misc] # bound now
        assert not any(node.link.status().stopped for node in country.nodes)

    play(scenario)


def test_what_a_site_alone_still_holds_of_a_list_comes_back_to_its_owner() -> None:
    """The centre and all regions were restored together; the centre has recorded something else since."""

    async def scenario(country: Country) -> None:
        first, lost, since = entry(), [entry() for _ in range(3)], entry()
        await country.centre.record(EntryActivated(entry=first))
        for node in country.nodes:
            await until(lambda node=node: entries(node) == ids(first), SOON)  # type: ignore[misc] # bound now
        above = (country.centre, country.lublin, country.rzeszow)
        restores = [back_up(node) for node in above]
        for one in lost:
            await country.centre.record(EntryActivated(entry=one))
        await country.centre.record(withdrawn(lost[1]))
        await until(lambda: entries(country.site) == ids(first, lost[0], lost[2]), SOON)
        for node, restore in zip(above, restores, strict=True):
            await node.stop()
            restore()
        await country.centre.record(EntryActivated(entry=since))
        for node in above:
            await node.restart()
        for node in country.nodes:
            await until(lambda node=node: entries(node) == ids(first, lost[0], lost[2], since), SOON)  # type: ignore[misc] # bound now
        assert not any(node.link.status().stopped for node in country.nodes)
        assert not any(node.changes.tables.unshown.all() for node in country.nodes)

    play(scenario)


async def forge(country: Country, node: Node) -> None:
    """Have a node hold an entry behind the first of the country's list that its owner has not recorded."""
    (log,) = (log for log in country.centre.positions("central") if log.channel == "watchlist.pl")
    forger = Node(country.network, "forger")
    await forger.record(EntryActivated(entry=entry()))
    ((_, forged),) = [await forger.logs.read(held.log, 1, 1) for held in await forger.logs.held()]
    here = country.centre.positions("central")[log][0]
    assert node._parent is not None
    await node.logs.apply([unpack(pack(log, 2, here.hash, forged).data)], node._parent)


@pytest.mark.parametrize("holder", ["lublin", "site"])
def test_a_list_does_not_give_way_while_there_is_no_room_for_what_gives_way(holder: str) -> None:
    async def scenario(country: Country) -> None:
        first, second, node = entry(), entry(), getattr(country, holder)
        await country.centre.record(EntryActivated(entry=first))
        for one in country.nodes:
            await until(lambda one=one: entries(one) == ids(first), SOON)  # type: ignore[misc] # bound now
        keep, country.lublin.batches.keep = country.lublin.batches.keep, no_room  # type: ignore[method-assign] # to fail
        await forge(country, node)
        forged = entries(node)
        await country.centre.record(EntryActivated(entry=second))
        await until(lambda: bool(node.link.status().stopped), SOON)
        await asyncio.sleep(SOON)
        assert entries(node) == forged

        country.lublin.batches.keep = keep  # type: ignore[method-assign] # as it was
        await until(lambda: entries(node) == ids(first, second), 2 * SOON)
        await until(lambda: not node.link.status().stopped, SOON)
        assert [one.refused for one in country.lublin.changes.tables.batches.all()] == [True]

    play(scenario)


async def no_room(_: object) -> None:
    raise BatchNotKept


def test_what_does_not_bear_the_owners_seal_is_not_taken_back() -> None:
    """A region that was broken into makes up the end of a list: it keeps that to itself."""

    async def scenario(country: Country) -> None:
        first = entry()
        await country.centre.record(EntryActivated(entry=first))
        for node in (country.centre, country.lublin):
            await until(lambda node=node: entries(node) == ids(first), SOON)  # type: ignore[misc] # bound now
        await forge(country, country.lublin)
        await until(lambda: country.centre.link.status().tally.get("return_not_ours", 0) > 0, SOON)
        assert entries(country.centre) == entries(country.rzeszow) == ids(first)

    play(scenario)
