"""A site of today below a region and a centre of a release: what these do not know waits there, the rest goes on."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from sites.demo.topology import CENTRE, REGION, Topology
from sites.servers.folders import remove_state
from tests.scenarios.logs import logs_not_whole
from tests.scenarios.releases import WHEELS, unpacked
from tests.scenarios.rollout import NODES, SITE, Rollout

pytestmark = [pytest.mark.scenario, pytest.mark.asyncio(loop_scope="session")]

MISREAD, RIGHT = "LU5K12K", "LU5X12K"
WAGON, CONTAINER = "31515385001-3", "MSCU1234566"


@pytest_asyncio.fixture(
    scope="module", loop_scope="session", params=WHEELS, ids=[wheel.parent.name for wheel in WHEELS]
)
async def rollout(request: pytest.FixtureRequest, http: httpx.AsyncClient) -> AsyncIterator[Rollout]:
    """All nodes, running the release."""
    folder = Path(tempfile.mkdtemp(prefix="caifs-release-"))
    topology = Topology(Path(tempfile.mkdtemp(prefix="caifs-older-")), http, NODES)
    rollout = Rollout(topology, unpacked(request.param, folder), http)
    try:
        topology.start()
        await topology.ready()
        yield rollout
    finally:
        await asyncio.to_thread(topology.stop)
        await asyncio.to_thread(topology.remove)
        remove_state(folder)


async def test_what_an_older_parent_does_not_know_is_held_there_and_shown_after_its_upgrade(rollout: Rollout) -> None:
    await rollout.upgrade(SITE)
    await rollout.register_cargo_unit(SITE, "WAGON", WAGON)
    await rollout.register_cargo_unit(SITE, "CONTAINER", CONTAINER)
    await rollout.record_occurrence(SITE, "Fog over the bridge")
    await rollout.pass_one(SITE, MISREAD)
    await rollout.correct(SITE, MISREAD, RIGHT)
    await rollout.pass_some(SITE)
    for code in (REGION, CENTRE):
        await rollout.all_is_shown(code)
        assert await rollout.held(code) == 4

    units = {"315153850013": 1, CONTAINER: 1}
    for code in (CENTRE, REGION):
        await rollout.upgrade(code)
    await rollout.all_has_arrived()
    for code in (SITE, REGION, CENTRE):
        known = {RIGHT if each == MISREAD else each for each in rollout.passed[SITE]}
        assert await rollout.on_record(code, "registration") == {**dict.fromkeys(known, 1), **units}
        assert await rollout.occurrences(code) == ["Fog over the bridge"]
        assert await rollout.held(code) == 0
    for node in rollout.topology.nodes.values():
        assert await logs_not_whole(node) == []
