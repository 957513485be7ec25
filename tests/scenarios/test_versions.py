"""Nodes of a released version are upgraded in place, in any order: at every step all works, and nothing is lost."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from domain.shared.actors import Role
from sites.demo.officers import ACKNOWLEDGE
from sites.demo.topology import CENTRE, REGION, Topology
from sites.servers.folders import remove_state
from tests.scenarios.logs import logs_not_whole
from tests.scenarios.releases import WHEELS, unpacked
from tests.scenarios.rollout import LEVELS, NODES, SITE, SITE_OF_CENTRE, Rollout

pytestmark = [pytest.mark.scenario, pytest.mark.asyncio(loop_scope="session")]

STEPS = (((), ()), ((CENTRE,), (REGION,)), ((CENTRE, REGION), (REGION, SITE)), ((CENTRE, REGION, SITE), (SITE,)))
"""Who has been upgraded, and who crashes then."""


@pytest_asyncio.fixture(
    scope="module", loop_scope="session", params=WHEELS, ids=[wheel.parent.name for wheel in WHEELS]
)
async def rollout(request: pytest.FixtureRequest, http: httpx.AsyncClient) -> AsyncIterator[Rollout]:
    """All nodes, running the release; tests upgrade one after the other."""
    folder = Path(tempfile.mkdtemp(prefix="caifs-release-"))
    topology = Topology(Path(tempfile.mkdtemp(prefix="caifs-versions-")), http, NODES)
    rollout = Rollout(topology, unpacked(request.param, folder), http)
    try:
        topology.start()
        await topology.ready()
        yield rollout
    finally:
        await asyncio.to_thread(topology.stop)
        await asyncio.to_thread(topology.remove)
        remove_state(folder)


@pytest.mark.parametrize(("upgraded", "crashing"), STEPS)
async def test_at_each_step_of_an_upgrade_all_works_and_nothing_is_lost_or_doubled(
    upgraded: Sequence[str], crashing: Sequence[str], rollout: Rollout
) -> None:
    for code in upgraded:
        await rollout.upgrade(code)
    assert await rollout.astray() == {}

    plate = f"GD{str(len(upgraded)) * 4}F"  # so unlike each other that none is taken for a misreading
    await rollout.seek(plate)
    await rollout.pass_one(SITE, plate)
    raised = [await rollout.alarm(code, plate, "RAISED") for code in LEVELS]
    wish = {"idempotencyKey": str(uuid4()), "alarmId": raised[0]["id"]}
    await rollout.desk(SITE, Role.OFFICER).ask(ACKNOWLEDGE, wish)
    taken = [await rollout.alarm(code, plate, "ACKNOWLEDGED") for code in LEVELS]
    assert {(alarm["id"], alarm["acknowledgedBy"]) for alarm in taken} == {(raised[0]["id"], "anna")}

    await rollout.pass_some(SITE_OF_CENTRE)
    for code in crashing:
        await rollout.pass_through_a_crash(code)
    await rollout.all_has_arrived()
    sought = [one for one in rollout.passed[SITE] if one.startswith("GD")]
    for code in LEVELS:
        assert await rollout.on_record(code, "registration") == dict.fromkeys(rollout.passed[SITE], 1)
        assert await rollout.on_record(code, "alarm") == dict.fromkeys(sought, 1)
    for code, node in rollout.topology.nodes.items():
        assert await rollout.untaken(code) == []
        assert await logs_not_whole(node) == []


async def test_when_all_are_upgraded_a_region_has_what_other_sites_recorded_before_and_nothing_erased(
    rollout: Rollout,
) -> None:
    await rollout.pass_some(SITE_OF_CENTRE)
    await rollout.all_has_arrived()
    erased = rollout.passed[SITE_OF_CENTRE][-1]
    await rollout.erase(erased)
    assert erased in await rollout.shown(SITE_OF_CENTRE)
    for code in NODES:
        await rollout.upgrade(code)
    await rollout.becomes_equal()
    assert [await rollout.untaken(code) for code in NODES] == [[]] * len(NODES)
    assert not [code for code in NODES if erased in await rollout.shown(code)]
