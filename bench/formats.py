"""Pushes read a second, of every format and every real payload of it, and what the worst push costs.

The baseline of a payload is its bare parsing: ``json.loads``, ElementTree, or the lines of a text. That of a hostile
push is one look at each of its bytes.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter
from xml.etree.ElementTree import fromstring

from adapters.devices.formats import FORMATS
from bench.hostile import hostile_pushes
from bench.report import Figure, figure
from domain.registrations.readings import Push, PushUnreadable

PAYLOADS = Path(__file__).parents[1] / "tests" / "data" / "devices"
ROUNDS = 5
SECONDS = 0.15
MEBIBYTE = 1024 * 1024
SIZES = (20_000_000, 16 * MEBIBYTE, 12 * MEBIBYTE, 8 * MEBIBYTE, 512 * 1024)
"""What was asked for, and the most that the limits of formats let through."""


async def measure() -> Sequence[Figure]:
    """Return a figure for each payload, and the worst of all hostile pushes for each format and kind of push."""
    return [*_payloads(), *_hostile()]


def _payloads() -> list[Figure]:
    figures = []
    for row in json.loads((PAYLOADS / "payloads.json").read_bytes()):
        push = Push(content_type=row["content_type"], body=(PAYLOADS / row["file"]).read_bytes())
        ours_of, bare_of = partial(FORMATS[row["format"]].read, push), partial(_bare(push.content_type), push.body)
        runs = [(_rate(ours_of), _rate(bare_of)) for _ in range(ROUNDS)]
        ours, beside = zip(*runs, strict=True)
        key = f"{row['format']}: {row['file']}"
        figures.append(figure(key, ours, unit="pushes/s", better="higher", baseline=beside))
    return figures


def _bare(content_type: str) -> Callable[[bytes], object]:
    if content_type.endswith("json"):
        return json.loads
    if content_type.endswith("xml"):
        return fromstring
    return lambda body: body.decode().splitlines()


def _rate(work: Callable[[], object]) -> float:
    done, started = 0, perf_counter()
    while (taken := perf_counter() - started) < SECONDS:
        work()
        done += 1
    return done / taken


def _hostile() -> list[Figure]:
    of_format: dict[str, list[float]] = defaultdict(list)
    of_kind: dict[str, list[float]] = defaultdict(list)
    looks: dict[str, list[float]] = defaultdict(list)
    for size in SIZES:
        for kind, push in hostile_pushes(size):
            looks[kind].append(_seconds(partial(push.body.count, b"\0")))
            for name, form in FORMATS.items():
                taken = _seconds(partial(_tried, form.read, push))
                of_format[name].append(taken)
                of_kind[kind].append(taken)
    every_look = [taken for each in looks.values() for taken in each]
    return [
        *(_worst(f"worst push, {name}", taken, every_look) for name, taken in of_format.items()),
        *(_worst(f"worst push, {kind}", taken, looks[kind]) for kind, taken in of_kind.items()),
    ]


def _worst(key: str, taken: list[float], looks: list[float]) -> Figure:
    return figure(key, [max(taken) * 1e3], unit="ms", better="lower", aim=1_000, baseline=[max(looks) * 1e3])


def _tried(read: Callable[[Push], object], push: Push) -> None:
    try:
        read(push)
    except PushUnreadable:
        return


def _seconds(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started
