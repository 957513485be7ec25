"""Nodes of which nothing in their environment says who is whose parent: they are told by invitations."""

import subprocess
import sys

from sites.demo.node import Node


def strangers(node: Node) -> Node:
    """Return a node that is told of no parent and of no children."""
    told = {
        name: value
        for name, value in node.environment.items()
        if not name.startswith(("CAIFS_PARENT", "CAIFS_CHILDREN", "CAIFS_SCOPES"))
    }
    return Node(node.plan, node.state, told)


def caifs(node: Node, *arguments: str, status: int = 0) -> str:
    """Run a command in the environment of a node; return what it printed."""
    command = [sys.executable, "-m", "sites.cli", *arguments]
    ended = subprocess.run(command, env=node.environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    assert ended.returncode == status, ended.stderr
    return ended.stdout + ended.stderr
