"""``caifs chaos``: what it takes, shows and answers to the shell."""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import httpx
import typer

from sites.demo.waiting import DemoFailed
from sites.servers.child import ChildError
from tests.chaos.campaign import Report, Wish, run
from tests.chaos.cluster import PLANS
from tests.chaos.faults import FAULTS
from tests.chaos.mutants import MUTANTS

HOLDS, FAILS = 0, 1
SEEDS = 1 << 32
PLURAL: Mapping[str, str] = {
    "registration": "registrations",
    "alarm": "alarms",
    "acknowledgement": "acknowledgements",
    "entry": "entries",
    "erasure": "erasures",
}

app = typer.Typer(add_completion=False)


@app.command()
def chaos(  # noqa: PLR0917 - a command's options
    seed: Annotated[int | None, typer.Option(help="Fixes which faults hit whom and when; else drawn.")] = None,
    seconds: Annotated[float, typer.Option("--for", min=1, help="Seconds of faults.")] = 60,
    kinds: Annotated[str, typer.Option("--faults", help="Kinds of faults, with commas.")] = ",".join(FAULTS),
    nodes: Annotated[str, typer.Option(help="Nodes, with commas; parents among them.")] = ",".join(PLANS),
    rate: Annotated[float, typer.Option(min=0.1, max=200, help="Vehicles a second at each site, at most.")] = 15,
    patience: Annotated[float, typer.Option(min=5, help="Seconds without movement that are the end.")] = 60,
    mutant: Annotated[str | None, typer.Option(help=f"A safeguard to go without: {', '.join(MUTANTS)}.")] = None,
    trace: Annotated[Path | None, typer.Option(help="Folder for traces of each node's replication core.")] = None,
    state: Annotated[Path | None, typer.Option(help="Folder to keep everything in; else kept only on failure.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print nothing but the report, as JSON.")] = False,
) -> None:
    """Run real nodes, servers and lines, harm them as a seed says, and check that nothing answered is lost."""
    wish = Wish(
        seed=time.time_ns() % SEEDS if seed is None else seed,
        seconds=seconds,
        kinds=_known(kinds, FAULTS, "--faults"),
        nodes=_known(nodes, PLANS, "--nodes"),
        rate=rate,
        patience=patience,
        mutant=None if mutant is None else _known(mutant, MUTANTS, "--mutant")[0],
        trace=trace and trace.absolute(),
        state=state and state.absolute(),
    )
    raise typer.Exit(_perform(wish, as_json=as_json))


def _perform(wish: Wish, *, as_json: bool) -> int:
    began = time.monotonic()

    def say(what: str) -> None:
        if not as_json:
            sys.stdout.write(f"{time.monotonic() - began:7.1f}  {what}\n")
            sys.stdout.flush()

    try:
        report = run(wish, say)
    except (ChildError, DemoFailed, httpx.TransportError) as failure:
        sys.stderr.write(f"The campaign of seed {wish.seed} cannot go on: {failure}\n")
        return FAILS
    if as_json:
        sys.stdout.write(f"{json.dumps(report.summary())}\n")
    else:
        _print(report)
    return HOLDS if report.holds else FAILS


def _print(report: Report) -> None:
    summary = report.summary()
    lines = [
        "faults: " + ", ".join(f"{count} {kind}" for kind, count in sorted(report.struck.items())),
        "answered: " + ", ".join(f"{count} {PLURAL[what]}" for what, count in report.answered.items()),
        "asked again: " + ", ".join(f"{count} {code}" for code, count in report.refusals.items()),
        f"seconds to heal: {summary['seconds_to_heal']}",
    ]
    for name in ("lost", "doubled", "disordered", "kept"):
        lines += _listed(f"{name}: {summary[name]['count']}", summary[name]["samples"])
    for name in ("missing", "unanswered", "failed_strikes", "ended_by_themselves", "unexplained_endings"):
        if summary[name]:
            lines += _listed(name.replace("_", " "), summary[name])
    for name, told in summary["differences"].items():
        lines += _listed(name, told)
    lines.append("everything holds" if report.holds else f"seed {report.wish.seed} fails; look into {report.state}")
    sys.stdout.write("\n".join(lines) + "\n")


def _listed(head: str, told: Sequence[str]) -> Sequence[str]:
    return [head, *(f"  {line}" for each in told for line in each.splitlines())]


def _known(given: str, known: Sequence[str], option: str) -> Sequence[str]:
    names = [name.strip() for name in given.split(",") if name.strip()]
    if unknown := [name for name in names if name not in known]:
        raise typer.BadParameter(f"{', '.join(unknown)}: none of {', '.join(known)}", param_hint=option)
    return names
