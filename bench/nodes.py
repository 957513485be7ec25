"""Programs that are measured, as processes of their own."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from sites.demo.topology import PLANS, Plan, Topology
from sites.servers.child import Child, claimed_output
from sites.servers.folders import remove_state

STATE = Path(".state") / "bench"
_READY_WITHIN = 30.0  # seconds
_LOOK_EVERY = 0.05  # seconds

Address = tuple[str, int]


@asynccontextmanager
async def topology(name: str, plans: Mapping[str, Plan] = PLANS) -> AsyncIterator[Topology]:
    """Give nodes that nobody has started yet; they end with the block, and what they kept goes with them."""
    async with httpx.AsyncClient() as http:
        folder = STATE / name
        if folder.exists():
            Topology(folder, http, plans).remove()
        nodes = Topology(folder, http, plans)
        try:
            yield nodes
        finally:
            await asyncio.to_thread(nodes.stop)
            nodes.remove()


async def started(nodes: Topology, *codes: str) -> None:
    """Start these nodes and wait until they serve."""
    async with httpx.AsyncClient() as http:
        for code in codes:
            nodes.nodes[code].start()
        for code in codes:
            await nodes.nodes[code].ready(http)


def clear(folder: Path) -> None:
    """Delete the state folders in a folder, if there are any, and the folder. Their servers have ended."""
    if folder.exists():
        for state in list(folder.iterdir()):
            remove_state(state)
        folder.rmdir()


def address(url: str) -> Address:
    """Return host and port of a URL."""
    parts = urlsplit(url)
    if parts.hostname is None or parts.port is None:
        raise ValueError(f"no host and port: {url}")
    return parts.hostname, parts.port


@asynccontextmanager
async def bare(folder: Path) -> AsyncIterator[Address]:
    """Give the address of `bench.bare`, which runs as long as the block."""
    told = folder / "http.url"
    child = _start_bare(folder, told)
    try:
        child.wait_until(told.exists, within=_READY_WITHIN)
        yield address(told.read_text())
    finally:
        child.stop()


def _start_bare(folder: Path, told: Path) -> Child:
    folder.mkdir(parents=True)
    with claimed_output(folder / "bare.log") as output:
        return Child([sys.executable, "-m", "bench.bare", str(told)], output=output)


async def until(condition: Callable[[], bool], within: float) -> None:
    """Wait for a condition, at most so many seconds.

    Raises:
        TimeoutError: it did not come true.
    """
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 - other processes set no event
            await asyncio.sleep(_LOOK_EVERY)
