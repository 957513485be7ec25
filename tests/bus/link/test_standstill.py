"""What a child cannot take of its parent's feeds: tried again, or set aside and told of; the other feeds go on."""

import asyncio
import zlib
from collections.abc import Callable, Sequence

import msgspec

from bus.link.standstill import TRIED_AGAIN_AFTER
from bus.link.stopped import Stopped
from bus.link.wire import Question, Unreachable
from bus.replication import Batch, LogId, pack, unpack
from bus.replication.ports import Applied
from domain.shared.errors import Unavailable
from domain.shared.quarantine import QuarantineState
from domain.watchlist.events import EntryActivated
from tests.bus.link.nodes import Chain, Node, play
from tests.bus.link.virtual_time import until
from tests.samples import entry, reading_taken

PL, OWN = "watchlist.pl", "watchlist.koroszczyn"
Alter = Callable[[bytes], bytes]


async def seek(chain: Chain, *scopes: str) -> None:
    await chain.centre.record(*(EntryActivated(entry=entry(scope=scope)) for scope in scopes))


def damage(data: bytes) -> bytes:
    return data[:-7]


def newer(data: bytes) -> bytes:
    """Return a batch as a later version of the program would pack it."""
    header, records = unpack(data)
    _, payload, _ = msgspec.msgpack.decode(data, type=tuple[msgspec.Raw, bytes, int])
    later = msgspec.msgpack.encode(msgspec.structs.replace(header, version=2))
    checksum = zlib.crc32(payload, zlib.crc32(later))
    assert records
    return msgspec.msgpack.encode((msgspec.Raw(later), payload, checksum))


def altering(chain: Chain, alter: Alter, channel: str = PL) -> Callable[[], None]:
    """Have all that the site is told of a feed altered, until the function returned is called."""
    ask, say = chain.site.bulk.ask, chain.site.bulk.hear_broadcast

    async def altered_answer(question: Question, data: bytes) -> bytes:
        answer = await ask(question, data)
        is_meant = question is Question.RANGE and unpack(answer).header.log.channel == channel
        return alter(answer) if is_meant else answer

    def altered_broadcast(said: str, data: bytes) -> None:
        say(said, alter(data) if said == channel else data)

    def end() -> None:
        chain.site.bulk.ask, chain.site.bulk.hear_broadcast = ask, say  # type: ignore[method-assign] # as it was

    chain.site.bulk.ask = altered_answer  # type: ignore[method-assign] # to alter
    chain.site.bulk.hear_broadcast = altered_broadcast  # type: ignore[method-assign] # to alter
    return end


def refusing(node: Node, fault: Callable[[Batch], Exception | None]) -> Callable[[], None]:
    """Have a node's database refuse batches, until the function returned is called."""
    apply = node.logs.apply

    async def picky(batches: Sequence[Batch], via: str) -> Sequence[Applied]:
        for batch in batches:
            failure = fault(batch)
            if failure is not None:
                raise failure
        return await apply(batches, via)

    def end() -> None:
        node.logs.apply = apply  # type: ignore[method-assign] # as it was

    node.logs.apply = picky  # type: ignore[method-assign] # to refuse
    return end


def stopped(node: Node) -> dict[str, Stopped]:
    return {one.channel: one for one in node.link.status().stopped}


def tally(node: Node, name: str) -> int:
    return node.link.status().tally.get(name, 0)


