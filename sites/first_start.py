"""The first start of a node that has joined: it runs until it has all that it is to have of its parent."""

from typing import Any, Final

from sites.desk import Desk
from sites.keys.invitation import ChildRole
from sites.short_run import Progress, ShortRun

_ARRIVING: Final = """{
  thisNode { missingLists }
  replication { behind loads { feed pieces placed rows trouble } neighbours { isParent up } }
}"""


def first_start(role: ChildRole) -> ShortRun:
    """Return the first run of a node of this role."""
    return ShortRun(command=f"{role} join", look=_look)


async def _look(desk: Desk) -> Progress:
    found = await desk.look(_ARRIVING)
    line = _line(found)
    return Progress(line=line, is_done=line == _LIVE)


_LIVE: Final = "live"


def _line(found: dict[str, Any]) -> str:
    replication = found["replication"]
    loads = [_load(load) for load in replication["loads"]]
    if loads:
        return "; ".join(loads)
    if not all(one["up"] for one in replication["neighbours"] if one["isParent"]):
        return "waiting for the parent"
    missing = found["thisNode"]["missingLists"]
    if missing:
        return f"missing: {', '.join(missing)}"
    behind = replication["behind"]
    if behind is None:
        return "the parent has not said yet what there is"
    return f"{behind} events of the parent's are still to come" if behind != "0" else _LIVE


def _load(load: dict[str, Any]) -> str:
    trouble = f" ({load['trouble']})" if load["trouble"] else ""
    if load["pieces"] == "0":
        return f"{load['feed']}: the parent makes a snapshot{trouble}"
    return f"{load['feed']}: {load['placed']} of {load['pieces']} pieces, {load['rows']} rows in all{trouble}"
