"""One day of Koroszczyn's terminal: lorries through its checkpoints, in what its devices push, judged at the centre."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import httpx

from domain.shared.actors import Role
from sites.days.day import Printed
from sites.days.ground import lay_out
from sites.days.hours import lines
from sites.days.lorries import draw
from sites.days.lorry_verdict import Told, faults_of
from sites.days.pages import every
from sites.days.terminal import SITE
from sites.days.terminal_devices import shot
from sites.demo.lag import Standings, on_their_way
from sites.demo.lanes import Camera, expect
from sites.demo.node import Plan
from sites.demo.topology import CENTRE, COUNTRY, Topology
from sites.demo.waiting import DemoFailed, until
from sites.desk import Desk

VEHICLES: Final = 60
_VISITS = """query Visits($after: String) { visits(first: 100, after: $after) {
  edges { node {
    direction plate state openedAt lastAt closedAt points { plate checkpoint at direction }
    anomalies { key kind checkpoint detail plate explainedAt }
  } } pageInfo { hasNextPage endCursor } } }"""
_ALARMS = """query Alarms($after: String) { alarms(first: 100, after: $after) {
  edges { node { source cause label endedAt } } pageInfo { hasNextPage endCursor } } }"""
_OVERDUE = """query Overdue($after: String) { visits(first: 100, after: $after, overdue: true) {
  edges { node { plate } } pageInfo { hasNextPage endCursor } } }"""
_AT_ONCE: Final = 12
_WATCHED_WITHIN: Final = 30.0
_ARRIVES_WITHIN: Final = 300.0


class Koroszczyn:
    """The day, the same for the same seed and number of lorries but for its date: it ends now."""

    def __init__(self, seed: int, vehicles: int = VEHICLES) -> None:
        """Draw the day of so many lorries."""
        self.vehicles = vehicles
        self.traffic = draw(seed, vehicles, datetime.now(UTC).replace(microsecond=0))

    @property
    def plans(self) -> Mapping[str, Plan]:
        """The centre and the site."""
        centre = Plan(code=CENTRE, role="central", parent=None)
        site = Plan(code=SITE, role="site", parent=CENTRE, scopes=(COUNTRY, SITE))
        return {plan.code: plan for plan in (centre, site)}

    async def run(self, topology: Topology, http: httpx.AsyncClient) -> Printed:
        """Have the devices say all they saw, and judge what the centre tells of it."""
        devices = await lay_out(topology, http)
        began = asyncio.get_running_loop().time()
        await self._tell(devices)
        seconds = asyncio.get_running_loop().time() - began
        centre = topology.desk(CENTRE, "day-officer", (Role.OFFICER,))
        with suppress(DemoFailed):  # who is missing then is told as a fault
            await self._watched(topology.desk(SITE, "day-officer", (Role.OFFICER,)))
        await self._arrived(topology)
        return self._judged(await _told(centre), seconds)

    async def _tell(self, devices: Mapping[str, Camera]) -> None:
        waiting = iter(self.traffic.said)

        async def talk() -> None:
            for said in waiting:
                answer = await devices[said.device].push(shot(said))
                expect(answer, "registered", "merged", "duplicate", "recorded")

        await asyncio.gather(*(talk() for _ in range(_AT_ONCE)))

    async def _watched(self, officer: Desk) -> None:
        """Wait until the watch of the site has found who is overdue."""
        missing = {plate for plate, keys in self.traffic.planted.items() if keys == ("too_slow:road",)}

        async def found() -> bool:
            return missing <= {visit["plate"] for visit in await every(officer, _OVERDUE, "visits")}

        await until(found, "the watch has found who is overdue", _WATCHED_WITHIN)

    async def _arrived(self, topology: Topology) -> None:
        standings = Standings(topology)

        async def arrived() -> bool:
            return not on_their_way(self.plans, await standings.logs())

        await until(arrived, "everything has arrived at the centre", _ARRIVES_WITHIN)

    def _judged(self, told: Told, seconds: float) -> Printed:
        noise = self.traffic.noise
        head = f"{noise['pushes']} pushes, {noise['late']} of them late, in {seconds:.1f} s"
        faults = faults_of(self.traffic.planted, told, self.vehicles)
        return Printed(lines=[*lines(told), head], faults=list(faults))


async def _told(officer: Desk) -> Told:
    visits = await every(officer, _VISITS, "visits")
    alarms = await every(officer, _ALARMS, "alarms")
    return Told(
        visits=[visit for visit in visits if visit["state"] != "JOINED"],
        alarms=[alarm for alarm in alarms if alarm["source"] == "ANOMALY"],
    )
