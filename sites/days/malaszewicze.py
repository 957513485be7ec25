"""One day of Małaszewicze: 11 trains, 308 wagons, 423 containers, through portals at a site, judged at the centre."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from domain.shared.actors import Role
from sites.days.day import Printed
from sites.days.pages import every
from sites.days.portal import declare, pass_by, portals
from sites.days.rail import INBOUND, OUTBOUND, DayTrain, trains_of_a_day
from sites.days.rail_verdict import faults_of
from sites.demo.lag import Standings, on_their_way
from sites.demo.lanes import Camera, Lane
from sites.demo.node import Plan
from sites.demo.topology import CENTRE, COUNTRY, Topology
from sites.demo.waiting import until
from sites.desk import Desk

SITE = "malaszewicze"
LANES = (
    Lane(code="track-1", direction=INBOUND, format="viinex_rail"),
    Lane(code="track-2", direction=OUTBOUND, format="viinex_rail"),
)
_TRAINS = """query Trains { trains(first: 50) { edges { node {
  number state passage { endedBy wagons { canonical } containers { canonical } }
  comparison { reversed lines { verdict declared read } containers { verdict declared read }
    differences { kind codes } }
} } } }"""
_ALARMS = """query Alarms($after: String) { alarms(first: 100, after: $after) {
  edges { node { source cause label text endedAt } } pageInfo { hasNextPage endCursor } } }"""
_SEEN = """query Seen($kind: ObjectKind!, $after: String) { registrations(first: 100, kind: $kind, after: $after) {
  edges { node { label } } pageInfo { hasNextPage endCursor } } }"""


class Malaszewicze:
    """The day, the same for the same seed but for its date, which is yesterday's."""

    def __init__(self, seed: int) -> None:
        """Draw the day."""
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        self.trains = trains_of_a_day(today - timedelta(days=1), seed)

    @property
    def plans(self) -> Mapping[str, Plan]:
        """The centre and the site."""
        centre = Plan(code=CENTRE, role="central", parent=None)
        site = Plan(code=SITE, role="site", parent=CENTRE, scopes=(COUNTRY, SITE))
        return {plan.code: plan for plan in (centre, site)}

    async def run(self, topology: Topology, http: httpx.AsyncClient) -> Printed:
        """Have all trains declared and pass, and judge what the centre tells of them."""
        found = await portals(topology, http, SITE, LANES)
        officer = topology.desk(SITE, "day-officer", (Role.OFFICER,))
        for train in self.trains:
            await declare(officer, train)
        await asyncio.gather(*(self._track(portal) for portal in found))
        standings = Standings(topology)

        async def arrived() -> bool:
            return not on_their_way(self.plans, await standings.logs())

        await until(arrived, "everything has arrived at the centre")
        return await self._judged(topology.desk(CENTRE, "day-officer", (Role.OFFICER,)))

    async def _track(self, portal: Camera) -> None:
        for train in self.trains:
            if train.direction == portal.lane.direction:
                await pass_by(portal, train)

    async def _judged(self, officer: Desk) -> Printed:
        nodes = [edge["node"] for edge in (await officer.look(_TRAINS))["trains"]["edges"]]
        told = {node["number"]: node for node in nodes}
        alarms = [one for one in await every(officer, _ALARMS, "alarms") if one["source"] == "ANOMALY"]
        seen = {
            kind: [one["label"] for one in await every(officer, _SEEN, "registrations", kind=kind)]
            for kind in ("WAGON", "CONTAINER")
        }
        faults = faults_of(self.trains, told, alarms, seen)
        return Printed(lines=list(_lines(self.trains, told, alarms, seen)), faults=list(faults))


def _lines(
    trains: Sequence[DayTrain],
    told: Mapping[str, Mapping[str, Any]],
    alarms: Sequence[Mapping[str, Any]],
    seen: Mapping[str, Sequence[str]],
) -> Iterator[str]:
    for train in trains:
        containers = sum(len(reading.containers) for reading in train.readings)
        head = f"{train.at:%H:%M} {train.direction:<8} track {train.track}  train {train.label:<8}"
        yield f"{head} {len(train.readings):>3} wagons {containers:>3} containers  {', '.join(train.told)}".rstrip()
        comparison = told.get(train.number, {}).get("comparison")
        for line in (*comparison["lines"], *comparison["containers"]) if comparison else ():
            if line["verdict"] != "AS_DECLARED":
                declared, read = line["declared"] or "-", line["read"] or "-"
                yield f"        {line['verdict'].lower():<8} declared {declared}, read {read}"
        for alarm in alarms:
            if alarm["label"] == train.label:
                yield f"        alarm{'' if alarm['endedAt'] is None else ', ended'}: {alarm['text']}"
    wagons, containers = len(seen["WAGON"]), len(seen["CONTAINER"])
    yield f"{len(trains)} trains, {wagons} wagons, {containers} containers on record at the centre"
