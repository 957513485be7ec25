"""What `caifs verify` does: a node of this machine compared with its parent, or with any other node."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx
from rich.console import Console
from rich.text import Text

from adapters.database.shares import TABLES
from bus.replication.digests import Digest, Span
from bus.replication.log import LogId, Position
from bus.replication.record import Record
from bus.verification.comparison import Comparison
from bus.verification.differences import Verification
from bus.verification.ports import Cannot, Extent, RowDigest, Share, Stretch
from domain.shared.actors import Role
from sites.desk import Desk, Refused
from sites.running import ANSWERS_WITHIN, NotDone, found

EQUAL, DIFFERENT, NOT_COMPARED = 0, 1, 2
"""Exit codes: the nodes are equal, they differ, they could not be compared."""

PURPOSE: Final = "caifs verify"
_LOOK_AGAIN: Final = 0.02
_LOOK_EVERY: Final = 0.5
_TOLD: Final = """here there startedAt finishedAt rows notCompared
  differences { table of row fault side repaired } behind { of side events }"""
_VERIFY: Final = """mutation($input: VerifyInput!) { verify(input: $input) {
  ... on VerifySuccess { verification { startedAt } } ... on Problem { code message } } }"""
_VERIFICATION: Final = f"{{ verification {{ {_TOLD} }} }}"
_NODE: Final = "{ thisNode { code } }"
_EXTENTS: Final = "{ digests { told: extents { origin epoch channel seq hash floor floorHash } } }"
_LOG: Final = """query($origin: String!, $epoch: String!, $channel: String!, $spans: [LogSpan!]!) { digests {
  told: log(origin: $origin, epoch: $epoch, channel: $channel, spans: $spans) { count heads } } }"""
_TABLE: Final = """query($table: String!, $owners: [String!]!, $stretches: [RowStretch!]!) { digests {
  told: table(table: $table, owners: $owners, stretches: $stretches) { count heads } } }"""
_ROWS: Final = """query($table: String!, $owners: [String!]!, $stretch: RowStretch!) { digests {
  told: rows(table: $table, owners: $owners, stretch: $stretch) { key owner head } } }"""

Told = Mapping[str, Any]


class _Remote:
    """A node as it tells over GraphQL what it holds."""

    def __init__(self, desk: Desk) -> None:
        """Ask at ``desk``."""
        self._desk = desk

    async def extents(self) -> Sequence[Extent]:
        """Return all logs."""
        return [
            Extent(
                LogId(one["origin"], int(one["epoch"]), one["channel"]),
                Position(int(one["seq"]), bytes.fromhex(one["hash"])),
                Position(int(one["floor"]), bytes.fromhex(one["floorHash"])),
            )
            for one in await self._look(_EXTENTS)
        ]

    async def log_digests(self, log: LogId, spans: Sequence[Span]) -> Sequence[Digest]:
        """Return the digest of each span of a log."""
        cut = [{"first": str(span.first), "last": str(span.last)} for span in spans]
        told = await self._look(_LOG, origin=log.origin, epoch=str(log.epoch), channel=log.channel, spans=cut)
        return [Digest(int(one["count"]), int(one["heads"])) for one in told]

    async def table_digests(self, share: Share, stretches: Sequence[Stretch]) -> Sequence[Digest]:
        """Return the digest of each stretch of a share."""
        cut = [{"after": one.after, "until": one.until} for one in stretches]
        told = await self._look(_TABLE, table=share.table, owners=share.owners, stretches=cut)
        return [Digest(int(one["count"]), int(one["heads"])) for one in told]

    async def rows(self, share: Share, stretch: Stretch, limit: int) -> Sequence[RowDigest]:
        """Return the first rows of a stretch, by key."""
        cut = {"after": stretch.after, "until": stretch.until}
        told = await self._look(_ROWS, table=share.table, owners=share.owners, stretch=cut)
        return [RowDigest(one["key"], one["owner"], int(one["head"])) for one in told][:limit]

    async def records(self, log: LogId, first: int, limit: int) -> Sequence[Record]:  # noqa: ARG002 - as `Source` has it
        """Return none: events are not told over GraphQL."""
        return []

    async def _look(self, document: str, **variables: Any) -> Sequence[Told]:
        try:
            return list((await self._desk.look(document, **variables))["digests"]["told"])
        except Refused as refusal:
            raise Cannot(str(refusal)) from refusal


def perform(state: Path, console: Console, *, other: str | None, token: str | None, repair: bool, as_json: bool) -> int:
    """Compare the node of this state folder, and tell; return the exit code."""
    try:
        node = found(state)
        if other is None:
            told = node.at_desk(
                lambda desk: _with_parent(desk, repair=repair), role=Role.ADMINISTRATOR, purpose=PURPOSE
            )
        else:
            told = node.at_desk(lambda desk: _with_other(desk, other, token or ""), role=Role.AUDITOR, purpose=PURPOSE)
    except NotDone as silence:
        console.print(json.dumps({"problem": str(silence)}) if as_json else Text(str(silence)), soft_wrap=True)
        return NOT_COMPARED
    if as_json:
        console.print(json.dumps(told), soft_wrap=True, highlight=False, markup=False)
    else:
        _show(told, console)
    if told["notCompared"]:
        return NOT_COMPARED
    return EQUAL if all(one["repaired"] for one in told["differences"]) else DIFFERENT


async def _with_parent(desk: Desk, *, repair: bool) -> Told:
    begun = await desk.ask(_VERIFY, {"idempotencyKey": str(uuid4()), "repair": repair})
    pause = _LOOK_AGAIN
    while True:
        told: Told = (await desk.look(_VERIFICATION))["verification"]
        if told["finishedAt"] is not None and told["startedAt"] >= begun["verification"]["startedAt"]:
            return told
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LOOK_EVERY)


async def _with_other(desk: Desk, url: str, token: str | None) -> Told:
    """Compare two nodes by what each tells; logs and tables that one of them does not hold are no matter."""
    started_at = datetime.now(UTC)
    async with httpx.AsyncClient(timeout=ANSWERS_WITHIN, trust_env=False) as http:
        there = Desk(http, url.rstrip("/"), token or "", PURPOSE)
        here_code, there_code = [(await each.look(_NODE))["thisNode"]["code"] for each in (desk, there)]
        comparison = Comparison(
            _Remote(desk),
            _Remote(there),
            TABLES,
            codes=(here_code, there_code),
            custody=None,
            concerns=lambda _: False,
            repair=False,
        )
        await comparison.run()
    compared = Verification(
        here=here_code,
        there=there_code,
        started_at=started_at,
        finished_at=datetime.now(UTC),
        differences=tuple(comparison.differences),
        behind=tuple(comparison.behind),
        not_compared=tuple(comparison.not_compared),
        rows=comparison.rows,
    )
    return _told(compared)


def _told(compared: Verification) -> Told:
    """Return a comparison as a node tells it."""
    names = ("table", "of", "row", "fault", "side")
    return {
        "here": compared.here,
        "there": compared.there,
        "startedAt": compared.started_at.isoformat(),
        "finishedAt": None if compared.finished_at is None else compared.finished_at.isoformat(),
        "rows": str(compared.rows),
        "notCompared": list(compared.not_compared),
        "differences": [
            {**{name: str(getattr(one, name)) for name in names[:3]}, "fault": one.fault.name, "side": one.side.name}
            | {"repaired": one.repaired}
            for one in compared.differences
        ],
        "behind": [{"of": one.of, "side": one.side.name, "events": str(one.events)} for one in compared.behind],
    }


def _show(told: Told, console: Console) -> None:
    here, there = told["here"], told["there"]
    sides = {"HERE": here, "THERE": there, "EITHER": f"{here} or {there}"}
    console.print(Text(f"{here} and {there}: {told['rows']} events and rows compared", style="bold"))
    for one in told["differences"]:
        outcome = ", repaired" if one["repaired"] else ""
        line = f"{one['table']} {one['row']} of {one['of']}: {one['fault'].lower()} at {sides[one['side']]}{outcome}"
        console.print(Text(line, style="yellow" if one["repaired"] else "red"), soft_wrap=True)
    for one in told["behind"]:
        console.print(Text(f"{one['of']}: {sides[one['side']]} is behind by {one['events']}"), soft_wrap=True)
    for reason in told["notCompared"]:
        console.print(Text(f"not compared: {reason}", style="red"), soft_wrap=True)
    if not told["differences"] and not told["notCompared"]:
        console.print(Text("equal", style="green"))
