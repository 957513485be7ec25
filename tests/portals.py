"""What scales and portals say, with all fields filled; each test names only the fields it is about."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from domain.identifiers.plates import plate
from domain.registrations.events import TrainSeen, WeighingTaken
from domain.registrations.measurements import Measurement, Weight
from domain.registrations.model import TrainSighting
from domain.registrations.readings import CodeRead
from tests.samples import MORNING, NODE, new_id


def train_seen(**fields: Any) -> TrainSeen:
    """Return that a portal saw a train pass."""
    sighting = TrainSighting(
        id=new_id(),
        node=NODE,
        device="portal-1",
        vendor_id="4711/1",
        lane="track-2",
        checkpoint="yard-1",
        train="4711",
        track="2",
        began_at=MORNING,
        ended_at=MORNING + timedelta(minutes=3),
        received_at=MORNING + timedelta(minutes=4),
        late=False,
    )
    return TrainSeen(sighting=replace(sighting, **fields))


def measurement(**fields: Any) -> Measurement:
    """Return what a scale weighed."""
    return replace(
        Measurement(
            id=new_id(),
            node=NODE,
            device="scale-1",
            vendor_id="weighing-1",
            lane="lane-1",
            checkpoint="gate-1",
            at=MORNING,
            device_time=MORNING,
            received_at=MORNING + timedelta(seconds=1),
            late=False,
            plates=(plate("WA 12345", "PL"),),
            weight=Weight(gross_kg=39_850.5, axles_kg=(7_000.0, 11_000.0), limit_kg=40_000.0),
            passage_id=new_id(),
            registration_id=new_id(),
        ),
        **fields,
    )


def weighing_taken(**fields: Any) -> WeighingTaken:
    """Return that a scale weighed something."""
    return WeighingTaken(measurement=measurement(**fields), label="WGM1234")


def code_read(code: str = "31 51 5385 001-2", **fields: Any) -> CodeRead:
    """Return what a portal says of a wagon; each time with another id of the vendor's."""
    return replace(
        CodeRead(
            vendor_id=f"vendor-{new_id()}",
            kind="wagon",
            code=code,
            confidence=0.9,
            train="4711",
            track="2",
            position=None,
            device_time=MORNING,
            retransmitted=False,
        ),
        **fields,
    )
