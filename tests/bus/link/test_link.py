"""Logs on their way up, through a region, over wires in memory and in virtual time."""

import asyncio

from bus.link.sending import GATHER
from bus.link.wire import Stream, Unreachable
from bus.replication import MAX_RECORDS, Batch, LogId, PackedBatch, peek
from bus.replication.ports import Applied
from domain.alarms.events import AlarmRaised
from domain.shared.errors import Unavailable
from tests.bus.link.network import Faults, Network
from tests.bus.link.nodes import Chain, now, play
from tests.bus.link.virtual_time import until
from tests.samples import alarm, audited, reading_taken


def test_facts_reach_the_centre_through_the_region_once_and_in_order() -> None:
    async def scenario(chain: Chain) -> None:
        for _ in range(30):
            await chain.site.record(*(reading_taken() for _ in range(40)), audited(), AlarmRaised(alarm=alarm()))
        await until(chain.level, 5)
        assert await chain.centre.records("koroszczyn") == await chain.site.records("koroszczyn")
        assert chain.centre.head("koroszczyn", "facts") == 1200
        assert not chain.network.aside
        assert not any(node.link.status().tally for node in chain.nodes)

    play(scenario)


def test_a_region_sends_what_is_its_own_too() -> None:
    async def scenario(chain: Chain) -> None:
        await chain.region.record(audited(), audited())
        await until(chain.level, 5)
        assert await chain.centre.records("lublin") == await chain.region.records("lublin")

    play(scenario)


def test_the_site_hears_of_the_centres_commit_before_its_next_hello() -> None:
    async def scenario(chain: Chain) -> None:
        began = now()
        await chain.site.record(reading_taken())
        await until(chain.level, 0.5)
        assert now() - began < 0.3

    play(scenario)


def test_an_event_leaves_at_once_and_what_follows_it_closely_leaves_together() -> None:
    async def scenario(chain: Chain) -> None:
        began = now()
        for _ in range(100):
            await chain.site.record(reading_taken())
            await asyncio.sleep(0.001)
        assert chain.site.bulk.sent[0].header.last == 1
        await until(chain.level, 5)
        assert len(chain.site.bulk.sent) <= (now() - began) / GATHER + 1
        assert chain.centre.head("koroszczyn", "facts") == 100

    play(scenario)


def test_a_full_batch_waits_for_no_other() -> None:
    async def scenario(chain: Chain) -> None:
        began = now()
        for _ in range(3):
            await chain.site.record(*(reading_taken() for _ in range(MAX_RECORDS)))
        await until(lambda: sum(batch.header.n for batch in chain.site.bulk.sent) == 3 * MAX_RECORDS, 5)
        assert now() - began < GATHER

    play(scenario)


def test_lost_confirmations_are_repeated_by_the_hello() -> None:
    async def scenario(chain: Chain) -> None:
        for node in (chain.site, chain.region):
            for wire in (node.bulk, node.alarms):
                wire.hear_confirmations = lambda _: None  # type: ignore[method-assign] # deaf
        await chain.site.record(*(reading_taken() for _ in range(5)))
        await until(chain.level, 10)
        assert len(chain.site.bulk.sent) == 1

    play(scenario)


def test_what_a_region_committed_goes_on_even_if_the_databases_answer_was_lost() -> None:
    async def scenario(chain: Chain) -> None:
        apply, lost = chain.region.logs.apply, []

        async def unanswered(batches: list[Batch], via: str) -> list[Applied]:
            applied = await apply(batches, via)
            if not lost:
                lost.append(batches)
                raise Unavailable
            return list(applied)

        chain.region.logs.apply = unanswered  # type: ignore[method-assign,assignment] # to fail
        await chain.site.record(reading_taken())
        await until(chain.level, 5)
        assert lost

    play(scenario)


def test_a_change_that_nobody_told_of_is_found_and_sent() -> None:
    async def scenario(chain: Chain) -> None:
        told = chain.site.changes.listeners
        listeners, told[:] = list(told), []
        await chain.site.record(reading_taken(), AlarmRaised(alarm=alarm()))
        told[:] = listeners
        await until(chain.level, 5)
        assert chain.centre.head("koroszczyn", "facts") == chain.centre.head("koroszczyn", "alarms") == 1

    play(scenario)


def test_a_confirmation_that_cannot_be_compared_now_is_compared_later() -> None:
    async def scenario(chain: Chain) -> None:
        await chain.site.record(reading_taken())
        await until(chain.level, 5)
        await chain.site.restart()
        hash_at, away = chain.site.logs.hash_at, True

        async def sometimes(log: LogId, seq: int) -> bytes | None:
            if away:
                raise Unavailable
            return await hash_at(log, seq)

        chain.site.logs.hash_at = sometimes  # type: ignore[method-assign] # to fail
        held = await chain.site.held("koroszczyn", "facts")
        assert held is not None
        await chain.site.record(reading_taken(), reading_taken())
        await until(lambda: chain.region.head("koroszczyn", "facts") == 3, 10)
        await chain.site.restart()
        await asyncio.sleep(10)
        away = False
        await until(chain.level, 10)

    play(scenario)


