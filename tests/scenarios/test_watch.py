"""Operators see how nodes are: a centre and a site of real processes that watch closely."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families

from domain.shared.actors import Role
from sites.demo.node import Node
from sites.demo.topology import CENTRE, Plan, Topology
from sites.demo.waiting import until
from sites.desk import Refused
from sites.status import FAULTY, HEALTHY, REPLICATION, SILENT

pytestmark = [pytest.mark.scenario, pytest.mark.asyncio(loop_scope="session")]

SITE = "koroszczyn"
PLANS = {
    CENTRE: Plan(code=CENTRE, role="central", parent=None),
    SITE: Plan(code=SITE, role="site", parent=CENTRE, scopes=("pl", SITE)),
}
CLOSELY = {
    "CAIFS_SILENT_SECONDS": "3",
    "CAIFS_CALM_SECONDS": "1",
    "CAIFS_REDIAL_SECONDS": "3",
    "CAIFS_DISK_PERCENT": "1",
}
ALARMS = "{ alarms(first: 50) { edges { node { cause label endedAt lane source } } } }"
REGISTER = """mutation Register($input: VehicleRegisterInput!) {
  vehicleRegister(input: $input) { __typename ... on Problem { code message } }
}"""
REGISTRATIONS = "query Of($label: String!) { registrations(label: $label) { edges { node { node } } } }"
PLATE = "WPI4711"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def topology(http: httpx.AsyncClient) -> AsyncIterator[Topology]:
    topology = Topology(Path(tempfile.mkdtemp(prefix="caifs-watch-")), http, PLANS)
    topology.nodes = {
        code: Node(node.plan, node.state, {**node._environment, **CLOSELY}) for code, node in topology.nodes.items()
    }
    try:
        topology.start()
        await topology.ready()
        yield topology
    finally:
        await asyncio.to_thread(topology.stop)
        await asyncio.to_thread(topology.remove)


async def replication(topology: Topology, code: str) -> dict[str, Any]:
    desk = topology.desk(code, "celina", (Role.ADMINISTRATOR,))
    return dict((await desk.look(REPLICATION))["replication"])


async def neighbour(topology: Topology, code: str) -> dict[str, Any]:
    """Return the only neighbour of a node."""
    (one,) = (await replication(topology, code))["neighbours"]
    return dict(one)


def status(node: Node) -> tuple[int, dict[str, Any]]:
    """Return the exit code of `caifs status --json`, and what it prints."""
    command = [sys.executable, "-m", "sites.cli", "status", "--state", str(node.state), "--json"]
    done = subprocess.run(command, env=node._environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    return done.returncode, json.loads(done.stdout)


async def all_is_up(topology: Topology) -> None:
    async def is_up() -> bool:
        return all([(await neighbour(topology, code))["up"] for code in PLANS])

    await until(is_up, "both nodes hear each other")


async def test_each_end_knows_the_other(topology: Topology) -> None:
    await all_is_up(topology)

    async def is_known() -> bool:
        child, parent = await neighbour(topology, CENTRE), await neighbour(topology, SITE)
        return child["health"] is not None and child["version"] == parent["version"] != ""

    await until(is_known, "the centre has heard how the site is")
    child = await neighbour(topology, CENTRE)
    assert (child["code"], child["isParent"]) == (SITE, False)
    assert int(child["health"]["diskRoom"]) > int(child["health"]["diskFree"]) > 0
    assert abs(child["clockOffset"]) < 5
    assert abs((await neighbour(topology, SITE))["clockOffset"]) < 5


async def test_a_healthy_node_says_so_in_the_terminal_and_in_its_metrics(topology: Topology) -> None:
    await all_is_up(topology)
    for node in topology.nodes.values():
        code, told = await asyncio.to_thread(status, node)
        assert (code, told["faults"], told["node"]) == (HEALTHY, [], node.code)
    async with httpx.AsyncClient() as client:
        metrics = await client.get((topology.nodes[CENTRE].state / "metrics.url").read_text().strip())
    names = {one.name for one in text_string_to_metric_families(metrics.text)}
    assert {"caifs_neighbour_up", "caifs_log_seq", "caifs_faults", "process_resident_memory_bytes"} <= names


async def test_a_silent_site_is_an_alarm_at_the_centre_until_it_speaks_again(topology: Topology) -> None:
    await all_is_up(topology)
    site, desk = topology.nodes[SITE], topology.desk(CENTRE, "anna", (Role.OFFICER,))

    async def silences() -> list[dict[str, Any]]:
        edges = (await desk.look(ALARMS))["alarms"]["edges"]
        alarms = [edge["node"] for edge in edges]
        return [one for one in alarms if (one["cause"], one["label"]) == ("technical:silent", SITE)]

    async def is_told() -> bool:
        return bool(await silences())

    async def is_over() -> bool:
        return [one["endedAt"] is not None for one in await silences()] == [True]

    assert not await is_told()
    site.stop()
    assert (await asyncio.to_thread(status, site))[0] == SILENT
    await until(is_told, "the centre raises an alarm")
    ((alarm,), (code, told)) = (await silences(), await asyncio.to_thread(status, topology.nodes[CENTRE]))
    assert (alarm["lane"], alarm["source"], alarm["endedAt"]) == ("", "FAULT", None)
    assert (code, [fault["cause"] for fault in told["faults"]]) == (FAULTY, ["silent"])

    site.start()
    await site.ready(topology._http)
    await until(is_over, "the alarm has ended")


async def test_a_leaf_that_hangs_is_restarted_and_what_was_registered_meanwhile_arrives(topology: Topology) -> None:
    await all_is_up(topology)
    (leaf,) = (one for one in psutil.Process(topology.nodes[SITE].pid).children() if one.name() == "nats-server")
    os.kill(leaf.pid, signal.SIGSTOP)

    async def is_down() -> bool:
        return not (await neighbour(topology, SITE))["up"]

    await until(is_down, "the site notices")
    wish = {"idempotencyKey": str(uuid.uuid4()), "lane": "in-1", "direction": "inbound", "plate": PLATE}
    await topology.desk(SITE, "anna", (Role.OFFICER,)).ask(REGISTER, wish)
    await all_is_up(topology)
    assert not leaf.is_running()
    (anew,) = (one for one in psutil.Process(topology.nodes[SITE].pid).children() if one.name() == "nats-server")
    assert anew.pid != leaf.pid

    desk = topology.desk(CENTRE, "anna", (Role.OFFICER,))

    async def is_there() -> bool:
        return bool((await desk.look(REGISTRATIONS, label=PLATE))["registrations"]["edges"])

    await until(is_there, "the centre has what was registered meanwhile")


def servers(node: Node, program: str = "nats-server") -> list[psutil.Process]:
    return [one for one in psutil.Process(node.pid).children() if one.name() == program]


async def test_servers_of_the_centre_that_hang_are_started_anew(topology: Topology) -> None:
    await all_is_up(topology)
    centre = topology.nodes[CENTRE]
    before = servers(centre)
    assert len(before) == 2, "its own, and the gate"
    for server in before:
        os.kill(server.pid, signal.SIGSTOP)

    async def are_new() -> bool:
        now = servers(centre)
        return len(now) == len(before) and not {one.pid for one in now} & {one.pid for one in before}

    await until(are_new, "both are started anew")
    await all_is_up(topology)


async def test_a_postgresql_of_the_centre_that_is_killed_is_started_anew(topology: Topology) -> None:
    await all_is_up(topology)
    centre = topology.nodes[CENTRE]
    (before,) = servers(centre, "postgres")
    os.kill(before.pid, signal.SIGKILL)

    async def serves() -> bool:
        if [one.pid for one in servers(centre, "postgres")] in ([], [before.pid]):
            return False
        try:
            await replication(topology, CENTRE)
        except Refused:  # it has not recovered yet, and the node says so
            return False
        return (await topology._http.get(f"{centre.url}/readyz")).is_success

    await until(serves, "the centre serves on another process")
    await all_is_up(topology)
