"""Bare NATS: leaf servers below one, with the settings of nodes, and clients of nats-py as they come."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg

from bench.nodes import STATE, clear
from sites.servers.nats import NatsServer, NatsSettings, NatsUser

_SUBJECT = "bench.echo"
_SECRET = "of nobody"  # noqa: S105 - of servers that live as long as a measurement
_ASKED_FOR = 0.5  # seconds
_ASKED_EVERY = 0.05  # seconds
_WITHIN = 60.0  # seconds


class Leaves:
    """Servers and clients that run."""

    def __init__(self, upper: NatsServer, clients: Sequence[Client]) -> None:
        """Ask through ``clients``, one at each leaf; who answers is at ``upper``."""
        self._upper = upper
        self._clients = clients

    async def outage(self, down: float) -> Sequence[float]:
        """Stop the upper server for so many seconds; return how many each client waits for an answer afterwards.

        Raises:
            TimeoutError: one is not answered.
        """
        await asyncio.gather(*map(_answered, self._clients))
        await asyncio.to_thread(self._upper.stop)
        await asyncio.sleep(down)
        self._upper.start()
        begun = time.perf_counter()
        ends = await asyncio.gather(*map(_answered, self._clients))
        return [end - begun for end in ends]


@asynccontextmanager
async def leaves(names: Sequence[str]) -> AsyncIterator[Leaves]:
    """Give a leaf server of each name, with a client, below one."""
    folder = STATE / "leaves"
    clear(folder)
    children = tuple(NatsUser(name=name, secret=_SECRET) for name in names)
    with ExitStack() as servers:
        servers.callback(clear, folder)
        upper = NatsServer(folder / "upper", NatsSettings(name="upper", children=children))
        servers.callback(upper.stop)
        address = upper.start()
        async with AsyncExitStack() as connections:
            answering = await nats.connect(address.client_url, error_cb=_lost)
            connections.push_async_callback(answering.close)
            await answering.subscribe(_SUBJECT, cb=_answer)
            clients = []
            for name, url in address.leaf_urls.items():
                leaf = NatsServer(folder / name, NatsSettings(name=name, parent_url=url))
                servers.callback(leaf.stop)
                clients.append(await nats.connect(leaf.start().client_url, error_cb=_lost))
                connections.push_async_callback(clients[-1].close)
            yield Leaves(upper, clients)


async def _lost(_: Exception) -> None:
    """Say nothing of an outage that is wanted."""


async def _answer(message: Msg) -> None:
    await message.respond(b"")


async def _answered(client: Client) -> float:
    async with asyncio.timeout(_WITHIN):
        while True:
            try:
                await client.request(_SUBJECT, b"", timeout=_ASKED_FOR)
            except nats.errors.Error:
                await asyncio.sleep(_ASKED_EVERY)
            else:
                return time.perf_counter()