def goes_on_after(alter: Alter, reason: str) -> None:
    async def scenario(chain: Chain) -> None:
        end = altering(chain, alter)
        await seek(chain, "pl", "koroszczyn")
        await until(lambda: PL in stopped(chain.site), 5)
        assert chain.site.head("central", OWN) == 1
        assert (stopped(chain.site)[PL].seq, stopped(chain.site)[PL].kept) == (1, True)
        assert stopped(chain.site)[PL].reason.startswith(reason)
        kept = [(delivery.child, why) for delivery, why in chain.network.aside]
        assert {child for child, _ in kept} == {"koroszczyn"}
        assert all(why.startswith(f"koroszczyn cannot take it: {reason}") for _, why in kept)
        await asyncio.sleep(600)
        await seek(chain, "koroszczyn")
        await until(lambda: chain.site.head("central", OWN) == 2, 5)
        assert len(chain.network.aside) == len(kept) == tally(chain.site, "batch_set_aside")
        assert len(kept) == tally(chain.region, "batch_set_aside")
        assert tally(chain.site, "link_task_failed") == 0
        end()
        await until(chain.level, TRIED_AGAIN_AFTER + 1)
        assert stopped(chain.site) == {}

    play(scenario)


def test_a_batch_that_cannot_be_read_is_kept_and_stops_its_feed_alone() -> None:
    goes_on_after(damage, "BatchUnreadable")


def test_a_batch_of_a_later_version_waits_for_the_upgrade() -> None:
    goes_on_after(newer, "BatchTooNew: batch of version 2")


def test_an_event_that_the_database_refuses_for_good_stops_its_feed_and_what_lies_ahead_of_it_is_live() -> None:
    async def scenario(chain: Chain) -> None:
        await chain.site.stop()
        for _ in range(100):
            await seek(chain, "pl")
        end = refusing(
            chain.site,
            lambda batch: (
                OverflowError("no column takes it")
                if batch.header.log.channel == PL and batch.header.first <= 77 <= batch.header.last
                else None
            ),
        )
        await chain.site.restart()
        await until(lambda: PL in stopped(chain.site), 20)
        assert chain.site.head("central", PL) == 76
        assert (stopped(chain.site)[PL].seq, stopped(chain.site)[PL].reason) == (
            77,
            "OverflowError",
        )
        await seek(chain, "koroszczyn", "pl")
        await until(lambda: chain.site.head("central", OWN) == 1, 5)
        await asyncio.sleep(600)
        ((delivery, reason),) = chain.network.aside
        header, _ = unpack(delivery.data)
        assert (delivery.child, header.first, header.last) == ("koroszczyn", 77, 77)
        assert reason == "koroszczyn cannot take it: OverflowError"
        assert (tally(chain.site, "batch_set_aside"), tally(chain.site, "log_stands_still")) == (1, 1)
        end()
        await until(chain.level, TRIED_AGAIN_AFTER + 1)
        assert stopped(chain.site) == {}
        assert await chain.site.records("central") == {
            log: records
            for log, records in (await chain.centre.records("central")).items()
            if log in chain.site.positions("central")
        }

    play(scenario)


def test_a_fault_that_passes_sets_nothing_aside() -> None:
    async def scenario(chain: Chain) -> None:
        left = [ValueError("a deadlock"), ValueError("another")]
        refusing(chain.site, lambda _: left.pop() if left else None)
        await seek(chain, "pl")
        await until(chain.level, 5)
        assert (chain.network.aside, stopped(chain.site)) == ([], {})

    play(scenario)


def test_while_the_database_is_away_everything_waits_and_nothing_is_set_aside() -> None:
    async def scenario(chain: Chain) -> None:
        end = refusing(chain.site, lambda _: Unavailable())
        await seek(chain, "pl", "koroszczyn")
        await until(lambda: tally(chain.site, "apply_postponed") > 3, 20)
        assert (chain.site.head("central", PL), chain.site.head("central", OWN)) == (0, 0)
        end()
        await until(chain.level, 10)
        assert (chain.network.aside, stopped(chain.site)) == ([], {})
        assert tally(chain.site, "link_task_failed") == 0

    play(scenario)


def test_a_database_that_is_away_while_positions_are_asked_for_is_waited_for_as_well() -> None:
    async def scenario(chain: Chain) -> None:
        find, left = chain.site.logs.find, 3

        async def sometimes(log: LogId) -> object:
            nonlocal left
            left -= 1
            if left >= 0:
                raise Unavailable
            return await find(log)

        chain.site.bulk.feeds = ()
        chain.site.logs.find = sometimes  # type: ignore[method-assign,assignment] # to fail
        await seek(chain, "pl", "koroszczyn")
        await until(chain.level, 10)
        assert tally(chain.site, "apply_postponed") == 3

    play(scenario)


