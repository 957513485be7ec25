import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import psutil

from sites.servers.nats import NatsServer
from sites.servers.postgres import PostgresServer

PARENT = """
import sys, time
from pathlib import Path
from sites.servers.nats import NatsServer, NatsSettings
from sites.servers.postgres import PostgresServer
state = Path(sys.argv[1])
nats = NatsServer(state, NatsSettings(name="central", domain="central"))
print(PostgresServer(state).start(), nats.start().client_url, flush=True)
time.sleep(60)
"""


async def test_both_servers_end_with_a_killed_parent_and_start_again(
    home: Path,
    start_parent: Callable[[str, Path], subprocess.Popen[str]],
    all_end: Callable[[list[psutil.Process]], Awaitable[None]],
    start_postgres: Callable[..., tuple[PostgresServer, str]],
    start_nats: Callable[..., tuple[NatsServer, object]],
) -> None:
    state = home / "central"
    parent = start_parent(PARENT, state)
    database_url, nats_url = parent.stdout.readline().split()
    processes = psutil.Process(parent.pid).children(recursive=True)
    assert {"postgres", "nats-server"} == {process.name() for process in processes}
    connection = await asyncpg.connect(database_url)
    await connection.execute("CREATE TABLE fact AS SELECT 1 AS id")
    parent.kill()
    _, database_url_again = start_postgres(state)
    _, address = start_nats("central", domain="central")
    assert (database_url_again, address.client_url) == (database_url, nats_url)
    await all_end(processes)
    await connection.close()
    connection = await asyncpg.connect(database_url)
    assert await connection.fetchval("SELECT id FROM fact") == 1
    await connection.close()
