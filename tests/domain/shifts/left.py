"""A train and a visit as a shift may leave them."""

from domain.trains.model import Train, TrainState
from domain.visits.model import Anomaly, Point, Visit
from tests.samples import MORNING, new_id


def visit(*anomalies: Anomaly) -> Visit:
    """Return a visit with these anomalies."""
    point = Point(id=new_id(), checkpoint="gate", at=MORNING, direction="outbound", plate="PO1", folded="PO1")
    return Visit(
        id=new_id(),
        node="dorohusk",
        direction="outbound",
        tractor="PO1",
        checkpoint="gate",
        opened_at=MORNING,
        last_at=MORNING,
        heard_at=MORNING,
        points=(point,),
        anomalies=anomalies,
    )


def train(state: TrainState) -> Train:
    """Return a train that has come so far."""
    return Train(
        id=new_id(),
        node="dorohusk",
        number="4711",
        direction="inbound",
        track="2",
        expected_at=MORNING,
        wagons=(),
        declared_by="anna",
        declared_at=MORNING,
        state=state,
    )