def test_what_cannot_be_kept_is_kept_later() -> None:
    async def scenario(chain: Chain) -> None:
        ask, lost = chain.site.bulk.ask, 2

        async def sometimes(question: Question, data: bytes) -> bytes:
            nonlocal lost
            lost -= question is Question.REFUSED
            if question is Question.REFUSED and lost >= 0:
                raise Unreachable("no answer")
            return await ask(question, data)

        chain.site.bulk.ask = sometimes  # type: ignore[method-assign] # to fail
        refusing(chain.site, lambda _: OverflowError("no column takes it"))
        await seek(chain, "pl")
        await until(lambda: PL in stopped(chain.site), 10)
        assert not stopped(chain.site)[PL].kept
        await until(lambda: stopped(chain.site)[PL].kept, 60)
        assert len(chain.network.aside) == 1

    play(scenario)


def test_a_copy_takes_over_the_history_that_its_parent_holds_and_the_region_that_of_the_owner() -> None:
    async def scenario(chain: Chain) -> None:
        await seek(chain, "pl")
        await until(chain.level, 5)
        (log,) = (log for log in chain.site.positions("central") if log.channel == PL)
        other = Node(chain.network, "elsewhere")
        await other.record(EntryActivated(entry=entry()))
        (theirs,) = (held for held in await other.logs.held() if held.log.channel == PL)
        before, records = await other.logs.read(theirs.log, 1, 1)
        forged = unpack(pack(log, 1, before, records).data)
        await chain.region.stop()
        tables = chain.region.changes.tables
        tables.logs.drop(log.origin, log.channel, log.epoch)
        tables.events.drop(log.origin, log.channel, log.epoch, 1)
        await chain.region.logs.apply([forged], "central")
        await chain.region.logs.note_arrival(log, "central")
        await chain.region.restart()
        await until(chain.level, 60)
        assert stopped(chain.site) == stopped(chain.region) == {}
        assert chain.centre.link.status().tally["return_not_ours"] > 0

    play(scenario)


def test_a_feed_that_stands_still_and_is_left_stands_still_no_more() -> None:
    async def scenario(chain: Chain) -> None:
        altering(chain, damage)
        await seek(chain, "pl", "koroszczyn")
        await until(lambda: PL in stopped(chain.site), 5)
        assert isinstance(chain.region._children, dict)
        chain.region._children["koroszczyn"] = ("koroszczyn",)
        await until(lambda: not stopped(chain.site), 10)
        await asyncio.sleep(600)
        assert stopped(chain.site) == {}
        assert tally(chain.site, "log_stands_still") == 1

    play(scenario)


def test_what_was_moved_to_another_epoch_is_waited_for_at_neither_end() -> None:
    async def scenario(chain: Chain) -> None:
        await chain.site.record(reading_taken())
        await until(chain.level, 5)
        epoch = chain.site.changes.epoch
        refusing(chain.region, lambda batch: OverflowError() if batch.header.log.epoch == epoch else None)
        await chain.site.record(reading_taken(), reading_taken())
        for node in (chain.site, chain.region):
            await until(lambda node=node: "facts" in stopped(node), 5)  # type: ignore[misc] # bound now
        (kept,) = chain.region.changes.tables.batches.all()
        assert kept.state is QuarantineState.HELD

        await chain.site.logs.go_on(epoch)
        for node in (chain.region, chain.centre):
            await until(lambda node=node: node.head("koroszczyn", "facts") == 3, 10)  # type: ignore[misc] # bound now
        await until(lambda: not stopped(chain.site) and not stopped(chain.region), 10)
        (kept,) = chain.region.changes.tables.batches.all()
        assert kept.state is QuarantineState.REPLAYED

    play(scenario)
