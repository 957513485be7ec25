"""What the devices of a terminal push, each in its vendor's format."""

from sites.days.lorries import Said
from sites.demo.cameras import Shot, Sight, isapi_xml, stream_json


def shot(said: Said) -> Shot:
    """Return the push in which a device says it."""
    if said.kg is not None:
        return _weighing(said)
    sight = Sight(
        camera=said.device,
        number=said.number,
        plate=said.plate,
        country="PL",
        kind="Truck",
        confidence=0.93,
        at=said.at,
    )
    return isapi_xml(sight) if said.device.endswith("-front") else stream_json(sight)


def _weighing(said: Said) -> Shot:
    """Return what a scale of Dahua's says."""
    seconds = int(said.at.timestamp())
    lines = (
        "Events[0].EventBaseInfo.Code=TrafficCarMeasurement",
        "Events[0].EventBaseInfo.Action=Pulse",
        "Events[0].EventBaseInfo.Index=0",
        f"Events[0].EventID={said.number}",
        f"Events[0].GroupID={said.number}",
        f"Events[0].UTC={seconds}",
        f"Events[0].RealUTC={seconds}",
        f"Events[0].UTCMS={said.at.microsecond // 1000}",
        f"Events[0].TrafficCar.PlateNumber={said.plate}",
        f"Events[0].PlateInfo.FrontPlateNumber={said.plate}",
        f"Events[0].CarWeightInfo.TotalWeight={said.kg}",
    )
    return Shot(content_type="text/plain", body="\r\n".join(lines).encode())
