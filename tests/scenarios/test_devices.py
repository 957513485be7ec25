"""Devices that publish on the nats-server of a site, while the site is killed."""

import asyncio
import hashlib
import json
import os
import signal
import sqlite3
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import nats.errors
import pytest
import pytest_asyncio
from nats.aio.client import Client

from adapters.nats import subjects
from adapters.nats.client import close_client, open_client
from domain.shared.actors import Role
from sites.demo.cameras import PICTURE, Sight, isapi_xml, stream_form
from sites.demo.lanes import Camera, cameras, expect
from sites.demo.node import Node
from sites.demo.topology import CENTRE, Plan, Topology
from sites.demo.waiting import until
from sites.devices import PICTURES
from sites.servers.nats import client_url
from sites.tokens import mint
from sites.users import DEVICES_FILE, devices_name
from tests.api.nodes import stream_push
from tests.scenarios.crash import crash

pytestmark = [pytest.mark.scenario, pytest.mark.asyncio(loop_scope="session")]

SITE = "koroszczyn"
PLANS = {
    CENTRE: Plan(code=CENTRE, role="central", parent=None),
    SITE: Plan(code=SITE, role="site", parent=CENTRE, scopes=("pl", SITE)),
}
PUSHES = 40
AT = "2026-01-01T00:00:00+00:00"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def topology(http: httpx.AsyncClient) -> AsyncIterator[Topology]:
    topology = Topology(Path(tempfile.mkdtemp(prefix="caifs-devices-")), http, PLANS)
    try:
        topology.start()
        await topology.ready()
        yield topology
    finally:
        await asyncio.to_thread(topology.stop)
        await asyncio.to_thread(topology.remove)


class Device:
    """A device that repeats its push until it is answered, whatever happens to the site meanwhile."""

    def __init__(self, site: Node, camera: Camera) -> None:
        port = int(site.environment["CAIFS_NATS_PORT"])
        self.url = client_url(port, devices_name(site.code), (site.state / DEVICES_FILE).read_text())
        self.subject = subjects.pushes(camera.code)
        self.headers = {"Authorization": camera._authorization, "Content-Type": "application/json"}
        self.tries = 0
        self.answered: dict[str, str] = {}

    async def push(self, *plates: str) -> None:
        left = list(plates)
        while left:
            with suppress(OSError, nats.errors.Error):
                client = await open_client(self.url, inbox_prefix=subjects.DEVICES_INBOX.encode())
                try:
                    while left:
                        await self._ask(client, left[0])
                        left.pop(0)
                finally:
                    await close_client(client)
            await asyncio.sleep(0.05)

    async def _ask(self, client: Client, plate: str) -> None:
        self.tries += 1
        said = await client.request(self.subject, stream_push(plate, at=AT), timeout=1, headers=self.headers)
        self.answered[plate] = json.loads(said.data)["status"]


def on_record(site: Node) -> Counter[str]:
    with closing(sqlite3.connect(f"file:{site.database_file}?mode=ro", uri=True)) as database:
        return Counter(plate for (plate,) in database.execute("SELECT plate FROM reading"))


async def test_a_push_in_the_hands_of_a_site_that_is_killed_is_on_record_once(
    topology: Topology, http: httpx.AsyncClient
) -> None:
    site = topology.nodes[SITE]
    found = await cameras(topology, http)
    camera = next(one for one in found[SITE] if one.lane.format == "plate_recognizer_stream")
    plates = [f"W{chr(65 + number // 10) * 3}{number % 10}000" for number in range(PUSHES)]
    device = Device(site, camera)
    await device.push("LUB1")  # the site answers

    stream = [asyncio.create_task(Device.push(device, *plates[turn::4])) for turn in range(4)]
    while len(device.answered) < PUSHES // 4:  # noqa: ASYNC110 - other processes bring it about
        await asyncio.sleep(0.005)
    os.kill(site.pid or 0, signal.SIGSTOP)  # what is published now is never answered
    tries = device.tries
    while device.tries < tries + 4:  # noqa: ASYNC110 - as above
        await asyncio.sleep(0.005)
    answered = len(device.answered)
    crash(site)
    assert answered < PUSHES
    site.start()
    await site.ready(http)
    await asyncio.wait_for(asyncio.gather(*stream), 60)

    assert set(device.answered) == {"LUB1", *plates}
    assert set(device.answered.values()) <= {"registered", "merged", "duplicate"}
    assert on_record(site) == dict.fromkeys(("LUB1", *plates), 1)


READINGS = (
    "query Of($label: String!) { registrations(label: $label) { edges { node { readings { pictures { path } } } } } }"
)


