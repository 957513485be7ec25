"""``python -m bench [name ...]``: prints tables and writes ``bench/results/<name>.json``."""

import asyncio
import sys
from importlib import import_module

import uvloop

from bench.report import machine, publish

NAMES = (
    "push",
    "registrations",
    "visits",
    "link",
    "backlog",
    "outage",
    "thin_line",
    "latency",
    "join",
    "formats",
    "identifiers",
    "lookups",
)


def main(names: list[str]) -> None:
    """Measure what is named, or everything."""
    for name in names or NAMES:
        measure, before = import_module(f"bench.{name}").measure, machine()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            publish(name, before, runner.run(measure()))


main(sys.argv[1:])
