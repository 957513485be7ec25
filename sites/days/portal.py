"""A portal over a track, as its vendor's format tells what it reads, and the officer who has the railway's lists."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from domain.shared.actors import Role
from sites.days.rail import DayTrain, Reading
from sites.demo.cameras import Shot
from sites.demo.lanes import Camera, Lane, device_code, expect
from sites.demo.topology import CENTRE, Topology
from sites.demo.waiting import until
from sites.desk import Desk

_ENROL = """mutation Enrol($input: DeviceEnrolInput!) {
  deviceEnrol(input: $input) { __typename ... on DeviceEnrolSuccess { key } ... on Problem { code message } }
}
"""
_DEVICES = "query Devices { devices(first: 100) { edges { node { code } } } }"
_DECLARE = """mutation Declare($input: TrainDeclareInput!) {
  trainDeclare(input: $input) {
    __typename ... on TrainSuccess { train { id } } ... on Problem { code message path }
  }
}
"""
_PASSES = timedelta(minutes=2)


async def portals(topology: Topology, http: httpx.AsyncClient, site: str, lanes: Sequence[Lane]) -> Sequence[Camera]:
    """Enrol a portal at each lane of a site, and wait until the site knows them.

    Raises:
        DemoFailed: it does not hear of them in time.
    """
    administrator = topology.desk(CENTRE, "day-administrator", (Role.ADMINISTRATOR,))
    found = []
    for lane in lanes:
        wish = {
            "idempotencyKey": str(uuid4()),
            "code": device_code(site, lane),
            "site": site,
            "lane": lane.code,
            "checkpoint": lane.code,
            "direction": lane.direction,
            "format": lane.format,
        }
        key = str((await administrator.ask(_ENROL, wish))["key"])
        found.append(Camera(http, topology.nodes[site], lane, key))
    at_site = topology.desk(site, "day-administrator", (Role.ADMINISTRATOR,))

    async def known() -> bool:
        edges = (await at_site.look(_DEVICES))["devices"]["edges"]
        return {portal.code for portal in found} <= {edge["node"]["code"] for edge in edges}

    await until(known, f"the portals are known at {site}")
    return found


async def declare(officer: Desk, train: DayTrain) -> None:
    """Have an officer put the railway's list of a train on record, if there is one."""
    if train.declared is None:
        return
    wagons = [
        {"code": wagon.code, "containers": [{"code": one} for one in wagon.containers]} for wagon in train.declared
    ]
    wish = {
        "idempotencyKey": str(uuid4()),
        "number": train.number,
        "direction": train.direction,
        "track": train.track,
        "expectedAt": train.at.isoformat(),
        "wagons": wagons,
    }
    await officer.ask(_DECLARE, wish)


async def pass_by(portal: Camera, train: DayTrain) -> None:
    """Have a train pass a portal: what it reads of each wagon, and that the train has passed."""
    for reading in train.readings:
        if reading.place != train.late:
            await _read(portal, train, reading, "registered")
        if reading.place == train.repeated:
            await _read(portal, train, reading, "duplicate")
    if train.ends:
        expect(await portal.push(_shot([_end(train)])), "recorded")
    for reading in train.readings:
        if reading.place == train.late:
            await _read(portal, train, reading, "registered")


async def _read(portal: Camera, train: DayTrain, reading: Reading, status: str) -> None:
    codes = [("RailcarNumberRecognition", reading.code)]
    codes += [("ContainerNumberRecognition", code) for code in reading.containers]
    messages = [_message(topic, code, train, reading) for topic, code in codes]
    expect(await portal.push(_shot(messages)), status)


def _message(topic: str, code: str, train: DayTrain, reading: Reading) -> dict[str, Any]:
    at = _epoch(reading.at)
    return {
        "topic": topic,
        "data": {
            "track": train.track,
            "train_number": train.portal_number,
            "result": code,
            "valid": True,
            "confidence": 0.97,
            "cookie": reading.place,
            "channels": [{"video_source": "left", "timestamps": {"first": at, "best": at, "last": at}}],
        },
    }


def _end(train: DayTrain) -> dict[str, Any]:
    return {
        "track": train.track,
        "train_number": train.portal_number,
        "timestamp_begin": _epoch(train.at),
        "timestamp_end": _epoch(train.at + _PASSES),
    }


def _epoch(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _shot(messages: list[dict[str, Any]]) -> Shot:
    return Shot(content_type="application/json", body=json.dumps(messages).encode())
