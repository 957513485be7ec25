"""Nodes compare themselves with their parents after a site has moved: of its audit trail some have more for good."""

import asyncio
from dataclasses import replace

import pytest

from bus.codec import decode
from bus.replication import LogId
from bus.verification.comparison import Comparison
from bus.verification.differences import Difference, Fault, Side
from domain.access.events import Audited
from domain.access.model import AuditRecord
from tests.bus.link.nodes import TABLES, Node, back_up
from tests.bus.link.test_copies import SOON, Country, play, write
from tests.bus.link.test_moves import adopt, move, settle
from tests.bus.link.test_retained import shorten
from tests.bus.link.test_verifying import told, verified
from tests.contracts.spoilers import MemorySpoiler

SITE = "koroszczyn"


async def come(country: Country, parent: Node) -> None:
    """Have the site, which is stopped, be a child of another parent, and record there."""
    if parent is not country.centre:
        await adopt(country.centre)
    await move(country, parent)
    await asyncio.sleep(SOON)
    await write(country.site)
    await write(country.site)
    await asyncio.sleep(SOON)


async def lose_at_the_centre(country: Country, *, is_wiped: bool = False) -> None:
    """The site moves from its region to the centre, and loses there what it records, or all; it is stopped then."""
    wipe = back_up(country.site)
    await settle(country, 3)
    restore = back_up(country.site)
    await move(country, country.centre)
    await settle(country, 2)
    await country.site.stop()
    if is_wiped:
        wipe()
        country.site.changes.epoch += 2**32
    else:
        restore()


def trail(node: Node) -> list[tuple[LogId, int, int]]:
    """Return the logs of the site's audit trail with floor and head, oldest first."""
    logs = [one for one in node.changes.tables.logs.all() if (one.log.origin, one.log.channel) == (SITE, "audit")]
    return [(one.log, one.floor.seq, one.head.seq) for one in sorted(logs, key=lambda one: one.log.epoch)]


async def record(node: Node, log: LogId, seq: int) -> AuditRecord:
    """Return what a node shows of an event that it holds."""
    _, (one,) = await node.logs.read(log, seq, 1)
    assert one.body is not None
    _, _, event = decode(one.body)
    assert isinstance(event, Audited)
    shown = node.changes.tables.audit.get(event.record_id)
    assert shown is not None
    return shown


def drop(node: Node, one: AuditRecord) -> None:
    node.changes.tables.audit.drop(one.id)


async def all_are_equal(country: Country) -> None:
    for node in (country.site, country.lublin, country.rzeszow):
        found = await verified(node)
        assert (node.code, found.equal, found.behind) == (node.code, True, ())


@pytest.mark.parametrize("parent", ["lublin", "rzeszow"])
@pytest.mark.parametrize("is_wiped", [False, True])
def test_what_the_centre_alone_has_of_before_the_move_is_no_difference(parent: str, *, is_wiped: bool) -> None:
    async def scenario(country: Country) -> None:
        await lose_at_the_centre(country, is_wiped=is_wiped)
        await come(country, getattr(country, parent))
        centre, region = ({log: head for log, _, head in trail(node)} for node in (country.centre, country.rzeszow))
        assert centre != region
        await all_are_equal(country)

    play(scenario)


def test_a_former_parent_finds_nothing_in_what_came_later() -> None:
    """The site lost its database where it came from, and records under another epoch where it came to."""

    async def scenario(country: Country) -> None:
        await settle(country, 3)
        restore = back_up(country.site)
        await settle(country, 2)
        await country.site.stop()
        restore()
        await come(country, country.centre)
        assert len(trail(country.centre)) > len(trail(country.lublin)) == 1
        await all_are_equal(country)

        (log, _, _) = trail(country.lublin)[0]
        one = await record(country.lublin, log, 4)
        drop(country.centre, one)
        assert await told(country.lublin) == [("audit_record", one.id, Fault.MISSING, Side.THERE, False)]

    play(scenario)


