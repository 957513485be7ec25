"""Faults become alarms once, and end once they have been gone for a while; on a whole node in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.memory.ids import SeededIds
from adapters.memory.upkeep import MemoryBatches
from bus.link.batches import STRANGERS, Untaken
from bus.watch.condition import Disk
from bus.watch.monitor import Monitor
from bus.watch.observer import Observer
from bus.watch.thresholds import Thresholds
from domain.alarms.commands import AcknowledgeAlarm
from domain.alarms.model import Alarm
from domain.shared.actors import system
from domain.shared.errors import Unavailable
from domain.upkeep.commands import SetBatchAside
from tests.bus.watch.conditions import link, wire
from tests.nodes import ALL, NodeInMemory

LOW, FINE = Disk(free=1, room=100), Disk(free=50, room=100)
THRESHOLDS = Thresholds(silent_seconds=120, calm_seconds=60)
NEVER_UP = replace(wire(), up=False, answered_at=None)


class Watched:
    """A node in memory that is watched, and whose disk a test fills."""

    def __init__(self, node: NodeInMemory) -> None:
        self.node = node
        self.disk = FINE
        self.link = link(parent=(), children={})
        self.restart()

    def restart(self) -> None:
        self.observer = Observer(
            self.node.name,
            "0.2.0",
            views=self.node.views,
            link=lambda: self.link,
            clock=self.node.clock,
            disk=self.look_at_disk,
            clocks_ahead={},
        )
        self.monitor = Monitor(
            self.observer,
            THRESHOLDS,
            report=lambda command: self.node.do(command, system(self.node.name)),
            standing=self.node.views.standing_faults,
            clock=self.node.clock,
        )

    async def look_at_disk(self) -> Disk:
        return self.disk

    async def after(self, seconds: float, disk: Disk) -> Sequence[Alarm]:
        """Return the alarms after the node was looked at so much later, oldest first."""
        self.node.clock.step(timedelta(seconds=seconds))
        self.disk = disk
        await self.monitor.turn()
        return (await self.node.views.alarms(ALL)).items[::-1]


@pytest.fixture
def watched(site: NodeInMemory) -> Watched:
    return Watched(site)


async def test_a_fault_is_one_alarm_however_often_it_is_seen_and_whoever_takes_it(watched: Watched) -> None:
    assert await watched.after(0, FINE) == []
    (alarm,) = await watched.after(5, LOW)
    assert (alarm.cause, alarm.label) == ("technical:disk", watched.node.name)
    await watched.node.do(AcknowledgeAlarm(alarm_id=alarm.id))
    for _ in range(3):
        assert [one.id for one in await watched.after(500, LOW)] == [alarm.id]


async def test_a_fault_ends_when_it_has_been_gone_for_a_while_and_may_come_back(watched: Watched) -> None:
    await watched.after(0, LOW)
    assert [one.ended_at for one in await watched.after(59, FINE)] == [None]
    assert [one.ended_at for one in await watched.after(1, FINE)] == [watched.node.clock.now()]
    assert len(await watched.after(500, FINE)) == 1
    assert len(await watched.after(5, LOW)) == 2


async def test_a_fault_that_flickers_is_one_alarm(watched: Watched) -> None:
    for _ in range(10):
        await watched.after(30, LOW)
        (alarm,) = await watched.after(30, FINE)
    assert (alarm.ended_at, alarm.repeats) == (None, 0)


async def test_batches_that_are_held_are_one_alarm_until_the_last_is_set_aside(watched: Watched) -> None:
    changes = watched.node.changes
    batches = MemoryBatches(changes.tables, clock=watched.node.clock, ids=SeededIds(watched.node.clock, seed="batches"))
    for data in (b"one", b"two"):
        await batches.keep(Untaken(child="dorohusk", room=STRANGERS, data=data, reason="BatchUnreadable", header=None))
    (alarm,) = await watched.after(5, FINE)
    assert (alarm.cause, alarm.label) == ("technical:quarantine", f"{watched.node.name} batches")
    first, last = (await watched.node.views.quarantined_batches(ALL)).items

    await watched.node.do(SetBatchAside(batch_id=first.id, reason="junk"))
    assert [one.ended_at for one in await watched.after(500, FINE)] == [None]
    await watched.node.do(SetBatchAside(batch_id=last.id, reason="junk"))
    assert [one.ended_at for one in await watched.after(500, FINE)] == [watched.node.clock.now()]


async def test_after_a_restart_a_fault_that_stands_is_not_told_again(watched: Watched) -> None:
    await watched.after(0, LOW)
    watched.restart()
    assert len(await watched.after(10, LOW)) == 1


async def test_after_a_restart_a_fault_that_is_gone_ends_once_it_could_have_been_seen_again(watched: Watched) -> None:
    await watched.after(0, LOW)
    watched.restart()
    await watched.after(5, FINE)
    assert [one.ended_at for one in await watched.after(THRESHOLDS.stuck_seconds + 59, FINE)] == [None]
    assert [one.ended_at for one in await watched.after(1, FINE)] == [watched.node.clock.now()]


async def test_silence_counts_from_the_nodes_beginning(watched: Watched) -> None:
    watched.link = link(parent=(NEVER_UP,), children={})
    assert await watched.after(120, FINE) == []
    assert [one.label for one in await watched.after(1, FINE)] == ["central"]


async def test_what_the_database_could_not_take_is_reported_the_next_time(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise Unavailable

    with monkeypatch.context() as patch:
        patch.setattr(watched.monitor, "_report", away)
        with pytest.raises(Unavailable):
            await watched.after(0, LOW)
    assert len(await watched.after(0, LOW)) == 1


async def test_neighbours_are_told_what_was_seen_last_with_the_time_of_now(watched: Watched) -> None:
    assert watched.observer.say() is None
    await watched.after(0, LOW)
    await watched.after(0, LOW)
    watched.node.clock.step(timedelta(seconds=3))
    said = watched.observer.say()
    assert said is not None
    assert (said.version, said.free, said.room, said.quarantined) == ("0.2.0", 1, 100, 0)
    assert said.now == int(watched.node.clock.now().timestamp() * 1000)
    assert said.waiting == 1, "the alarm itself waits for the centre"
    assert said.oldest is not None
