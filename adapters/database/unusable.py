"""Telling what a disk does not let a program do with its SQLite file from all else that fails."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy.exc import OperationalError

from adapters.database.unreachable import DatabaseUnusable

_OF_THE_DISK: Final = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})
_PRIMARY: Final = 0xFF
"""The bits of an error's code that tell its kind."""


@contextmanager
def usable(path: Path) -> Iterator[None]:
    """Open the SQLite file at ``path`` within.

    Raises:
        DatabaseUnusable: its disk does not let it be opened.
    """
    try:
        yield
    except (OperationalError, sqlite3.OperationalError) as failure:
        cause = failure.orig if isinstance(failure, OperationalError) else failure
        if not isinstance(cause, sqlite3.Error) or cause.sqlite_errorcode & _PRIMARY not in _OF_THE_DISK:
            raise
        raise DatabaseUnusable(path, cause) from failure
