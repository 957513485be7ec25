"""`caifs verify` over real processes, databases and servers: each damage is found, named, put right, and gone."""

import asyncio
import io
import json
import re
import sqlite3
import subprocess
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from rich.console import Console

from adapters.database.shares import SHARED
from domain.shared.actors import Role
from sites.demo.comparison import compare
from sites.demo.node import Node
from sites.demo.topology import CENTRE, REGION, Topology
from sites.equality.stored import stored
from sites.servers.postgres import PostgresServer
from sites.tokens import mint
from sites.verify import perform
from tests.scenarios.everything import SITE, fill

pytestmark = [pytest.mark.scenario, pytest.mark.asyncio(loop_scope="session")]

ALTERATIONS = {
    "reading": "plate_raw = 'X'",
    "registration": "label = 'X'",
    "passage_link": "registration_id = passage_id",
    "alarm": "text = 'X'",
    "quarantined_push": "reason = 'X'",
    "quarantine_tally": "held = 77",
    "occurrence": "kind = 'closure'",
    "entry": "title = 'X'",
    "criterion": "canonical = 'X'",
    "device": "lane = 'X'",
    "site": "unit = 'x'",
    "erasure": "reason = 'X'",
    "tombstone": "is_event = NOT is_event",
}
"""What is done to a row of each table that anybody may alter; of the audit trail rows are only ever added."""
MADE_UP = "made-up"
OF_LOG = "log_id IN (SELECT id FROM log WHERE origin = 'koroszczyn' AND channel = 'facts')"
NEVER_WAS = f"""INSERT INTO event
SELECT log_id, seq + 1, gen_random_uuid(), hlc, salt, body, commitment, salt FROM event
WHERE (log_id, seq) = (SELECT id, seq FROM log WHERE id = event.log_id) AND {OF_LOG}"""  # noqa: S608 - of this file
LEVELS = pytest.mark.parametrize("level", [SITE, REGION])


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def living(http: httpx.AsyncClient) -> AsyncIterator[Topology]:
    """All nodes, with something of everything, running; at last they have ended and are compared in full."""
    topology = Topology(Path(tempfile.mkdtemp(prefix="caifs-verify-")), http)
    servers = [PostgresServer(node.state) for node in topology.of_role("region", "central")]
    try:
        topology.start()
        await topology.ready()
        await fill(topology, http)
        yield topology
        await asyncio.to_thread(topology.stop)
        for server in servers:
            server.start()
        found = {name: differences for name, differences in (await compare(topology)).items() if differences}
        assert found == {}
    finally:
        await asyncio.to_thread(topology.stop)
        for server in servers:
            server.stop()
        await asyncio.to_thread(topology.remove)


async def verify(
    node: Node, *, repair: bool = False, other: str | None = None, token: str | None = None
) -> tuple[int, dict[str, Any]]:
    """Return how a comparison ends, and what it tells."""

    def compared() -> tuple[int, dict[str, Any]]:
        printed = io.StringIO()
        status = perform(node.state, Console(file=printed), other=other, token=token, repair=repair, as_json=True)
        return status, json.loads(printed.getvalue())

    return await asyncio.to_thread(compared)


def told(found: Mapping[str, Any]) -> set[tuple[str, str, str, str]]:
    return {(one["table"], one["row"], one["fault"], one["side"]) for one in found["differences"]}


async def spoil(node: Node, *statements: str) -> None:
    """Run statements on a node's database, past all that keeps the audit trail."""
    if node.plan.role == "site":
        await asyncio.to_thread(_spoil_file, node.database_file, statements)
        return
    connection = await asyncpg.connect(node.database_url)
    try:
        await connection.execute("SET session_replication_role = replica")
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def _spoil_file(path: Path, statements: Sequence[str]) -> None:
    with closing(sqlite3.connect(path, timeout=30)) as connection, connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for _, text in triggers:
            connection.execute(text)


