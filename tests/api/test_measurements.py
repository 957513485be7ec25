"""What was measured, pairs of vehicles and trains that portals saw, over GraphQL; pictures of measurements."""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.ids import global_id
from domain.registrations.commands import TakeReadings
from domain.registrations.events import TrainSeen, VehiclesPaired
from domain.registrations.measurements import Measurement
from domain.registrations.model import KeptPicture, TrainSighting, VehiclePair
from domain.registrations.readings import RadiationAlarm, RadiationMeasured, Weighed
from domain.shared.actors import Actor, Role
from domain.shared.views import Window
from tests.api.nodes import Node, memory_node
from tests.samples import MORNING, new_id, seen

CAMERA = Actor(name="cam-1", roles=frozenset({Role.DEVICE}))
CONTENT = b"\xff\xd8\xff a picture"
PICTURE = KeptPicture(
    hash=hashlib.sha256(CONTENT).hexdigest(), size=len(CONTENT), media_type="image/jpeg", shows="scene"
)
LIST = """
query ($checkpoint: String, $since: DateTime, $until: DateTime) {
  measurements(checkpoint: $checkpoint, since: $since, until: $until) { edges { node {
    id node device checkpoint at late passageId registrationId plates { canonical }
    weight { grossKg axlesKg limitKg } radiation { occupied alarms { category description } nuclides }
    pictures { hash size mediaType shows path } } } }
}
"""
OF_REGISTRATION = """
{ registrations { edges { node { id label measurements { id weight { grossKg } } pairs { tractor trailer holds } } } } }
"""
ONE = "query ($id: ID!) { measurement(id: $id) { id device } node(id: $id) { __typename id } }"
TRAINS = """
{ trainSightings(checkpoint: "gate-1", train: "4711") { edges { node { id train track endedAt late } } }
  none: trainSightings(track: "9") { edges { node { id } } } }
"""
TRAIN = "query ($id: ID!) { trainSighting(id: $id) { train } node(id: $id) { __typename } }"


@pytest.fixture
async def measured(tmp_path: Path) -> Node:
    """A site at which a vehicle was seen and weighed, and stood in a radiation portal."""
    site = memory_node(tmp_path)
    await site.enrol()
    weighed = Weighed(
        vendor_id="w",
        device_time=MORNING,
        plate="WA 12345",
        country="PL",
        gross_kg=39_850.0,
        axles_kg=(7_000.0,),
        axle_distances_m=(),
        limit_kg=40_000.0,
        speed_kmh=None,
        length_m=None,
        width_m=None,
        height_m=None,
        direction=None,
        retransmitted=False,
    )
    radiation = RadiationMeasured(
        vendor_id="r",
        device_time=MORNING + timedelta(minutes=5),
        seconds=4.0,
        occupied=True,
        alarms=(RadiationAlarm(category="gamma", description="above 5 sigma"),),
        nuclides=("Cs-137",),
        speed_kmh=None,
        lane="1",
        instrument=None,
    )
    told: dict[str, Any] = {"weighed": (weighed,), "radiation": (radiation,), "seen": (seen("WA 12345"),)}
    command = TakeReadings(device="cam-1", received_at=MORNING + timedelta(hours=1), pictures=(PICTURE,), **told)
    await site.doors.dispatcher.dispatch(command, CAMERA)
    return site


async def listed(site: Node, **wanted: Any) -> list[dict[str, Any]]:
    return [edge["node"] for edge in (await site.ask(LIST, Role.OFFICER, **wanted))["measurements"]["edges"]]


