"""A site moves with what it has on record, to another region and to the centre, and is taken out of service."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from domain.shared.actors import Role
from sites.demo.lanes import Camera, cameras
from sites.demo.node import Node, Plan
from sites.demo.topology import Topology
from sites.demo.waiting import until
from sites.demo.wanted import approve, submit
from sites.equality.stored import stored
from sites.servers.postgres import PostgresServer
from tests.scenarios.everything import ENTRY, REASON, shot
from tests.scenarios.families import caifs, strangers
from tests.scenarios.logs import logs_not_whole

pytestmark = [pytest.mark.scenario, pytest.mark.asyncio(loop_scope="session")]

CENTRE, OLD, NEW, SITE = "central", "lublin", "bialystok", "koroszczyn"
ABOVE = (CENTRE, OLD, NEW)
PLANS = {
    CENTRE: Plan(code=CENTRE, role="central", parent=None),
    OLD: Plan(code=OLD, role="region", parent=CENTRE, scopes=("*",)),
    NEW: Plan(code=NEW, role="region", parent=None),
    SITE: Plan(code=SITE, role="site", parent=None, scopes=("pl", SITE)),
}
STATE = """query State { thisNode { linkFaults { name count } }
  replication { now neighbours { code heardAt connections { up } } logs { origin channel stopped { reason } } } }"""
ALARMS = "query Alarms { alarms(first: 100) { edges { node { cause label endedAt } } } }"
SILENT = ("technical:silent", SITE)
IMPATIENT = {"CAIFS_SILENT_SECONDS": "5", "CAIFS_CALM_SECONDS": "1"}
LATER = timedelta(seconds=2)
OF_SITE = f"origin = '{SITE}' AND channel IN ('alarms', 'facts', 'technical')"
EVENTS = "SELECT epoch, channel, event.seq, CAST(event.id AS TEXT) AS id FROM event JOIN log ON log.id = event.log_id"
SHOWN = "SELECT label, count(*) AS times FROM"

Told = Mapping[str, Any]


class Country:
    """Centre, two regions and a site that is below now this, now that of them.

    Attributes:
        seen: plates that have passed, in their order.
    """

    def __init__(self, topology: Topology, http: httpx.AsyncClient, invitations: Path) -> None:
        self.topology = topology
        self.seen: list[str] = []
        self._http = http
        self._invitations = invitations
        self._numbers = count(1)
        self._camera: Camera | None = None

    def node(self, code: str) -> Node:
        return self.topology.nodes[code]

    def invite(self, parent: str) -> str:
        """Have a parent invite the site; return the invitation."""
        file = str(self._invitations / f"{parent}-{next(self._numbers)}")
        caifs(
            self.node(parent), "keys", "invite", self.node(parent).plan.role, SITE, "--scopes", f"pl,{SITE}", "-o", file
        )
        return file

    def take(self, invitation: str, *, how: str) -> None:
        """Have the site take an invitation."""
        caifs(self.node(SITE), "site", how, invitation, *(["--within", "0"] if how == "join" else []))

    def revoke(self, parent: str) -> None:
        caifs(self.node(parent), "keys", "revoke", self.node(parent).plan.role, SITE)

    async def move(self, parent: str, invitation: str | None = None) -> None:
        """Take the site below another parent, which invites it unless it has done so, and start it there."""
        await self.stop(SITE)
        self.take(invitation or self.invite(parent), how="move")
        await self.run(SITE)

    async def run(self, code: str) -> None:
        self.node(code).start()
        await self.node(code).ready(self._http)

    async def stop(self, code: str) -> None:
        await asyncio.to_thread(self.node(code).stop)

    async def seek(self) -> str:
        """Have another plate sought, and wait until the site knows."""
        plate = f"GD{str(next(self._numbers)) * 4}F"
        author, approver = (self.topology.desk(CENTRE, name, (Role.ANALYST,)) for name in ("anna", "bogdan"))
        entry_id = await submit(author, SITE, REASON, [{"kind": "plate", "value": plate, "country": "PL"}])
        await approve(approver, entry_id)
        analyst = self.topology.desk(SITE, "anna", (Role.ANALYST,))

        async def is_known() -> bool:
            return (await analyst.look(ENTRY, id=entry_id))["watchlistEntry"] is not None

        await until(is_known, f"the site knows that {plate} is sought")
        return plate

    async def pass_one(self, plate: str) -> None:
        """Have a vehicle that is sought pass: the site has a registration and an alarm of it then."""
        if self._camera is None:
            self._camera = (await cameras(self.topology, self._http))[SITE][0]
        _, answer = await self._camera.push(shot(plate, datetime.now(UTC)))
        assert answer["status"] == "registered"
        self.seen.append(plate)
        await until(self._has_told_of_its_camera, "what the site knows of its camera is on record")

    async def _has_told_of_its_camera(self) -> bool:
        """Tell whether nothing more goes on record by itself: that a camera was heard does, some seconds later."""
        return any(held["channel"] == "technical" for held in await self.holdings(SITE))

    async def holds_all(self, *codes: str) -> None:
        """Wait until nodes hold all that the site does; then they show it, once, and their logs are whole."""
        for code in codes:
            await until(partial(self._is_as_at_site, code), f"{code} holds what the site does")
            assert await logs_not_whole(self.node(code)) == []
            for table in ("registration", "alarm"):
                shown = {
                    row["label"]: row["times"]
                    for row in await self._rows(code, f"{SHOWN} {table} WHERE node = '{SITE}' GROUP BY label")
                }
                assert {plate: shown.get(plate) for plate in self.seen} == dict.fromkeys(self.seen, 1), (code, table)

    async def _is_as_at_site(self, code: str) -> bool:
        return await self.holdings(code) == await self.holdings(SITE)

    async def holdings(self, code: str) -> Sequence[Told]:
        """Return the events of the site that a node holds, in order."""
        return await self._rows(code, f"{EVENTS} WHERE {OF_SITE} ORDER BY epoch, channel, event.seq")

    async def neighbours(self, code: str) -> set[str]:
        return {one["code"] for one in (await self._state(code))["replication"]["neighbours"]}

    async def is_neighbour(self, code: str) -> bool:
        return SITE in await self.neighbours(code)

    async def is_refused(self) -> bool:
        """Tell whether the site is linked over no connection, and its log says that it is let in no more."""
        (parent,) = (await self._state(SITE))["replication"]["neighbours"]
        told = (self.node(SITE).state / "node.log").read_text()
        return not any(one["up"] for one in parent["connections"]) and '"event": "nats_refused"' in told

    async def _rows(self, code: str, query: str) -> Sequence[Told]:
        async with stored(self.node(code).database) as database:
            return [dict(row) async for row in database.rows(query)]

    async def is_found_silent(self) -> bool:
        """Tell whether an alarm of the site's parent says that it is silent now."""
        edges = (await self.topology.desk(OLD, "anna", (Role.OFFICER,)).look(ALARMS))["alarms"]["edges"]
        standing = [edge["node"] for edge in edges if edge["node"]["endedAt"] is None]
        return SILENT in [(one["cause"], one["label"]) for one in standing]

    async def is_not_found_silent(self) -> bool:
        return not await self.is_found_silent()

    async def is_settled(self) -> None:
        """Let all say hello a few times more: no log changes its way meanwhile, and none stands still."""
        before = {code: await self._state(code) for code in ABOVE}
        for code in ABOVE:
            await until(partial(self._has_heard_all, code, before[code]), f"{code} has heard all its neighbours")
        for code in ABOVE:
            after = await self._state(code)
            assert after["thisNode"] == before[code]["thisNode"], code
            assert await self._rows(code, "SELECT child, channel, first, last, reason FROM batch_quarantine") == []
            assert [log for log in after["replication"]["logs"] if log["stopped"]] == []

    async def _has_heard_all(self, code: str, before: Told) -> bool:
        since = datetime.fromisoformat(before["replication"]["now"]) + LATER
        neighbours = (await self._state(code))["replication"]["neighbours"]
        return all(one["heardAt"] and datetime.fromisoformat(one["heardAt"]) > since for one in neighbours)

    async def _state(self, code: str) -> Told:
        return await self.topology.desk(code, "celina", (Role.ADMINISTRATOR,)).look(STATE)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def country(http: httpx.AsyncClient, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Country]:
    topology = Topology(Path(tempfile.mkdtemp(prefix="caifs-scenarios-")), http, PLANS)
    old = topology.nodes[OLD]
    topology.nodes = {
        **topology.nodes,
        OLD: Node(old.plan, old.state, {**old.environment, **IMPATIENT}),
        **{code: strangers(topology.nodes[code]) for code in (NEW, SITE)},
    }
    country = Country(topology, http, tmp_path_factory.mktemp("invitations"))
    try:
        for code in (CENTRE, OLD):
            country.node(code).start()
        await asyncio.gather(*(country.node(code).ready(http) for code in (CENTRE, OLD)))
        yield country
    finally:
        await asyncio.to_thread(topology.stop)
        await asyncio.to_thread(topology.remove)


