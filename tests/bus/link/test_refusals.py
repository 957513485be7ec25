"""What a neighbour should not have sent: refused, kept, told of, and in nobody's way."""

import asyncio
from collections.abc import Callable, Sequence

from adapters.memory.clock import SteppingClock
from bus.link.messages import NOT_KEPT, Confirmations, Confirmed, encode
from bus.link.stopped import STOPPED_MAX, StoppedLogs
from bus.link.tasks import Tasks
from bus.link.wire import Question, Stream
from bus.replication import START, Batch, LogId, Position, pack
from bus.replication.ports import Applied
from domain.watchlist.events import EntryActivated
from tests.bus.link.network import Network
from tests.bus.link.nodes import Chain, Node, play
from tests.bus.link.virtual_time import run, until
from tests.samples import entry, reading_taken


def test_a_parent_cannot_slip_in_what_is_not_wanted() -> None:
    async def scenario(chain: Chain) -> None:
        for log in (LogId("central", 1, "facts"), LogId("central", 1, "watchlist.tarnow")):
            chain.site.bulk.hear_broadcast("watchlist.pl", await foreign_batch(log))
        await asyncio.sleep(5)
        assert {head.seq for head, _ in chain.site.positions("central").values()} == {0}
        assert chain.site.link.status().tally == {}
        own = await foreign_batch(LogId("lublin", 1, "watchlist.pl"))
        chain.region.bulk.hear_broadcast("watchlist.pl", own)
        await until(lambda: bool(chain.network.aside), 5)
        ((delivery, reason),) = chain.network.aside
        assert (delivery.child, delivery.data) == ("lublin", own)
        assert "is this node's own" in reason
        assert chain.region.link.status().tally == {"log_stands_still": 1, "batch_set_aside": 1}

    play(scenario)


async def foreign_batch(log: LogId, generation: int = 0) -> bytes:
    origin = Node(Network(), log.origin, parent="lublin")
    await origin.record(reading_taken())
    held = await origin.held(log.origin, "facts")
    assert held is not None
    before, records = await origin.logs.read(held.log, 1, 10)
    return pack(log, 1, before, records, generation).data


def test_what_comes_the_wrong_way_is_set_aside_and_blocks_nothing() -> None:
    async def scenario(chain: Chain) -> None:
        broker = chain.network.broker("lublin", Stream.BULK)
        await chain.site.record(reading_taken())
        await until(chain.level, 5)
        held = await chain.site.held("koroszczyn", "facts")
        assert held is not None
        whole = await foreign_batch(held.log)
        wrong = {
            "own": ("koroszczyn", await foreign_batch(LogId("lublin", 1, "facts"))),
            "clone": ("dorohusk", whole),
            "sibling": ("koroszczyn", await foreign_batch(LogId("dorohusk", 1, "facts"))),
            "feed": ("koroszczyn", await foreign_batch(LogId("koroszczyn", 1, "watchlist.pl"))),
            "alarms": ("koroszczyn", await foreign_batch(LogId("koroszczyn", 1, "alarms"))),
            "torn": ("koroszczyn", whole[:-7]),
            "junk": ("koroszczyn", b"\xff" * 100),
        }
        for name, (child, data) in wrong.items():
            broker.put(child, data, name)
        await chain.site.record(reading_taken())
        await until(chain.level, 5)
        await until(lambda: not broker.waiting, 5)
        kept = {(delivery.child, delivery.data): reason for delivery, reason in chain.network.aside}
        reasons = [kept[message].split(":")[0].split(" LogId")[0] for message in wrong.values()]
        assert reasons == [
            "koroszczyn may not send",
            "dorohusk is not a child of this node",
            *("koroszczyn may not send",) * 3,
            *("BatchUnreadable",) * 2,
        ]
        assert chain.region.link.status().tally.get("batch_set_aside", 0) == len(wrong)

    play(scenario)


def test_a_batch_that_no_database_takes_blocks_no_other() -> None:
    async def scenario(chain: Chain) -> None:
        apply = chain.region.logs.apply

        async def picky(batches: list[Batch], via: str) -> list[Applied]:
            if any(batch.header.log.channel == "technical" for batch in batches):
                raise OverflowError("a value that no column takes")
            return list(await apply(batches, via))

        chain.region.logs.apply = picky  # type: ignore[method-assign,assignment] # to fail
        log = LogId("koroszczyn", 3, "technical")
        chain.network.broker("lublin", Stream.BULK).put("koroszczyn", await foreign_batch(log), "poison")
        await asyncio.sleep(0.05)
        await chain.site.record(*(reading_taken() for _ in range(10)))
        await until(chain.level, 0.5)
        await until(lambda: bool(chain.network.aside), 5)
        ((delivery, reason),) = chain.network.aside
        assert (delivery.child, reason) == ("koroszczyn", "OverflowError")

    play(scenario)


def test_a_word_of_another_history_is_asked_about_before_it_is_believed() -> None:
    async def scenario(chain: Chain) -> None:
        await chain.site.record(reading_taken())
        await until(chain.level, 5)
        held = await chain.site.held("koroszczyn", "facts")
        assert held is not None
        word = encode(Confirmations([Confirmed(held.log, Position(1, bytes(32)), START)]))
        chain.site.bulk.hear_confirmations(word)
        await until(lambda: chain.site.link.status().parent[1].forked == (held.log,), 5)
        await chain.site.record(reading_taken())
        await until(chain.level, 10)
        assert chain.site.link.status().parent[1].forked == ()
        assert await chain.site.logs.epoch() == held.log.epoch
        assert chain.site.link.status().tally == {"log_forked": 1, "log_recovered": 1}

    play(scenario)


