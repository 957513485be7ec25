"""The role of a border post, terminal, rail yard or patrol: on SQLite, alone if it must."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvloop

from adapters.database.schema import migrate_sqlite
from adapters.database.sqlite import SqliteDatabase
from adapters.database.unusable import usable
from sites import own_servers
from sites.occupancy import occupied
from sites.parts import run_node
from sites.settings import DATABASE_FILE, NodeSettings, read


def run() -> None:
    """Run a site as its environment says, until a signal says stop."""
    settings = read("site")
    with (
        occupied(settings.state),
        own_servers.nats(settings, with_streams=False) as broker,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(run_node(settings, lambda: _database(settings), broker))


@asynccontextmanager
async def _database(settings: NodeSettings) -> AsyncIterator[SqliteDatabase]:
    path = settings.state / DATABASE_FILE
    with usable(path):
        migrate_sqlite(path)
        database = SqliteDatabase(path)
    await database.open()
    try:
        yield database
    finally:
        await database.close()