async def test_a_region_that_joins_is_run_until_it_holds_what_the_centre_does(country: Country, tmp_path: Path) -> None:
    country.take(country.invite(OLD), how="join")
    await country.run(SITE)
    await country.topology.lists_arrived(SITE)
    await country.pass_one(await country.seek())
    await country.holds_all(CENTRE, OLD)

    file, region = str(tmp_path / "invitation"), country.node(NEW)
    caifs(country.node(CENTRE), "keys", "invite", "central", NEW, "--as", "region", "--scopes", "*", "-o", file)
    told = await asyncio.to_thread(caifs, region, "region", "join", file)
    assert told.splitlines()[-1].endswith("live")
    server = PostgresServer(region.state)
    server.start()
    try:
        assert await country.holdings(NEW) == await country.holdings(SITE)
    finally:
        server.stop()
    await country.run(NEW)


async def test_a_site_moves_with_what_nobody_else_holds_yet(country: Country) -> None:
    plate = await country.seek()
    await country.stop(OLD)
    await country.pass_one(plate)
    await country.move(NEW)
    await country.holds_all(CENTRE, NEW)

    country.revoke(OLD)
    await country.run(OLD)
    await country.pass_one(await country.seek())
    await country.holds_all(*ABOVE)
    await country.is_settled()