async def test_a_picture_is_shown_by_the_site_alone(topology: Topology, http: httpx.AsyncClient) -> None:
    site, centre = topology.nodes[SITE], topology.nodes[CENTRE]
    camera = next(one for one in (await cameras(topology, http))[SITE] if one.lane.format == "plate_recognizer_stream")
    sight = Sight(camera=camera.code, number=1, plate="LUB2", country="pl", kind="Car", confidence=0.9, at=NOON)
    expect(await camera.push(stream_form(sight)), "registered")

    async def path(node: str) -> str | None:
        found = await topology.desk(node, "ola", (Role.OFFICER,)).look(READINGS, label="LUB2")
        paths = [
            one["path"]
            for edge in found["registrations"]["edges"]
            for reading in edge["node"]["readings"]
            for one in reading["pictures"]
        ]
        return paths[0] if paths else None

    async def arrived() -> bool:
        return await path(CENTRE) == await path(SITE) is not None

    await until(arrived, "the centre knows of the picture")
    wanted = await path(SITE)
    tokens = {
        node.code: {"authorization": f"Bearer {mint(node.code, node.state, 'ola', Role.OFFICER, HOUR)}"}
        for node in (site, centre)
    }
    shown = await http.get(f"{site.url}{wanted}", headers=tokens[SITE] | {"x-purpose": "test"})
    assert (shown.status_code, shown.content) == (200, PICTURE)
    elsewhere = await http.get(f"{centre.url}{wanted}", headers=tokens[CENTRE] | {"x-purpose": "test"})
    assert (elsewhere.status_code, elsewhere.json()["problem"]["node"]) == (421, SITE)


ERASE = """mutation Erase($input: EraseInput!) {
  erase(input: $input) { ... on EraseSuccess { erasures { id } } ... on Problem { code } }
}"""
IDS = "query Ids($label: String!) { registrations(label: $label) { edges { node { id } } } }"


async def test_what_is_erased_takes_its_picture_with_it(topology: Topology, http: httpx.AsyncClient) -> None:
    site = topology.nodes[SITE]
    camera = next(one for one in (await cameras(topology, http))[SITE] if one.lane.format == "plate_recognizer_stream")
    picture = PICTURE + b"of this one alone"
    sight = Sight(camera=camera.code, number=2, plate="PO9917X", country="pl", kind="Car", confidence=0.9, at=NOON)
    shot = stream_form(sight)
    expect(await camera.push(replace(shot, body=shot.body.replace(PICTURE, picture))), "registered")
    digest = hashlib.sha256(picture).hexdigest()
    place = site.state / PICTURES / digest[:2] / digest
    assert place.read_bytes() == picture

    async def ids() -> list[str]:
        found = await topology.desk(CENTRE, "ola", (Role.OFFICER,)).look(IDS, label="PO9917X")
        return [edge["node"]["id"] for edge in found["registrations"]["edges"]]

    async def is_known() -> bool:
        return bool(await ids())

    async def is_gone() -> bool:
        return not place.exists()

    await until(is_known, "the centre knows of the registration")
    wish = {"idempotencyKey": str(uuid4()), "ids": await ids(), "reason": "On request", "legalBasis": "Art. 17"}
    assert (await topology.desk(CENTRE, "ewa", (Role.ADMINISTRATOR,)).ask(ERASE, wish))["erasures"]
    await until(is_gone, "the picture is gone")


STATES = "{ devices(first: 50) { edges { node { code state { silent pushes } } } } }"


async def test_the_centre_knows_of_a_device_and_the_site_goes_on_counting_after_it_was_killed(
    topology: Topology, http: httpx.AsyncClient
) -> None:
    site = topology.nodes[SITE]
    camera = next(one for one in (await cameras(topology, http))[SITE] if one.lane.format == "hikvision_isapi")

    async def state(node: str) -> dict[str, Any] | None:
        edges = (await topology.desk(node, "ola", (Role.OFFICER,)).look(STATES))["devices"]["edges"]
        return next(edge["node"]["state"] for edge in edges if edge["node"]["code"] == camera.code)

    sight = Sight(camera=camera.code, number=1, plate="LUB3", country="pl", kind="Car", confidence=0.9, at=NOON)
    expect(await camera.push(isapi_xml(sight)), "registered")

    async def is_known() -> bool:
        return await state(CENTRE) == {"silent": False, "pushes": "1"}

    await until(is_known, "the centre knows of the device")
    crash(site)
    site.start()
    await site.ready(http)
    expect(await camera.push(isapi_xml(sight)), "duplicate")

    async def goes_on() -> bool:
        return await state(SITE) == {"silent": False, "pushes": "2"}

    await until(goes_on, "the site goes on counting")
