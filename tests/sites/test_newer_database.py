"""A node does not start on the database of a newer program, and says so without a trace."""

import sqlite3
from contextlib import closing
from pathlib import Path

from adapters.database.schema import migrate_sqlite
from sites.settings import DATABASE_FILE
from tests.sites.alone import start_alone

STRANGE = "UPDATE alembic_version SET version_num = '9999'"


def test_a_site_refuses_the_database_of_a_newer_program(tmp_path: Path) -> None:
    migrate_sqlite(tmp_path / DATABASE_FILE)
    with closing(sqlite3.connect(tmp_path / DATABASE_FILE)) as file, file:
        file.execute(STRANGE)
    done = start_alone(tmp_path)
    assert done.returncode == 2
    assert "does not know revision 9999" in done.stderr
    assert "Traceback" not in done.stderr
