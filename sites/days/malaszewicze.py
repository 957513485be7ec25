"""One day of Małaszewicze: 11 trains, 308 wagons, 423 containers, through portals at a site, judged at the centre."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from domain.shared.actors import Role
from sites.days.day import Printed
from sites.days.portal import declare, pass_by, portals
from sites.days.rail import INBOUND, OUTBOUND, DayTrain, trains_of_a_day
from sites.demo.lag import Standings, on_their_way
from sites.demo.lanes import Camera, Lane
from sites.demo.node import Plan
from sites.demo.topology import CENTRE, COUNTRY, Topology
from sites.demo.waiting import until
from sites.desk import Desk

SITE = "malaszewicze"
WAGONS, CONTAINERS = 308, 423
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
        alarms = [one for one in await _all(officer, _ALARMS, "alarms") if one["source"] == "ANOMALY"]
        seen = {
            kind: [one["label"] for one in await _all(officer, _SEEN, "registrations", kind=kind)]
            for kind in ("WAGON", "CONTAINER")
        }
        faults = [fault for train in self.trains for fault in _faults_of(train, told.get(train.number))]
        faults += _alarm_faults(self.trains, alarms)
        faults += _count_faults(self.trains, seen)
        return Printed(lines=list(_lines(self.trains, told, alarms, seen)), faults=faults)


async def _all(officer: Desk, document: str, field: str, **variables: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = None
    while True:
        page = (await officer.look(document, after=after, **variables))[field]
        found += [edge["node"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


def _faults_of(train: DayTrain, told: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield in what the centre's comparison of a train is otherwise than planted."""
    if train.declared is None:
        if told is not None:
            yield f"{train.label}: has a list that nobody declared"
        return
    if told is None or told["comparison"] is None:
        yield f"{train.label}: is not compared at the centre"
        return
    comparison = told["comparison"]
    found = {each["kind"].lower(): frozenset(each["codes"]) for each in comparison["differences"]}
    if found != train.planted:
        yield f"{train.label}: planted {_plain(train.planted)}, found {_plain(found)}"
    lines = [*comparison["lines"], *comparison["containers"]]
    misread = frozenset(line["declared"] for line in lines if line["verdict"] == "MISREAD")
    if misread != train.misread:
        yield f"{train.label}: misread {sorted(train.misread)}, found {sorted(misread)}"
    ended_by = "portal" if train.ends else "next_train"
    stands = (told["state"], comparison["reversed"], told["passage"]["endedBy"])
    if stands != ("PASSED", train.is_reversed, ended_by):
        yield f"{train.label}: stands as {stands}"


def _alarm_faults(trains: Sequence[DayTrain], alarms: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    planted = Counter(
        (train.label, kind, ", ".join(sorted(codes))) for train in trains for kind, codes in train.planted.items()
    )
    found = Counter(
        (alarm["label"], alarm["cause"].partition(":")[0], ", ".join(sorted(_codes(alarm["text"]))))
        for alarm in alarms
        if alarm["endedAt"] is None
    )
    yield from (f"no alarm: {' '.join(each)}" for each in (planted - found).elements())
    yield from (f"an alarm that nobody planted: {' '.join(each)}" for each in (found - planted).elements())
    ended = sum(alarm["endedAt"] is not None for alarm in alarms)
    expected = sum(len(_late(train)) for train in trains)
    if ended != expected:
        yield f"{ended} alarms have ended, not {expected}"


def _late(train: DayTrain) -> Sequence[str]:
    """Return the kinds of alarms that stand until a late reading comes: of the wagon, and of what is on it."""
    late = [reading for reading in train.readings if reading.place == train.late]
    return [kind for reading in late for kind in ("wagon", *(["container"] if reading.containers else []))]


def _count_faults(trains: Sequence[DayTrain], seen: Mapping[str, Sequence[str]]) -> Iterator[str]:
    readings = [reading for train in trains for reading in train.readings]
    passed = {
        "WAGON": [reading.code for reading in readings],
        "CONTAINER": [code for reading in readings for code in reading.containers],
    }
    for kind, count in (("WAGON", WAGONS), ("CONTAINER", CONTAINERS)):
        if Counter(seen[kind]) != Counter(passed[kind]) or len(passed[kind]) != count:
            yield f"{len(seen[kind])} registrations of kind {kind}, where {len(passed[kind])} of {count} passed"


def _codes(text: str) -> Sequence[str]:
    _, _, listed = text.partition("): ")
    return listed.split(", ") if listed else []


def _plain(differences: Mapping[str, frozenset[str]]) -> str:
    return "; ".join(f"{kind} {', '.join(sorted(codes))}" for kind, codes in sorted(differences.items())) or "nothing"


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
