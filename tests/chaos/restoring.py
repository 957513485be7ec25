"""Nodes whose database is put back to what it was some seconds ago."""

import asyncio
import shutil
import sqlite3
from contextlib import closing

from tests.chaos.cluster import Cluster
from tests.chaos.stores import copied


async def restore_site(cluster: Cluster, code: str, seconds: float, _: float) -> None:
    """Have a site lose what it recorded within these seconds, as when its backup is restored."""
    file = cluster.topology.nodes[code].database_file
    copy = cluster.topology.state / f"{code}.sqlite"
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    await asyncio.sleep(seconds)
    cluster.parts[f"node:{code}"].kill()
    for suffix in ("", "-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    shutil.move(copy, file)


async def restore_postgres(cluster: Cluster, code: str, seconds: float, _: float) -> None:
    """Have a region or the centre lose what it recorded within these seconds, as when a disk's image is restored."""
    data = (cluster.topology.nodes[code].state / "postgres").resolve() / "data"
    copy = cluster.topology.state / f"{code}.data"
    node, postgres = cluster.parts[f"node:{code}"], cluster.parts[f"postgres:{code}"]
    with postgres.frozen():
        await copied(data, copy)
    await asyncio.sleep(seconds)
    node.kill()
    await asyncio.to_thread(postgres.stop)
    shutil.rmtree(data)
    await copied(copy, data)
    shutil.rmtree(copy)
