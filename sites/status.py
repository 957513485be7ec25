"""What `caifs status` shows: how a node of this machine, its neighbours and the logs between them are."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from domain.shared.actors import Role
from sites.running import NotDone, found

HEALTHY, FAULTY, SILENT = 0, 1, 2
"""Exit codes: nothing is wrong, something is, the node does not answer."""

PURPOSE: Final = "caifs status"
REPLICATION: Final = """{ replication {
  node now behind
  loads { feed pieces fetched placed trouble }
  health { version waiting waitingSince quarantined diskFree diskRoom }
  neighbours {
    code isParent up heardAt version clockOffset
    connections { stream up heardAt }
    health { version waiting waitingSince quarantined diskFree diskRoom }
  }
  logs { origin epoch channel via seq parent centre waiting waitingSince lagSeconds quarantined
         stopped { seq reason since } children { child seq } }
  faults { cause label priority text }
} verification { there finishedAt rows differences { repaired } notCompared } }"""
_MIB: Final = 1 << 20

Shown = Mapping[str, Any]


def perform(state: Path, console: Console, *, as_json: bool) -> int:
    """Show how the node of this state folder is; return the exit code."""
    try:
        answer = found(state).at_desk(lambda desk: desk.look(REPLICATION), role=Role.ADMINISTRATOR, purpose=PURPOSE)
    except NotDone as silence:
        console.print(json.dumps({"problem": str(silence)}) if as_json else Text(str(silence)), soft_wrap=True)
        return SILENT
    told = answer["replication"]
    if as_json:
        told = {**told, "verification": answer["verification"]}
        console.print(json.dumps(told), soft_wrap=True, highlight=False, markup=False)
    else:
        _show(told, console)
        _show_verification(answer["verification"], console)
    return FAULTY if told["faults"] else HEALTHY


def _show(told: Shown, console: Console) -> None:
    health, now = told["health"], datetime.fromisoformat(told["now"])
    line = f"{told['node']}  version {health['version']}  {_waits(health, now)}  {_disk(health)}"
    console.print(Text(line, style="bold"))
    if told["neighbours"]:
        console.print(_neighbours(told, now))
    if told["logs"]:
        console.print(_logs(told, now))
    if told["behind"] not in (None, "0"):
        console.print(Text(f"{told['behind']} events are still to come from the parent"))
    for load in told["loads"]:
        console.print(Text(_load(load)), soft_wrap=True)
    for fault in told["faults"]:
        console.print(Text(f"{fault['cause']}: {fault['label']}: {fault['text']}", style="red"))
    if not told["faults"]:
        console.print(Text("nothing is wrong", style="green"))


def _show_verification(found: Shown | None, console: Console) -> None:
    """Say what came of the last comparison with the parent, as far as there was one that has ended."""
    if found is None or found["finishedAt"] is None:
        return
    left = sum(not one["repaired"] for one in found["differences"])
    outcome = f"{left} rows differ" if left else "equal"
    if found["notCompared"]:
        outcome = f"{outcome} as far as compared; not compared: {'; '.join(found['notCompared'])}"
    at = datetime.fromisoformat(found["finishedAt"])
    line = f"compared with {found['there']} at {at:%Y-%m-%d %H:%M} UTC: {outcome}"
    console.print(Text(line, style="red" if left else "green"), soft_wrap=True)


def _neighbours(told: Shown, now: datetime) -> Table:
    table = _table("neighbour", "", "alarms", "bulk", "version", "clock", "waiting", "quarantined", "disk")
    for one in told["neighbours"]:
        heard = {each["stream"]: each for each in one["connections"]}
        health = one["health"]
        table.add_row(
            one["code"],
            "parent" if one["isParent"] else "child",
            *(_heard(heard[stream], now) for stream in ("ALARMS", "BULK")),
            one["version"] or "?",
            "?" if one["clockOffset"] is None else f"{one['clockOffset']:+.1f} s",
            "" if health is None else _waits(health, now),
            "" if health is None else health["quarantined"],
            "" if health is None else _disk(health),
        )
    return table


def _logs(told: Shown, now: datetime) -> Table:
    table = _table("origin", "channel", "via", "here", "parent", "centre", "waiting", "quarantined", "")
    for one in told["logs"]:
        stopped = one["stopped"]
        children = " ".join(f"{each['child']}:{each['seq']}" for each in one["children"])
        table.add_row(
            *(one["origin"], one["channel"], one["via"] or "", one["seq"], one["parent"], one["centre"]),
            _waits(one, now),
            one["quarantined"],
            children if stopped is None else f"stands still at {stopped['seq']}: {stopped['reason']}",
        )
    return table


def _load(one: Shown) -> str:
    size = f"{one['fetched']} of {one['pieces']} pieces fetched, {one['placed']} placed"
    return f"{one['feed']} is being loaded: {size}{one['trouble'] and ', ' + one['trouble']}"


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column)
    return table


def _heard(connection: Shown, now: datetime) -> str:
    state = "up" if connection["up"] else "DOWN"
    return state if connection["heardAt"] is None else f"{state} {_ago(connection['heardAt'], now)}"


def _waits(one: Shown, now: datetime) -> str:
    return "nothing waits" if one["waiting"] == "0" else f"{one['waiting']} wait, {_ago(one['waitingSince'], now)}"


def _ago(at: str, now: datetime) -> str:
    return f"{max(0.0, (now - datetime.fromisoformat(at)).total_seconds()):.0f} s"


def _disk(health: Shown) -> str:
    if health["diskFree"] is None or health["diskRoom"] is None:
        return "disk ?"
    free, room = int(health["diskFree"]), int(health["diskRoom"])
    return f"disk {free * 100 // max(1, room)} % free, {free // _MIB} MiB"
