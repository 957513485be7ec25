"""What does not arrive when a child asks for it: asked for in smaller parts, noted, and an alarm when it lasts."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

from bus.link.messages import RangeWanted, decode
from bus.link.ranges import RANGE_MAX, Ranges
from bus.link.tasks import Tasks
from bus.link.wire import Question, Unreachable
from bus.replication import LogId, unpack
from bus.watch.observer import Observer
from bus.watch.rules import STUCK, faults
from bus.watch.thresholds import Thresholds
from domain.watchlist.events import EntryActivated
from tests.bus.link.network import REQUEST_WITHIN, MemoryParentWire, Network
from tests.bus.link.nodes import Chain, Node, back_up, play
from tests.bus.link.virtual_time import BEGINNING, run, until
from tests.samples import audited, entry

PL = LogId("central", 1, "watchlist.pl")


def dropping(wire: MemoryParentWire, most: int) -> Callable[[], None]:
    """Have ranges of more events than that not arrive in time, until the function returned is called."""
    ask = wire.ask

    async def slow(question: Question, data: bytes) -> bytes:
        answer = await ask(question, data)
        if question is Question.RANGE and unpack(answer).header.n > most:
            await asyncio.sleep(REQUEST_WITHIN)
            raise Unreachable("no answer")
        return answer

    def end() -> None:
        wire.ask = ask  # type: ignore[method-assign] # as it was

    wire.ask = slow  # type: ignore[method-assign] # to be slow
    return end


async def lag(chain: Chain, events: int) -> None:
    """Have the site lack events of a list."""
    chain.network.cut.add("koroszczyn")
    await chain.centre.record(*(EntryActivated(entry=entry()) for _ in range(events)))
    await until(lambda: chain.region.head("central", PL.channel) == events, 30)
    await asyncio.sleep(60)
    chain.network.cut.clear()


async def stuck(node: Node, seconds: float) -> Sequence[str]:
    """Return what is stuck at a node that was watched for so long."""
    observer = Observer(node.code, "0.2.0", views=node.views, link=node.link.status, clock=node.clock, clocks_ahead={})
    for _ in range(int(seconds / 5)):
        await asyncio.sleep(5)
        seen = await observer.look()
    return [label for cause, label in faults(seen, Thresholds(), BEGINNING) if cause == STUCK]


def test_what_is_too_much_for_the_line_comes_in_smaller_parts() -> None:
    async def scenario(chain: Chain) -> None:
        dropping(chain.site.bulk, most=7)
        await lag(chain, 60)
        await until(chain.level, 200)
        assert chain.site.link.status().tally["range_unanswered"] >= 6
        assert chain.site.link.status().behind == 0

    play(scenario)


def test_a_restored_node_gets_what_it_lost_in_smaller_parts() -> None:
    async def scenario(chain: Chain) -> None:
        await chain.site.record(*(audited() for _ in range(3)))
        await until(chain.level, 30)
        restore = back_up(chain.site)
        await chain.site.record(*(audited() for _ in range(60)))
        await until(chain.level, 30)
        await chain.site.stop()
        restore()
        await chain.site.record(audited())
        await chain.site.restart()
        dropping(chain.site.bulk, most=7)
        await until(lambda: chain.site.head("koroszczyn", "audit") >= 64, 200)
        await until(chain.level, 30)
        assert chain.site.link.status().tally["range_unanswered"] > 0

    play(scenario)


def test_a_list_that_does_not_come_though_the_parent_answers_is_an_alarm_until_it_does() -> None:
    async def scenario(chain: Chain) -> None:
        end = dropping(chain.site.bulk, most=0)
        await lag(chain, 3)
        assert await stuck(chain.site, 290) == []
        assert await stuck(chain.site, 330) == [PL.channel]
        assert chain.site.link.status().behind == 3
        assert chain.site.link.status().tally["range_unanswered"] > 1
        end()
        await until(chain.level, 30)
        assert await stuck(chain.site, 400) == []

    play(scenario)


def test_a_list_that_the_parent_does_not_give_is_an_alarm_as_well() -> None:
    async def scenario(chain: Chain) -> None:
        ask = chain.site.bulk.ask

        async def refused(question: Question, data: bytes) -> bytes:
            return b"" if question in (Question.RANGE, Question.SNAPSHOT) else await ask(question, data)

        chain.site.bulk.ask = refused  # type: ignore[method-assign] # to refuse
        await lag(chain, 3)
        assert await stuck(chain.site, 400) == [PL.channel]

    play(scenario)


def test_fewer_events_are_asked_for_after_silence_and_more_after_answers() -> None:
    async def scenario() -> None:
        wire, asked = MemoryParentWire(Network(), "koroszczyn", "lublin"), list[int]()
        ranges, answers = Ranges(wire, Tasks()), list[bytes | None]()

        async def ask(_: Question, data: bytes) -> bytes:
            asked.append(decode(RangeWanted, data).limit)
            answer = answers.pop(0)
            if answer is None:
                raise Unreachable
            return answer

        wire.ask = ask  # type: ignore[method-assign] # to tell what is asked
        answers += [*[None] * 9, *[b"batch"] * 10]
        while answers:
            with suppress(Unreachable):
                await ranges.ask(PL, 1)
        assert asked[:10] == [RANGE_MAX, 125, 62, 31, 15, 7, 3, 1, 1, 1]
        assert asked[10:] == [2, 4, 8, 16, 32, 64, 128, RANGE_MAX, RANGE_MAX]
        answers += [b"batch"]
        await ranges.ask(PL, 1, limit=3)
        assert asked[-1] == 3

    run(scenario())