async def keys(node: Node, table: str, where: str = "1 = 1") -> list[str]:
    key = SHARED[table].key.key
    async with stored(node.database) as database:
        query = f"SELECT CAST({key} AS TEXT) AS id FROM {table} WHERE {where} ORDER BY 1"  # noqa: S608 - of this file
        return [row["id"] async for row in database.rows(query)]


def deletion(table: str, key: str) -> str:
    return f"DELETE FROM {table} WHERE CAST({SHARED[table].key.key} AS TEXT) = '{key}'"  # noqa: S608 - of this file


def alteration(table: str, key: str) -> str:
    where = f"CAST({SHARED[table].key.key} AS TEXT) = '{key}'"
    return f"UPDATE {table} SET {ALTERATIONS[table]} WHERE {where}"  # noqa: S608 - of this file


def addition(table: str, key: str, new: str) -> str:
    """Return the statement that adds the same row under another key; where it must be, another push of the camera."""
    shared, made_up = SHARED[table], {SHARED[table].key.key: f"'{new}'", "vendor_id": f"'{MADE_UP}'"}
    if table == "audit_record":
        made_up["seq"] = "seq + 1000000"
    values = [made_up.get(column.name, column.name) for column in shared.table.columns]
    names = ", ".join(column.name for column in shared.table.columns)
    where = f"CAST({shared.key.key} AS TEXT) = '{key}'"
    return f"INSERT INTO {table} ({names}) SELECT {', '.join(values)} FROM {table} WHERE {where}"  # noqa: S608 - of this file


async def is_put_right(node: Node, expected: set[tuple[str, str, str, str]]) -> None:
    status, found = await verify(node)
    assert told(found) >= expected
    assert (status, {one[0] for one in told(found)}) == (1, {one[0] for one in expected})
    status, found = await verify(node, repair=True)
    assert (status, [one for one in found["differences"] if not one["repaired"]]) == (0, [])
    status, found = await verify(node)
    assert (status, found["differences"], found["notCompared"]) == (0, [], [])


async def test_the_command_says_in_words_that_nodes_are_equal(living: Topology) -> None:
    command = [sys.executable, "-m", "sites.cli", "verify", "--state", str(living.nodes[SITE].state)]
    ran = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (0, "equal")


@LEVELS
async def test_nodes_that_nobody_has_touched_are_equal(level: str, living: Topology) -> None:
    status, found = await verify(living.nodes[level])
    assert (status, found["differences"], found["notCompared"]) == (0, [], [])
    assert int(found["rows"]) > 50


@LEVELS
async def test_rows_that_are_gone_are_shown_again(level: str, living: Topology) -> None:
    node = living.nodes[level]
    gone = {table: (await keys(node, table))[0] for table in [*ALTERATIONS, "audit_record"]}
    await spoil(node, *(deletion(table, key) for table, key in gone.items()))
    await is_put_right(node, {(table, key, "MISSING", "HERE") for table, key in gone.items()})


@LEVELS
async def test_rows_that_were_altered_are_put_right(level: str, living: Topology) -> None:
    node = living.nodes[level]
    altered = {table: (await keys(node, table))[-1] for table in ALTERATIONS}
    await spoil(node, *(alteration(table, key) for table, key in altered.items()))
    await is_put_right(node, {(table, key, "ALTERED", "HERE") for table, key in altered.items()})


@LEVELS
async def test_rows_that_nobody_put_on_record_are_removed(level: str, living: Topology) -> None:
    node = living.nodes[level]
    added = {table: MADE_UP if not SHARED[table].is_by_id else str(uuid.uuid4()) for table in ALTERATIONS}
    samples = {table: (await keys(node, table))[0] for table in added}
    await spoil(node, *(addition(table, samples[table], new) for table, new in added.items()))
    await is_put_right(node, {(table, key, "EXTRA", "HERE") for table, key in added.items()})


