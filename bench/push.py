"""Pushes a second at a site until committed, beside a bare route that reads the same body and answers."""

import sqlite3
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

from bench.books import fill_site
from bench.load import rate
from bench.nodes import Address, address, bare, started, topology
from bench.report import Figure, figure
from bench.series import SITE, Pushed, Series
from sites.demo.cameras import SHAPES

CONNECTIONS = 64
ROUNDS = 3
SIZE = 4_000
AIM = "ratio:0.4"


class Draw(Protocol):
    """Takes the next pushes of a series."""

    def __call__(self, series: Series, /, *, size: int) -> list[Pushed]:
        """Return so many of them."""
        ...


async def measure() -> Sequence[Figure]:
    """Return a figure for each shape and for all shapes by turns."""
    async with topology("push") as nodes:
        site = nodes.nodes[SITE]
        await fill_site(site.state)
        await started(nodes, SITE)
        async with bare(nodes.state / "bare") as plain:
            figures, pushed = await _compare(plain, address(site.url))
        _require_committed(site.database_file, pushed)
    return figures


async def _compare(plain: Address, site: Address) -> tuple[list[Figure], int]:
    series, pushed = Series(), 0
    figures = []
    for name, draw in _draws().items():
        ours, beside = [], []
        for _ in range(ROUNDS):
            beside.append(await rate(plain, _requests(series, draw), CONNECTIONS))
            ours.append(await rate(site, _requests(series, draw), CONNECTIONS))
            pushed += SIZE
        aim = AIM if name == "mix" else None
        figures.append(figure(name, ours, unit="pushes/s", better="higher", aim=aim, baseline=beside))
    return figures, pushed


def _requests(series: Series, draw: Draw) -> list[bytes]:
    return [pushed.request() for pushed in draw(series, size=SIZE)]


def _draws() -> dict[str, Draw]:
    draws: dict[str, Draw] = {"mix": Series.mixed}
    for form, shapes in SHAPES.items():
        for shape in shapes:
            draws[shape.__name__] = partial(Series.of_shape, form=form, shape=shape)
    return draws


def _require_committed(database: Path, pushed: int) -> None:
    """Count what is on record.

    Raises:
        RuntimeError: not every push is.
    """
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        (held,) = connection.execute("SELECT count(*) FROM reading").fetchone()
    finally:
        connection.close()
    if held != pushed:
        raise RuntimeError(f"{pushed} pushes were taken, {held} readings are on record")
