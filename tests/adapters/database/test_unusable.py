"""What a disk does not let a site do with its file is told from all else."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from adapters.database.unreachable import DatabaseUnusable
from adapters.database.unusable import usable
from sites.settings import DATABASE_FILE


def test_a_full_disk_is_told_whoever_finds_it(tmp_path: Path) -> None:
    path = tmp_path / DATABASE_FILE
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(DatabaseUnusable, match="database or disk is full"), usable(path):
        connection.execute("CREATE TABLE registration (id)")
    connection.close()


def test_what_is_not_the_disks_is_not_said_to_be() -> None:
    engine = create_engine("sqlite://")
    with pytest.raises(OperationalError, match="no such table"), usable(Path()), engine.connect() as connection:
        connection.execute(text("SELECT * FROM registration"))
    engine.dispose()
