"""The lanes of the simulated posts and the cameras at them."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from domain.shared.actors import Role
from sites.demo.cameras import Shot
from sites.demo.node import Node
from sites.demo.topology import CENTRE, Topology
from sites.demo.waiting import DemoFailed, until
from sites.desk import RETRY_AFTER, Desk
from sites.servers.folders import write_private

_LATER = 503
_ENROL = """mutation Enrol($input: DeviceEnrolInput!) {
  deviceEnrol(input: $input) { __typename ... on DeviceEnrolSuccess { key } ... on Problem { code message } }
}
"""
_DEVICES = "query Devices { devices(first: 100) { edges { node { code } } } }"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A lane with one camera, which is the checkpoint too."""

    code: str
    direction: str
    format: str


LANES = (
    Lane(code="in-1", direction="inbound", format="plate_recognizer_stream"),
    Lane(code="in-2", direction="inbound", format="hikvision_isapi"),
    Lane(code="out-1", direction="outbound", format="hikvision_isapi"),
    Lane(code="out-2", direction="outbound", format="plate_recognizer_stream"),
)


class Camera:
    """A camera at a lane: pushes until it is answered, as real ones do."""

    def __init__(self, http: httpx.AsyncClient, site: Node, lane: Lane, key: str) -> None:
        """Push to ``site`` with the device's key."""
        self.code = device_code(site.code, lane)
        self.lane = lane
        self._http = http
        self._url = f"{site.url}/devices/{self.code}/push"
        self._authorization = f"Bearer {key}"

    async def push(self, shot: Shot) -> tuple[int, dict[str, Any]]:
        """Return status and answer, however long that takes."""
        headers = {"Authorization": self._authorization, "Content-Type": shot.content_type}
        while True:
            with suppress(httpx.TransportError):
                answer = await self._http.post(self._url, content=shot.body, headers=headers)
                if answer.status_code != _LATER:
                    return answer.status_code, answer.json()
            await asyncio.sleep(RETRY_AFTER)


def device_code(site: str, lane: Lane) -> str:
    """Return the code of the camera at a lane of a site."""
    return f"{site}-{lane.code}"


async def cameras(topology: Topology, http: httpx.AsyncClient) -> Mapping[str, Sequence[Camera]]:
    """Return the cameras of each site: enrolled at the centre, unless they are, and known at their site.

    Raises:
        DemoFailed: a site does not hear of them in time.
    """
    keys = await _keys(topology)
    found = defaultdict(list)
    for site in topology.of_role("site"):
        await _await_devices(topology.desk(site.code, "demo-administrator", (Role.ADMINISTRATOR,)), site.code)
        for lane in LANES:
            found[site.code].append(Camera(http, site, lane, keys[device_code(site.code, lane)]))
    return found


async def _keys(topology: Topology) -> Mapping[str, str]:
    """Return the keys of all devices. They are told once, so they are kept."""
    kept = topology.state / "devices.json"
    if not kept.exists():
        administrator = topology.desk(CENTRE, "demo-administrator", (Role.ADMINISTRATOR,))
        keys = {
            device_code(site.code, lane): await _enrol(administrator, site.code, lane)
            for site in topology.of_role("site")
            for lane in LANES
        }
        write_private(kept, json.dumps(keys))
    return dict(json.loads(kept.read_text(encoding="utf-8")))


async def _enrol(administrator: Desk, site: str, lane: Lane) -> str:
    wish = {
        "idempotencyKey": str(uuid4()),
        "code": device_code(site, lane),
        "site": site,
        "lane": lane.code,
        "checkpoint": lane.code,
        "direction": lane.direction,
        "format": lane.format,
    }
    return str((await administrator.ask(_ENROL, wish))["key"])


async def _await_devices(desk: Desk, site: str) -> None:
    async def known() -> bool:
        edges = (await desk.look(_DEVICES))["devices"]["edges"]
        return {device_code(site, lane) for lane in LANES} <= {edge["node"]["code"] for edge in edges}

    await until(known, f"devices enrolled at the centre are known at {site}")


def expect(answer: tuple[int, dict[str, Any]], *statuses: str) -> dict[str, Any]:
    """Return the answer to a push when its status is one of these.

    Raises:
        DemoFailed: it is another.
    """
    code, content = answer
    if content.get("status") not in statuses:
        raise DemoFailed(f"a push was answered with {code} {json.dumps(content)}, not {' or '.join(statuses)}")
    return content
