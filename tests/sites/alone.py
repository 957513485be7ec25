"""A site by itself, as a process: its parent is nowhere."""

import subprocess
import sys
from pathlib import Path


def start_alone(state: Path) -> "subprocess.CompletedProcess[str]":
    """Run a site on a state folder until it ends."""
    environment = {
        "CAIFS_NODE": "dorohusk",
        "CAIFS_STATE": str(state),
        "CAIFS_DEVELOPMENT": "1",
        "CAIFS_NATS_URL": "nats://127.0.0.1:9",
        "CAIFS_PARENT": "lublin",
        "CAIFS_PARENT_URL": "nats://127.0.0.1:9",
        "CAIFS_SCOPES": "pl,lublin,dorohusk",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    command = [sys.executable, "-m", "sites.cli", "site"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
