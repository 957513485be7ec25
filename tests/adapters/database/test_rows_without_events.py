"""Rows that come or go without an event that tells of them: whoever remembers what stood there asks anew."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text

from adapters.database.change import DatabaseChange
from adapters.database.snapshots import DatabaseSnapshots
from bus.live import Live
from bus.ports import WholeChange
from bus.pushes.known_devices import KnownDevices
from domain.organisation.events import DeviceEnrolled
from tests.contracts.backends import Node, batch
from tests.contracts.databases import sqlite
from tests.contracts.test_custody import nothing_lost
from tests.contracts.test_snapshots import load, log_of, made
from tests.samples import NODE, device

POSTS = f"organisation.{NODE}"


@asynccontextmanager
async def devices_of(node: Node) -> AsyncIterator[KnownDevices]:
    """Follow the devices of a node, as its intake does."""
    assert isinstance(node.snapshots, DatabaseSnapshots)
    live = Live()
    node.logs.listeners.append(live.heard)
    node.snapshots._database.when_in_doubt.append(live.cut)
    known = KnownDevices(node.views, live)
    following = asyncio.create_task(known.watch())
    await asyncio.sleep(0)
    yield known
    following.cancel()


async def standing(known: KnownDevices) -> list[str]:
    """Return the lanes of the devices, once whoever follows them has been told."""
    for _ in range(3):
        await asyncio.sleep(0)
    return [one.lane for one in await known.of_site(NODE)]


async def test_devices_that_a_snapshot_brings_and_that_are_left_are_known() -> None:
    async with sqlite() as node, sqlite("neighbour") as neighbour, devices_of(node) as known:
        assert await standing(known) == []
        await neighbour.record(DeviceEnrolled(device=device()))
        await load(node, *await made(neighbour, POSTS))
        assert await standing(known) == ["lane-1"]
        assert await known.find("cam-1") is not None
        await node.snapshots.leave(POSTS)
        assert await standing(known) == []
        assert await known.find("cam-1") is None


async def test_devices_of_a_log_that_gave_way_are_not_known_any_more() -> None:
    async with sqlite() as node, sqlite("neighbour") as neighbour, devices_of(node) as known:
        await neighbour.record(DeviceEnrolled(device=device()))
        log = await log_of(neighbour, POSTS)
        await node.logs.apply([await batch(neighbour.logs, log)], "neighbour")
        assert await standing(known) == ["lane-1"]
        await node.logs.give_way(log, 0)
        assert await standing(known) == []


async def test_a_device_that_was_damaged_and_put_right_is_known_as_it_is() -> None:
    async with sqlite() as node, devices_of(node) as known:
        await node.record(DeviceEnrolled(device=device()))
        await node.ask(_damage)
        assert await standing(known) == ["lane-9"]
        await node.custody.judge([POSTS], [("device", "cam-1")], nothing_lost, repair=True)
        assert await standing(known) == ["lane-1"]


async def _damage(change: WholeChange) -> None:
    assert isinstance(change, DatabaseChange)
    await change._session.run(text("UPDATE device SET lane = 'lane-9'"))
