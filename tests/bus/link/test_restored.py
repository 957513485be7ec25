"""Nodes whose databases went back in time, that were wiped, or that exist twice: what is held anywhere comes back."""

from domain.alarms.events import AlarmAcknowledged, AlarmRaised
from domain.alarms.model import AlarmState
from tests.bus.link.nodes import Chain, Node, back_up, play
from tests.bus.link.virtual_time import until
from tests.samples import MORNING, alarm, audited, reading_taken

SOON = 60
"""Seconds within which all must be level again."""


def shown(node: Node, origin: str = "koroszczyn") -> list[str]:
    """The readings and alarms of an origin that a node shows, by id."""
    tables = node.changes.tables
    found = [one.id for one in tables.readings.all() if one.node == origin]
    return sorted(found + [one.id for one in tables.alarms.all() if one.node == origin])


async def write(node: Node, readings: int = 3) -> None:
    await node.record(*(reading_taken() for _ in range(readings)), AlarmRaised(alarm=alarm(node=node.code)), audited())


async def level(chain: Chain) -> None:
    """Wait until all is level, and all three show the same of the site."""
    await until(chain.level, SOON)
    assert shown(chain.site) == shown(chain.region) == shown(chain.centre)


def test_a_restored_site_takes_back_what_it_lost_and_what_it_did_since_gets_there() -> None:
    async def scenario(chain: Chain) -> None:
        await write(chain.site)
        await level(chain)
        restore = back_up(chain.site)
        epoch = chain.site.changes.epoch
        await write(chain.site, 5)
        await level(chain)
        before = shown(chain.centre)
        await chain.site.stop()
        restore()
        await write(chain.site, 2)
        chain.site.make_link()
        chain.site.start()
        await until(lambda: chain.site.changes.epoch > epoch, SOON)
        await write(chain.site, 1)
        await until(lambda: len(shown(chain.centre)) == len(before) + 5, SOON)
        await level(chain)
        assert set(before) < set(shown(chain.centre))
        assert chain.site.link.status().parent[1].forked == ()

    play(scenario)


def test_an_alarm_taken_before_the_restore_is_taken_afterwards() -> None:
    async def scenario(chain: Chain) -> None:
        raised = alarm(node="koroszczyn")
        await chain.site.record(AlarmRaised(alarm=raised))
        restore = back_up(chain.site)
        await chain.site.record(AlarmAcknowledged(alarm_id=raised.id, acknowledged_by="x", acknowledged_at=MORNING))
        await level(chain)
        await chain.site.stop()
        restore()
        await chain.site.restart()
        await until(lambda: chain.site.changes.tables.alarms.all()[0].state is AlarmState.ACKNOWLEDGED, SOON)

    play(scenario)


def test_a_wiped_site_takes_back_everything() -> None:
    async def scenario(chain: Chain) -> None:
        empty = back_up(chain.site)
        await write(chain.site)
        await level(chain)
        before = shown(chain.centre)
        await chain.site.stop()
        empty()
        chain.site.changes.epoch = 5
        await write(chain.site)
        await chain.site.restart()
        await until(lambda: len(shown(chain.centre)) == 2 * len(before), SOON)
        await level(chain)

    play(scenario)


def test_a_site_restored_twice_from_one_backup_heals_twice() -> None:
    async def scenario(chain: Chain) -> None:
        await write(chain.site)
        restore = back_up(chain.site)
        for times in (2, 3):
            await chain.site.stop()
            restore()
            await write(chain.site)
            await chain.site.restart()
            await until(lambda times=times: len(shown(chain.centre)) == 4 * times, SOON)  # type: ignore[misc] # bound now
            await level(chain)

    play(scenario)


def test_a_restored_region_gets_its_sites_facts_and_its_own_again() -> None:
    async def scenario(chain: Chain) -> None:
        await write(chain.site)
        await write(chain.region)
        await level(chain)
        restore = back_up(chain.region)
        await write(chain.site)
        await write(chain.region)
        await level(chain)
        await chain.region.stop()
        restore()
        await write(chain.region)
        await chain.region.restart()
        await until(lambda: len(shown(chain.centre, "lublin")) == 12, SOON)
        await level(chain)
        assert shown(chain.region, "lublin") == shown(chain.centre, "lublin")

    play(scenario)


def test_site_and_region_restored_together_from_older_backups_lose_nothing_that_the_centre_has() -> None:
    async def scenario(chain: Chain) -> None:
        await write(chain.site)
        await level(chain)
        restores = [back_up(chain.site), back_up(chain.region)]
        await write(chain.site)
        await level(chain)
        for node, restore in zip((chain.site, chain.region), restores, strict=True):
            await node.stop()
            restore()
        await write(chain.site)
        await chain.site.restart()
        chain.network.cut.add("lublin")
        await chain.region.restart()
        await until(lambda: len(shown(chain.region)) == 8, SOON)
        chain.network.cut.clear()
        await until(lambda: len(shown(chain.centre)) == 12, SOON)
        await level(chain)

    play(scenario)


def test_a_parent_that_lost_everything_gets_it_again() -> None:
    async def scenario(chain: Chain) -> None:
        empty = back_up(chain.region)
        await write(chain.site)
        await level(chain)
        await chain.region.stop()
        empty()
        await chain.region.restart()
        await until(lambda: len(shown(chain.region)) == 4, SOON)
        await level(chain)

    play(scenario)


def test_a_clone_is_refused_while_the_node_speaks_and_served_when_it_has_ended() -> None:
    async def scenario(chain: Chain) -> None:
        await write(chain.site)
        await level(chain)
        clone = Node(chain.network, "koroszczyn", parent="lublin", scopes=("pl", "koroszczyn"))
        clone.changes.tables, clone.changes.epoch = chain.site.changes.tables, chain.site.changes.epoch
        clone.start()
        await until(lambda: any(wire.refused for wire in clone.link.status().parent), SOON)
        assert not any(wire.up for wire in clone.link.status().parent)
        await chain.site.stop()
        await until(lambda: all(wire.up for wire in clone.link.status().parent), SOON)
        await clone.stop()

    play(scenario)
