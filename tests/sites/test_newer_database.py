"""A node does not start on the database of a newer program, and says so without a trace."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from adapters.database.schema import migrate_sqlite
from sites.settings import DATABASE_FILE

STRANGE = "UPDATE alembic_version SET version_num = '9999'"


def test_a_site_refuses_the_database_of_a_newer_program(tmp_path: Path) -> None:
    migrate_sqlite(tmp_path / DATABASE_FILE)
    with closing(sqlite3.connect(tmp_path / DATABASE_FILE)) as file, file:
        file.execute(STRANGE)
    environment = {
        "CAIFS_NODE": "dorohusk",
        "CAIFS_STATE": str(tmp_path),
        "CAIFS_DEVELOPMENT": "1",
        "CAIFS_NATS_URL": "nats://127.0.0.1:9",
        "CAIFS_PARENT": "lublin",
        "CAIFS_PARENT_URL": "nats://127.0.0.1:9",
        "CAIFS_SCOPES": "pl,lublin,dorohusk",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    command = [sys.executable, "-m", "sites.cli", "site"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    assert done.returncode == 2
    assert "does not know revision 9999" in done.stderr
    assert "Traceback" not in done.stderr
