"""What region and centre have in common: PostgreSQL, and a nats-server in which children's batches wait."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

import structlog
import uvloop
from sqlalchemy.exc import DBAPIError

from adapters.database.postgres import PostgresDatabase, reach
from adapters.database.schema import make_parts, migrate_postgres
from sites import own_servers
from sites.occupancy import occupied
from sites.parts import run_node
from sites.settings import NodeSettings

_PARTS_EVERY: Final = timedelta(days=1)
_log = structlog.get_logger(__name__)


def run_on_postgres(settings: NodeSettings) -> None:
    """Run a node on PostgreSQL until a signal says stop."""
    with (
        occupied(settings.state),
        own_servers.postgres(settings) as postgres,
        own_servers.nats_with_gate(settings) as (broker, gatekeeper),
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(run_node(settings, lambda: _database(postgres.url), broker, gatekeeper, postgres.own))


@asynccontextmanager
async def _database(url: str) -> AsyncIterator[PostgresDatabase]:
    await reach(url)
    await migrate_postgres(url)
    database = PostgresDatabase(url)
    await database.open()
    parts = asyncio.create_task(_make_parts(url))
    try:
        yield database
    finally:
        parts.cancel()
        await asyncio.gather(parts, return_exceptions=True)
        await database.close()


async def _make_parts(url: str) -> None:
    """Make the parts of tables that are due, once a day; a month without one has its rows in the other part."""
    while True:
        await asyncio.sleep(_PARTS_EVERY.total_seconds())
        try:
            await make_parts(url)
        except (OSError, DBAPIError) as failure:
            _log.warning("parts_not_made", error=repr(failure))
