"""What a topology is made of: processes that can be started, killed and frozen, each apart from all others."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psutil

from sites.demo.node import Node
from sites.own_servers import DATABASE
from sites.servers.child import Child
from sites.servers.nats import NatsServer
from sites.servers.postgres import PostgresServer

Start = Callable[[], Coroutine[Any, Any, None]]


class Part:
    """A node's process, its nats-server or its PostgreSQL.

    Attributes:
        name: what it is and whose, such as ``nats:lublin``.
        held: whoever harms it holds this; nobody else starts it meanwhile.
    """

    def __init__(self, name: str, start: Start, child: Callable[[], Child | None]) -> None:
        """Describe it; nothing runs yet."""
        self.name = name
        self.held = asyncio.Lock()
        self._start = start
        self._child = child
        self._is_killed = False

    @property
    def pid(self) -> int:
        """Of its first process."""
        child = self._child()
        assert child is not None, f"{self.name} was never started"
        return child.pid

    @property
    def runs(self) -> bool:
        """Whether it was started and has not ended."""
        child = self._child()
        return child is not None and child.status is None

    @property
    def has_ended(self) -> bool:
        """Whether it was started and has ended though nobody has killed or stopped it."""
        return self.status is not None and not self._is_killed

    @property
    def status(self) -> int | None:
        """The exit status of its first process; None while that runs."""
        child = self._child()
        return None if child is None else child.status

    @property
    def said(self) -> str:
        """The last lines it printed."""
        child = self._child()
        return "" if child is None else child.last_lines()

    async def start(self) -> None:
        """Start it, and wait until it serves; a node: until its process runs. Does nothing when it runs."""
        if not self.runs:
            await self._start()
            self._is_killed = False

    def kill(self) -> None:
        """End it at once."""
        child = self._child()
        if child is not None:
            self._is_killed = self._is_killed or self.runs
            child.kill()

    def stop(self) -> None:
        """Ask it to end, and wait."""
        child = self._child()
        if child is not None:
            self._is_killed = self._is_killed or self.runs
            child.stop()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Have all its processes stand still as long as the block."""
        first = psutil.Process(self.pid)
        processes = [first, *first.children(recursive=True)]
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.suspend()
        try:
            yield
        finally:
            for process in processes:
                with suppress(psutil.NoSuchProcess):
                    process.resume()


def node_part(node: Node) -> Part:
    """Return a node's process."""

    async def start() -> None:
        node.start()

    return Part(f"node:{node.code}", start, lambda: node._child)


def nats_part(code: str, server: NatsServer) -> Part:
    """Return a node's nats-server."""

    async def start() -> None:
        server.start()

    return Part(f"nats:{code}", start, lambda: server._child)


def postgres_part(code: str, server: PostgresServer) -> Part:
    """Return a node's PostgreSQL."""

    async def start() -> None:
        server.start()
        await server.create_database(DATABASE)

    return Part(f"postgres:{code}", start, lambda: server._child)
