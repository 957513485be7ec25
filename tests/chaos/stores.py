"""What is done to the store of a broker: rolled back, wiped, full."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import nats.js.errors

from adapters.nats.client import open_client
from adapters.nats.streams import _MAX_BYTES, stream_name
from bus.link.wire import Stream
from sites.demo.waiting import until
from tests.chaos.cluster import Cluster

_LITTLE = 16 * 1024
_ANSWERS_WITHIN = 2.0
_ROOM_WITHIN = 120.0
_UNREACHED = (nats.errors.Error, OSError, TimeoutError)


async def roll_back(cluster: Cluster, code: str, seconds: float, _: float) -> None:
    """Have a broker forget all that it took within these seconds, as a restored image of its machine would."""
    broker = cluster.parts[f"nats:{code}"]
    async with _copied(cluster, code) as copy:
        await asyncio.sleep(seconds)
        broker.kill()
        await _put_back(copy, cluster.store(code))


async def roll_back_unapplied(cluster: Cluster, code: str, seconds: float, _: float) -> None:
    """Have a power failure hit a parent and its broker, whose last sync is these seconds ago.

    The parent stands still meanwhile: what its broker took from the children, and acknowledged, nobody has applied.
    """
    node, broker = cluster.parts[f"node:{code}"], cluster.parts[f"nats:{code}"]
    async with _copied(cluster, code) as copy:
        with node.frozen():
            await asyncio.sleep(seconds)
            broker.kill()
            node.kill()
        await _put_back(copy, cluster.store(code))


async def wipe(cluster: Cluster, code: str, seconds: float, _: float) -> None:
    """Have a broker lose all that it ever took."""
    cluster.parts[f"nats:{code}"].kill()
    shutil.rmtree(cluster.store(code), ignore_errors=True)
    await asyncio.sleep(seconds)


async def fill_streams(cluster: Cluster, code: str, seconds: float, _: float) -> None:
    """Have a broker refuse nearly everything. A node that opens its streams anew gives them room again."""
    with suppress(*_UNREACHED):
        await _resize(cluster, code, dict.fromkeys(Stream, _LITTLE))
    await asyncio.sleep(seconds)
    await until(partial(_given_room, cluster, code), f"the streams of {code} have room again", _ROOM_WITHIN)


async def _given_room(cluster: Cluster, code: str) -> bool:
    with suppress(*_UNREACHED):
        await _resize(cluster, code, _MAX_BYTES)
        return True
    return False


async def _resize(cluster: Cluster, code: str, sizes: Mapping[Stream, int]) -> None:
    async with asyncio.timeout(3 * _ANSWERS_WITHIN):
        client = await open_client(
            cluster.topology.nodes[code].environment["CAIFS_NATS_URL"],
            connect_timeout=int(_ANSWERS_WITHIN),
            error_cb=_unheard,
        )
        try:
            jetstream = client.jetstream(timeout=_ANSWERS_WITHIN)
            for stream, size in sizes.items():
                config = (await jetstream.stream_info(stream_name(stream, code))).config
                await jetstream.update_stream(config.evolve(max_bytes=size))
        except nats.js.errors.NotFoundError:
            pass  # the node is about to make it
        finally:
            await client.close()


async def _unheard(_: Exception) -> None:
    pass


@asynccontextmanager
async def _copied(cluster: Cluster, code: str) -> AsyncIterator[Path]:
    """Give a copy of a broker's store as it is on disk now, as long as the block."""
    copy = cluster.topology.state / f"{code}.store"
    with cluster.parts[f"nats:{code}"].frozen():
        await copied(cluster.store(code), copy)
    try:
        yield copy
    finally:
        shutil.rmtree(copy)


async def _put_back(copy: Path, store: Path) -> None:
    shutil.rmtree(store, ignore_errors=True)
    await copied(copy, store)


async def copied(source: Path, target: Path) -> None:
    """Copy a folder with all its owners and modes.

    Raises:
        RuntimeError: it cannot be.
    """
    copying = await asyncio.create_subprocess_exec("cp", "--archive", source, target)
    if await copying.wait() != 0:
        raise RuntimeError(f"{source} cannot be copied to {target}")