def test_what_is_on_record_while_the_link_is_cut_follows_when_it_is_back() -> None:
    async def scenario(chain: Chain) -> None:
        chain.network.cut = {"koroszczyn", "lublin"}
        await chain.site.record(*(reading_taken() for _ in range(700)))
        await until(lambda: not any(wire.up for wire in chain.site.link.status().parent), 20)
        assert chain.centre.head("koroszczyn", "facts") == 0
        sent = len(chain.site.bulk.sent)
        await asyncio.sleep(60)
        assert len(chain.site.bulk.sent) == sent, "nothing is tried on a link that is down"
        await chain.heal(within=10)
        assert await chain.centre.records("koroszczyn") == await chain.site.records("koroszczyn")

    play(scenario)


def test_a_link_that_starts_anew_goes_on_where_the_parent_is() -> None:
    async def scenario(chain: Chain) -> None:
        await chain.site.record(*(reading_taken() for _ in range(600)))
        await until(chain.level, 5)
        await chain.site.record(*(reading_taken() for _ in range(10)))
        await chain.site.restart()
        await chain.region.restart()
        await chain.site.record(*(reading_taken() for _ in range(10)))
        await until(chain.level, 20)
        assert sum(batch.header.n for batch in chain.site.bulk.sent) <= 20
        assert await chain.centre.records("koroszczyn") == await chain.site.records("koroszczyn")

    play(scenario)


def test_a_broker_that_forgets_what_it_acknowledged_loses_nothing() -> None:
    async def scenario(chain: Chain) -> None:
        await chain.region.stop()
        await chain.site.record(*(reading_taken() for _ in range(2_000)))
        broker = chain.network.broker("lublin", Stream.BULK)
        await until(lambda: sum(peek(one.data).n for one in broker.waiting.values()) == 2_000, 20)
        broker.lose_everything()
        await chain.region.restart()
        await until(chain.level, 30)
        assert await chain.centre.records("koroszczyn") == await chain.site.records("koroszczyn")

    play(scenario)


def test_a_batch_that_is_lost_is_asked_for_as_soon_as_the_next_one_is_there() -> None:
    async def scenario(chain: Chain) -> None:
        broker = chain.network.broker("lublin", Stream.BULK)
        put = broker.put
        broker.put = lambda *_: None  # type: ignore[method-assign] # it acknowledges and forgets
        await chain.site.record(reading_taken())
        await asyncio.sleep(0.1)
        broker.put = put  # type: ignore[method-assign] # as it was
        began = now()
        await chain.site.record(reading_taken())
        await until(chain.level, 20)
        assert now() - began < 1.5

    play(scenario, Network(Faults(delay=0.01)))


def test_a_batch_that_the_broker_refuses_is_sent_again_soon() -> None:
    async def scenario(chain: Chain) -> None:
        send, refused = chain.site.bulk.send, 0

        async def full(batch: PackedBatch, within: float) -> None:
            nonlocal refused
            refused += 1
            if refused < 3:
                raise Unreachable("the stream is full")
            await send(batch, within)

        chain.site.bulk.send = full  # type: ignore[method-assign] # to refuse
        began = now()
        await chain.site.record(reading_taken())
        await until(chain.level, 20)
        assert 0.5 < now() - began < 2

    play(scenario)


def test_alarms_do_not_wait_behind_facts() -> None:
    async def scenario(chain: Chain) -> None:
        chain.network.cut.add("koroszczyn")
        await chain.site.record(*(reading_taken() for _ in range(8_000)))
        chain.network.faults.delay = 0.1
        chain.network.cut.clear()
        await until(lambda: chain.region.head("koroszczyn", "facts") > 0, 20)
        await chain.site.record(AlarmRaised(alarm=alarm()))
        began = now()
        await until(lambda: chain.centre.head("koroszczyn", "alarms") == 1, 20)
        assert chain.centre.head("koroszczyn", "facts") < 8_000
        assert now() - began < 1.5

    play(scenario)


def test_a_region_passes_batches_on_as_they_came() -> None:
    async def scenario(chain: Chain) -> None:
        reads: list[LogId] = []
        read = chain.region.logs.read

        async def watched(log: LogId, first: int, limit: int) -> object:
            reads.append(log)
            return await read(log, first, limit)

        await chain.site.record(*(reading_taken() for _ in range(5_000)))
        await until(chain.level, 10)  # both know their lines
        chain.region.logs.read = watched  # type: ignore[method-assign,assignment] # to count
        await chain.site.record(*(reading_taken() for _ in range(5_000)))
        await until(chain.level, 10)
        assert reads == []

    play(scenario)


def test_while_the_database_is_away_nothing_is_settled() -> None:
    async def scenario(chain: Chain) -> None:
        apply = chain.region.logs.apply
        away = True

        async def sometimes(batches: list[Batch], via: str) -> list[Applied]:
            if away:
                raise Unavailable
            return list(await apply(batches, via))

        chain.region.logs.apply = sometimes  # type: ignore[method-assign,assignment] # to fail
        await chain.site.record(reading_taken())
        broker = chain.network.broker("lublin", Stream.BULK)
        await until(lambda: chain.region.link.status().tally.get("apply_postponed", 0) > 3, 20)
        assert broker.settled == 0
        away = False
        await until(chain.level, 20)
        assert not chain.network.aside

    play(scenario)
