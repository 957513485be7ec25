"""Visits over GraphQL."""

from datetime import timedelta
from pathlib import Path

from domain.organisation.events import Leg, LegSet
from domain.shared.actors import Role
from domain.visits.events import VisitAnomalyFound, VisitOpened
from domain.visits.model import Anomaly, AnomalyKind, Visit
from tests.api.nodes import Node, key, memory_node
from tests.samples import MORNING, new_id
from tests.terminals import point

LIST = """{ visits(state: OPEN, overdue: true, first: 5) { edges { node {
  id plate checkpoint nextCheckpoints overdue points { checkpoint plate } anomalies { key kind detail }
} } } }"""
ONE = "query ($id: ID!) { visit(id: $id) { state } node(id: $id) { __typename } }"
ACCOUNT = """mutation ($input: VisitAnomalyAccountInput!) { visitAnomalyAccount(input: $input) {
  __typename ... on VisitSuccess { visit { anomalies { accountedBy reason } } } ... on Problem { code path }
} }"""
CLOSE = """mutation ($input: VisitCloseInput!) { visitClose(input: $input) {
  __typename ... on VisitSuccess { visit { state reason nextCheckpoints } } ... on Problem { code path }
} }"""


async def overdue_visit(site: Node) -> None:
    seen = point("gate", 0)
    visit = Visit(
        id=new_id(),
        node=site.doors.node,
        direction="outbound",
        tractor=seen.folded,
        checkpoint="gate",
        opened_at=seen.at,
        last_at=seen.at,
        heard_at=MORNING,
        points=(seen,),
    )
    late = Anomaly(kind=AnomalyKind.TOO_SLOW, checkpoint="gate", detail="> 10 min", plate=seen.plate, found_at=MORNING)
    leg = Leg(
        id=new_id(),
        site=site.doors.node,
        origin="gate",
        target="scale",
        direction="outbound",
        longest=timedelta(minutes=10),
    )
    await site.record(
        LegSet(leg=leg, set_by="jan", set_at=MORNING),
        VisitOpened(visit=visit),
        VisitAnomalyFound(visit_id=visit.id, anomaly=late, registration_id=seen.id, late=False),
    )


async def test_who_is_overdue_is_shown_accounted_for_and_closed(tmp_path: Path) -> None:
    site = memory_node(tmp_path)
    await overdue_visit(site)

    (edge,) = (await site.ask(LIST, Role.ANALYST))["visits"]["edges"]
    visit = edge["node"]
    of = {"visitId": visit.pop("id"), "reason": "awaria szlabanu"}
    assert visit == {
        "plate": "WGM1A23",
        "checkpoint": "gate",
        "nextCheckpoints": ["scale"],
        "overdue": True,
        "points": [{"checkpoint": "gate", "plate": "WGM1A23"}],
        "anomalies": [{"key": "too_slow:gate", "kind": "TOO_SLOW", "detail": "> 10 min"}],
    }
    wish = of | {"idempotencyKey": key(), "key": "too_slow:gate"}
    (told,) = (await site.ask(ACCOUNT, Role.OFFICER, input=wish))["visitAnomalyAccount"]["visit"]["anomalies"]
    assert told["reason"] == "awaria szlabanu"
    closed = (await site.ask(CLOSE, Role.OFFICER, input=of | {"idempotencyKey": key()}))["visitClose"]["visit"]
    assert closed == {"state": "CLOSED", "reason": "awaria szlabanu", "nextCheckpoints": []}
    one = await site.ask(ONE, Role.ANALYST, id=of["visitId"])
    assert one == {"visit": {"state": "CLOSED"}, "node": {"__typename": "Visit"}}
    again = (await site.ask(CLOSE, Role.OFFICER, input=of | {"idempotencyKey": key()}))["visitClose"]
    assert again["code"] == "VISIT_OVER"
