"""Figures: written as JSON under ``bench/results`` and printed as a table."""

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured value: the median of its runs, beside the median of the baseline's.

    Attributes:
        aim: a number for ``value``, or ``ratio:X`` for ``ratio``.
        ratio: value / baseline.
        runs: what each run gave, so that the spread can be seen.
    """

    key: str
    value: float
    unit: str
    better: Literal["higher", "lower"]
    aim: float | str | None
    baseline: float | None
    ratio: float | None
    runs: Sequence[float]


def figure(
    key: str,
    runs: Sequence[float],
    *,
    unit: str,
    better: Literal["higher", "lower"],
    aim: float | str | None = None,
    baseline: Sequence[float] | None = None,
) -> Figure:
    """Make a figure of the runs of a measurement and of its baseline."""
    value = statistics.median(runs)
    beside = statistics.median(baseline) if baseline else None
    return Figure(
        key=key,
        value=round(value, 3),
        unit=unit,
        better=better,
        aim=aim,
        baseline=None if beside is None else round(beside, 3),
        ratio=None if not beside else round(value / beside, 3),
        runs=[round(run, 3) for run in runs],
    )


def publish(name: str, machine: str, figures: Sequence[Figure]) -> None:
    """Write figures to ``results/<name>.json`` and print them."""
    RESULTS.mkdir(exist_ok=True)
    content = {"name": name, "machine": machine, "figures": [asdict(one) for one in figures]}
    (RESULTS / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n")
    table = Table(title=name, caption=machine)
    for column in ("figure", "value", "unit", "baseline", "ratio", "aim", "runs"):
        table.add_column(column, justify="left" if column in ("figure", "unit") else "right")
    for one in figures:
        shown = (one.key, one.value, one.unit, one.baseline, one.ratio, one.aim, ", ".join(map(str, one.runs)))
        table.add_row(*("" if cell is None else str(cell) for cell in shown))
    Console(width=150).print(table)


def machine() -> str:
    """Describe the machine in a line, with what else it has to do now."""
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    kind = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory_gib:.0f} GiB"
    return f"{kind}, Python {platform.python_version()}, load before {os.getloadavg()[0]:.1f}"
