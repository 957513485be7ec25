"""`caifs demo` as its user starts it."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx

from sites.demo.topology import Topology

ELSEWHERE = {"CAIFS_DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none", "CAIFS_NATS_URL": "nats://127.0.0.1:9"}
"""Servers of an operator: of one node, so not meant for the demo."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedDemo:
    """A demo that has ended by itself and left its state folder behind."""

    state: Path
    status: int
    printed: str


def start_demo(state: Path, *arguments: str, stderr: int | None = None) -> "subprocess.Popen[str]":
    """Start it on a state folder, on ports that are drawn here: from those of this worker."""
    Topology(state, httpx.AsyncClient())
    command = [sys.executable, "-m", "sites.cli", "demo", "--state", str(state), *arguments]
    environment = os.environ | ELSEWHERE
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True, env=environment)  # noqa: S603 - our own program


def remove_demo(state: Path) -> None:
    Topology(state, httpx.AsyncClient()).remove()
