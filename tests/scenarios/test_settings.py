"""A node whose settings make no sense says all that is wrong, at once, and does not start."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.scenario

WRONG = {
    "CAIFS_NODE": "Koroszczyn",
    "CAIFS_DEVELOPMENT": "yes",
    "CAIFS_HTTP_PORT": "80800",
    "CAIFS_NATS_PORT": "four",
    "CAIFS_DATABASE_URL": "postgresql://127.0.0.1/caifs",
    "CAIFS_PARENT": "",
    "CAIFS_SCOPES": "*",
    "CAIFS_CHILDREN": "dorohusk=pl",
    "CAIFS_CHILDREN_SECRET": "short",
}


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    environment = WRONG | {"CAIFS_STATE": str(tmp_path / "state")}
    command = [sys.executable, "-m", "sites.cli", "site"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    assert (ended.returncode, ended.stdout) == (2, "")
    lines = ended.stderr.splitlines()
    assert lines[0] == "The settings do not describe a node:"
    assert {line.split(maxsplit=1)[0].rstrip(":") for line in lines[1:]} == set(WRONG)
    assert not (tmp_path / "state").exists()
