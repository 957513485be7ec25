"""Servers of an operator, on this machine: nothing of them is a node's, and nodes only know their URLs.

The nats-servers are told what stands in `deploy/nats`, with this machine's ports and folders in place of those there.
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from sites.demo.node import Node
from sites.servers.account import server_account
from sites.servers.child import Child, claimed_output
from sites.servers.folders import server_folder, write_private
from sites.servers.nats import client_url, program
from sites.servers.ports import LOOPBACK

DOCUMENTED = Path(__file__).parents[2] / "deploy" / "nats"
SECRET = "known-to-the-node-and-its-operator"

Environment = Mapping[str, str]


def on_operators_servers(node: Node, database_url: str | None) -> Node:
    """Return the node as it is when its operator brings the servers, which listen where its own would."""
    environment = dict(node._environment)
    environment["CAIFS_NATS_URL"] = client_url(int(environment.pop("CAIFS_NATS_PORT")), node.code, SECRET)
    environment.pop("CAIFS_LEAF_PORT", None)
    environment["CAIFS_REDIAL_SECONDS"] = "3"
    if database_url is not None:
        environment["CAIFS_DATABASE_URL"] = database_url
    return Node(node.plan, node.state, environment)


class OperatorsNats:
    """The nats-server that an operator starts for a node."""

    def __init__(self, folder: Path, node: Node) -> None:
        """Describe it; ``node`` still has the ports."""
        self._folder = folder
        self._node = node

    def start(self, environment: Environment) -> None:
        """Start it as `deploy/nats/start.sh` does, in the node's environment."""
        ports = {use: self._node._environment.get(f"CAIFS_{use}_PORT", "") for use in ("NATS", "LEAF")}
        account = server_account()
        self._folder.mkdir()
        folder = server_folder(self._folder, "nats", account)
        here = {
            "0.0.0.0:4222": f"{LOOPBACK}:{ports['NATS']}",
            "0.0.0.0:7422": f"{LOOPBACK}:{ports['LEAF']}",
            "/var/lib/caifs/jetstream": str(folder / "jetstream"),
        }
        for file in DOCUMENTED.glob("*.conf"):
            text = file.read_text()
            for there, replacement in here.items():
                text = text.replace(there, replacement)
            write_private(folder / file.name, text, account)
        write_private(folder / "users.conf", users(self._node, environment), account)
        command = [program(account), "--config", folder / f"{self._node.plan.role}.conf"]
        with claimed_output(self._folder / "nats.log") as output:
            self._child = Child(command, output=output, account=account, environment=environment)
        self._child.wait_until(lambda: is_open(int(ports["NATS"])))

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let it hang, as a program in trouble does: its connections stay open, and nothing answers."""
        os.kill(self._child.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._child.pid, signal.SIGCONT)

    def stop(self) -> None:
        self._child.stop()


def users(node: Node, environment: Environment) -> str:
    """Return what `caifs users` prints."""
    command = [sys.executable, "-m", "sites.cli", "users", node.plan.role]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own program


def is_open(port: int) -> bool:
    with suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
        return True
    return False
