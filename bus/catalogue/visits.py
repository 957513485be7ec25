"""Messages of visits."""

from bus.catalogue.entries import FACTS, EntityEntry, Reaction, Shows, always, command, event
from domain.alarms.visits import end_for_visit, raise_for_visit
from domain.visits import folding
from domain.visits.commands import AccountForAnomaly, CloseVisit, WatchVisits
from domain.visits.events import (
    VisitAnomalyAccounted,
    VisitAnomalyExplained,
    VisitAnomalyFound,
    VisitClosed,
    VisitContinued,
    VisitOpened,
)
from domain.visits.handlers import account_for_anomaly, close_visit, watch_visits
from domain.visits.model import Visit

COMMANDS = (
    command(CloseVisit, close_visit, Visit, lambda c, _: c.visit_id),
    command(AccountForAnomaly, account_for_anomaly, Visit, lambda c, _: c.visit_id),
    command(WatchVisits, watch_visits, None, lambda *_: "visits"),
)

EVENTS = (
    event(
        "VisitOpened",
        VisitOpened,
        always(FACTS),
        Shows(
            entity=Visit,
            key=lambda e: e.visit.id,
            fold=folding.begin,
            begins=True,
            erased_with=lambda e: tuple(point.id for point in e.visit.points),
        ),
    ),
    event(
        "VisitContinued",
        VisitContinued,
        always(FACTS),
        Shows(
            entity=Visit,
            key=lambda e: e.visit_id,
            fold=folding.go_on,
            erased_with=lambda e: tuple(point.id for point in e.points),
        ),
    ),
    event(
        "VisitAnomalyFound",
        VisitAnomalyFound,
        always(FACTS),
        Shows(entity=Visit, key=lambda e: e.visit_id, fold=folding.find, erased_with=lambda e: (e.registration_id,)),
        raise_alarms=Reaction(handler=raise_for_visit, when=lambda _: True),
    ),
    event(
        "VisitAnomalyExplained",
        VisitAnomalyExplained,
        always(FACTS),
        Shows(entity=Visit, key=lambda e: e.visit_id, fold=folding.explain),
        end_alarms=Reaction(handler=end_for_visit, when=lambda _: True),
    ),
    event(
        "VisitAnomalyAccounted",
        VisitAnomalyAccounted,
        always(FACTS),
        Shows(entity=Visit, key=lambda e: e.visit_id, fold=folding.account),
    ),
    event("VisitClosed", VisitClosed, always(FACTS), Shows(entity=Visit, key=lambda e: e.visit_id, fold=folding.close)),
)

ENTITIES: tuple[EntityEntry, ...] = (
    EntityEntry(
        type=Visit,
        table="visit",
        columns={
            "state": "text",
            "direction": "text",
            "tractor": "text",
            "trailer": "text",
            "checkpoint": "text",
            "last_at": "instant",
            "overdue": "flag",
            "plates": "text",
        },
        indexes=(("node",), ("node", "state"), ("node", "tractor"), ("node", "trailer"), ("state",)),
    ),
)
