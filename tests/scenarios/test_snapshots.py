"""Real nodes: a site loads a list that its parent no longer holds as events, and leaves it with its scope."""

import asyncio
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import delete, update

from adapters.database.epochs import present
from adapters.database.heads import lock
from adapters.database.postgres import PostgresDatabase
from adapters.database.projections import project
from adapters.database.session import Session
from adapters.database.tables.logs import event, log
from bus.codec import encode
from bus.recorded import Recorded
from bus.replication.log import LogId
from domain.watchlist.events import EntryActivated
from sites.demo.comparison import compare
from sites.demo.node import Node, Plan
from sites.demo.topology import Topology
from sites.demo.waiting import until
from tests.samples import MORNING, entry, new_id

pytestmark = [pytest.mark.scenario, pytest.mark.asyncio(loop_scope="session")]

FEED, SITE = "watchlist.pl", "dorohusk"
PLANS = {
    "central": Plan(code="central", role="central", parent=None),
    SITE: Plan(code=SITE, role="site", parent="central", scopes=("pl", SITE)),
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pair(http: httpx.AsyncClient) -> AsyncIterator[Topology]:
    topology = Topology(Path(tempfile.mkdtemp(prefix="caifs-scenarios-")), http, PLANS)
    try:
        topology.nodes["central"].start()
        await topology.nodes["central"].ready(http)
        yield topology
    finally:
        await asyncio.to_thread(topology.stop)
        await asyncio.to_thread(topology.remove)


async def show(url: str, count: int) -> None:
    """Have entries stand in the centre's tables whose events are held no more."""

    async def within(session: Session) -> None:
        held = LogId("central", await present(session), FEED)
        row = await lock(session, held, via=None)
        for _ in range(count):
            activated = EntryActivated(entry=entry())
            body = encode(activated, MORNING)
            await project(session, [recorded(held, activated, body)])
        end = {"seq": count, "projected": count, "hash": bytes(32), "floor_seq": count, "floor_hash": bytes(32)}
        await session.run(delete(event).where(event.c.log_id == row["id"]))
        await session.run(update(log).where(log.c.id == row["id"]).values(**end))

    database = PostgresDatabase(url)
    await database.open()
    try:
        await database.write(within)
    finally:
        await database.close()


def recorded(held: LogId, activated: EntryActivated, body: bytes) -> Recorded:
    return Recorded(
        id=new_id(),
        log=held,
        seq=1,
        hash=bytes(32),
        hlc=1,
        kind="EntryActivated",
        at=MORNING,
        salt=bytes(16),
        body=body,
        event=activated,
    )


def found(node: Node, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{node.database_file}?mode=ro", uri=True)) as file:
        return file.execute(query).fetchall()


async def test_a_site_loads_what_is_held_no_more_as_events_and_leaves_it(
    pair: Topology, http: httpx.AsyncClient
) -> None:
    await show(pair.nodes["central"].database_url, 30)
    site = pair.nodes[SITE]
    site.start()
    await site.ready(http)
    await pair.lists_arrived(SITE)
    assert found(site, "SELECT count(*) FROM entry") == found(site, "SELECT count(*) FROM criterion") == [(30,)]
    assert found(site, f"SELECT seq, floor_seq, arrived FROM log WHERE channel = '{FEED}'") == [(30, 30, 1)]  # noqa: S608 - a constant
    assert found(site, "SELECT * FROM feed_load") == []
    assert list((site.state / "snapshots").iterdir()) == []
    assert {name: each for name, each in (await compare(pair)).items() if each} == {}

    await asyncio.to_thread(site.stop)
    moved = Node(site.plan, site.state, {**site.environment, "CAIFS_SCOPES": SITE})
    moved.start()
    try:
        await moved.ready(http)

        async def is_on_audit() -> bool:
            left = found(moved, "SELECT target FROM audit_record WHERE action = 'LeaveFeed' ORDER BY target")
            return left == [("erasure.pl",), ("organisation.pl",), (FEED,)]

        await until(is_on_audit, "the feeds of the scope are left")
        assert found(moved, "SELECT count(*) FROM entry") == found(moved, "SELECT count(*) FROM criterion") == [(0,)]
        assert found(moved, "SELECT channel FROM log WHERE channel LIKE '%.pl'") == []
    finally:
        await asyncio.to_thread(moved.stop)
