"""A site whose file cannot grow: nothing that was answered is lost, nothing unconfirmed goes, and it works again."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from adapters.database.session import StoreFailed
from adapters.database.sqlite import SqliteDatabase
from adapters.memory.snapshots import MemoryShelf
from bus.dispatcher import Dispatcher
from bus.replication.log import LogId
from bus.snapshots import making
from bus.snapshots.making import Maker
from bus.snapshots.manifest import Manifest, unpack_piece
from bus.snapshots.ports import Load
from domain.registrations.commands import RegisterVehicle
from domain.watchlist.events import EntryActivated
from tests.contracts.backends import Node
from tests.contracts.databases import sqlite
from tests.nodes import ALL, OFFICER
from tests.samples import NODE, entry

MORE_PAGES = 60
FEED = "watchlist.pl"


@pytest.fixture
async def site() -> AsyncIterator[Node]:
    async with sqlite() as opened:
        yield opened


def file_of(site: Node) -> SqliteDatabase:
    database: Any = site.retention
    found: SqliteDatabase = database._database
    return found


def fill(site: Node, more_pages: int = MORE_PAGES) -> None:
    """Let the file grow by so many pages and no further."""
    writer = file_of(site)._writer
    pages = writer.execute("PRAGMA page_count").fetchone()[0]
    writer.execute(f"PRAGMA max_page_count = {pages + more_pages}")


async def register_until_full(site: Node) -> list[str]:
    """Register until the site refuses; return what it has answered."""
    answered: list[str] = []
    dispatcher = Dispatcher(NODE, site.changes)
    while True:
        command = RegisterVehicle(lane="lane-1", direction="inbound", plate=f"WA {len(answered):05}")
        try:
            answered.append((await dispatcher.dispatch(command, OFFICER)).id)
        except StoreFailed:
            return answered


async def confirm(site: Node) -> None:
    held = {one.log: one.head for one in await site.logs.held()}
    await site.logs.confirm(held, held)


async def events(site: Node) -> dict[LogId, int]:
    """Return how many events of each log are there."""
    return {
        one.log: len((await site.logs.read(one.log, one.floor.seq + 1, 100_000))[1]) for one in await site.logs.held()
    }


async def registered(site: Node) -> set[str]:
    return {one.id for one in (await site.views.registrations(ALL)).items}


async def test_a_full_file_refuses_keeps_what_was_answered_and_takes_more_once_there_is_room(site: Node) -> None:
    fill(site)
    answered = await register_until_full(site)
    assert answered
    before = await events(site)

    assert await site.retention.shorten(site.clock.now() + timedelta(days=1), 500) == 0  # unconfirmed
    assert await events(site) == before
    assert await registered(site) >= set(answered)

    await confirm(site)
    while await site.retention.shorten(site.clock.now() + timedelta(days=1), 50):
        pass
    assert await file_of(site).reusable() > 0
    more = await register_until_full(site)
    assert more
    assert await registered(site) >= {*answered, *more}


async def test_free_pages_are_room(site: Node) -> None:
    database = file_of(site)
    await register_some(site, 200)
    assert await database.reusable() < 100_000
    await confirm(site)
    while await site.retention.shorten(site.clock.now() + timedelta(days=1), 500):
        pass
    assert await database.reusable() > 100_000


async def test_a_list_on_its_way_into_a_full_file_goes_on_once_there_is_room(
    site: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "PIECE_BYTES", 20_000)
    shelf = MemoryShelf()
    async with sqlite("koroszczyn") as other:
        await other.record(*(EntryActivated(entry=entry()) for _ in range(500)))
        maker = Maker(FEED, shelf, 1)
        await other.snapshots.take(FEED, maker)
        manifest = maker.finish()

    load = await site.snapshots.begin(manifest)
    fill(site)
    with suppress(StoreFailed):
        while True:
            load = await put_next(site, manifest, shelf, load)
    assert 0 < load.pieces < len(manifest.pieces)
    assert await site.snapshots.loads() == [load]

    file_of(site)._writer.execute("PRAGMA max_page_count = 1000000")
    while load.pieces < len(manifest.pieces):
        load = await put_next(site, manifest, shelf, load)
    await site.snapshots.finish(manifest, "koroszczyn")
    assert await site.snapshots.loads() == []
    own, theirs = Maker(FEED, shelf, 2), manifest.pieces
    await site.snapshots.take(FEED, own)
    assert own.finish().pieces == theirs


async def put_next(site: Node, manifest: Manifest, shelf: MemoryShelf, load: Load) -> Load:
    piece = unpack_piece(shelf.piece(manifest, load.pieces))
    return await site.snapshots.put(load, manifest.columns[piece.table], piece)


async def register_some(site: Node, count: int) -> None:
    dispatcher = Dispatcher(NODE, site.changes)
    for number in range(count):
        await dispatcher.dispatch(RegisterVehicle(lane="lane-1", direction="inbound", plate=f"WA {number:05}"), OFFICER)
