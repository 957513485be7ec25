"""What programs cost: memory at most, and time of processors."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

_LOOK_EVERY = 1.0  # seconds
_MIB = 1 << 20
_POSTGRES = "postgres"


def peaks(pid: int) -> Mapping[str, float]:
    """Return the most memory (MiB) that a node's process and its nats-server have ever had in RAM, as the kernel says.

    By name of the program; PostgreSQL's processes share theirs, so they are not here but in `watched_postgres`.
    """
    node = psutil.Process(pid)
    others = [child for child in node.children(recursive=True) if child.name() != _POSTGRES]
    return {"node": _peak(node.pid), **{child.name(): _peak(child.pid) for child in others}}


@asynccontextmanager
async def watched_postgres(pid: int) -> AsyncIterator[dict[str, float]]:
    """Give the most memory (MiB) that the processes of a node's PostgreSQL have together, looked at every second.

    What they share counts once (proportional set size); most of it is the server's cache, which has a size of its own.
    """
    most: defaultdict[str, float] = defaultdict(float)

    async def watch() -> None:
        while True:
            most[_POSTGRES] = max(most[_POSTGRES], _postgres(pid))
            await asyncio.sleep(_LOOK_EVERY)

    watching = asyncio.create_task(watch())
    try:
        yield most
    finally:
        watching.cancel()


def work(pid: int) -> Mapping[str, float]:
    """Return for how many seconds processors have worked for a node, by name of the program as in `peaks`."""
    node, total = psutil.Process(pid), Counter[str]()
    for process in (node, *node.children(recursive=True)):
        try:
            name, times = process.name(), process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        of_ended = times.children_user + times.children_system
        total["node" if process is node else name] += times.user + times.system + of_ended
    return total


def _peak(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"process {pid} has ended")


def _postgres(pid: int) -> float:
    total = 0
    for child in psutil.Process(pid).children(recursive=True):
        try:
            total += child.memory_full_info().pss if child.name() == _POSTGRES else 0
        except psutil.NoSuchProcess:
            continue
    return total / _MIB
