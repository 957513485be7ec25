"""A change sees tables as they stand, whatever was asked of them before and by whatever way they have changed since."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bus.ports import WholeChange
from bus.replication.chain import GENESIS
from bus.replication.log import LogId, Position
from bus.snapshots.ports import SnapshotTables
from domain.organisation.events import DeviceEnrolled, Leg, LegSet
from domain.shared.messages import Event
from domain.watchlist.events import EntryActivated
from tests.contracts.backends import Node, Receive, batch
from tests.contracts.test_epochs import batch_behind, record_of
from tests.contracts.test_snapshots import load, log_of, made
from tests.portals import weighing_taken
from tests.samples import MORNING, NODE, device, device_withdrawn, entry, erased, new_id

MINUTE = timedelta(minutes=1)
POSTS = f"organisation.{NODE}"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a change saw: the lane of the camera, targets of legs, how far the lists are, weighings at the gate."""

    lane: str | None
    legs: tuple[str, ...]
    lists: tuple[tuple[str, int], ...]
    weighings: int


async def seen(node: Node) -> Seen:
    """Return what a change sees that asks what every registration asks."""

    async def work(change: WholeChange) -> Seen:
        stand = await change.lanes.stand_of("cam-1")
        legs = await change.entities.those(Leg, site=NODE)
        screening = await change.watchlist.screen((), MORNING)
        weighings = await change.readings.measured("gate-1", MORNING - MINUTE, MORNING + MINUTE)
        return Seen(
            lane=None if stand is None else stand.lane,
            legs=tuple(leg.target for leg in legs),
            lists=tuple((version.feed, version.seq) for version in screening.list_version),
            weighings=len(weighings),
        )

    return await node.ask(work)


def leg_set(target: str = "gate-2", leg_id: str = "") -> LegSet:
    """Return that a leg leads from the gate to another checkpoint."""
    leg = Leg(id=leg_id or new_id(), site=NODE, origin="gate-1", target=target, direction="outbound")
    return LegSet(leg=leg, set_by="jan", set_at=MORNING)


def everything() -> tuple[Event, ...]:
    """Return events by which all of it becomes something else."""
    return DeviceEnrolled(device=device()), leg_set(), EntryActivated(entry=entry())


FIRST = Seen(lane=None, legs=(), lists=(), weighings=0)
FULL = Seen(lane="lane-1", legs=("gate-2",), lists=(("watchlist.pl", 1),), weighings=0)


async def test_what_this_node_records_is_seen(node: Node) -> None:
    assert await seen(node) == FIRST
    await node.record(*everything(), weighing_taken(at=MORNING))
    assert await seen(node) == replace(FULL, weighings=1)
    leg = leg_set("gate-3")
    await node.record(leg, EntryActivated(entry=entry()))
    await node.record(leg_set("gate-4", leg.leg.id))
    assert await seen(node) == Seen("lane-1", ("gate-4", "gate-2"), (("watchlist.pl", 2),), 1)


async def test_what_is_recorded_is_seen_by_the_same_change_and_not_when_it_is_undone(node: Node) -> None:
    async def work(change: WholeChange) -> int:
        before = await change.entities.those(Leg, site=NODE)
        await change.record(leg_set())
        after = await change.entities.those(Leg, site=NODE)
        return len(after) - len(before)

    async def undone(change: WholeChange) -> None:
        assert await work(change) == 1
        raise ValueError("second thoughts")

    async def attempted(change: WholeChange) -> Exception | None:
        return await change.attempt(lambda: undone(change))

    with pytest.raises(ValueError, match="second thoughts"):
        await node.ask(undone)
    assert (await seen(node)).legs == ()
    assert isinstance(await node.ask(attempted), ValueError)
    assert (await seen(node)).legs == ()
    assert await node.ask(work) == 1
    assert (await seen(node)).legs == ("gate-2",)


async def test_what_arrives_in_feeds_is_seen(node: Node, receive: Receive) -> None:
    assert await seen(node) == FIRST
    await receive(*everything())
    assert await seen(node) == FULL
    await receive(leg_set("gate-3"), EntryActivated(entry=entry()))
    assert await seen(node) == Seen("lane-1", ("gate-3", "gate-2"), (("watchlist.pl", 2),), 0)


async def test_what_a_list_has_arrived_is_seen(needy: Node, neighbour: Node) -> None:
    """A list that has arrived is not missing any more; one that is to be loaded is missing again."""

    async def outcome() -> str:
        return (await needy.ask(lambda change: change.watchlist.screen((), MORNING))).outcome.value

    assert await outcome() == "not_checked"
    for scope in ("pl", NODE):
        await neighbour.record(EntryActivated(entry=entry(scope=scope)))
        await needy.logs.note_arrival(await log_of(neighbour, f"watchlist.{scope}"), "neighbour")
    assert await outcome() == "checked"
    await needy.snapshots.require("watchlist.pl")
    assert await outcome() == "not_checked"


async def test_what_is_left_and_what_a_snapshot_brings_is_seen(node: Node, receive: Receive) -> None:
    await receive(*everything())
    feeds = (POSTS, "watchlist.pl")
    for feed in feeds:
        await node.logs.note_arrival(await log_of(node, feed), "neighbour")
    taken = {feed: await made(node, feed) for feed in feeds}
    assert await seen(node) == FULL
    await _leave(node.snapshots, *feeds)
    assert await seen(node) == FIRST
    for manifest, shelf in taken.values():
        await load(node, manifest, shelf)
    assert await seen(node) == FULL


async def _leave(snapshots: SnapshotTables, *feeds: str) -> None:
    for feed in feeds:
        await snapshots.leave(feed)


async def test_what_a_restored_node_takes_back_is_seen(node: Node) -> None:
    await node.record(leg_set())
    assert (await seen(node)).weighings == 0
    lost = LogId(NODE, 5, "facts")
    records = [record_of(weighing_taken(at=MORNING), 1)]
    await node.logs.recall(batch_behind(lost, Position(0, GENESIS), records))
    assert (await seen(node)).weighings == 1


async def test_what_gives_way_is_not_seen_any_more(node: Node, neighbour: Node) -> None:
    await neighbour.record(DeviceEnrolled(device=device()), leg_set())
    log = await log_of(neighbour, POSTS)
    await node.logs.apply([await batch(neighbour.logs, log)], "neighbour")
    assert await seen(node) == replace(FULL, lists=())
    await node.logs.give_way(log, 1)
    assert await seen(node) == replace(FULL, legs=(), lists=())


async def test_what_is_erased_is_not_seen_any_more(node: Node, receive: Receive) -> None:
    weighed = weighing_taken(at=MORNING, registration_id=new_id())
    await node.record(weighed)
    assert (await seen(node)).weighings == 1
    await receive(erased(subjects=(weighed.measurement.registration_id or "",), scope=NODE))
    assert (await seen(node)).weighings == 0


async def test_a_device_that_is_withdrawn_is_seen(node: Node, receive: Receive) -> None:
    await receive(DeviceEnrolled(device=device()))
    before = await node.ask(lambda change: change.lanes.stand_of("cam-1"))
    await receive(device_withdrawn(device()), DeviceEnrolled(device=device(code="cam-2", merge_window=MINUTE)))
    after = await node.ask(lambda change: change.lanes.stand_of("cam-1"))
    assert before is not None
    assert after == replace(before, merge_window=MINUTE)
