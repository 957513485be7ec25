"""A centre does not start without its PostgreSQL, and says so without a trace."""

import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from sites.servers.ports import free_port
from tests.postgres import Postgres


def started(state: Path, url: str) -> "subprocess.CompletedProcess[str]":
    environment = {
        "CAIFS_STATE": str(state / "central"),
        "CAIFS_DEVELOPMENT": "1",
        "CAIFS_DATABASE_URL": url,
        "CAIFS_NATS_URL": "nats://central:secret@127.0.0.1:9",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    command = [sys.executable, "-m", "sites.cli", "central"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own program


def refused(state: Path, url: str) -> str:
    """Return what a centre says that does not start; it never tells the password."""
    done = started(state, url)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "hidden" not in done.stderr
    return done.stderr


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    port = free_port()
    said = refused(tmp_path, f"postgresql://caifs:hidden@127.0.0.1:{port}/caifs")
    assert f"PostgreSQL at 127.0.0.1:{port} is out of reach" in said


async def test_a_server_that_lets_nobody_in(tmp_path: Path, postgres_server: Postgres) -> None:
    parts = urlsplit(await postgres_server.create_database("guarded"))
    said = refused(tmp_path, parts._replace(netloc=f"nobody:hidden@{parts.hostname}:{parts.port}").geturl())
    assert "is out of reach: password authentication failed" in said
