"""What ``caifs demo`` shows while it runs, prints at the end, and answers to the shell."""

import json
import sys
from collections.abc import Mapping
from typing import Any

import httpx
from rich.console import Console

from sites.demo.plain import PlainLines
from sites.demo.run import Wish, run
from sites.demo.show import Silence
from sites.demo.view import LiveView
from sites.demo.waiting import DemoFailed
from sites.desk import Refused
from sites.servers.child import ChildError

__all__ = ["Wish", "perform"]

HOLDS, FAILS = 0, 1


def perform(wish: Wish, *, as_json: bool) -> int:
    """Run the demo and return its exit status: 0 unless something is missing, doubled or not equal, or it failed."""
    console = Console(soft_wrap=True)
    try:
        summary = _shown(wish, console, as_json=as_json)
    except (DemoFailed, Refused, ChildError, httpx.TransportError) as failure:
        sys.stderr.write(f"The demo cannot go on: {failure}\n")
        return FAILS
    if summary is None:
        return HOLDS
    if as_json:
        sys.stdout.write(f"{json.dumps(summary)}\n")
    else:
        _print(summary, console)
    return HOLDS if _holds(summary) else FAILS


def _shown(wish: Wish, console: Console, *, as_json: bool) -> dict[str, Any] | None:
    if as_json:
        return run(wish, Silence())
    if not console.is_terminal:
        return run(wish, PlainLines(console))
    with LiveView(console) as view:
        return run(wish, view)


def _holds(summary: Mapping[str, Any]) -> bool:
    return bool(summary["equal"]) and not summary["missing"]["count"] and not summary["doubled"]["count"]


def _print(summary: Mapping[str, Any], console: Console) -> None:
    for level, nodes in summary["levels"].items():
        for code, counts in nodes.items():
            told = ", ".join(f"{count} {what}" for what, count in counts.items())
            console.print(f"{level} {code}: {told}", highlight=False)
    for level, told in summary["latency_ms"].items():
        times = ", ".join(f"{what} p50 {p['p50']} p99 {p['p99']}" for what, p in told.items() if p["n"])
        console.print(f"milliseconds from push to subscriber, {level}: {times}", highlight=False)
    if _holds(summary):
        console.print(f"{summary['vehicles']} vehicles, {summary['persons']} persons: all on record once, levels equal")
        return
    for what in ("missing", "doubled"):
        console.print(f"{what}: {summary[what]['count']}", *summary[what]["samples"], sep="\n  ")
    console.print_json(data=summary["differences"])
