"""Dahua and its OEMs: the four encodings, each with a payload that a camera sent or the vendor documents."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.devices.formats import FORMATS
from domain.registrations.readings import Picture, Push, PushContent, PushUnreadable, Seen, Weighed

DAHUA = FORMATS["dahua"]
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\xff\xd9"
STREAM = "multipart/x-mixed-replace; boundary=myboundary"
ONE = b"Events[0].TrafficCar.PlateNumber=PO1\n"


def read(body: bytes, content_type: str = "text/plain") -> PushContent:
    return DAHUA.read(Push(content_type=content_type, body=body))


def read_json(message: Any) -> PushContent:
    return read(json.dumps(message).encode(), "application/json")


def reason(body: bytes, content_type: str = "text/plain") -> str:
    with pytest.raises(PushUnreadable) as refused:
        read(body, content_type)
    return refused.value.reason


def stream(*parts: tuple[str, bytes]) -> bytes:
    return b"".join(
        f"--myboundary\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content + b"\r\n"
        for kind, content in parts
    )


def line(code: str = "TrafficJunction", **data: Any) -> bytes:
    return f"Code={code};action=Pulse;index=0;data={json.dumps(data, indent=3)}\n".encode()


def car(plate: str = "PO1", **more: Any) -> dict[str, Any]:
    return {"TrafficCar": {"PlateNumber": plate}, **more}


@pytest.fixture
def rpc(payload: Callable[[str], bytes]) -> Any:
    """Source: YutthapoomSa/dahua-api, ``text.js``."""
    return json.loads(payload("dahua_rpc_junction.json"))


def test_an_event_of_snap_manager(payload: Callable[[str], bytes]) -> None:
    """Source: hysios/dhhttp, ``samples/retrograde.txt``."""
    [seen] = read(payload("dahua_snap_retrograde.txt")).seen
    assert seen == Seen(
        vendor_id=seen.vendor_id,
        plate="粤MTU952",
        country="CHN",
        confidence=0.0,
        candidates=(),
        device_time=None,
        direction="Approach",
        vehicle_type="LargeTruck",
        make=None,
        colour="Gray",
        retransmitted=False,
    )


def test_an_event_without_a_plate(rpc: Any) -> None:
    with pytest.raises(PushUnreadable) as refused:
        read_json(rpc)
    assert refused.value.reason == "missing_field"


def test_an_event_of_rpc_with_a_plate(rpc: Any) -> None:
    event = rpc["params"]["eventList"][0]["Data"]
    event["TrafficCar"]["PlateNumber"] = "PO1"
    event["Object"]["Confidence"] = 87
    [seen] = read_json(rpc).seen
    assert (seen.plate, seen.confidence, seen.direction, seen.colour) == ("PO1", 0.87, "Leave", "Blue")
    assert seen.vehicle_type == "NoMannedConvertibleTricycle"


def test_the_time_is_that_of_real_utc(rpc: Any) -> None:
    """What the camera calls UTC is seven hours ahead: its local time."""
    event = rpc["params"]["eventList"][0]["Data"]
    event["TrafficCar"]["PlateNumber"] = "PO1"
    assert event["UTC"] - event["RealUTC"] == 7 * 3600
    [seen] = read_json(rpc).seen
    assert seen.device_time == datetime(2024, 1, 30, 7, 34, 55, 305000, tzinfo=UTC)
    del event["RealUTC"]
    [seen] = read_json(rpc).seen
    assert seen.device_time is None


def test_an_event_of_event_manager_that_is_no_vehicle(payload: Callable[[str], bytes]) -> None:
    """Source: rroller/dahua, issue 215."""
    assert reason(payload("dahua_event_human_trait.txt")) == "unsupported_event"


def test_the_same_event_in_a_line_of_event_manager(rpc: Any) -> None:
    """The line is that of rroller/dahua, issue 215, the data that of YutthapoomSa/dahua-api."""
    told = rpc["params"]["eventList"][0]
    told["Data"]["TrafficCar"]["PlateNumber"] = "PO1"
    assert read(line(**told["Data"])).seen == read_json(rpc).seen


def test_several_lines_in_a_body() -> None:
    body = b"Heartbeat\n" + line(**car("PO1")) + b"\n" + line("VideoMotion") + line(**car("PO2")) + b"Heartbeat\r\n"
    assert [seen.plate for seen in read(body).seen] == ["PO1", "PO2"]


def test_several_events_of_values_in_a_body() -> None:
    body = ONE + b"Events[1].TrafficCar.PlateNumber=Unknown\r\nReturnEvents[2].Object.Text=PO3\r\nEvents[3].Code=X\n"
    assert [seen.plate for seen in read(body).seen] == ["PO1", "PO3"]


def test_a_piece_of_a_stream_with_pictures(payload: Callable[[str], bytes]) -> None:
    body = stream(
        ("text/plain", b"Heartbeat"),
        ("text/plain", payload("dahua_snap_retrograde.txt")),
        ("image/jpeg", JPEG),
        ("image/jpeg", JPEG + b"2"),
        ("application/octet-stream", b"?"),
    )
    content = read(body, STREAM)
    assert [seen.plate for seen in content.seen] == ["粤MTU952"]
    assert content.pictures == (
        Picture(shows="unknown", content=JPEG),
        Picture(shows="unknown", content=JPEG + b"2"),
    )


def test_a_picture_that_is_cut_off_does_not_cost_the_plate() -> None:
    body = stream(("text/plain", ONE), ("image/jpeg", JPEG))[:-8]
    content = read(body, STREAM)
    assert (content.seen[0].plate, content.pictures, content.unread) == ("PO1", (), None)


def test_a_stream_that_is_cut_off_in_an_event_says_that_it_is() -> None:
    content = read(stream(("text/plain", ONE), ("text/plain", ONE))[:-8], STREAM)
    assert [seen.plate for seen in content.seen] == ["PO1"]
    assert content.unread is not None
    assert content.unread.reason == "malformed"


@pytest.mark.parametrize(
    "body",
    [
        stream(("text/plain", ONE), ("application/json", b"[]"), ("text/plain", line(**car("PO2")))),
        stream(("application/json", b"{"), ("text/plain", ONE), ("text/plain", line(**car("PO2")))),
        stream(("text/plain", ONE), ("text/plain", b"\xff"), ("text/plain", line(**car("PO2")))),
        stream(("text/plain", ONE), ("text/plain", b"Code=TrafficJunction;data={broken}\n" + line(**car("PO2")))),
        stream(("text/plain", ONE + b"Events[1].UTC=soon"), ("text/plain", line(**car("PO2")))),
    ],
)
def test_what_is_malformed_does_not_cost_what_stands_beside_it(body: bytes) -> None:
    content = read(body, STREAM)
    assert [seen.plate for seen in content.seen] == ["PO1", "PO2"]
    assert content.unread is not None
    assert content.unread.reason == "malformed"


def test_what_is_malformed_is_told_where_nothing_else_tells_of_a_vehicle() -> None:
    assert reason(stream(("text/plain", b"Code=VideoMotion"), ("application/json", b"[]")), STREAM) == "malformed"
    assert reason(stream(("text/plain", b"Heartbeat"), ("application/json", b"[]")), STREAM) == "malformed"


def test_a_heartbeat_does_not_hide_what_is_cut_off_behind_it() -> None:
    assert reason(stream(("text/plain", b"Heartbeat"), ("text/plain", ONE))[:-8], STREAM) == "malformed"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"Heartbeat", "text/plain"),
        (b"Heartbeat\r\n\r\n", "text/plain"),
        (stream(("text/plain", b"Heartbeat")), STREAM),
        (b'{"Active": "keepAlive", "DeviceID": "8M049B2PAJF3085"}', "application/json"),
        (b'{"method": "global.keepAlive", "params": {"timeout": 60}, "id": 7}', "application/json"),
    ],
)
def test_signs_of_life(body: bytes, content_type: str) -> None:
    assert read(body, content_type) == PushContent(heartbeat=True)


def test_a_message_of_itsapi() -> None:
    """Of the fields that madcat1991/safewheels-dahua, ``app/core/anpr.py``, reads; no whole message is public."""
    picture = base64.b64encode(JPEG).decode()
    content = read_json(
        {
            "Picture": {
                "Plate": {"PlateNumber": "PO1", "Confidence": 95, "IsExist": True, "Region": "POL", "UploadNum": 1},
                "Vehicle": {"VehicleColor": "Black", "VehicleSign": "Volvo", "VehicleType": "Truck"},
                "SnapInfo": {"AccurateTime": "2024-02-20 14:30:45.123", "Direction": "Obverse", "TimeZone": 1},
                "NormalPic": {"Content": picture, "PicName": "a.jpg"},
                "CutoutPic": {"Content": picture, "PicName": "b.jpg"},
                "VehiclePic": {"Content": "?", "PicName": "c.jpg"},
            }
        }
    )
    [seen] = content.seen
    assert (seen.plate, seen.country, seen.confidence, seen.direction) == ("PO1", "POL", 0.95, "Obverse")
    assert (seen.vehicle_type, seen.make, seen.colour, seen.device_time) == ("Truck", "Volvo", "Black", None)
    assert seen.vendor_id is not None
    assert [picture.shows for picture in content.pictures] == ["scene", "plate"]


@pytest.mark.parametrize(
    "message",
    [
        {"Code": "TrafficJunction", **car()},
        {"Code": "TrafficJunction", "Action": "Pulse", "Data": car()},
        {"Events": [car(), {"Code": "VideoMotion"}]},
    ],
)
def test_other_messages(message: Any) -> None:
    assert [seen.plate for seen in read_json(message).seen] == ["PO1"]


def test_a_weight(payload: Callable[[str], bytes]) -> None:
    """Source: Dahua's HTTP API, section 10.1.8. Its gross mass is less than that of its axles."""
    content = read(payload("dahua_snap_weighing.txt"))
    [weighed] = content.weighed
    assert weighed == Weighed(
        vendor_id=weighed.vendor_id,
        device_time=None,
        plate="AC00003",
        rear_plate="AC00004",
        country=None,
        gross_kg=3000,
        axles_kg=(3000, 5000, 8000),
        axle_distances_m=(3.5, 1.8),
        limit_kg=50000,
        speed_kmh=80,
        length_m=40.96,
        width_m=40.96,
        height_m=40.96,
        direction="Obverse",
        retransmitted=False,
    )
    assert content.seen == ()


