"""The ways through a site, as pure functions of its checkpoints and legs."""

from datetime import timedelta

from domain.organisation.graph import Graph
from domain.organisation.layout import Checkpoint, CheckpointKind, Leg, Requirement
from domain.organisation.traffic import VehicleClass
from tests.samples import MORNING

TRUCKS = (Requirement(direction="inbound", classes=(VehicleClass.TRUCK,)),)
ALL = (Requirement(direction="inbound"),)


def point(code: str, kind: CheckpointKind, *required: Requirement) -> Checkpoint:
    return Checkpoint(site="koroszczyn", code=code, kind=kind, required=required)


def leg(origin: str, target: str, minutes: int | None = None, direction: str = "inbound") -> Leg:
    longest = None if minutes is None else timedelta(minutes=minutes)
    return Leg(site="koroszczyn", origin=origin, target=target, direction=direction, longest=longest)


POINTS = (
    point("border", CheckpointKind.BORDER),
    point("road", CheckpointKind.CUSTOMS_ROAD, *ALL),
    point("scale-1", CheckpointKind.WEIGHING, *TRUCKS),
    point("scale-2", CheckpointKind.WEIGHING, *TRUCKS),
    point("xray", CheckpointKind.XRAY),
    point("gate", CheckpointKind.GATE, *ALL),
)
LEGS = (
    leg("border", "road", 5),
    leg("road", "scale-1", 10),
    leg("road", "scale-2", 10),
    leg("road", "gate", 40),
    leg("scale-1", "xray"),
    leg("scale-2", "xray"),
    leg("scale-1", "gate", 20),
    leg("scale-2", "gate", 20),
    leg("xray", "gate", 20),
    leg("xray", "scale-1"),
    leg("gate", "border", 30, "outbound"),
)
GRAPH = Graph.of(POINTS, LEGS)


def test_what_may_come_next() -> None:
    assert GRAPH.following("road", "inbound") == ("gate", "scale-1", "scale-2")
    assert GRAPH.following("gate", "inbound") == ()
    assert GRAPH.is_step("gate", "border", "outbound")
    assert not GRAPH.is_step("gate", "border", "inbound")
    assert (GRAPH.entrances("inbound"), GRAPH.exits("inbound")) == (("border",), ("gate",))
    assert (GRAPH.entrances("outbound"), GRAPH.exits("outbound")) == (("gate",), ("border",))


def test_what_was_skipped_is_what_such_a_vehicle_had_to_pass() -> None:
    assert GRAPH.skipped("border", "gate", "inbound", VehicleClass.TRUCK) == ("road", "scale-1")
    assert GRAPH.skipped("road", "gate", "inbound", VehicleClass.TRUCK) == ("scale-1",)
    assert GRAPH.skipped("road", "gate", "inbound", VehicleClass.CAR) == ()
    assert GRAPH.skipped("border", "gate", "inbound") == ("road",)
    assert GRAPH.skipped("gate", "road", "inbound", VehicleClass.TRUCK) == ()


def test_how_long_it_may_take() -> None:
    assert GRAPH.longest("border", "scale-2", "inbound") == timedelta(minutes=15)
    assert GRAPH.longest("road", "xray", "inbound") is None
    assert GRAPH.longest("gate", "xray", "inbound") is None


def test_what_has_ended_is_no_way() -> None:
    ended = Leg(site="koroszczyn", origin="border", target="gate", direction="inbound", ended_at=MORNING)
    gone = Checkpoint(site="koroszczyn", code="desk", kind=CheckpointKind.DESK, ended_at=MORNING)
    graph = Graph.of((*POINTS, gone), (ended, leg("border", "desk"), leg("border", "nowhere"), leg("border", "xray")))
    assert graph.following("border", "inbound") == ("xray",)
    assert "desk" not in graph.checkpoints
