"""A checkpoint with a device of each kind, each pushing as its vendor's do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import uuid4

import httpx

from domain.shared.actors import Role
from sites.demo.cameras import Shot, Sight, isapi_xml, stream_json
from sites.demo.lanes import Camera, Lane, device_code, expect
from sites.demo.topology import CENTRE, Topology
from sites.demo.waiting import until

LANE = "cargo-1"
ENROL = """mutation Enrol($input: DeviceEnrolInput!) {
  deviceEnrol(input: $input) {
    __typename ... on DeviceEnrolSuccess { key device { id } } ... on Problem { code message }
  }
}"""
ADJUST = """mutation Adjust($input: DeviceAdjustInput!) {
  deviceAdjust(input: $input) { __typename ... on Problem { code message } }
}"""
DEVICES = "query Devices { devices(first: 100) { edges { node { code view } } } }"
FORMATS = {"front": "plate_recognizer_stream", "rear": "hikvision_isapi", "scale": "dahua", "portal": "n42"}
VIEWS = {"front": "FRONT", "rear": "REAR"}
FOLLOWS = timedelta(seconds=2)
"""From the front of a vehicle to its rear."""

NUMBERS = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Where a camera sees the front of a vehicle and another the rear, beside a scale and a radiation portal."""

    devices: Mapping[str, Camera]

    async def sees(self, plate: str, rear: str | None = None) -> datetime:
        """Have a vehicle pass, with another plate at the rear where it draws something; return when it did."""
        at = datetime.now(UTC) - FOLLOWS
        expect(await self.devices["front"].push(stream_json(_sight(plate, at))), "registered")
        seen = await self.devices["rear"].push(isapi_xml(_sight(rear or plate, at + FOLLOWS)))
        expect(seen, "registered" if rear else "merged")
        return at

    async def weighs(self, plate: str, at: datetime, axles_kg: tuple[int, ...]) -> None:
        """Have a vehicle stand on the scale."""
        expect(await self.devices["scale"].push(_weighing(plate, at, axles_kg)), "recorded")

    async def sounds(self, at: datetime) -> None:
        """Have the portal sound a gamma alarm for what stands in it then."""
        expect(await self.devices["portal"].push(_gamma(at)), "recorded")


async def checkpoint(topology: Topology, http: httpx.AsyncClient, site: str) -> Checkpoint:
    """Enrol the devices at the centre, and wait until their site knows them and what they see."""
    administrator = topology.desk(CENTRE, "ewa", (Role.ADMINISTRATOR,))
    devices = {}
    for name, format_ in FORMATS.items():
        device = Lane(code=name, direction="inbound", format=format_)
        wish = {"idempotencyKey": str(uuid4()), "code": device_code(site, device), "site": site, "format": format_}
        enrolled = await administrator.ask(ENROL, wish | {"lane": LANE, "checkpoint": LANE, "direction": "inbound"})
        devices[name] = Camera(http, topology.nodes[site], device, enrolled["key"])
        if name in VIEWS:
            seen = {"deviceId": enrolled["device"]["id"], "view": VIEWS[name]}
            await administrator.ask(ADJUST, {"idempotencyKey": str(uuid4())} | seen)
    desk = topology.desk(site, "ewa", (Role.ADMINISTRATOR,))

    async def are_known() -> bool:
        edges = (await desk.look(DEVICES))["devices"]["edges"]
        known = {edge["node"]["code"]: edge["node"]["view"] for edge in edges}
        return known.items() >= {devices[name].code: VIEWS.get(name) for name in FORMATS}.items()

    await until(are_known, "the site knows its devices")
    return Checkpoint(devices=devices)


def _sight(plate: str, at: datetime) -> Sight:
    return Sight(camera="camera", number=next(NUMBERS), plate=plate, country="PL", kind="Car", confidence=0.9, at=at)


def _weighing(plate: str, at: datetime, axles_kg: tuple[int, ...]) -> Shot:
    """Return what a scale of Dahua's says."""
    weights = {f"CarWeightInfo.AxleWeightInfo[{place}]": kg for place, kg in enumerate(axles_kg)}
    values = {
        "EventBaseInfo.Code": "TrafficCarMeasurement",
        "EventID": next(NUMBERS),
        "RealUTC": int(at.timestamp()),
        "TrafficCar.PlateNumber": plate,
        "CarWeightInfo.AxleNum": len(axles_kg),
        "CarWeightInfo.TotalWeight": sum(axles_kg),
    }
    lines = [f"Events[0].{name}={value}" for name, value in (values | weights).items()]
    return Shot(content_type="text/plain", body="\r\n".join(lines).encode())


def _gamma(at: datetime) -> Shot:
    """Return the file of a portal (ANSI N42.42 of 2012)."""
    document = f"""<RadInstrumentData xmlns="http://physics.nist.gov/N42/2011/N42" n42DocUUID="{uuid4()}">
<RadMeasurement><MeasurementClassCode>Foreground</MeasurementClassCode>
<StartDateTime>{at.isoformat()}</StartDateTime><RealTimeDuration>PT1.5S</RealTimeDuration>
<OccupancyIndicator>true</OccupancyIndicator></RadMeasurement>
<AnalysisResults><RadAlarm><RadAlarmCategoryCode>Gamma</RadAlarmCategoryCode>
<RadAlarmDescription>7 sigma</RadAlarmDescription></RadAlarm>
<NuclideAnalysisResults><Nuclide><NuclideIdentifiedIndicator>true</NuclideIdentifiedIndicator>
<NuclideName>Cs-137</NuclideName></Nuclide></NuclideAnalysisResults></AnalysisResults></RadInstrumentData>"""
    return Shot(content_type="application/xml", body=document.encode())
