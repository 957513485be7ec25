"""What ``caifs day`` runs, prints, and answers to the shell."""

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Literal

import httpx

from sites.days.day import Day, Printed
from sites.days.koroszczyn import VEHICLES, Koroszczyn
from sites.days.malaszewicze import Malaszewicze
from sites.demo.topology import Topology
from sites.demo.waiting import DemoFailed
from sites.desk import Refused
from sites.servers.child import ChildError

HOLDS, FAILS = 0, 1
Name = Literal["malaszewicze", "koroszczyn"]
DAYS: Final[Mapping[Name, Callable[[int, int], Day]]] = {
    "malaszewicze": lambda seed, _: Malaszewicze(seed),
    "koroszczyn": Koroszczyn,
}
_ANSWERS_WITHIN = 20.0


def perform(name: Name, seed: int, vehicles: int = VEHICLES) -> int:
    """Run a day and return the exit status: 0 when all that was planted was found, and nothing else.

    ``vehicles`` is how many lorries there are, where a day is one of lorries.
    """
    began = time.monotonic()
    try:
        printed = asyncio.run(_run(DAYS[name](seed, vehicles)))
    except (DemoFailed, Refused, ChildError, httpx.TransportError) as failure:
        sys.stderr.write(f"The day cannot go on: {failure}\n")
        return FAILS
    for line in (*printed.lines, *(f"FAULT: {fault}" for fault in printed.faults)):
        sys.stdout.write(f"{line}\n")
    told = "NOT as planted" if printed.faults else "all anomalies found, none invented"
    sys.stdout.write(f"{name}, seed {seed}: {told} ({time.monotonic() - began:.1f} s)\n")
    return FAILS if printed.faults else HOLDS


async def _run(day: Day) -> Printed:
    async with httpx.AsyncClient(timeout=_ANSWERS_WITHIN) as http:
        topology = Topology(Path(tempfile.mkdtemp(prefix="caifs-day-")), http, day.plans)
        try:
            topology.start()
            await topology.ready()
            return await day.run(topology, http)
        finally:
            await asyncio.to_thread(topology.stop)
            await asyncio.to_thread(topology.remove)