async def test_it_moves_to_the_centre_and_back_to_the_first_region(country: Country) -> None:
    """Between the invitation and the move it is served where it is."""
    invitation = country.invite(CENTRE)
    await until(partial(country.is_neighbour, CENTRE), "the centre knows that the site is its child")
    await country.pass_one(await country.seek())
    await country.holds_all(*ABOVE)

    plate = await country.seek()
    await country.stop(NEW)
    await country.pass_one(plate)
    await country.move(CENTRE, invitation)
    await country.run(NEW)
    await country.pass_one(await country.seek())
    await country.holds_all(CENTRE, OLD)
    country.revoke(NEW)
    await country.holds_all(NEW)
    await country.is_settled()

    plate = await country.seek()
    country.revoke(CENTRE)
    await country.pass_one(plate)
    await country.move(OLD)
    await country.pass_one(await country.seek())
    await country.holds_all(*ABOVE)
    await country.is_settled()


async def test_a_site_is_taken_out_of_service_when_the_centre_holds_all_of_it(country: Country) -> None:
    plate = await country.seek()
    assert "a node runs on" in caifs(country.node(SITE), "site", "leave", status=1)
    await country.stop(OLD)
    await country.pass_one(plate)
    await country.stop(SITE)
    assert "wait for the parent" in caifs(country.node(SITE), "site", "leave", "--within", "3", status=1)
    await country.run(OLD)
    assert "the centre holds all" in await asyncio.to_thread(caifs, country.node(SITE), "site", "leave")
    await country.holds_all(*ABOVE)

    assert "CAIFS_PARENT is missing" in caifs(country.node(SITE), "site", status=2)
    await until(country.is_found_silent, "its parent finds that it is silent")
    country.revoke(OLD)
    await until(country.is_not_found_silent, "its parent does so no more")
    assert await country.neighbours(OLD) == {CENTRE}
    await country.holds_all(*ABOVE)


async def test_a_revoked_site_is_refused_and_what_others_hold_stays(country: Country) -> None:
    country.take(country.invite(OLD), how="move")
    await country.run(SITE)
    plate = await country.seek()
    before = {code: await country.holdings(code) for code in ABOVE}
    country.revoke(OLD)
    await until(country.is_refused, "the site is cut off, and says so", within=15)
    await country.pass_one(plate)
    assert await country.neighbours(OLD) == {CENTRE}
    assert {code: await country.holdings(code) for code in ABOVE} == before
    assert [await logs_not_whole(country.node(code)) for code in ABOVE] == [[], [], []]
