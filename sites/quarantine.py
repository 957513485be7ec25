"""What ``caifs quarantine`` does: asks a node of this machine for what it could not show or take."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.ids import global_id, local_id
from domain.shared.actors import Role
from sites.desk import Desk, Refused
from sites.running import NotDone, found

DONE, REFUSED, SILENT = 0, 1, 2
"""Exit codes: done, the node refused something, the node does not answer."""
PURPOSE: Final = "caifs quarantine"
LogName = tuple[str, str, str]
"""Origin, epoch and channel."""
PAGE: Final = 100
EVENT, BATCH = "QuarantinedEvent", "QuarantinedBatch"
EVENTS: Final = """query Events($first: Int!, $after: String, $state: QuarantineState) {
  quarantinedEvents(first: $first, after: $after, state: $state) {
    edges { node { id origin epoch channel seq size trouble state reason at note settledBy settledAt } }
    pageInfo { hasNextPage endCursor }
  }
}"""
BATCHES: Final = """query Batches($first: Int!, $after: String, $state: QuarantineState) {
  quarantinedBatches(first: $first, after: $after, state: $state) {
    edges { node {
      id child known refused origin epoch channel first last size state reason at note settledBy settledAt
    } }
    pageInfo { hasNextPage endCursor }
  }
}"""
WHICH: Final = "query Which($event: ID!) { quarantinedEvent(id: $event) { id } }"
_PROBLEM = "... on Problem { code message facts { name values } }"
REPLAY_EVENT: Final = f"""mutation Replay($input: QuarantinedEventReplayInput!) {{
  quarantinedEventReplay(input: $input) {{ ... on QuarantinedEventReplaySuccess {{ shown held }} {_PROBLEM} }}
}}"""
REPLAY_BATCH: Final = f"""mutation Replay($input: QuarantinedBatchReplayInput!) {{
  quarantinedBatchReplay(input: $input) {{ ... on QuarantinedBatchSuccess {{ __typename }} {_PROBLEM} }}
}}"""
EVENT_ASIDE: Final = f"""mutation Aside($input: QuarantinedEventSetAsideInput!) {{
  quarantinedEventSetAside(input: $input) {{ ... on QuarantinedEventSetAsideSuccess {{ __typename }} {_PROBLEM} }}
}}"""
BATCH_ASIDE: Final = f"""mutation Aside($input: QuarantinedBatchSetAsideInput!) {{
  quarantinedBatchSetAside(input: $input) {{ ... on QuarantinedBatchSuccess {{ __typename }} {_PROBLEM} }}
}}"""


async def _replay_one(desk: Desk, one: UUID) -> str:
    if await _is_event(desk, one):
        return _shown(await desk.ask(REPLAY_EVENT, _wish(eventId=global_id(EVENT, str(one)))))
    await desk.ask(REPLAY_BATCH, _wish(batchId=global_id(BATCH, str(one))))
    return "taken"


def show(state: Path, *, limit: int, every: bool, as_json: bool) -> int:
    """Print what is held, or all there is; return the exit code."""

    async def look(desk: Desk) -> int:
        events = await _all(desk, EVENTS, limit, every=every)
        batches = await _all(desk, BATCHES, limit, every=every)
        if as_json:
            typer.echo(json.dumps({"events": events, "batches": batches}))
        else:
            _show(events, batches)
        return DONE

    return _at_desk(state, look, PURPOSE)


def replay(state: Path, ids: Sequence[UUID], purpose: str) -> int:
    """Try events and batches again; return the exit code."""
    return _each(state, ids, _replay_one, purpose)


def replay_log(state: Path, log: LogName, purpose: str) -> int:
    """Try all held events of a log again; return the exit code."""

    async def whole_log(desk: Desk) -> int:
        origin, epoch, channel = log
        wish = _wish(log={"origin": origin, "epoch": epoch, "channel": channel})
        typer.echo(_shown(await desk.ask(REPLAY_EVENT, wish)))
        return DONE

    return _at_desk(state, whole_log, purpose)


def set_aside(state: Path, ids: Sequence[UUID], reason: str, purpose: str) -> int:
    """Give up events and batches; return the exit code."""

    async def give_up(desk: Desk, one: UUID) -> str:
        if await _is_event(desk, one):
            await desk.ask(EVENT_ASIDE, _wish(eventId=global_id(EVENT, str(one)), reason=reason))
        else:
            await desk.ask(BATCH_ASIDE, _wish(batchId=global_id(BATCH, str(one)), reason=reason))
        return "set aside"

    return _each(state, ids, give_up, purpose)


def _each(state: Path, ids: Sequence[UUID], act: Callable[[Desk, UUID], Awaitable[str]], purpose: str) -> int:
    """Do something with each, and tell what came of it; one that is refused does not keep the others from it."""

    async def one_by_one(desk: Desk) -> int:
        code = DONE
        for one in ids:
            try:
                typer.echo(f"{one}: {await act(desk, one)}")
            except Refused as refusal:
                code = REFUSED
                typer.echo(f"{one}: {refusal}{_why(refusal.problem)}", err=True)
        return code

    return _at_desk(state, one_by_one, purpose)


def _at_desk(state: Path, work: Callable[[Desk], Awaitable[int]], purpose: str) -> int:
    try:
        return found(state).at_desk(work, role=Role.ADMINISTRATOR, purpose=purpose)
    except NotDone as failure:
        typer.echo(str(failure), err=True)
        return REFUSED if isinstance(failure.__cause__, Refused) else SILENT


async def _all(desk: Desk, document: str, limit: int, *, every: bool) -> list[Any]:
    rows: list[Any] = []
    after = None
    while len(rows) < limit:
        first = min(PAGE, limit - len(rows))
        (page,) = (await desk.look(document, first=first, after=after, state=None if every else "HELD")).values()
        rows += [_with_local_id(edge["node"]) for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    return rows


async def _is_event(desk: Desk, one: UUID) -> bool:
    return (await desk.look(WHICH, event=global_id(EVENT, str(one))))["quarantinedEvent"] is not None


def _wish(**fields: object) -> dict[str, object]:
    return {"idempotencyKey": str(uuid4()), **fields}


def _with_local_id(row: Mapping[str, Any]) -> dict[str, Any]:
    kind = BATCH if "child" in row else EVENT
    return {**row, "id": local_id(row["id"], kind)}


def _shown(answer: Mapping[str, Any]) -> str:
    return f"{answer['shown']} shown, {answer['held']} still held"


def _why(problem: Mapping[str, Any]) -> str:
    return "".join(f" ({', '.join(fact['values'])})" for fact in problem.get("facts", ()) if fact["name"] == "reason")


def _show(events: Sequence[Any], batches: Sequence[Any]) -> None:
    console = Console()
    if events:
        table = _table("event", "log", "number", "trouble", "state", "since", "why")
        for one in events:
            log = f"{one['origin']}/{one['epoch']}/{one['channel']}"
            cells = (one["id"], log, one["seq"], one["trouble"], one["state"], one["at"], _told(one))
            table.add_row(*map(Text, cells))
        console.print(table)
    if batches:
        table = _table("batch", "from", "log", "numbers", "state", "since", "why")
        for one in batches:
            log = "?" if one["origin"] is None else f"{one['origin']}/{one['epoch']}/{one['channel']}"
            numbers = "?" if one["first"] is None else f"{one['first']}-{one['last']}"
            cells = (one["id"], one["child"], log, numbers, one["state"], one["at"], _told(one))
            table.add_row(*map(Text, cells))
        console.print(table)
    if not events and not batches:
        console.print("nothing is in quarantine")


def _told(one: Mapping[str, Any]) -> str:
    return f"{one['reason']} [{one['note']}]" if one["note"] else str(one["reason"])


def _table(*columns: str) -> Table:
    table = Table(box=None, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
