"""Units, the posts they run, and the sites that stand at posts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

COUNTRY: Final = "pl"
"""Scope of what everybody needs to know of the organisation."""


class UnitKind(StrEnum):
    """What a unit is, the highest first."""

    MINISTRY = "ministry"
    CHAMBER = "chamber"
    OFFICE = "office"
    BRANCH = "branch"


class PostKind(StrEnum):
    """By what the frontier is crossed at a post."""

    ROAD = "road"
    RAIL = "rail"
    PEDESTRIAN = "pedestrian"


class Subsystem(StrEnum):
    """A profile that a site switches on; traffic kinds, not these labels, decide what may pass."""

    SOC_O = "SOC-O"
    SOC_T = "SOC-T"
    SOC_K = "SOC-K"
    SOC_P = "SOC-P"
    SOC_M = "SOC-M"
    ARTR = "ARTR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A part of the administration.

    Attributes:
        parent: code of the unit above; empty for the highest.
        customs_code: the six digits of a branch; empty where it has none.
        seat: town in which it sits; empty where nobody said.
        ended_at: since when there is none any more; its code is never given again.
        version: how often it was said what it is. So it is of posts, sites, lanes, checkpoints and legs.
    """

    code: str
    scope: str = COUNTRY
    kind: UnitKind
    name: str
    parent: str = ""
    customs_code: str = ""
    seat: str = ""
    ended_at: datetime | None = None
    version: int = 1

    @property
    def eu_reference(self) -> str:
        """Reference of a customs office in the Union: country and code; empty where it has no code."""
        return f"PL{self.customs_code}" if self.customs_code else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place on the earth, in degrees (WGS 84)."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A place where the frontier may be crossed; several sites may stand there.

    Attributes:
        neighbour: name of the neighbour's side.
        border: country of the neighbour, two letters.
        unit: code of the unit that runs it.
    """

    code: str
    scope: str = COUNTRY
    name: str
    neighbour: str
    border: str
    unit: str
    kinds: tuple[PostKind, ...]
    position: Position | None = None
    note: str = ""
    ended_at: datetime | None = None
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The node of one place.

    Attributes:
        code: of its node.
        scope: the same: what is of one site is known to those that hold its scope.
        post: at which it stands; empty for a patrol.
        unit: to which it belongs.
        subsystems: what is switched on there.
    """

    code: str
    scope: str
    name: str
    unit: str
    post: str = ""
    subsystems: tuple[Subsystem, ...] = ()
    ended_at: datetime | None = None
    version: int = 1
