"""When a node compares itself with its parent, and what of that is known later."""

import asyncio
from datetime import UTC, datetime, timedelta

from bus.link.verifying import Verifying, next_night
from tests.bus.link.network import Network
from tests.bus.link.nodes import Chain, Node, play
from tests.bus.link.test_verifying import audit_of, fill, told, verified
from tests.bus.link.virtual_time import run, until
from tests.contracts.spoilers import MemorySpoiler
from tests.samples import audited


def of(node: Node) -> Verifying:
    assert node.link.verifying is not None
    return node.link.verifying


def test_a_node_verifies_itself_every_night() -> None:
    async def scenario() -> None:
        site = Chain(Network()).site
        await site.record(*(audited() for _ in range(3)))
        await MemorySpoiler(site.changes.tables).drop_event(audit_of(site), 2)
        verifying = of(site)
        nightly = asyncio.create_task(verifying.run())
        for _ in range(2):
            verifying.last = None
            due = next_night(site.clock.now(), 1, "koroszczyn")
            await asyncio.sleep((due - site.clock.now()).total_seconds() - 1)
            assert verifying.last is None
            await asyncio.sleep(120)
            last = verifying.last
            assert last is not None
            assert [one.row for one in last.differences] == ["2"]
            assert site.link.status().tally["nodes_differ"] > 0
        nightly.cancel()

    run(scenario())


def test_a_comparison_that_is_to_repair_follows_one_under_way_that_does_not() -> None:
    async def scenario(chain: Chain) -> None:
        await fill(chain)
        await MemorySpoiler(chain.site.changes.tables).drop_event(audit_of(chain.site), 3)
        verifying = of(chain.site)
        looks = verifying.begin(repair=False)
        await asyncio.sleep(0)
        mends = verifying.begin(repair=True)
        assert looks is verifying.last
        assert verifying.begin(repair=True) is mends
        assert verifying.begin(repair=False) is looks

        def is_done() -> bool:
            last = verifying.last
            return last is not None and last.finished_at is not None and last.started_at >= mends.started_at

        await until(is_done, 200)
        assert [one.repaired for one in verifying.last.differences] == [True]
        assert await told(chain.site) == []

    play(scenario)


def test_one_that_is_asked_for_twice_is_made_once() -> None:
    async def scenario(chain: Chain) -> None:
        await fill(chain)
        verifying = of(chain.site)
        for repair in (True, False):
            begun = verifying.begin(repair=True)
            assert verifying.begin(repair=repair) is begun
            await until(lambda: verifying.last is not None and verifying.last.finished_at is not None, 200)
            await asyncio.sleep(1)
            assert verifying.last.started_at == begun.started_at

    play(scenario)


def test_what_came_of_the_last_comparison_is_known_after_a_restart() -> None:
    async def scenario(chain: Chain) -> None:
        await fill(chain)
        found = await verified(chain.site)
        await chain.site.restart()
        await until(lambda: chain.site.link.status().verification == found, 5)
        again = of(chain.site)
        again.begin(repair=False)
        await again.remember()
        assert again.last is not None
        assert again.last.started_at > found.started_at

    play(scenario)


def test_it_is_known_since_when_not_everything_could_be_compared() -> None:
    async def scenario(chain: Chain) -> None:
        await fill(chain)
        assert (await verified(chain.site)).incomplete_since is None
        chain.network.cut.add("koroszczyn")
        first = await verified(chain.site)
        assert first.incomplete_since == first.started_at
        await asyncio.sleep(60)
        assert (await verified(chain.site)).incomplete_since == first.started_at

        await chain.site.restart()
        await until(lambda: chain.site.link.status().verification is not None, 5)
        assert of(chain.site).begin(repair=False).incomplete_since == first.started_at
        assert (await verified(chain.site)).incomplete_since == first.started_at
        chain.network.cut.clear()
        assert (await verified(chain.site)).incomplete_since is None

    play(scenario)


def test_each_node_has_its_own_minute_of_the_night() -> None:
    at = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
    nights = {next_night(at, 1, f"site-{number}") for number in range(50)}
    assert len(nights) > 40
    assert all(at + timedelta(hours=19) <= due < at + timedelta(hours=20) for due in nights)
    due = next_night(at, 1, "dorohusk")
    assert next_night(due, 1, "dorohusk") == due + timedelta(days=1)
    assert next_night(due - timedelta(seconds=1), 1, "dorohusk") == due
