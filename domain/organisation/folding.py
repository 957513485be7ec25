"""The organisation as events leave it."""

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
from domain.organisation.layout import Checkpoint, Lane, Leg
from domain.organisation.places import Post, Site, Unit
from domain.organisation.traffic import PermittedTraffic


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


def checkpoint(_: Checkpoint | None, event: CheckpointSet) -> Checkpoint:
    """Return a checkpoint as it is now."""
    return event.checkpoint


def leg(_: Leg | None, event: LegSet) -> Leg:
    """Return a leg as it is now."""
    return event.leg


def permit(_: PermittedTraffic | None, event: TrafficPermitted) -> PermittedTraffic:
    """Return what was decided."""
    return event.permitted


def end(before: PermittedTraffic, event: PermittedTrafficEnded) -> PermittedTraffic:
    """Return what was decided, with its end."""
    return before.ended(event.valid_until)
