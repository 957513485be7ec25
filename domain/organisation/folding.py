"""The organisation as events leave it."""

from dataclasses import replace
from typing import TypeVar

from domain.organisation.events import (
    CheckpointSet,
    LaneSet,
    LegSet,
    PermittedTrafficEnded,
    PostSet,
    SiteSet,
    TrafficPermitted,
    UnitSet,
)
from domain.organisation.layout import FORMS_MAX, Checkpoint, Lane, Leg
from domain.organisation.places import Post, Site, Unit
from domain.organisation.traffic import PermittedTraffic

P = TypeVar("P", Checkpoint, Leg)


def unit(_: Unit | None, event: UnitSet) -> Unit:
    """Return a unit as it is now."""
    return event.unit


def post(_: Post | None, event: PostSet) -> Post:
    """Return a post as it is now."""
    return event.post


def site(_: Site | None, event: SiteSet) -> Site:
    """Return a site as it is now."""
    return event.site


def lane(_: Lane | None, event: LaneSet) -> Lane:
    """Return a lane as it is now."""
    return event.lane


def checkpoint(before: Checkpoint | None, event: CheckpointSet) -> Checkpoint:
    """Return a checkpoint as it is now, with how it was before."""
    return replace(event.checkpoint, earlier=() if before is None else _earlier(before))


def leg(before: Leg | None, event: LegSet) -> Leg:
    """Return a leg as it is now, with how it was before."""
    return replace(event.leg, earlier=() if before is None else _earlier(before))


def permit(_: PermittedTraffic | None, event: TrafficPermitted) -> PermittedTraffic:
    """Return what was decided."""
    return event.permitted


def end(before: PermittedTraffic, event: PermittedTrafficEnded) -> PermittedTraffic:
    """Return what was decided, with its end."""
    return before.ended(event.valid_until)


def _earlier(before: P) -> tuple[P, ...]:
    """Return how a part was until now: the first form, by which a plan was laid out, and the newest of the others."""
    forms: tuple[P, ...] = (*before.earlier, replace(before, earlier=()))
    return forms if len(forms) <= FORMS_MAX else forms[:1] + forms[1 - FORMS_MAX :]
