"""What the centre has erased goes at every node, and nothing that a node does or suffers brings it back."""

import asyncio

from bus.link.batches import Untaken
from bus.replication import pack, unpack
from bus.replication.digests import Span
from domain.alarms.events import AlarmRaised
from domain.erasure.commands import Erase
from domain.erasure.handlers import erase
from domain.registrations.events import Registered
from domain.registrations.model import Registration
from domain.shared.actors import system
from domain.watchlist.events import EntryActivated, EntryWithdrawn
from domain.watchlist.model import Entry
from tests.bus.link.nodes import Chain, Node, back_up, play
from tests.bus.link.test_verifying import verified
from tests.bus.link.virtual_time import until
from tests.samples import MORNING, alarm, entry, reading_taken, registration, rescreened, traveller

SOON = 60
SITE = "koroszczyn"


def person() -> Registration:
    return registration(node=SITE, traveller=traveller())


async def register(site: Node) -> Registration:
    """Have a site register somebody, with all that follows, beside somebody else."""
    one, other = person(), person()
    raised = AlarmRaised(alarm=alarm(node=SITE, registration_id=one.id))
    await site.record(Registered(registration=one), Registered(registration=other), rescreened(one), raised)
    await site.record(reading_taken(registration_id=one.id))
    return one


async def erased(centre: Node, *ids: str) -> None:
    command = Erase(ids=ids, reason="żądanie osoby", legal_basis="art. 17 RODO")
    await centre.changes.run(system("central"), lambda change: erase(command, change))


def live(node: Node, of_id: str) -> list[str]:
    """Where a node has yet something that names an object."""
    tables, named = node.changes.tables, of_id.encode()
    found = [f"event {key}" for key, row in tables.events.items() if named in (row.record.body or b"")]
    found += [f"aged {key}" for key, row in tables.aged.items() if named in (row.record.body or b"")]
    found += [f"registration {one.id}" for one in tables.registrations.all() if one.id == of_id]
    found += [f"reading {one.id}" for one in tables.readings.all() if one.registration_id == of_id]
    found += [f"alarm {one.id}" for one in tables.alarms.all() if one.registration_id == of_id]
    found += [f"entry {one.id}" for one in tables.entries.all() if one.id == of_id]
    batches = [(one.id, tables.batch_bytes.get(one.id) or b"") for one in tables.batches.all()]
    found += [f"batch {key}" for key, data in batches for one in unpack(data).records if named in (one.body or b"")]
    assert not [record for record in tables.unshown.all() if record.note != "erased"]
    return [one for one in found if not one.startswith(("event", "aged")) or "erasure." not in one]


def entries(node: Node) -> list[str]:
    return [one.id for one in node.changes.tables.entries.all()]


def nowhere(chain: Chain, of_id: str) -> bool:
    return not any(live(node, of_id) for node in chain.nodes)


def everywhere(chain: Chain, of_id: str) -> bool:
    return all(live(node, of_id) for node in chain.nodes)


def ended(one: Entry) -> EntryWithdrawn:
    return EntryWithdrawn(
        entry_id=one.id, scope="pl", was_active=True, reason="x", withdrawn_by="anna", withdrawn_at=MORNING
    )


async def gone(chain: Chain, of_id: str) -> None:
    """Wait until nobody has anything of an object and all is level, and see that the logs are whole and the same."""
    await until(lambda: nowhere(chain, of_id), SOON)
    await until(chain.level, SOON)
    for log, (head, _) in chain.site.positions(SITE).items():
        digests = [await node.custody.log_digests(log, [Span(1, head.seq)]) for node in chain.nodes]
        assert digests[0] == digests[1] == digests[2]
    assert len([one for one in chain.centre.changes.tables.registrations.all() if one.node == SITE]) > 0


def test_what_is_erased_at_the_centre_goes_at_the_site_and_at_its_region() -> None:
    async def scenario(chain: Chain) -> None:
        one = await register(chain.site)
        await until(lambda: everywhere(chain, one.id) and chain.level(), SOON)
        await erased(chain.centre, one.id)
        await gone(chain, one.id)
        assert [node.changes.tables.erasures.all()[0].reason for node in chain.nodes] == 3 * ["żądanie osoby"]

    play(scenario)


def test_a_verification_finds_nothing_and_its_repair_brings_nothing_back() -> None:
    async def scenario(chain: Chain) -> None:
        one = await register(chain.site)
        await until(lambda: everywhere(chain, one.id) and chain.level(), SOON)
        kept = back_up(chain.centre)
        await erased(chain.centre, one.id)
        await gone(chain, one.id)
        for node in (chain.site, chain.region):
            assert (await verified(node, repair=True)).equal
        held = {log for log in chain.region.positions(SITE) if log.channel == "facts"}
        chain.region.changes.tables.events.drop(SITE, "facts", held.pop().epoch, 1)
        await chain.centre.stop()
        kept()  # the centre has the body again, and its region has lost the event
        await chain.centre.restart()
        found = await verified(chain.region, repair=True)
        assert [one.repaired for one in found.differences] == [True]
        await gone(chain, one.id)

    play(scenario)


