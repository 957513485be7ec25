"""What a node shows by itself of what waits in quarantine."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest

from bus import replays
from bus.dispatcher import Dispatcher
from bus.recorded import Recorded
from bus.replays import EVERY, RESTS, Replays
from bus.replication.log import LogId
from domain.alarms.events import AlarmAcknowledged, AlarmRaised
from domain.alarms.model import AlarmState
from domain.shared.actors import Actor
from domain.shared.errors import Unavailable
from domain.shared.messages import Command
from domain.upkeep.commands import ReplayWaiting
from tests.bus.link.virtual_time import run, until
from tests.contracts.test_held_events import ALARMS, LATER_ALARMS, bodies
from tests.contracts.test_logs import batch_of
from tests.nodes import NodeInMemory, open_node
from tests.samples import MORNING, alarm, new_id


class Counting(Dispatcher):
    """Remembers when it was asked to show what waits; each takes so long, and fails so often first."""

    def __init__(self, node: NodeInMemory) -> None:
        super().__init__(node.name, node.changes)
        self.asked: list[tuple[float, int]] = []
        self.takes = 0.0
        self.fails = 0

    async def dispatch(self, command: Command, actor: Actor, key: str | None = None) -> Any:
        if isinstance(command, ReplayWaiting):
            self.asked.append((asyncio.get_running_loop().time(), command.skip))
            await asyncio.sleep(self.takes)
            if self.fails:
                self.fails -= 1
                raise Unavailable
        return await super().dispatch(command, actor, key)


def play(scenario: Callable[[NodeInMemory, Counting], Awaitable[None]]) -> None:
    async def played() -> None:
        node = open_node("lublin")
        dispatcher = Counting(node)
        own = Replays(dispatcher, node.name)
        for listeners in (node.changes.listeners, node.logs.listeners, node.changes.watchers):
            listeners.append(own.heard)
        running = asyncio.create_task(own.run())
        try:
            await scenario(node, dispatcher)
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

    run(played())


def taken(alarm_id: str) -> AlarmAcknowledged:
    return AlarmAcknowledged(alarm_id=alarm_id, acknowledged_by="anna", acknowledged_at=MORNING)


def held(node: NodeInMemory) -> int:
    return sum(one.state.value == "held" for one in node.changes.tables.unshown.all())


def test_what_waits_shows_soon_after_what_it_waits_for_has_come() -> None:
    async def scenario(node: NodeInMemory, dispatcher: Counting) -> None:
        raised, first = AlarmRaised(alarm=alarm(node="koroszczyn")), AlarmRaised(alarm=alarm(node="koroszczyn"))
        await node.logs.apply([batch_of(bodies(first, taken(raised.alarm.id)), log=LATER_ALARMS)], "west")
        await asyncio.sleep(100)
        assert (held(node), len(dispatcher.asked)) == (1, 1)
        await node.logs.apply([batch_of(bodies(raised), log=ALARMS)], "west")
        await until(lambda: held(node) == 0, EVERY)
        shown = await node.views.alarm(raised.alarm.id)
        assert shown is not None
        assert shown.state is AlarmState.ACKNOWLEDGED

    play(scenario)


def test_a_node_at_rest_asks_nothing_and_a_busy_one_not_often() -> None:
    async def scenario(node: NodeInMemory, dispatcher: Counting) -> None:
        await asyncio.sleep(1000)
        assert dispatcher.asked == []
        began = asyncio.get_running_loop().time()
        for number in range(600):
            raised = bodies(AlarmRaised(alarm=alarm(node="koroszczyn")))
            log = LogId("koroszczyn", 10 + number, "alarms")
            await node.logs.apply([batch_of(raised, log=log)], "west")
            await asyncio.sleep(0.1)
        assert len(dispatcher.asked) == pytest.approx((asyncio.get_running_loop().time() - began) / EVERY, abs=1)

    play(scenario)


def test_what_waits_in_vain_takes_little_of_the_time() -> None:
    async def scenario(node: NodeInMemory, dispatcher: Counting) -> None:
        dispatcher.takes = EVERY
        for number in range(4):
            log = LogId("koroszczyn", 10 + number, "alarms")
            await node.logs.apply([batch_of(bodies(taken(new_id())), log=log)], "west")
            await asyncio.sleep(RESTS * EVERY)
        times = [at for at, _ in dispatcher.asked]
        assert min(after - before for before, after in itertools.pairwise(times)) >= RESTS * EVERY

    play(scenario)


def test_all_that_waits_is_tried_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replays, "TRIED_TOGETHER", 2)

    async def scenario(node: NodeInMemory, dispatcher: Counting) -> None:
        raised = AlarmRaised(alarm=alarm(node="koroszczyn"))
        waiting = [taken(new_id()), taken(new_id()), taken(new_id()), taken(raised.alarm.id)]
        await node.logs.apply([batch_of(bodies(*waiting), log=LATER_ALARMS)], "west")
        await asyncio.sleep(100)
        assert [skip for _, skip in dispatcher.asked] == [0, 2, 4]
        await node.logs.apply([batch_of(bodies(raised), log=ALARMS)], "west")
        await until(lambda: held(node) == 3, EVERY)

    play(scenario)


def test_a_try_that_failed_is_made_again() -> None:
    async def scenario(node: NodeInMemory, dispatcher: Counting) -> None:
        dispatcher.fails = 2
        heard: list[Recorded] = []
        node.changes.watchers.append(heard.extend)
        raised = AlarmRaised(alarm=alarm(node="koroszczyn"))
        await node.logs.apply([batch_of(bodies(taken(raised.alarm.id)), log=LATER_ALARMS)], "west")
        await node.logs.apply([batch_of(bodies(raised), log=ALARMS)], "west")
        await until(lambda: len(heard) == 1, 3 * EVERY)
        assert heard[0].log == LATER_ALARMS

    play(scenario)
