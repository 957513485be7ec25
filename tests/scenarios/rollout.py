"""A tree of nodes that run a released version, until they are upgraded one after the other."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from domain.shared.actors import Role
from sites.demo.cameras import Sight, stream_json
from sites.demo.comparison import compare
from sites.demo.lag import Standings, on_their_way
from sites.demo.lanes import Camera, cameras
from sites.demo.topology import CENTRE, COUNTRY, PLANS, REGION, SITES, Plan, Topology
from sites.demo.waiting import DemoFailed, until
from sites.demo.wanted import approve, submit
from sites.desk import Desk
from sites.equality.differences import Difference
from sites.equality.stored import stored
from tests import waiting
from tests.scenarios.crash import crash
from tests.scenarios.everything import ERASE
from tests.scenarios.releases import TODAY, newest_revision, of_program, revision

SITE, SITE_OF_CENTRE = SITES
LEVELS = (SITE, REGION, CENTRE)
NODES: Mapping[str, Plan] = {
    **{code: PLANS[code] for code in reversed(LEVELS)},
    SITE_OF_CENTRE: Plan(code=SITE_OF_CENTRE, role="site", parent=CENTRE, scopes=(COUNTRY, SITE_OF_CENTRE)),
}
NEWER = "erasure."
EACH = 5
CARGO_UNIT = """
mutation Unit($input: CargoUnitRegisterInput!) {
  cargoUnitRegister(input: $input) { __typename ... on Problem { code message } }
}
"""
CORRECT = """
mutation Correct($input: RegistrationCorrectInput!) {
  registrationCorrect(input: $input) { __typename ... on Problem { code message } }
}
"""
OCCURRENCE = """
mutation Occurrence($input: OccurrenceRecordInput!) {
  occurrenceRecord(input: $input) { __typename ... on Problem { code message } }
}
"""
OCCURRENCES = "query Occurrences { occurrences(first: 100) { edges { node { text } } } }"
HELD = """
SELECT event_quarantine.* FROM event_quarantine JOIN log ON log.id = event_quarantine.log_id WHERE channel = 'facts'
"""
REASON = ("Vehicle reported stolen", "SEIZE", 1, "Do not let it move on; call the police.")
ENTRY = "query Entry($id: ID!) { watchlistEntry(id: $id) { state } }"
ALARMS = "query Alarms { alarms(first: 100) { edges { node { id label node state acknowledgedBy } } } }"
REGISTRATIONS = "query All { registrations(first: 100) { edges { node { id label } } } }"
STOPPED = "query Stopped { replication { logs { origin channel stopped { seq reason } } } }"


class Rollout:
    """Centre, region, a site of the region's and one of the centre's own; each runs the release until it is upgraded.

    Attributes:
        topology: the nodes as they are now.
        passed: by site, the plates that it has confirmed to be on record.
    """

    def __init__(self, topology: Topology, release: Path, http: httpx.AsyncClient) -> None:
        self.topology = topology
        self.passed: Mapping[str, list[str]] = defaultdict(list)
        self._http = http
        self._numbers = count(1)
        self._shots = count(1)
        self._programs = dict.fromkeys(topology.nodes, release)
        topology.nodes = {code: of_program(node, release) for code, node in topology.nodes.items()}

    def desk(self, code: str, role: Role, name: str = "anna") -> Desk:
        return self.topology.desk(code, name, (role,))

    async def upgrade(self, code: str) -> None:
        """End a node, and start today's program where it was; one that runs that goes on."""
        if self._programs[code] == TODAY:
            return
        before = self.topology.nodes[code]
        await asyncio.to_thread(before.stop)
        self._programs[code] = TODAY
        self.topology.nodes = {**self.topology.nodes, code: of_program(before, TODAY)}
        await self._start(code)

    async def astray(self) -> Mapping[str, str]:
        """Return the nodes whose tables are not of the revision that their program works on."""
        found = {code: await revision(node) for code, node in self.topology.nodes.items()}
        return {code: each for code, each in found.items() if each != newest_revision(self._programs[code])}

    async def pass_one(self, site: str, plate: str) -> None:
        """Have a vehicle pass; the camera pushes until it is answered."""
        await self._push(await self._camera(site), site, plate)

    async def pass_some(self, site: str, vehicles: int = EACH) -> None:
        """Have so many vehicles pass, each as soon as the one before it is on record."""
        camera = await self._camera(site)
        for _ in range(vehicles):
            number = next(self._numbers)
            await self._push(camera, site, f"W{number:03}{number:03}")

    async def pass_through_a_crash(self, code: str) -> None:
        """Have vehicles pass while a node dies and comes back."""
        passed = self.passed[SITE]
        enough = len(passed) + EACH
        passing = asyncio.create_task(self.pass_some(SITE, 4 * EACH))
        try:
            await waiting.until(lambda: len(passed) >= enough or passing.done())
            crash(self.topology.nodes[code])
            await self._start(code)
        finally:
            await passing
        await self.pass_some(SITE)

    async def seek(self, plate: str) -> None:
        """Have a plate sought by the centre, and wait until the site knows."""
        author, approver = (self.desk(CENTRE, Role.ANALYST, name) for name in ("bogdan", "celina"))
        entry_id = await submit(author, COUNTRY, REASON, [{"kind": "plate", "value": plate, "country": "PL"}])
        await approve(approver, entry_id)

        async def is_known() -> bool:
            return (await self.desk(SITE, Role.ANALYST).look(ENTRY, id=entry_id))["watchlistEntry"] is not None

        await until(is_known, f"it is known at the site that {plate} is sought")

    async def alarm(self, code: str, plate: str, state: str) -> Mapping[str, Any]:
        """Wait until a node shows the site's alarm of a plate in this state, and return it."""
        found: list[dict[str, Any]] = []

        async def is_shown() -> bool:
            edges = (await self.desk(code, Role.OFFICER).look(ALARMS))["alarms"]["edges"]
            shown = [edge["node"] for edge in edges]
            found[:] = [one for one in shown if (one["label"], one["node"], one["state"]) == (plate, SITE, state)]
            return bool(found)

        await until(is_shown, f"{code} shows the alarm of {plate} as {state}")
        (alarm,) = found
        return alarm

    async def all_has_arrived(self) -> None:
        """Wait until no log has anything left to send or to show, but for the feeds that 0.1.0 does not know."""
        plans, left = NODES, list[str]()

        async def has() -> bool:
            under_way = on_their_way(plans, await Standings(self.topology).logs())
            left[:] = [one for one in under_way if not one.startswith(NEWER)]
            return not left

        try:
            await until(has, "everything has arrived")
        except DemoFailed as failure:
            raise AssertionError(left) from failure

    async def shown(self, code: str) -> Mapping[str, str]:
        """Return the registrations that a node shows, by plate."""
        edges = (await self.desk(code, Role.OFFICER).look(REGISTRATIONS))["registrations"]["edges"]
        return {edge["node"]["label"]: edge["node"]["id"] for edge in edges}

    async def register_cargo_unit(self, site: str, kind: str, code: str) -> None:
        """Have an officer register a wagon or a container, at a site of today's program."""
        wish = {"lane": "lane-1", "direction": "inbound", "kind": kind, "code": code}
        await self.desk(site, Role.OFFICER).ask(CARGO_UNIT, {"idempotencyKey": str(uuid4()), **wish})

    async def correct(self, site: str, plate: str, right: str) -> None:
        """Have an officer correct a plate, at a site of today's program."""
        wish = {"registrationId": (await self.shown(site))[plate], "seen": 0, "reason": "Misread"}
        right_plate = {"vehicle": {"plate": right, "country": "PL"}}
        await self.desk(site, Role.OFFICER).ask(CORRECT, {"idempotencyKey": str(uuid4()), **wish, **right_plate})

    async def record_occurrence(self, site: str, text: str) -> None:
        """Have an officer tell what happened, at a site of today's program."""
        wish = {"idempotencyKey": str(uuid4()), "kind": "INCIDENT", "text": text}
        await self.desk(site, Role.OFFICER).ask(OCCURRENCE, wish)

    async def occurrences(self, code: str) -> Sequence[str]:
        """Return what happened as far as a node of today's program shows it."""
        edges = (await self.desk(code, Role.OFFICER).look(OCCURRENCES))["occurrences"]["edges"]
        return [edge["node"]["text"] for edge in edges]

    async def held(self, code: str) -> int:
        """Return how many of the facts that a node holds it cannot show."""
        rows = await self._rows(code, HELD)
        return sum(row.get("state", "held") == "held" for row in rows)

    async def all_is_shown(self, code: str) -> None:
        """Wait until a node shows every vehicle that passed at the site."""

        async def is_shown() -> bool:
            return set(self.passed[SITE]) <= (await self.shown(code)).keys()

        await until(is_shown, f"{code} shows what passed")

    async def erase(self, plate: str) -> None:
        """Have the centre erase what is registered of a plate."""
        registration_id = (await self.shown(CENTRE))[plate]
        wish = {"idempotencyKey": str(uuid4()), "ids": [registration_id], "reason": "On request", "legalBasis": "17"}
        await self.desk(CENTRE, Role.ADMINISTRATOR).ask(ERASE, wish)

    async def becomes_equal(self) -> None:
        """Wait until all databases hold what they must, of each other and of their own logs."""
        left: dict[str, Sequence[Difference]] = {}

        async def is_equal() -> bool:
            left.clear()
            left.update({name: each for name, each in (await compare(self.topology)).items() if each})
            return not left

        try:
            await until(is_equal, "all databases are equal")
        except DemoFailed as failure:
            raise AssertionError(left) from failure

    async def on_record(self, code: str, table: str) -> Mapping[str, int]:
        """Return how often each label of the site's stands in a node's table."""
        query = f"SELECT label, count(*) AS times FROM {table} WHERE node = '{SITE}' GROUP BY label"  # noqa: S608 - of this file
        return {row["label"]: row["times"] for row in await self._rows(code, query)}

    async def untaken(self, code: str) -> Sequence[Mapping[str, Any]]:
        """Return what a node could not take or show, and the logs that stand still there."""
        found = await self._rows(code, "SELECT reason FROM event_quarantine")
        if self._programs[code] == TODAY:
            found += await self._rows(code, "SELECT reason FROM batch_quarantine")
            logs = (await self.desk(code, Role.ADMINISTRATOR).look(STOPPED))["replication"]["logs"]
            found += [log for log in logs if log["stopped"]]
        return found

    async def _rows(self, code: str, query: str) -> list[dict[str, Any]]:
        async with stored(self.topology.nodes[code].database) as database:
            return [dict(row) async for row in database.rows(query)]

    async def _camera(self, site: str) -> Camera:
        return (await cameras(self.topology, self._http))[site][0]

    async def _push(self, camera: Camera, site: str, plate: str) -> None:
        now, number = datetime.now(UTC), next(self._shots)
        sight = Sight(camera="camera", number=number, plate=plate, country="PL", kind="Car", confidence=0.9, at=now)
        _, answer = await camera.push(stream_json(sight))
        assert answer["status"] in {"registered", "duplicate"}, answer
        self.passed[site].append(plate)

    async def _start(self, code: str) -> None:
        self.topology.nodes[code].start()
        await self.topology.nodes[code].ready(self._http)