def test_what_a_site_out_of_reach_says_of_it_later_is_taken_without_it() -> None:
    async def scenario(chain: Chain) -> None:
        one = await register(chain.site)
        await until(lambda: everywhere(chain, one.id) and chain.level(), SOON)
        chain.network.cut.add(SITE)
        await chain.site.record(rescreened(one), AlarmRaised(alarm=alarm(node=SITE, registration_id=one.id)))
        await erased(chain.centre, one.id)
        await until(lambda: not live(chain.centre, one.id) and not live(chain.region, one.id), SOON)
        assert live(chain.site, one.id)
        chain.network.cut.clear()
        await gone(chain, one.id)

    play(scenario)


def test_restored_nodes_lose_it_again() -> None:
    for number in range(3):

        async def scenario(chain: Chain, number: int = number) -> None:
            one = await register(chain.site)
            await until(lambda: everywhere(chain, one.id) and chain.level(), SOON)
            node = chain.nodes[number]
            restore = back_up(node)
            await erased(chain.centre, one.id)
            await gone(chain, one.id)
            await node.stop()
            restore()
            assert live(node, one.id)
            await node.restart()
            await gone(chain, one.id)

        play(scenario)


def test_a_restored_centre_takes_its_list_back_without_what_was_erased() -> None:
    async def scenario(chain: Chain) -> None:
        one, other, empty = entry(), entry(), back_up(chain.centre)
        await chain.centre.record(EntryActivated(entry=one), EntryActivated(entry=other))
        await chain.centre.record(ended(one))
        await until(lambda: everywhere(chain, one.id), SOON)
        restore = back_up(chain.centre)
        await erased(chain.centre, one.id)
        await until(lambda: nowhere(chain, one.id), SOON)
        for lost in (restore, empty):
            await chain.centre.stop()
            lost()
            await chain.centre.restart()
            await until(lambda: all(entries(node) == [other.id] for node in chain.nodes) and chain.level(), SOON)
            assert nowhere(chain, one.id)

    play(scenario)


def test_a_site_that_comes_later_gets_nothing_of_it() -> None:
    async def scenario(chain: Chain) -> None:
        one = entry()
        await chain.centre.record(EntryActivated(entry=one), EntryActivated(entry=entry()))
        await until(lambda: everywhere(chain, one.id), SOON)
        await chain.site.stop()
        empty = Chain(chain.network).site  # a fresh one takes its place
        await chain.centre.record(ended(one))
        await erased(chain.centre, one.id)
        await until(lambda: not live(chain.centre, one.id) and not live(chain.region, one.id), SOON)
        chain.nodes = (chain.centre, chain.region, empty)
        chain.site = empty
        empty.start()
        await until(lambda: empty.head("central", "watchlist.pl") == 3, SOON)
        await until(lambda: nowhere(chain, one.id), SOON)
        assert len(empty.changes.tables.entries.all()) == 1

    play(scenario)


def test_a_batch_that_gave_way_is_kept_without_it() -> None:
    async def scenario(chain: Chain) -> None:
        one = await register(chain.site)
        await until(lambda: everywhere(chain, one.id) and chain.level(), SOON)
        ((log, _),) = [held for held in chain.site.positions(SITE).items() if held[0].channel == "facts"]
        before, records = await chain.site.logs.read(log, 1, 10)
        data = pack(log, 1, before, records).data
        await chain.region.batches.keep(Untaken(child=SITE, room=SITE, data=data, reason="gave way", header=None))
        assert len(live(chain.region, one.id)) > len(live(chain.centre, one.id))
        await erased(chain.centre, one.id)
        await gone(chain, one.id)

    play(scenario)


def test_a_list_that_its_owner_lost_and_takes_back_only_in_part_is_not_offered_over_and_over() -> None:
    async def scenario(chain: Chain) -> None:
        one, other, empty = entry(), entry(), back_up(chain.centre)
        await chain.centre.record(EntryActivated(entry=one), EntryActivated(entry=other))
        await chain.centre.record(ended(one))
        await until(lambda: everywhere(chain, one.id), SOON)
        await erased(chain.centre, one.id)
        await until(lambda: nowhere(chain, one.id), SOON)
        await chain.centre.stop()
        empty()
        chain.centre.changes.epoch += 1
        await chain.centre.restart()
        await until(lambda: entries(chain.centre) == [other.id], SOON)
        await asyncio.sleep(5 * SOON)
        assert chain.region.link.status().tally["log_given_back"] < 12

    play(scenario)
