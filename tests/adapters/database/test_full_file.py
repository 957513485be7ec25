"""A site whose file cannot grow: nothing that was answered is lost, nothing unconfirmed goes, and it works again."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from adapters.database.session import StoreFailed
from adapters.database.sqlite import SqliteDatabase
from bus.dispatcher import Dispatcher
from bus.replication.log import LogId
from domain.crossings.commands import RegisterVehicle
from tests.contracts.backends import Node
from tests.contracts.databases import sqlite
from tests.nodes import ALL, OFFICER
from tests.samples import NODE

MORE_PAGES = 60


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


async def register_some(site: Node, count: int) -> None:
    dispatcher = Dispatcher(NODE, site.changes)
    for number in range(count):
        await dispatcher.dispatch(RegisterVehicle(lane="lane-1", direction="inbound", plate=f"WA {number:05}"), OFFICER)
