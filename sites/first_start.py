"""The first start of a node that has joined: it runs until all its lists are there, and tells how far it is."""

import sys
import time
from collections.abc import Callable
from typing import Any, Final

from domain.shared.actors import Role
from sites.http import ADDRESS_FILE
from sites.running import NotDone, RunningNode
from sites.servers.child import Child, claimed_output
from sites.settings import environment_for

PURPOSE: Final = "caifs site join"
OUTPUT_FILE: Final = "join.log"
_LOOK_EVERY: Final = 0.5
_ARRIVING: Final = """{
  thisNode { missingLists }
  replication { loads { feed pieces placed rows trouble } neighbours { isParent up } }
}"""

Tell = Callable[[str], None]


class NotLive(Exception):  # noqa: N818 - what came of a wish
    """The node did not get all its lists in time; the text says how far it is."""


def run_until_live(node: RunningNode, command: list[str], tell: Tell, *, within: float) -> None:
    """Run a node until none of its lists is missing, then stop it.

    Args:
        node: that has just joined.
        command: the program's arguments that run it.
        tell: told a line whenever there is something new.
        within: seconds.

    Raises:
        NotLive: it ended, or the time did.
    """
    (node.state / ADDRESS_FILE).unlink(missing_ok=True)
    with claimed_output(node.state / OUTPUT_FILE) as output:
        child = Child(
            [sys.executable, "-m", "sites.cli", *command], output=output, environment=environment_for(node.state)
        )
    try:
        _watch(node, child, tell, within)
    finally:
        child.stop()


def _watch(node: RunningNode, child: Child, tell: Tell, within: float) -> None:
    began, last = time.monotonic(), ""
    while True:
        time.sleep(_LOOK_EVERY)
        seconds = time.monotonic() - began
        if child.status is not None:
            raise NotLive(f"the node has ended: {child.last_lines()}")
        found = _look(node)
        if found is not None:
            line = _line(found)
            if line != last:
                tell(f"{seconds:6.1f} s  {line}")
                last = line
            if not found["thisNode"]["missingLists"] and not found["replication"]["loads"]:
                return
        if seconds > within:
            raise NotLive(f"not all lists are there after {within:g} s: {last or 'the node does not answer'}")


def _look(node: RunningNode) -> dict[str, Any] | None:
    try:
        return node.at_desk(lambda desk: desk.look(_ARRIVING), role=Role.ADMINISTRATOR, purpose=PURPOSE)
    except NotDone:  # it is only starting
        return None


def _line(found: dict[str, Any]) -> str:
    replication = found["replication"]
    loads = [_load(load) for load in replication["loads"]]
    if loads:
        return "; ".join(loads)
    if not all(one["up"] for one in replication["neighbours"] if one["isParent"]):
        return "waiting for the parent"
    missing = found["thisNode"]["missingLists"]
    return f"missing: {', '.join(missing)}" if missing else "live"


def _load(load: dict[str, Any]) -> str:
    trouble = f" ({load['trouble']})" if load["trouble"] else ""
    if load["pieces"] == "0":
        return f"{load['feed']}: the parent makes a snapshot{trouble}"
    return f"{load['feed']}: {load['placed']} of {load['pieces']} pieces, {load['rows']} rows in all{trouble}"
