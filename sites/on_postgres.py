"""What region and centre have in common: PostgreSQL, and a nats-server in which children's batches wait."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvloop

from adapters.database.postgres import PostgresDatabase, reach
from adapters.database.schema import migrate_postgres
from sites import own_servers
from sites.occupancy import occupied
from sites.parts import run_node
from sites.settings import NodeSettings


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
    try:
        yield database
    finally:
        await database.close()