@LEVELS
@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (f"DELETE FROM event WHERE seq = 2 AND {OF_LOG}", "MISSING"),  # noqa: S608 - of this file
        (f"UPDATE event SET body = salt WHERE seq = 2 AND {OF_LOG}", "ALTERED"),  # noqa: S608 - of this file
        (f"UPDATE event SET hash = salt WHERE seq = 2 AND {OF_LOG}", "ALTERED"),  # noqa: S608 - of this file
        (f"UPDATE event SET salt = NULL WHERE seq = 2 AND {OF_LOG}", "ALTERED"),  # noqa: S608 - of this file
    ],
)
async def test_events_are_fetched_from_the_parent(statement: str, fault: str, level: str, living: Topology) -> None:
    await spoil(living.nodes[level], statement)
    await is_put_right(living.nodes[level], {("event", "2", fault, "HERE")})


async def test_an_event_that_never_was_and_a_head_that_was_moved_are_put_right(living: Topology) -> None:
    node = living.nodes[REGION]
    await spoil(node, NEVER_WAS)
    status, found = await verify(node, repair=True)
    assert (status, [(one["table"], one["fault"]) for one in found["differences"]]) == (0, [("event", "EXTRA")])
    await spoil(node, "UPDATE log SET seq = seq + 1 WHERE origin = 'koroszczyn' AND channel = 'technical'")
    await is_put_right(node, {("log", "head", "ALTERED", "HERE")})


@LEVELS
async def test_an_audit_record_that_was_altered_stays_for_the_auditor_to_see(level: str, living: Topology) -> None:
    node = living.nodes[level]
    key = (await keys(node, "audit_record", f"node = '{level}'"))[0]
    where = f"WHERE CAST(id AS TEXT) = '{key}'"
    async with stored(node.database) as database:
        (row,) = [row async for row in database.rows(f"SELECT who FROM audit_record {where}")]  # noqa: S608 - of this file
    await spoil(node, f"UPDATE audit_record SET who = 'X' {where}")  # noqa: S608 - of this file
    status, found = await verify(node, repair=True)
    assert (status, told(found)) == (1, {("audit_record", key, "ALTERED", "HERE")})
    assert [one["repaired"] for one in found["differences"]] == [False]
    await spoil(node, f"UPDATE audit_record SET who = '{row['who']}' {where}")  # noqa: S608 - of this file
    assert (await verify(node))[0] == 0


async def test_any_two_nodes_are_compared_by_what_they_tell(living: Topology) -> None:
    site, centre = living.nodes[SITE], living.nodes[CENTRE]
    token = mint(CENTRE, centre.state, "celina", Role.AUDITOR, timedelta(minutes=5))
    status, found = await verify(site, other=centre.url, token=token)
    assert (status, found["differences"], found["there"]) == (0, [], CENTRE)
    assert int(found["rows"]) > 50
    key = (await keys(centre, "alarm"))[0]
    await spoil(centre, alteration("alarm", key))
    status, found = await verify(site, other=centre.url, token=token)
    assert (status, told(found)) == (1, {("alarm", key, "DIFFERENT", "EITHER")})
    async with stored(site.database) as database:
        ask = f"SELECT text FROM alarm WHERE id = '{key}'"  # noqa: S608 - of this file
        (row,) = [row async for row in database.rows(ask)]
    await spoil(centre, f"UPDATE alarm SET text = '{re.sub(chr(39), chr(39) * 2, row['text'])}' WHERE id = '{key}'")  # noqa: S608 - of this file


async def test_who_may_not_ask_is_told_so(living: Topology) -> None:
    status, found = await verify(living.nodes[SITE], other=living.nodes[CENTRE].url, token="x")
    assert status == 2
    assert "TOKEN_REFUSED" in found["problem"]
    status, found = await verify(living.nodes[CENTRE])
    assert status == 2
    assert "PARENT_MISSING" in found["problem"]
