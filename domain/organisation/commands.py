"""What may be asked of the organisation. Who changes something may give, as ``seen``, the version looked at."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.organisation.layout import Checkpoint, Lane, Leg
from domain.organisation.model import View
from domain.organisation.places import Post, Site, Unit
from domain.organisation.traffic import PermittedTraffic
from domain.shared.messages import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolDevice(Command):
    """Put a device on the books of a site. Only the digest of its key is handed over and kept."""

    code: str
    site: str
    lane: str
    checkpoint: str
    direction: str
    format: str
    key_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewDeviceKey(Command):
    """Give a device another key; the one it has stops working. Only the digest is handed over and kept."""

    code: str
    key_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawDevice(Command):
    """Take a device out of service for good."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustDevice(Command):
    """Say what a device sees, what its words for a direction mean, and after what silence it is silent.

    Attributes:
        merge_window: how near its readings of one vehicle are; None: it stays as it is.
        seen: the version that was looked at.
    """

    code: str
    silent_after: timedelta | None = None
    view: View | None = None
    direction_words: dict[str, str]
    merge_window: timedelta | None = None
    seen: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceUnit(Command):
    """Say all of a unit: a new one, or one that is there, known by its code."""

    unit: Unit
    is_new: bool
    seen: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacePost(Command):
    """Say all of a post: a new one, or one that is there, known by its code."""

    post: Post
    is_new: bool
    seen: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceSite(Command):
    """Say all of a site: a new one, or one that is there, known by its code."""

    site: Site
    is_new: bool
    seen: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceLane(Command):
    """Say all of a lane: a new one, or one that is there, known by site and code."""

    lane: Lane
    is_new: bool
    seen: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceCheckpoint(Command):
    """Say all of a checkpoint: a new one, or one that is there, known by site and code."""

    checkpoint: Checkpoint
    is_new: bool
    seen: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceLeg(Command):
    """Say all of a leg: a new one, or one that is there, known by site, ends and direction."""

    leg: Leg
    is_new: bool
    seen: int | None = None


class PartKind(StrEnum):
    """A part of the organisation."""

    UNIT = "unit"
    POST = "post"
    SITE = "site"
    LANE = "lane"
    CHECKPOINT = "checkpoint"
    LEG = "leg"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndPart(Command):
    """End a part of the organisation for good; ``key`` is its code, or its id where it has one."""

    kind: PartKind
    key: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitTraffic(Command):
    """Decide what traffic a post permits from a time on, or that it is closed to it."""

    permitted: PermittedTraffic


@dataclass(frozen=True, slots=True, kw_only=True)
class EndPermittedTraffic(Command):
    """Have what was decided of a post end; ``at`` is None for now, or for its beginning where it has not begun."""

    permitted_id: str
    at: datetime | None = None
    reason: str
