"""The ground plan of a site: lanes, checkpoints, and the legs that lead from one to the next."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.organisation.traffic import TrafficKind, VehicleClass

FORMS_MAX: Final = 100
"""As so many it is kept how a checkpoint or a leg was before: the first, and the newest of the others."""


class CheckpointKind(StrEnum):
    """What is done at a checkpoint."""

    PRE_GATE = "pre_gate"
    GATE = "gate"
    WEIGHING = "weighing"
    XRAY = "xray"
    DESK = "desk"
    SPECIAL_CONTROL = "special_control"
    CUSTOMS_ROAD = "customs_road"
    BORDER = "border"
    LANE = "lane"
    PORTAL = "portal"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """Where traffic of one direction passes.

    Attributes:
        code: unique at its site.
        post: at which it is; empty inland.
        kinds: of traffic that passes here.
        open: whether it is in use now.
    """

    id: str = ""
    site: str
    code: str
    post: str = ""
    direction: str
    kinds: tuple[TrafficKind, ...] = ()
    open: bool = True
    ended_at: datetime | None = None
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """Who must pass a checkpoint: in one direction, vehicles of these classes; none named is every one."""

    direction: str
    classes: tuple[VehicleClass, ...] = ()

    def holds_for(self, direction: str, vehicle_class: VehicleClass | None) -> bool:
        """Tell whether it is for such a vehicle; of an unknown class only when it is for all."""
        return self.direction == direction and (not self.classes or vehicle_class in self.classes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Where a device or an officer stands.

    Attributes:
        code: unique at its site; devices name it.
        lane: code of the lane it is in; empty when it is in none.
        required: who must pass it. Together these are the routes through the site.
        since: when it was said so; None: it was always.
        earlier: how it was before, oldest first, up to `FORMS_MAX`; these have nothing earlier. So it is of legs.
    """

    id: str = ""
    site: str
    code: str
    kind: CheckpointKind
    lane: str = ""
    required: tuple[Requirement, ...] = ()
    ended_at: datetime | None = None
    version: int = 1
    since: datetime | None = None
    earlier: tuple["Checkpoint", ...] = ()

    def is_required(self, direction: str, vehicle_class: VehicleClass | None) -> bool:
        """Tell whether such a vehicle must pass here."""
        return any(one.holds_for(direction, vehicle_class) for one in self.required)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """The way from one checkpoint of a site to the next, in one direction.

    Attributes:
        origin: code of the checkpoint it begins at.
        target: code of the checkpoint it leads to.
        longest: who takes longer is late; None: nobody is.
    """

    id: str = ""
    site: str
    origin: str
    target: str
    direction: str
    longest: timedelta | None = None
    ended_at: datetime | None = None
    version: int = 1
    since: datetime | None = None
    earlier: tuple["Leg", ...] = ()
