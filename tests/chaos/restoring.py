"""Nodes whose database is put back to what it was some seconds ago."""

import asyncio
import shutil
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from typing import get_args

import asyncpg

from tests.chaos.book import Restored, What
from tests.chaos.checker import held_by
from tests.chaos.cluster import Cluster
from tests.chaos.stores import copied

_READ_WITHIN = 10.0


async def restore_site(cluster: Cluster, code: str, seconds: float, _: float) -> None:
    """Have a site lose what it recorded within these seconds, as when its backup is restored."""
    cluster.restoring.add(code)
    file = cluster.topology.nodes[code].database_file
    copy = cluster.topology.state / f"{code}.sqlite"
    since = time.monotonic()
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    await asyncio.sleep(seconds)
    cluster.parts[f"node:{code}"].kill()
    elsewhere = await _held_elsewhere(cluster)
    for suffix in ("", "-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    shutil.move(copy, file)
    _lost(cluster, code, since, elsewhere)


async def restore_postgres(cluster: Cluster, code: str, seconds: float, _: float) -> None:
    """Have a region or the centre lose what it recorded within these seconds, as when a disk's image is restored."""
    cluster.restoring.add(code)
    data = (cluster.topology.nodes[code].state / "postgres").resolve() / "data"
    copy = cluster.topology.state / f"{code}.data"
    node, postgres = cluster.parts[f"node:{code}"], cluster.parts[f"postgres:{code}"]
    since = time.monotonic()
    with postgres.frozen():
        await copied(data, copy)
    await asyncio.sleep(seconds)
    node.kill()
    elsewhere = await _held_elsewhere(cluster)
    await asyncio.to_thread(postgres.stop)
    shutil.rmtree(data)
    await copied(copy, data)
    shutil.rmtree(copy)
    _lost(cluster, code, since, elsewhere)


def _lost(cluster: Cluster, code: str, since: float, elsewhere: Mapping[What, frozenset[str]]) -> None:
    """Enter what a node, which does not run now, has lost; what it answered at the last has been heard by now."""
    cluster.restoring.remove(code)
    cluster.restored.append(Restored(node=code, since=since, until=time.monotonic(), elsewhere=elsewhere))


async def _held_elsewhere(cluster: Cluster) -> Mapping[What, frozenset[str]]:
    """Return what other nodes hold, but for those that are about to lose it as well.

    What only one holds that another fault keeps from telling is not insisted on.
    """
    found: dict[What, set[str]] = {what: set() for what in get_args(What)}
    for other, node in cluster.topology.nodes.items():
        if other not in cluster.restoring:
            with suppress(OSError, TimeoutError, sqlite3.Error, asyncpg.PostgresError):
                async with asyncio.timeout(_READ_WITHIN):
                    for what, ids in (await held_by(node)).ids.items():
                        found[what] |= ids
    return {what: frozenset(ids) for what, ids in found.items()}