def test_a_clones_batch_is_reported_to_the_one_who_sent_it() -> None:
    async def scenario(chain: Chain) -> None:
        await chain.site.record(reading_taken())
        await until(chain.level, 5)
        held = await chain.site.held("koroszczyn", "facts")
        assert held is not None
        chain.network.broker("lublin", Stream.BULK).put("koroszczyn", await foreign_batch(held.log), "clone")
        await until(lambda: chain.site.link.status().parent[1].forked == (held.log,), 5)
        assert chain.region.link.status().tally == {"log_forked": 1}
        await chain.site.record(reading_taken())
        await until(chain.level, 10)

    play(scenario)


def test_words_that_nobody_understands_do_no_harm() -> None:
    async def scenario(chain: Chain) -> None:
        for hear in (
            chain.site.bulk.hear_confirmations,
            lambda data: chain.site.bulk.hear_broadcast("watchlist.pl", data),
        ):
            for data in (b"", b"\xff", encode([1, 2, 3]), encode([[[1]]])):
                hear(data)
        for question in Question:
            answer = await chain.site.bulk.ask(question, b"\xc1")
            assert answer == (NOT_KEPT if question is Question.RETURN else b"")
        await chain.site.record(reading_taken())
        await chain.centre.record(EntryActivated(entry=entry()))
        await until(chain.level, 5)

    play(scenario)


def test_a_region_sends_nothing_of_another_child() -> None:
    async def scenario() -> None:
        network = Network()
        centre = Node(network, "central", children={"lublin": ("*",), "rzeszow": ("*",), "dorohusk": ("pl",)})
        centre.start()
        broker = network.broker("central", Stream.BULK)
        for origin in ("rzeszow", "dorohusk", "koroszczyn", "lublin"):
            broker.put("lublin", await foreign_batch(LogId(origin, 1, "facts")), origin)
        await until(lambda: not broker.waiting, 5)
        assert {held.log.origin for held in await centre.logs.held()} == {"koroszczyn", "lublin"}
        assert [reason.split(" LogId")[0] for _, reason in network.aside] == ["lublin may not send"] * 2
        await centre.stop()

    run(scenario())


def refuse(node: Node, channel: str) -> Callable[[], None]:
    """Have a node's database refuse a channel, until the function returned is called."""
    apply = node.logs.apply

    async def picky(batches: Sequence[Batch], via: str) -> Sequence[Applied]:
        if any(batch.header.log.channel == channel for batch in batches):
            raise OverflowError("a value that no column takes")
        return await apply(batches, via)

    def end() -> None:
        node.logs.apply = apply  # type: ignore[method-assign] # as it was

    node.logs.apply = picky  # type: ignore[method-assign] # to refuse
    return end


def test_what_a_parent_cannot_apply_is_kept_once_told_to_both_and_goes_on_when_it_can() -> None:
    async def scenario(chain: Chain) -> None:
        await chain.site.record(*(reading_taken() for _ in range(3)))
        await until(chain.level, 5)
        end = refuse(chain.region, "facts")
        for _ in range(5):
            await chain.site.record(*(reading_taken() for _ in range(400)))
        await until(lambda: bool(chain.site.link.status().stopped), 5)
        sent = len(chain.site.bulk.sent)
        await asyncio.sleep(600)
        assert len(chain.site.bulk.sent) - sent < 600 / 60 + 10
        ((delivery, reason),) = chain.network.aside
        assert (delivery.child, reason) == ("koroszczyn", "OverflowError")
        assert chain.region.link.status().tally == {"batch_set_aside": 1, "log_stands_still": 1}
        assert chain.site.link.status().tally == {"log_stands_still": 1}
        told = [node.link.status().stopped for node in (chain.region, chain.site)]
        assert [(one.origin, one.channel, one.seq, one.reason, one.kept) for (one,) in told] == [
            ("koroszczyn", "facts", 4, "OverflowError", True),
            ("koroszczyn", "facts", 4, "the parent cannot take it: OverflowError", True),
        ]
        end()
        await until(chain.level, 70)
        assert chain.region.link.status().stopped == chain.site.link.status().stopped == ()

    play(scenario)


def test_what_a_parent_may_not_be_sent_is_kept_once() -> None:
    async def scenario(chain: Chain) -> None:
        broker = chain.network.broker("lublin", Stream.BULK)
        log = LogId("dorohusk", 1, "facts")
        for generation in range(20):
            broker.put("koroszczyn", await foreign_batch(log, generation), f"{generation}")
        await until(lambda: not broker.waiting, 5)
        assert chain.region.link.status().tally == {"batch_set_aside": 1, "log_stands_still": 1}
        assert [one.origin for one in chain.region.link.status().stopped] == ["dorohusk"]

    play(scenario)


def test_logs_that_stand_still_are_not_remembered_without_end() -> None:
    tasks = Tasks()
    logs = StoppedLogs(clock=SteppingClock(), tasks=tasks)
    for epoch in range(STOPPED_MAX + 5):
        assert not logs.begin(LogId("koroszczyn", epoch, "facts"), 1, "x")
    assert (len(logs.all), tasks.tally["log_stands_still"]) == (STOPPED_MAX, STOPPED_MAX + 5)
