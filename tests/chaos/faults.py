"""THE table of faults: what can be done to a node, its servers, its lines, its disk and its clock.

A fault lasts as long as its coroutine runs, and has ended when that returns: whatever it held down runs again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

from bench.line import Line
from sites.demo.node import Plan
from tests.chaos import disks
from tests.chaos.cluster import LINES, Cluster
from tests.chaos.moving import may_move, move_site
from tests.chaos.restoring import restore_postgres, restore_site
from tests.chaos.stores import fill_streams, roll_back, roll_back_unapplied, wipe

Harm = Callable[[Cluster, str, float, float], Awaitable[None]]
"""Told (cluster, node, seconds, chance from 0 to 1) whom to harm and how long."""
Hits = Callable[[Mapping[str, Plan], str], bool]

THIN = ((16_000, 0.2), (160_000, 0.06), (2_000_000, 0.03))
"""Bits a second and seconds of delay of lines that are thin."""
JUMPS = (-3_600.0, -90.0, 90.0, 3_600.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A kind of fault.

    Attributes:
        hits: whether a node of a topology can have it.
        holds: the parts of a node that nobody else may touch meanwhile.
        lasts: seconds, from and to.
    """

    harm: Harm
    hits: Hits
    holds: tuple[str, ...] = ()
    lasts: tuple[float, float] = (0.5, 4.0)


def _killed(part: str) -> Harm:
    async def harm(cluster: Cluster, code: str, seconds: float, _: float) -> None:
        cluster.parts[f"{part}:{code}"].kill()
        await asyncio.sleep(seconds)

    return harm


def _frozen(part: str) -> Harm:
    async def harm(cluster: Cluster, code: str, seconds: float, _: float) -> None:
        with cluster.parts[f"{part}:{code}"].frozen():
            await asyncio.sleep(seconds)

    return harm


def _with_lines(do: Callable[[Line, float], Awaitable[None]]) -> Harm:
    async def harm(cluster: Cluster, code: str, seconds: float, chance: float) -> None:
        """Harm all lines of a child, or one of them: they may go different ways."""
        names = list(LINES) if chance < 0.5 else [list(LINES)[int(chance * 100) % len(LINES)]]
        lines = [cluster.lines[code, name] for name in names]
        try:
            for line in lines:
                await do(line, chance)
            await asyncio.sleep(seconds)
        finally:
            for line in lines:
                await _mend(line)

    return harm


async def _cut(line: Line, _: float) -> None:
    await line.cut()


async def _silence(line: Line, _: float) -> None:
    await line.black_hole()


async def _thin(line: Line, chance: float) -> None:
    rate, delay = THIN[int(chance * 1_000) % len(THIN)]
    for direction in (line.up, line.down):
        direction.rate, direction.delay = rate, delay


async def _mend(line: Line) -> None:
    await line.heal()
    for direction in (line.up, line.down):
        direction.rate, direction.delay = None, 0.0


async def _jump(cluster: Cluster, code: str, seconds: float, chance: float) -> None:
    file = cluster.clock(code)
    file.write_text(str(JUMPS[int(chance * len(JUMPS))]))
    try:
        await asyncio.sleep(seconds)
    finally:
        file.unlink()


async def _fill_disk(cluster: Cluster, code: str, seconds: float, _: float) -> None:
    with ExitStack() as stack:
        if cluster.is_small(code):
            stack.enter_context(disks.full(cluster.disk(code)))
        else:
            stack.enter_context(disks.files_end_here(cluster.parts[f"node:{code}"].pid))
        await asyncio.sleep(seconds)


def _every(plans: Mapping[str, Plan], code: str) -> bool:
    return code in plans


def _sites(plans: Mapping[str, Plan], code: str) -> bool:
    return plans[code].role == "site"


def _on_postgres(plans: Mapping[str, Plan], code: str) -> bool:
    return plans[code].role != "site"


def _children(plans: Mapping[str, Plan], code: str) -> bool:
    return plans[code].parent is not None


def _on_small_disks(plans: Mapping[str, Plan], code: str) -> bool:
    return _on_postgres(plans, code) and disks.are_permitted()


FAULTS: Mapping[str, Fault] = {
    "kill_node": Fault(harm=_killed("node"), hits=_every, holds=("node",)),
    "kill_nats": Fault(harm=_killed("nats"), hits=_every, holds=("nats",)),
    "kill_postgres": Fault(harm=_killed("postgres"), hits=_on_postgres, holds=("postgres",)),
    "freeze_node": Fault(harm=_frozen("node"), hits=_every, holds=("node",), lasts=(0.5, 8.0)),
    "freeze_nats": Fault(harm=_frozen("nats"), hits=_every, holds=("nats",), lasts=(0.5, 8.0)),
    "freeze_postgres": Fault(harm=_frozen("postgres"), hits=_on_postgres, holds=("postgres",), lasts=(0.5, 8.0)),
    "cut_line": Fault(harm=_with_lines(_cut), hits=_children, holds=("line",)),
    "silence_line": Fault(harm=_with_lines(_silence), hits=_children, holds=("line",), lasts=(0.5, 12.0)),
    "thin_line": Fault(harm=_with_lines(_thin), hits=_children, holds=("line",), lasts=(2.0, 8.0)),
    "roll_back_store": Fault(harm=roll_back, hits=_on_postgres, holds=("nats",)),
    "roll_back_unapplied": Fault(harm=roll_back_unapplied, hits=_on_postgres, holds=("nats", "node"), lasts=(1.0, 3.0)),
    "wipe_store": Fault(harm=wipe, hits=_on_postgres, holds=("nats",), lasts=(0.1, 1.0)),
    "fill_streams": Fault(harm=fill_streams, hits=_on_postgres, holds=("streams",), lasts=(1.0, 6.0)),
    "fill_disk": Fault(harm=_fill_disk, hits=_sites, holds=("node",)),
    "fill_brokers_disk": Fault(harm=_fill_disk, hits=_on_small_disks, holds=("nats",), lasts=(1.0, 6.0)),
    "jump_clock": Fault(harm=_jump, hits=_every, holds=("clock",), lasts=(1.0, 6.0)),
    "move_site": Fault(harm=move_site, hits=may_move, holds=("line", "nats", "node"), lasts=(0.5, 3.0)),
    "restore_site": Fault(harm=restore_site, hits=_sites, holds=("node",), lasts=(1.0, 5.0)),
    "restore_postgres": Fault(harm=restore_postgres, hits=_on_postgres, holds=("node", "postgres"), lasts=(1.0, 5.0)),
}
"""By name."""
