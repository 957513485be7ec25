"""How far the facts of the site are: on record there, confirmed, shown at the centre."""

import asyncio
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.series import SITE

_LOOK_EVERY = 0.01  # seconds
_HELD = "SELECT seq, parent_seq, centre_seq FROM log WHERE origin = ? AND channel = 'facts'"
_SHOWN = "SELECT projected FROM log WHERE origin = $1 AND channel = 'facts'"


def copy_file(source: Path, target: Path) -> None:
    """Copy a site's database, which nobody has open."""
    target.parent.mkdir(parents=True)
    shutil.copy(source, target)


def on_record(file: Path, site: str = SITE) -> int:
    """Return how many facts are on record at a site."""
    return _held(file, site)[0]


def confirmed(file: Path, site: str = SITE) -> int:
    """Return how many of its facts a site knows to be on record at its parent."""
    return _held(file, site)[1]


def confirmed_by_centre(file: Path, site: str = SITE) -> int:
    """Return how many of its facts a site knows to be on record at the centre."""
    return _held(file, site)[2]


def _held(file: Path, site: str) -> tuple[int, int, int]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        seq, parent_seq, centre_seq = connection.execute(_HELD, (site,)).fetchone() or (0, 0, 0)
    return int(seq), int(parent_seq), int(centre_seq)


async def shown(connection: Any, wanted: int) -> tuple[float, int]:
    """Wait until the centre shows ``wanted`` facts in its tables; return the time, and how many it shows."""
    while True:
        seq = await connection.fetchval(_SHOWN, SITE) or 0
        if seq >= wanted:
            return time.perf_counter(), int(seq)
        await asyncio.sleep(_LOOK_EVERY)
