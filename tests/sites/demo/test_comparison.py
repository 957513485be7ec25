"""Databases of nodes, some of which hold events no more that others do."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from domain.watchlist.events import EntryActivated
from sites.demo.comparison import compare
from sites.demo.node import Plan
from sites.equality.differences import Difference
from tests.contracts.backends import Node, batch
from tests.contracts.databases import sqlite
from tests.contracts.test_snapshots import load, made
from tests.samples import entry, reading_taken

FEED = "watchlist.pl"
PLANS = {
    "central": Plan(code="central", role="central", parent=None),
    "dorohusk": Plan(code="dorohusk", role="site", parent="central", scopes=("pl",)),
}


@dataclass(frozen=True)
class Pair:
    """A centre and a site."""

    centre: Node
    site: Node

    async def found(self) -> dict[str, Sequence[Difference]]:
        nodes: dict[str, Any] = {
            code: SimpleNamespace(plan=PLANS[code], database=file_of(node))
            for code, node in (("central", self.centre), ("dorohusk", self.site))
        }
        told = await compare(SimpleNamespace(nodes=nodes))  # type: ignore[arg-type] # as much of one as is asked for
        return {name: each for name, each in told.items() if each}


def file_of(node: Node) -> Path:
    path: Path = node.custody._database._path  # type: ignore[attr-defined] # of the adapter
    return path


async def pass_on(sender: Node, receiver: Node, via: str, channel: str) -> None:
    """Have a node apply what it lacks of the other's log."""
    log = next(held.log for held in await sender.logs.held() if held.log.channel == channel)
    here = await receiver.logs.find(log)
    await receiver.logs.apply([await batch(sender.logs, log, 1 if here is None else here.head.seq + 1)], via)


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    async with AsyncExitStack() as nodes:
        yield Pair(*[await nodes.enter_async_context(sqlite(code)) for code in PLANS])


async def test_a_site_that_joins_by_a_snapshot_is_equal_and_its_damage_is_told(pair: Pair) -> None:
    await pair.centre.record(*(EntryActivated(entry=entry()) for _ in range(3)))
    manifest, shelf = await made(pair.centre)
    await load(pair.site, manifest, shelf, via="central")
    assert await pair.found() == {}

    later = entry()
    await pair.centre.record(EntryActivated(entry=later))
    behind = await pair.found()
    (missing,) = [one for one in behind["dorohusk against central"] if one.table == "event"]
    assert missing.count == 1, "only what came after the snapshot"
    await pass_on(pair.centre, pair.site, "central", FEED)
    assert await pair.found() == {}


async def test_a_site_whose_oldest_events_went_with_time_is_equal(pair: Pair) -> None:
    await pair.site.record(reading_taken(), reading_taken())
    await pass_on(pair.site, pair.centre, "dorohusk", "facts")
    held = next(one for one in await pair.site.logs.held() if one.log.channel == "facts")
    await pair.site.logs.confirm({held.log: held.head}, {held.log: held.head})
    assert await pair.found() == {}
    assert await pair.site.retention.shorten(pair.site.clock.now() + timedelta(days=1), 1) == 1
    assert await pair.found() == {}
