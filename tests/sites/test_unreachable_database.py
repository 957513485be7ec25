"""A node does not start without its database, and says so without a trace."""

import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from sites.servers.ports import free_ports
from sites.settings import DATABASE_FILE
from tests.postgres import Postgres


def started(role: str, state: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    environment |= {
        "CAIFS_STATE": str(state),
        "CAIFS_DEVELOPMENT": "1",
        "CAIFS_NATS_URL": f"nats://{role}:secret@127.0.0.1:9",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    command = [sys.executable, "-m", "sites.cli", role]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own program


def refused(state: Path, url: str) -> str:
    """Return what a centre says that does not start; it never tells the password."""
    done = started("central", state / "central", CAIFS_DATABASE_URL=url)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "hidden" not in done.stderr
    return done.stderr


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    said = refused(tmp_path, f"postgresql://caifs:hidden@127.0.0.1:{port}/caifs")
    assert f"PostgreSQL at 127.0.0.1:{port} is out of reach" in said


async def test_a_server_that_lets_nobody_in(tmp_path: Path, postgres_server: Postgres) -> None:
    parts = urlsplit(await postgres_server.create_database("guarded"))
    said = refused(tmp_path, parts._replace(netloc=f"nobody:hidden@{parts.hostname}:{parts.port}").geturl())
    assert "is out of reach: password authentication failed" in said


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    file = tmp_path / DATABASE_FILE
    file.mkdir()
    parent = {
        "CAIFS_PARENT": "central",
        "CAIFS_SCOPES": "pl,site",
        "CAIFS_PARENT_LEAF_URL": "nats-leaf://a:b@127.0.0.1:9",
    }
    done = started("site", tmp_path, **parent, CAIFS_NODE="site", CAIFS_PARENT_URL="nats://a:b@127.0.0.1:9")
    assert done.returncode == 2
    assert done.stderr == f"The database {file} cannot be used: unable to open database file\n"