def test_damage_to_such_a_trail_is_told_at_the_new_parent() -> None:
    async def scenario(country: Country) -> None:
        await lose_at_the_centre(country)
        await come(country, country.lublin)
        (old, _, last), (new, *_) = trail(country.lublin)
        assert last == 3
        assert [head for log, _, head in trail(country.centre) if log == old] == [5]
        for log in (old, new):
            one = await record(country.lublin, log, 2)
            drop(country.lublin, one)
            assert await told(country.lublin) == [("audit_record", one.id, Fault.MISSING, Side.HERE, False)]
            assert (await verified(country.lublin, repair=True)).equal
            country.lublin.changes.tables.audit.put(replace(one, who="X"), one.id)
            assert await told(country.lublin) == [("audit_record", one.id, Fault.ALTERED, Side.HERE, False)]
            country.lublin.changes.tables.audit.put(one, one.id)
            drop(country.centre, one)
            assert await told(country.lublin) == [("audit_record", one.id, Fault.MISSING, Side.THERE, False)]
            country.centre.changes.tables.audit.put(one, one.id)
        await MemorySpoiler(country.lublin.changes.tables).drop_event(old, 2)
        assert await told(country.lublin, repair=True) == [("event", "2", Fault.MISSING, Side.HERE, False)]
        await MemorySpoiler(country.lublin.changes.tables).drop_event(new, 2)
        assert ("event", "2", Fault.MISSING, Side.HERE, True) in await told(country.lublin, repair=True)

    play(scenario)


async def shortened(country: Country) -> None:
    """The site records under two epochs, removes what is past its time, and moves to another region."""
    await settle(country, 3)
    await country.site.logs.go_on(country.site.changes.epoch)
    await settle(country, 3)
    await shorten(country.site)
    await country.site.stop()
    await come(country, country.rzeszow)


def test_records_that_a_site_had_removed_are_not_missed_below_the_floor() -> None:
    async def scenario(country: Country) -> None:
        await shortened(country)
        (old, floor, last), (_, later, _) = trail(country.rzeszow)
        assert (floor, last, later) == (2, 3, 2)
        assert (await verified(country.site)).equal
        await verified(country.rzeszow, repair=True)
        await all_are_equal(country)

        kept, gone = await record(country.rzeszow, old, 3), await record(country.centre, old, 1)
        drop(country.rzeszow, kept)
        missing = ("audit_record", kept.id, Fault.MISSING)
        assert await told(country.site) == [(*missing, Side.THERE, False)]
        assert await told(country.rzeszow) == [(*missing, Side.HERE, False)]
        assert (await verified(country.rzeszow, repair=True)).equal
        drop(country.centre, gone)
        assert await compared(country.site, country.centre) == [("audit_record", gone.id, Fault.MISSING, Side.THERE)]
        assert await told(country.rzeszow) == []

    play(scenario)


async def compared(here: Node, there: Node) -> list[tuple[str, str, Fault, Side]]:
    """Return in what two nodes differ by what each tells."""
    comparison = Comparison(
        here.custody,
        there.custody,  # type: ignore[arg-type] # no events are asked for
        TABLES,
        codes=(here.code, there.code),
        custody=None,
        concerns=lambda _: False,
        repair=False,
    )
    await comparison.run()
    assert comparison.not_compared == []
    return [_brief(one) for one in comparison.differences]


def _brief(one: Difference) -> tuple[str, str, Fault, Side]:
    return one.table, one.row, one.fault, one.side


def test_any_two_nodes_are_compared_by_what_each_had_to_get() -> None:
    async def scenario(country: Country) -> None:
        await lose_at_the_centre(country)
        await come(country, country.lublin)
        centre, region, site = country.centre, country.lublin, country.site
        pairs = [(site, region), (site, centre), (region, centre), (region, site), (centre, site), (centre, region)]
        for here, there in pairs:
            assert await compared(here, there) == [], (here.code, there.code)
        one = await record(region, trail(region)[0][0], 2)
        drop(centre, one)
        for here in (site, region):
            assert await compared(here, centre) == [("audit_record", one.id, Fault.MISSING, Side.THERE)]

    play(scenario)
