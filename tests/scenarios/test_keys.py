"""A site joins a running parent by an invitation, is given another key, and is revoked; nobody restarts the parent."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from domain.shared.actors import Role
from sites.demo.node import Node, Plan
from sites.demo.topology import Topology
from sites.demo.waiting import until
from tests.scenarios.families import caifs, strangers

pytestmark = [pytest.mark.scenario, pytest.mark.asyncio(loop_scope="session")]

SITE = "koroszczyn"
PLANS = {
    "central": Plan(code="central", role="central", parent=None),
    SITE: Plan(code=SITE, role="site", parent="central", scopes=("pl", SITE)),
}
UP = "query Up { replication { neighbours { isParent connections { up } } } }"


@dataclass(frozen=True, kw_only=True)
class Family:
    """Centre and site, of which nothing in their environment says that they are parent and child."""

    topology: Topology
    invitations: Path

    @property
    def centre(self) -> Node:
        return self.topology.nodes["central"]

    @property
    def site(self) -> Node:
        return self.topology.nodes[SITE]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def family(http: httpx.AsyncClient, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Family]:
    topology = Topology(Path(tempfile.mkdtemp(prefix="caifs-scenarios-")), http, PLANS)
    topology.nodes = {code: strangers(node) for code, node in topology.nodes.items()}
    family = Family(topology=topology, invitations=tmp_path_factory.mktemp("invitations"))
    try:
        family.centre.start()
        await family.centre.ready(http)
        yield family
    finally:
        await asyncio.to_thread(topology.stop)
        await asyncio.to_thread(topology.remove)


async def test_a_site_joins_is_given_another_key_and_is_revoked(family: Family, http: httpx.AsyncClient) -> None:
    first, second = (str(family.invitations / name) for name in ("first", "second"))
    caifs(family.centre, "keys", "invite", "central", SITE, "--scopes", f"pl,{SITE}", "-o", first)
    assert "was invited as a site" in caifs(family.site, "region", "join", first, status=2)
    caifs(family.site, "site", "join", first)
    family.site.start()
    await family.site.ready(http)
    await family.topology.lists_arrived(SITE)
    assert "a node runs on" in caifs(family.site, "site", "move", first, status=2)

    caifs(family.centre, "keys", "rotate", "central", SITE, "-o", second)
    await asyncio.to_thread(family.site.stop)
    caifs(family.site, "site", "move", second)
    family.site.start()
    await family.site.ready(http)
    desk = family.topology.desk(SITE, "anna", (Role.ADMINISTRATOR,))

    async def connections() -> list[bool]:
        (parent,) = (await desk.look(UP))["replication"]["neighbours"]
        return [connection["up"] for connection in parent["connections"]]

    async def is_up() -> bool:
        return all(await connections())

    async def is_down() -> bool:
        return not any(await connections())

    async def says_why() -> bool:
        return '"event": "nats_refused"' in (family.site.state / "node.log").read_text()

    await until(is_up, "the site is linked by its new key")

    async def is_one_key() -> bool:
        return len(caifs(family.centre, "keys", "list", "central").splitlines()) == 1

    await until(is_one_key, "the old key is forgotten")
    caifs(family.centre, "keys", "revoke", "central", SITE)
    await until(is_down, "the site is cut off")
    await until(says_why, "the site says that it is refused")
    assert "revoked" in caifs(family.centre, "keys", "list", "central")
