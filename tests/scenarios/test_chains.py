"""The comparison of databases sees a chain that does not hold, and what was altered together with its hash."""

from collections.abc import Sequence
from uuid import UUID

import pytest

from bus.replication.chain import link
from bus.replication.record import commitment
from sites.demo.comparison import compare
from sites.demo.node import Node
from sites.demo.topology import CENTRE, REGION, Topology
from sites.equality.differences import Difference, difference
from sites.equality.stored import Row, stored
from tests.scenarios.damage import Statement, damaged
from tests.scenarios.everything import SITE

pytestmark = [pytest.mark.scenario, pytest.mark.asyncio(loop_scope="session")]

LEVELS = pytest.mark.parametrize("level", [SITE, REGION, CENTRE])
LOG = "SELECT id, origin || '/' || epoch || '/' || channel AS name FROM log WHERE origin = 'koroszczyn' AND channel = "
EVENTS = "SELECT id, seq, hlc, salt, body, commitment, hash FROM event WHERE log_id = $1 ORDER BY seq"


class Log:
    """A log of the site as some node holds it."""

    def __init__(self, row: Row, events: Sequence[Row]) -> None:
        self.key = row["id"]
        self.name = row["name"]
        self.events = events

    def event(self, seq: int, assignments: str, *values: object) -> Statement:
        """Return the statement that alters an event."""
        return f"UPDATE event SET {assignments} WHERE log_id = {self.key} AND seq = {seq}", *values  # noqa: S608 - of this file

    def later(self, seq: int, previous: bytes) -> tuple[Statement, bytes]:
        """Return the statement that dates an event later with a hash that follows ``previous``, and that hash."""
        event = self.events[seq - 1]
        hashed = link(
            previous,
            UUID(str(event["id"])).bytes,
            event["hlc"] + 1,
            event["commitment"] or commitment(event["salt"], event["body"]),
        )
        return self.event(seq, "hlc = hlc + 1, hash = $1", hashed), hashed

    def id_of(self, seq: int) -> str:
        return str(self.events[seq - 1]["id"])


async def log_of(node: Node, channel: str) -> Log:
    async with stored(node.database) as database:
        (row,) = [row async for row in database.rows(f"{LOG}'{channel}'")]
        return Log(row, [event async for event in database.rows(EVENTS, row["id"])])


async def in_itself(topology: Topology, level: str) -> Sequence[Difference]:
    return (await compare(topology))[f"{level} against its own logs"]


@LEVELS
@pytest.mark.parametrize(
    "assignments",
    ["body = salt", "salt = NULL", "commitment = hash", "hlc = -1", "hlc = hlc + 1"],
)
async def test_an_event_that_does_not_follow_is_told(assignments: str, level: str, stopped: Topology) -> None:
    log = await log_of(stopped.nodes[level], "facts")
    async with damaged(stopped.nodes[level], {"event"}, log.event(2, assignments)):
        assert difference("event", altered=[log.id_of(2)]) in await in_itself(stopped, level)


@LEVELS
async def test_a_hash_that_was_altered_is_told(level: str, stopped: Topology) -> None:
    log = await log_of(stopped.nodes[level], "facts")
    async with damaged(stopped.nodes[level], {"event"}, log.event(2, "hash = salt")):
        assert await in_itself(stopped, level) == [difference("event", altered=[log.id_of(2), log.id_of(3)])]


@LEVELS
async def test_an_event_altered_together_with_its_hash_is_told_by_the_next(level: str, stopped: Topology) -> None:
    log = await log_of(stopped.nodes[level], "facts")
    alteration, _ = log.later(2, log.events[0]["hash"])
    async with damaged(stopped.nodes[level], {"event"}, alteration):
        assert await in_itself(stopped, level) == [difference("event", altered=[log.id_of(3)])]


@LEVELS
async def test_the_last_event_altered_together_with_its_hash_is_told_by_the_head(level: str, stopped: Topology) -> None:
    log = await log_of(stopped.nodes[level], "facts")
    alteration, _ = log.later(len(log.events), log.events[-2]["hash"])
    async with damaged(stopped.nodes[level], {"event"}, alteration):
        assert await in_itself(stopped, level) == [difference("log", altered=[log.name])]


@LEVELS
async def test_a_log_rewritten_with_its_head_is_told_by_the_other_levels(level: str, stopped: Topology) -> None:
    log = await log_of(stopped.nodes[level], "facts")
    last, rewritten = len(log.events), []
    hashed = log.events[last - 3]["hash"]
    for seq in (last - 1, last):
        statement, hashed = log.later(seq, hashed)
        rewritten.append(statement)
    head = f"UPDATE log SET hash = $1 WHERE id = {log.key}", hashed  # noqa: S608 - of this file
    async with damaged(stopped.nodes[level], {"event"}, *rewritten, head):
        found = await compare(stopped)
    events = sorted(f"{log.name}/{seq}" for seq in (last - 1, last))
    told = [difference("log", altered=[log.name]), difference("event", altered=events)]
    assert {name: each for name, each in found.items() if each} == {
        f"{copy} against {original}": told
        for copy, original in ((CENTRE, REGION), (CENTRE, SITE), (REGION, SITE))
        if level in (copy, original)
    }


@LEVELS
@pytest.mark.parametrize("seq", [1, 2, -1])
async def test_an_event_that_is_gone_is_told_by_its_place(seq: int, level: str, stopped: Topology) -> None:
    log = await log_of(stopped.nodes[level], "facts")
    gone = seq % (len(log.events) + 1)
    deletion = f"DELETE FROM event WHERE log_id = {log.key} AND seq = {gone}"  # noqa: S608 - of this file
    async with damaged(stopped.nodes[level], {"event"}, (deletion,)):
        assert difference("event", missing=[f"{log.name}/{gone}"]) in await in_itself(stopped, level)


async def test_an_audit_record_altered_everywhere_alike_is_told_by_the_logs(stopped: Topology) -> None:
    site, region, centre = (stopped.nodes[code] for code in (SITE, REGION, CENTRE))
    alteration = ("UPDATE audit_record SET who = 'X' WHERE node = 'koroszczyn' AND seq = 1",)
    async with (
        damaged(site, {"audit_record"}, alteration),
        damaged(region, {"audit_record"}, alteration),
        damaged(centre, {"audit_record"}, alteration),
    ):
        found = await compare(stopped)
    told = {name: [(one.table, one.count) for one in differences] for name, differences in found.items() if differences}
    assert told == {f"{code} against its own logs": [("audit_record", 1)] for code in (SITE, REGION, CENTRE)}


@LEVELS
async def test_an_audit_record_altered_together_with_its_event_and_hash_is_told(level: str, stopped: Topology) -> None:
    log = await log_of(stopped.nodes[level], "audit")
    event = log.events[0]
    body = event["body"].replace(b"anna", b"emma")
    hashed = link(bytes(32), UUID(str(event["id"])).bytes, event["hlc"], commitment(event["salt"], body))
    forged = log.event(1, "body = $1, hash = $2", body, hashed)
    record = ("UPDATE audit_record SET who = 'emma', hash = $1 WHERE node = 'koroszczyn' AND seq = 1", hashed)
    async with damaged(stopped.nodes[level], {"audit_record"}, forged, record):
        assert await in_itself(stopped, level) == [difference("event", altered=[log.id_of(2)])]