def test_a_weight_without_a_plate_and_a_total() -> None:
    weight = {"AxleNum": 3, "AxleWeightInfo": [6000, 0, 9000, 0, 0, 0, 0, 0], "AxleLengthInfo": [3500, 1300, 0, 0]}
    [weighed] = read(line("TrafficCarMeasurement", CarWeightInfo=weight, RealUTC=1706600095)).weighed
    assert (weighed.plate, weighed.gross_kg, weighed.axles_kg) == (None, 15000, (6000, 0, 9000))
    assert (weighed.axle_distances_m, weighed.limit_kg, weighed.speed_kmh) == ((3.5, 1.3), None, None)
    assert weighed.device_time == datetime(2024, 1, 30, 7, 34, 55, tzinfo=UTC)


def test_a_measurement_that_weighed_nothing_is_a_sighting_of_both_plates() -> None:
    plates = {"FrontPlateNumber": "PO1", "BackPlateNumber": "PO2"}
    weight = {"AxleNum": 0, "AxleWeightInfo": [0, 0], "TotalWeight": 0}
    content = read(line("TrafficCarMeasurement", PlateInfo=plates, CarWeightInfo=weight, **car("PO1")))
    assert ([seen.plate for seen in content.seen], content.weighed) == (["PO1", "PO2"], ())


