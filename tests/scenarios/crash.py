"""A node ends as a failure of power would end it."""

from contextlib import suppress

import psutil

from sites.demo.node import Node


def crash(node: Node) -> None:
    """End a node and its servers at once."""
    for process in [psutil.Process(node.pid), *psutil.Process(node.pid).children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):  # it may have followed those before it
            process.kill()
    node.kill()  # takes leave of the dead
