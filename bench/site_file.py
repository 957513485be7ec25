"""The database file of a site: plates sought in it beforehand, and the rows it has grown put into a bare one."""

import itertools
import sqlite3
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.database.schema import migrate_sqlite

_TABLES = ("event", "reading", "registration")

Places = Mapping[str, int]
"""The last row of each table."""


def seek(file: Path, entries: int) -> None:
    """Have so many more entries sought, each by a plate that nobody drives."""
    with closing(sqlite3.connect(file)) as connection, connection:
        for table, own in (("entry", {}), ("criterion", {"kind": "plate"})):
            cursor = connection.execute(f"SELECT * FROM {table} LIMIT 1")  # noqa: S608 - names of ours
            names = [column for column, *_ in cursor.description]
            pattern = {**dict(zip(names, cursor.fetchone(), strict=True)), **own}
            places = ", ".join("?" * len(names))
            rows = (tuple(row[name] for name in names) for row in _copies(table, pattern, entries))
            connection.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608 - names of ours


def last_rows(file: Path) -> Places:
    """Return where the tables of readings and registrations end, and that of events."""
    with closing(_open(file)) as connection:
        return {table: _last(connection, table) for table in _TABLES}


def bare_rate(file: Path, before: Places, together: int) -> float:
    """Return how many readings a second the rows since ``before`` are, put into a fresh file as many together."""
    with TemporaryDirectory(dir=file.parent.parent) as folder, closing(_open(file)) as source:
        return _put(source, before, Path(folder) / "bare.sqlite", together)


def _put(source: sqlite3.Connection, before: Places, fresh: Path, together: int) -> float:
    migrate_sqlite(fresh)
    with closing(sqlite3.connect(fresh, isolation_level=None)) as target:
        target.execute("PRAGMA journal_mode = WAL")
        target.execute("PRAGMA synchronous = FULL")
        target.execute("PRAGMA foreign_keys = OFF")
        rows = {
            table: source.execute(f"SELECT * FROM {table} WHERE rowid > ?", (before[table],)).fetchall()  # noqa: S608 - names of ours
            for table in _TABLES
        }
        began = time.perf_counter()
        _insert(target, rows, together)
        return len(rows["reading"]) / (time.perf_counter() - began)


def _copies(table: str, pattern: Mapping[str, object], entries: int) -> Iterator[Mapping[str, object]]:
    for number in range(entries):
        entry_id = str(uuid.UUID(int=(0x0195 << 112) + number))
        plate = f"ZZ{number:06}"
        if table == "entry":
            yield {**pattern, "id": entry_id}
        else:
            own = str(uuid.UUID(int=(0x0196 << 112) + number))
            yield {**pattern, "id": own, "entry_id": entry_id, "canonical": plate, "folded": plate}


def _open(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{file}?mode=ro", uri=True)


def _last(connection: sqlite3.Connection, table: str) -> int:
    (last,) = connection.execute(f"SELECT coalesce(max(rowid), 0) FROM {table}").fetchone()  # noqa: S608 - names of ours
    return int(last)


def _insert(target: sqlite3.Connection, rows: Mapping[str, list[tuple[object, ...]]], together: int) -> None:
    batches = -(-len(rows["reading"]) // together)
    waiting = {table: iter(all_) for table, all_ in rows.items()}
    for _ in range(batches):
        target.execute("BEGIN IMMEDIATE")
        for table, all_ in rows.items():
            part = list(itertools.islice(waiting[table], -(-len(all_) // batches)))
            if part:
                places = ", ".join("?" * len(part[0]))
                target.executemany(f"INSERT INTO {table} VALUES ({places})", part)  # noqa: S608 - names of ours
        target.execute("COMMIT")