def test_the_id_tells_observations_apart() -> None:
    ids = {
        read(line(**car(**fields))).seen[0].vendor_id
        for fields in ({}, {"EventID": 1}, {"EventID": 2}, {"EventID": 1, "GroupID": 2}, {"EventID": 1, "UTC": 3})
    }
    assert (len(ids), None in ids) == (5, True)
    assert read(line(**car(EventID=1))).seen == read(line(**car(EventID=1))).seen


@pytest.mark.parametrize("plate", ["", " ", "Unknown", "unlicensed", "--", "无牌车"])
def test_what_is_no_plate(plate: str) -> None:
    assert reason(line(**car(plate))) == "missing_field"


def test_the_text_of_an_object_is_a_plate_only_when_it_says_so() -> None:
    assert reason(line(Object={"ObjectType": "Vehicle", "Text": "Toyota"})) == "missing_field"
    assert read(line(Object={"ObjectType": "Plate", "Text": "PO1", "Confidence": 160})).seen[0].confidence == 1.0


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"", "text/plain", "missing_field"),
        (b"nonsense", "text/plain", "missing_field"),
        (b"Code=VideoMotion;action=Start;index=0", "text/plain", "unsupported_event"),
        (b"Code=TrafficJunction;action=Pulse;index=0", "text/plain", "missing_field"),
        (b"Code=TrafficJunction;action=Pulse;data={broken}", "text/plain", "malformed"),
        (b"Code=TrafficJunction;action=Pulse;data={", "text/plain", "malformed"),
        (ONE + b"Events[0].UTC=soon", "text/plain", "malformed"),
        (ONE + b"Events[0].CarWeightInfo.TotalWeight=-1", "text/plain", "malformed"),
        (ONE + b"Events[0].CarWeightInfo.TotalWeight=nan", "text/plain", "malformed"),
        (ONE + b"Events[0].CarWeightInfo.TotalWeight=inf", "text/plain", "malformed"),
        (b"Events[0].TrafficCar.PlateNumber=P\x00", "text/plain", "malformed"),
        (b"Events[0].TrafficCar.PlateNumber=\xff", "text/plain", "malformed"),
        (b"{}", "application/json", "missing_field"),
        (b"[]", "application/json", "malformed"),
        (b'{"Picture": {}}', "application/json", "missing_field"),
        (line(**car()) * 257, "text/plain", "too_large"),
        (stream(*[("text/plain", b"x" * 300_000)] * 2), STREAM, "too_large"),
        (b"--other\r\n\r\n", STREAM, "malformed"),
        (stream(("image/jpeg", JPEG)), STREAM, "missing_field"),
        (b"", "text/xml", "content_type"),
    ],
)
def test_what_cannot_be_read(body: bytes, content_type: str, expected: str) -> None:
    assert reason(body, content_type) == expected


