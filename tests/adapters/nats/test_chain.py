"""Site, region and centre over three real nats-servers."""

import asyncio
import time
from collections.abc import Sequence

import nats

from bus.replication import START, Batch, pack, unpack
from bus.replication.ports import Applied
from domain.alarms.events import AlarmRaised
from domain.watchlist.events import EntryActivated, EntrySubmitted
from tests.adapters.nats.places import Node, confirmed
from tests.samples import alarm, audited, entry, new_id, reading_taken, submitted
from tests.waiting import until


def readings(count: int) -> list[object]:
    return [reading_taken(vendor_id=new_id()) for _ in range(count)]


async def test_facts_climb_and_feeds_descend(chain: list[Node]) -> None:
    centre, region, site = chain
    for node in chain:
        node.start()
    for _ in range(5):
        await site.record(*readings(200), audited())
    await site.record(AlarmRaised(alarm=alarm()))
    await centre.record(EntryActivated(entry=entry()), EntrySubmitted(entry=submitted()))
    for channel in ("facts", "audit", "alarms"):
        await confirmed(site, channel)
        assert await centre.records("koroszczyn", channel) == await site.records("koroszczyn", channel)
        assert await region.records("koroszczyn", channel) == await site.records("koroszczyn", channel)
    await until(lambda: ("central", "watchlist.pl") in site.heads)
    await until(lambda: ("central", "watchlist.drafts") in region.heads)
    assert await site.records("central", "watchlist.pl") == await centre.records("central", "watchlist.pl")
    assert await site.held("central", "watchlist.drafts") is None
    assert [node.link.status().tally for node in chain] == [{}, {}, {}]
    assert set(centre.link.status().children) == {"lublin"}
    assert [wire.up for wire in site.link.status().parent] == [True, True]


async def test_the_regions_server_dies_and_comes_back(chain: list[Node]) -> None:
    centre, region, site = chain
    for node in chain:
        node.start()
    await site.record(*readings(100))
    await confirmed(site, "facts")
    region.place.server.kill()
    await site.record(*readings(700), AlarmRaised(alarm=alarm()))
    await until(lambda: not any(wire.up for wire in site.link.status().parent))
    assert region.place.server.start() == region.place.address
    await site.record(*readings(100))
    await confirmed(site, "facts")
    await confirmed(site, "alarms")
    assert await centre.records("koroszczyn", "facts") == await site.records("koroszczyn", "facts")
    await centre.record(EntryActivated(entry=entry()))
    await until(lambda: ("central", "watchlist.pl") in site.heads)


async def test_links_are_stopped_and_made_anew_half_way(chain: list[Node]) -> None:
    centre, region, site = chain
    for node in chain:
        node.start()
    await site.record(*readings(1_000))
    for number, node in enumerate((region, site, centre, region), start=1):
        await until(lambda number=number: centre.heads.get(("koroszczyn", "facts"), 0) >= 100 * number)  # type: ignore[misc]
        await node.stop()
        await site.record(*readings(1_000))
        node.make_link()
        node.start()
    await confirmed(site, "facts", within=40)
    assert await centre.records("koroszczyn", "facts") == await site.records("koroszczyn", "facts")
    assert await region.records("koroszczyn", "facts") == await site.records("koroszczyn", "facts")


async def test_an_alarm_overtakes_a_backlog_of_facts(chain: list[Node]) -> None:
    centre, region, site = chain
    for _ in range(12):
        await site.record(*readings(500))
    await site.record(AlarmRaised(alarm=alarm()))
    for node in chain:
        node.start()
    await until(lambda: ("koroszczyn", "alarms") in centre.heads)
    assert centre.heads.get(("koroszczyn", "facts"), 0) < 6_000
    await confirmed(site, "facts")
    assert region.heads["koroszczyn", "facts"] == 6_000


async def test_a_clone_behind_another_child_is_refused_and_kept(chain: list[Node]) -> None:
    _, region, site = chain
    for node in chain:
        node.start()
    await site.record(*readings(2))
    await confirmed(site, "facts")
    held = await site.held("koroszczyn", "facts")
    assert held is not None
    clone = pack(held.log, 1, START.hash, await site.records("koroszczyn", "facts"))
    neighbour = await nats.connect(region.place.address.client_url)
    jetstream = neighbour.jetstream()
    await jetstream.publish("up.lublin.dorohusk.facts", clone.data)
    await jetstream.publish("up.lublin.stranger.facts", clone.data)
    await until(lambda: region.tally("batch_set_aside") == 2)
    await site.record(*readings(1))
    await confirmed(site, "facts")
    kept = await region.set_aside()
    assert {data for _, data in kept.values()} == {clone.data}
    assert kept["dorohusk"][0].startswith("dorohusk may not send")
    assert kept["stranger"][0] == "stranger is not a child of this node"
    await neighbour.close()


async def test_a_single_fact_waits_for_no_other(chain: list[Node]) -> None:
    centre, _, site = chain
    for node in chain:
        node.start()
    for seq in range(1, 21):
        await site.record(*readings(1))
        await until(lambda seq=seq: centre.heads.get(("koroszczyn", "facts"), 0) == seq)  # type: ignore[misc]
    arrived = await centre.records("koroszczyn", "facts")
    assert len(arrived) == 20
    assert arrived == await site.records("koroszczyn", "facts")


async def test_an_event_of_a_feed_that_a_site_cannot_take_is_kept_at_its_parent(chain: list[Node]) -> None:
    centre, region, site = chain
    apply = site.logs.apply

    async def picky(batches: Sequence[Batch], via: str) -> Sequence[Applied]:
        if any(batch.header.log.channel == "watchlist.pl" for batch in batches):
            raise OverflowError("no column takes it")
        return await apply(batches, via)

    site.logs.apply = picky  # type: ignore[method-assign] # to refuse
    for node in chain:
        node.start()
    await centre.record(EntryActivated(entry=entry()))
    await until(lambda: [one.kept for one in site.link.status().stopped] == [True])
    reason, data = (await region.set_aside())["koroszczyn"]
    assert unpack(data).header.log.channel == "watchlist.pl"
    assert reason == "koroszczyn cannot take it: OverflowError"


async def test_an_empty_list_arrives_through_the_region_and_stands_in_the_sites_file(chain: list[Node]) -> None:
    site = chain[2]
    for node in chain:
        node.start()
    deadline = time.monotonic() + 20
    while (held := await site.held("central", "watchlist.pl")) is None:
        assert time.monotonic() < deadline, "the list has not arrived"
        await asyncio.sleep(0.02)
    assert (held.head, held.via, held.arrived) == (START, "lublin", True)
