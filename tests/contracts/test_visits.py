"""Visits in every adapter: whatever is known of them comes back as it was put on record."""

from datetime import timedelta

from domain.shared.views import Window
from domain.visits.events import VisitAnomalyFound, VisitContinued, VisitOpened
from domain.visits.model import Anomaly, AnomalyKind, Pair, Visit, VisitState, Weight
from tests.contracts.backends import Node
from tests.samples import MORNING, NODE, new_id
from tests.terminals import point


async def test_a_visit_is_shown_with_all_that_is_known_of_it(node: Node) -> None:
    seen, drawn = point("gate", 0), point("gate", 0.05, "LU5533P")
    visit = Visit(
        id=new_id(),
        node=NODE,
        direction="outbound",
        tractor=seen.folded,
        checkpoint="gate",
        opened_at=seen.at,
        last_at=seen.at,
        heard_at=MORNING,
        points=(seen,),
    )
    more = VisitContinued(
        visit_id=visit.id,
        heard_at=MORNING + timedelta(minutes=1),
        points=(drawn,),
        pairs=(Pair(tractor=seen.id, trailer=drawn.id),),
        weights=(Weight(id=new_id(), registration_id=seen.id, gross_kg=38_000.0),),
    )
    late = Anomaly(kind=AnomalyKind.TOO_SLOW, checkpoint="gate", plate=seen.plate, found_at=MORNING, as_of=MORNING)
    await node.record(VisitOpened(visit=visit), more)
    known = visit.with_facts(more.points, more.pairs, more.weights, more.heard_at)
    assert await node.views.entity(Visit, visit.id) == known
    assert not (await node.views.entities(Visit, Window(limit=5), overdue=True)).items
    plates = await node.ask(lambda change: change.entities.column(Visit, "plates", 5, node=NODE, state=VisitState.OPEN))
    assert plates == {visit.id: " ".join(sorted((seen.folded, drawn.folded)))}
    assert not await node.ask(lambda change: change.entities.column(Visit, "plates", 5, node="elsewhere"))

    await node.record(VisitAnomalyFound(visit_id=visit.id, anomaly=late, registration_id=seen.id, late=False))
    for wanted in ({"overdue": True}, {"tractor": seen.folded, "state": VisitState.OPEN}, {"trailer": drawn.folded}):
        page = await node.views.entities(Visit, Window(limit=5), node=NODE, **wanted)
        assert list(page.items) == [known.with_anomaly(late)]