def test_values_that_are_put_oddly_are_passed_over() -> None:
    body = (
        b"Events[0].TrafficCar=1\nEvents[0].TrafficCar.PlateNumber[0]=X\nEvents[0].TrafficCar.PlateNumber=PO1\n"
        b"Events[0].TrafficCar.PlateNumber[0]=X\nEvents[0].GroupID=\nEvents[999999999].Code=X\n"
        b"Events[0].a.b.c.d=1\nEvents[0].=1\nEvents[].x=1\nEvents[0].TrafficCar.DrivingDirection[7]=Leave\n"
    )
    [seen] = read(body).seen
    assert (seen.plate, seen.direction) == ("PO1", "Leave")


letters = st.characters(codec="utf-8", categories=("L", "N"))
no_plate = {"unknown", "noplate", "无牌", "无牌车", "无车牌"}
words = st.text(letters, min_size=1, max_size=8).filter(lambda word: word.lower() not in no_plate)
amounts = st.integers(0, 10**6)
dahua_events = st.fixed_dictionaries(
    {"TrafficCar": st.fixed_dictionaries({"PlateNumber": words}, optional={"VehicleColor": words, "Country": words})},
    optional={
        "GroupID": amounts,
        "UTC": amounts,
        "UTCMS": st.integers(0, 999),
        "RealUTC": st.integers(10**9, 2 * 10**9),
        "JunctionDirection": st.sampled_from(["Obverse", "Reverse"]),
        "Vehicle": st.fixed_dictionaries({"Category": words}),
        "PlateInfo": st.fixed_dictionaries({}, optional={"FrontPlateNumber": words, "BackPlateNumber": words}),
        "RadarInfo": st.fixed_dictionaries({"VehLength": amounts}),
        "CarWeightInfo": st.fixed_dictionaries(
            {"AxleWeightInfo": st.lists(amounts, min_size=1, max_size=8), "TotalWeight": amounts},
            optional={"AxleNum": st.integers(0, 8)},
        ),
    },
)


def values(data: Any, path: str) -> str:
    if isinstance(data, dict):
        return "".join(values(inner, f"{path}.{name}") for name, inner in data.items())
    if isinstance(data, list):
        return "".join(values(inner, f"{path}[{index}]") for index, inner in enumerate(data))
    return f"{path}={data}\n"


@given(st.lists(dahua_events, min_size=1, max_size=3))
def test_the_encoding_does_not_matter(events: list[dict[str, Any]]) -> None:
    code = "TrafficJunction"
    lines = read(b"".join(line(code, **event) for event in events))
    rpc = {"params": {"eventList": [{"Code": code, "Data": event} for event in events]}}
    text = "".join(values({"EventBaseInfo": {"Code": code}, **event}, f"Events[{i}]") for i, event in enumerate(events))
    assert lines == read_json(rpc) == read_json({"Events": events}) == read(text.encode())
