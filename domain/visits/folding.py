"""Visits as events leave them."""

from dataclasses import replace

from domain.visits.events import (
    VisitAnomalyAccounted,
    VisitAnomalyExplained,
    VisitAnomalyFound,
    VisitClosed,
    VisitContinued,
    VisitOpened,
)
from domain.visits.model import Visit


def begin(_: Visit | None, event: VisitOpened) -> Visit:
    """Return the visit that was opened."""
    return event.visit


def go_on(before: Visit, event: VisitContinued) -> Visit:
    """Return the visit with what more is known of it."""
    known = before.with_facts(event.points, event.pairs, event.weights, event.heard_at)
    return known.without(event.parted, event.mistaken) if event.parted or event.mistaken else known


def find(before: Visit, event: VisitAnomalyFound) -> Visit:
    """Return the visit with an anomaly; that of an earlier time is told anew."""
    return before.with_anomaly(event.anomaly)


def explain(before: Visit, event: VisitAnomalyExplained) -> Visit:
    """Return the visit with an anomaly explained."""
    known = before.anomaly(event.key)
    return before if known is None else before.with_anomaly(replace(known, explained_at=event.explained_at))


def account(before: Visit, event: VisitAnomalyAccounted) -> Visit:
    """Return the visit with the reason of an anomaly."""
    known = before.anomaly(event.key)
    if known is None:
        return before
    told = replace(known, accounted_by=event.accounted_by, accounted_at=event.accounted_at, reason=event.reason)
    return before.with_anomaly(told)


def close(before: Visit, event: VisitClosed) -> Visit:
    """Return the visit as over."""
    return replace(
        before,
        state=event.state,
        closed_at=event.closed_at,
        closed_by=event.closed_by,
        reason=event.reason,
        joined_into=event.joined_into,
    )
