"""Comparing nodes: what a node says of its last comparison, and what it tells in digests."""

from pathlib import Path
from typing import Any

import pytest

from bus.link.status import LinkStatus
from bus.replication.digests import Span
from bus.verification.differences import Behind, Difference, Fault, Side, Verification
from bus.verification.ports import Share, Stretch
from domain.shared.actors import Role
from domain.shared.views import Window
from tests.api.nodes import Node, key, memory_node
from tests.bus.watch.conditions import ago, link
from tests.samples import audited

COMPARED = Verification(
    here="lublin",
    there="central",
    started_at=ago(9),
    finished_at=ago(1),
    differences=(
        Difference(table="alarm", of="dorohusk", row="7", fault=Fault.ALTERED, side=Side.HERE, repaired=True),
        Difference(table="event", of="dorohusk/1/facts", row="3", fault=Fault.MISSING, side=Side.THERE),
    ),
    behind=(Behind(of="dorohusk/1/facts", side=Side.THERE, events=2**40),),
    not_compared=("device: the parent is out of reach",),
    rows=2**41,
)
VERIFICATION = """{ verification { here there finishedAt equal rows notCompared
  differences { table of row fault side repaired } behind { of side events } } }"""
VERIFY = """mutation($input: VerifyInput!) { verify(input: $input) {
  ... on VerifySuccess { verification { here there finishedAt } } ... on Problem { code } } }"""
DIGESTS = """query($epoch: String!, $spans: [LogSpan!]!, $stretches: [RowStretch!]!) { digests {
  extents { origin epoch channel seq hash floor }
  log(origin: "dorohusk", epoch: $epoch, channel: "audit", spans: $spans) { count heads }
  table(table: "audit_record", owners: ["audit.dorohusk"], stretches: $stretches) { count heads }
  rows(table: "audit_record", owners: ["audit.dorohusk"], stretch: {after: "", until: ""}) { key owner head } } }"""


class Comparisons:
    """Remembers what was asked."""

    there = "central"

    def __init__(self) -> None:
        self.begun: list[bool] = []

    def begin(self, *, repair: bool) -> Verification:
        self.begun.append(repair)
        return Verification(here="lublin", there=self.there, started_at=ago(0))


def region(folder: Path, status: LinkStatus, **doors: Any) -> Node:
    return memory_node(folder, "lublin", "region", link=lambda: status, **doors)


async def test_the_last_comparison_is_told_in_full(tmp_path: Path) -> None:
    node = region(tmp_path, link(verification=COMPARED))
    told = (await node.ask(VERIFICATION, Role.OFFICER))["verification"]
    assert told == {
        "here": "lublin",
        "there": "central",
        "finishedAt": ago(1).isoformat(),
        "equal": False,
        "rows": str(2**41),
        "notCompared": ["device: the parent is out of reach"],
        "differences": [
            {"table": "alarm", "of": "dorohusk", "row": "7", "fault": "ALTERED", "side": "HERE", "repaired": True},
            {
                "table": "event",
                "of": "dorohusk/1/facts",
                "row": "3",
                "fault": "MISSING",
                "side": "THERE",
                "repaired": False,
            },
        ],
        "behind": [{"of": "dorohusk/1/facts", "side": "THERE", "events": str(2**40)}],
    }


async def test_before_the_first_there_is_none(tmp_path: Path) -> None:
    assert await region(tmp_path, link()).ask(VERIFICATION, Role.OFFICER) == {"verification": None}


@pytest.mark.parametrize("repair", [False, True])
async def test_an_administrator_begins_one_which_is_on_audit(tmp_path: Path, *, repair: bool) -> None:
    comparisons = Comparisons()
    node = region(tmp_path, link(), verifying=comparisons)
    answer = await node.ask(VERIFY, Role.ADMINISTRATOR, input={"idempotencyKey": key(), "repair": repair})
    begun = {"here": "lublin", "there": "central", "finishedAt": None}
    assert answer == {"verify": {"verification": begun}}
    assert comparisons.begun == [repair]
    page = await node.views.audit_records(Window(limit=50))
    (record,) = [one for one in page.items if one.action == "Verify"]
    assert (record.target, record.outcome) == ("central", "repair" if repair else "compare")


async def test_the_centre_has_nobody_to_be_compared_with(tmp_path: Path) -> None:
    node = memory_node(tmp_path, "central", "central")
    answer = await node.ask(VERIFY, Role.ADMINISTRATOR, input={"idempotencyKey": key(), "repair": False})
    assert answer == {"verify": {"code": "PARENT_MISSING"}}


async def test_what_is_held_is_told_in_digests(tmp_path: Path) -> None:
    node = memory_node(tmp_path, "dorohusk")
    await node.record(audited(), audited(), audited())
    held = node.doors.holdings
    (extent,) = [one for one in await held.extents() if one.log.channel == "audit"]
    variables = {
        "epoch": str(extent.log.epoch),
        "spans": [{"first": "1", "last": "2"}, {"first": "3", "last": "10000"}],
        "stretches": [{"after": "", "until": ""}],
    }
    told = (await node.ask(DIGESTS, Role.AUDITOR, **variables))["digests"]
    assert [(one["seq"], one["hash"], one["floor"]) for one in told["extents"] if one["channel"] == "audit"] == [
        (str(extent.head.seq), extent.head.hash.hex(), "0")
    ]
    digests = await held.log_digests(extent.log, [Span(1, 2), Span(3, 10_000)])
    assert told["log"] == [{"count": str(one.count), "heads": str(one.heads)} for one in digests]
    share = Share("audit_record", ["audit.dorohusk"])
    (digest,) = await held.table_digests(share, [Stretch()])
    assert told["table"] == [{"count": str(digest.count), "heads": str(digest.heads)}]
    rows = await held.rows(share, Stretch(), 1_000)
    assert told["rows"] == [{"key": one.key, "owner": one.owner, "head": str(one.head)} for one in rows] != []


@pytest.mark.parametrize(
    "asked",
    [
        'log(origin: "dorohusk", epoch: "1", channel: "audit", spans: [{first: "1", last: "10001"}]) { count }',
        'log(origin: "dorohusk", epoch: "x", channel: "audit", spans: []) { count }',
        'log(origin: "a b", epoch: "1", channel: "audit", spans: []) { count }',
        'table(table: "log", owners: [], stretches: [{after: "", until: ""}]) { count }',
        'table(table: "alarm; --", owners: [], stretches: []) { count }',
        f'rows(table: "alarm", owners: [], stretch: {{after: "{"x" * 201}", until: ""}}) {{ key }}',
    ],
)
async def test_what_makes_no_sense_is_refused(tmp_path: Path, asked: str) -> None:
    node = memory_node(tmp_path, "dorohusk")
    assert await node.refused(f"{{ digests {{ {asked} }} }}", Role.AUDITOR) == ["DIGEST_MALFORMED"]
