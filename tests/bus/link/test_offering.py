"""When what the parent lacks of a list is offered to it again."""

import asyncio

import pytest

from bus.link.offering import OFFERED_AGAIN_AFTER
from bus.link.wire import Question, Unreachable
from domain.watchlist.events import EntryActivated
from tests.bus.link.network import MemoryParentWire
from tests.bus.link.nodes import Chain, back_up, play
from tests.bus.link.virtual_time import until
from tests.samples import entry


def test_what_a_cut_line_kept_from_the_parent_is_offered_again_as_soon_as_it_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offered: list[float] = []
    ask = MemoryParentWire.ask

    async def cut_once(wire: MemoryParentWire, question: Question, data: bytes) -> bytes:
        if question is Question.RETURN and wire.node == "lublin":
            offered.append(asyncio.get_running_loop().time())
            if len(offered) == 1:
                raise Unreachable("cut")
        return await ask(wire, question, data)

    monkeypatch.setattr(MemoryParentWire, "ask", cut_once)

    async def scenario(chain: Chain) -> None:
        restore = back_up(chain.centre)
        await chain.centre.record(EntryActivated(entry=entry()))
        await until(lambda: chain.region.head("central", "watchlist.pl") == 1, 10)
        await chain.centre.stop()
        restore()
        await chain.centre.restart()
        await until(lambda: chain.centre.head("central", "watchlist.pl") == 1, 60)

    play(scenario)
    assert offered[1] - offered[0] < OFFERED_AGAIN_AFTER
