"""What happens in the organisation.

The events travel down: on the feed of the site they concern, and those of units, posts and traffic to everybody. The
values that the events carry, and the plan of a site, are offered here too, for the modules that ask for them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.organisation.graph import Graph
from domain.organisation.layout import Checkpoint, CheckpointKind, Lane, Leg, Requirement
from domain.organisation.model import Device, View
from domain.organisation.places import Position, Post, Site, Subsystem, Unit
from domain.organisation.plan import Plan
from domain.organisation.traffic import (
    Objection,
    PermittedTraffic,
    Reason,
    Traffic,
    TrafficKind,
    VehicleClass,
    reasons_against,
)
from domain.shared.messages import Event

__all__ = [
    "Checkpoint",
    "CheckpointKind",
    "CheckpointSet",
    "DeviceAdjusted",
    "DeviceEnrolled",
    "DeviceKeyRenewed",
    "DeviceWithdrawn",
    "Graph",
    "Lane",
    "LaneSet",
    "Leg",
    "LegSet",
    "Objection",
    "PermittedTraffic",
    "PermittedTrafficEnded",
    "Plan",
    "Position",
    "Post",
    "PostSet",
    "Reason",
    "Requirement",
    "Site",
    "SiteSet",
    "Subsystem",
    "Traffic",
    "TrafficKind",
    "TrafficPermitted",
    "Unit",
    "UnitSet",
    "VehicleClass",
    "reasons_against",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceEnrolled(Event):
    """A device was put on the books of a site and may push from now on."""

    device: Device


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceKeyRenewed(Event):
    """A device proves itself with another key from now on, and no longer with the one it had."""

    code: str
    site: str
    key_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceWithdrawn(Event):
    """A device was taken out of service: it may not push any more."""

    code: str
    site: str
    reason: str
    withdrawn_by: str
    withdrawn_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceAdjusted(Event):
    """What a device sees, what its words for a direction mean, and when it is silent: all three as they are now.

    Attributes:
        merge_window: how near its readings of one vehicle are from now on; None: as before.
    """

    code: str
    site: str
    silent_after: timedelta | None
    view: View | None
    direction_words: dict[str, str]
    adjusted_by: str
    adjusted_at: datetime
    merge_window: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitSet(Event):
    """A unit is, from now on, what is said here: new, changed, or ended for a reason."""

    unit: Unit
    set_by: str
    set_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostSet(Event):
    """A post is, from now on, what is said here: new, changed, or ended for a reason."""

    post: Post
    set_by: str
    set_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSet(Event):
    """A site is, from now on, what is said here: new, changed, or ended for a reason."""

    site: Site
    set_by: str
    set_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneSet(Event):
    """A lane is, from now on, what is said here: new, changed, or ended for a reason."""

    lane: Lane
    set_by: str
    set_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointSet(Event):
    """A checkpoint is, from now on, what is said here: new, changed, or ended for a reason."""

    checkpoint: Checkpoint
    set_by: str
    set_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegSet(Event):
    """A leg is, from now on, what is said here: new, changed, or ended for a reason."""

    leg: Leg
    set_by: str
    set_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficPermitted(Event):
    """It was decided what traffic a post permits, or that it permits none."""

    permitted: PermittedTraffic


@dataclass(frozen=True, slots=True, kw_only=True)
class PermittedTrafficEnded(Event):
    """What was decided of a post holds until a time, for a reason; what was decided before holds again from then on."""

    permitted_id: str
    valid_until: datetime
    reason: str
    ended_by: str
    ended_at: datetime