async def test_measurements_are_listed_by_checkpoint_and_time(measured: Node) -> None:
    radiation, weighing = await listed(measured)
    assert weighing["weight"] == {"grossKg": 39_850.0, "axlesKg": [7_000.0], "limitKg": 40_000.0}
    assert weighing["radiation"] is None
    assert [plate["canonical"] for plate in weighing["plates"]] == ["WA12345"]
    assert radiation["radiation"] == {
        "occupied": True,
        "alarms": [{"category": "gamma", "description": "above 5 sigma"}],
        "nuclides": ["Cs-137"],
    }
    assert (radiation["passageId"], radiation["registrationId"], radiation["weight"]) == (None, None, None)
    since = (MORNING + timedelta(minutes=1)).isoformat()
    assert await listed(measured, since=since) == [radiation]
    assert await listed(measured, until=since) == [weighing]
    assert await listed(measured, checkpoint="gate-2") == []


async def test_one_is_found_by_its_id(measured: Node) -> None:
    _, weighing = await listed(measured)
    answer = await measured.ask(ONE, Role.ANALYST, id=weighing["id"])
    assert answer["measurement"] == {"id": weighing["id"], "device": "cam-1"}
    assert answer["node"] == {"__typename": "Measurement", "id": weighing["id"]}


async def test_a_registration_tells_what_was_measured_of_it_and_with_what_it_is_a_pair(measured: Node) -> None:
    (registration,) = (await measured.views.registrations(Window(limit=2))).items
    trailer = new_id()
    pair = VehiclePair(
        id=new_id(),
        node="dorohusk",
        checkpoint="gate-1",
        lane="lane-1",
        tractor=registration.id,
        trailer=trailer,
        paired_at=MORNING,
    )
    await measured.record(VehiclesPaired(pair=pair))
    (edge,) = (await measured.ask(OF_REGISTRATION, Role.OFFICER))["registrations"]["edges"]
    assert [one["weight"] for one in edge["node"]["measurements"]] == [{"grossKg": 39_850.0}]
    assert edge["node"]["pairs"] == [
        {"tractor": edge["node"]["id"], "trailer": global_id("Registration", trailer), "holds": True}
    ]


async def test_trains_that_portals_saw_are_listed(measured: Node) -> None:
    sighting = TrainSighting(
        id=new_id(),
        node="dorohusk",
        device="portal-1",
        vendor_id="v",
        lane="lane-1",
        checkpoint="gate-1",
        train="4711",
        track="2",
        began_at=MORNING,
        ended_at=None,
        received_at=MORNING,
        late=False,
    )
    await measured.record(TrainSeen(sighting=sighting))
    answer = await measured.ask(TRAINS, Role.OFFICER)
    id_ = global_id("TrainSighting", sighting.id)
    assert answer["trainSightings"]["edges"] == [
        {"node": {"id": id_, "train": "4711", "track": "2", "endedAt": None, "late": False}}
    ]
    assert answer["none"]["edges"] == []
    found = await measured.ask(TRAIN, Role.OFFICER, id=id_)
    assert found == {"trainSighting": {"train": "4711"}, "node": {"__typename": "TrainSighting"}}


async def test_a_picture_of_a_measurement_is_shown_to_those_who_may_look(measured: Node) -> None:
    files: Any = measured.doors.pictures
    files.write(PICTURE.hash, CONTENT)
    (measurement, *_) = (await measured.views.entities(Measurement, Window(limit=2))).items
    path = f"/pictures/{global_id('Measurement', measurement.id)}/{PICTURE.hash}"
    _, weighing = await listed(measured)
    assert weighing["pictures"] == [
        {
            "hash": PICTURE.hash,
            "size": PICTURE.size,
            "mediaType": "image/jpeg",
            "shows": "scene",
            "path": f"/pictures/{weighing['id']}/{PICTURE.hash}",
        }
    ]
    headers = {"authorization": f"Bearer {measured.token(Role.OFFICER)}", "x-purpose": "patrol"}
    async with measured.http() as client:
        assert (await client.get(path, headers=headers)).content == CONTENT
        assert (await client.get(path)).status_code == 401
        absent = f"/pictures/{global_id('Measurement', new_id())}/{PICTURE.hash}"
        assert (await client.get(absent, headers=headers)).status_code == 404
