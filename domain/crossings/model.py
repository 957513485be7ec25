"""A crossing, its states, and the acts of officers that lead from one to the next."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from domain.crossings.parts import NOTHING, PERSONS, VEHICLES, Check, Member, MemberRole, Parts
from domain.organisation.events import Subsystem

MEMBERS_MAX = 400
GOODS_MAX = 200
DOCUMENTS_MAX = 100
WEIGHTS_MAX = 50
SEALS_MAX = 20
ACTS_MAX = 400


class CrossingState(StrEnum):
    """How far a crossing has come."""

    OPEN = "open"
    IN_CONTROL = "in_control"
    RELEASED = "released"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class ActKind(StrEnum):
    """What an officer does with a crossing."""

    OPENED = "opened"
    COMPLETED = "completed"
    CORRECTED = "corrected"
    CHECKED = "checked"
    OVERRIDDEN = "overridden"
    SENT_TO_CONTROL = "sent_to_control"
    RETURNED = "returned"
    RELEASED = "released"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    REOPENED = "reopened"
    UNDONE = "undone"


class RefusalReason(StrEnum):
    """Why a crossing is refused."""

    ENTRY_REFUSED = "entry_refused"
    DOCUMENTS = "documents"
    GOODS_PROHIBITED = "goods_prohibited"
    CLEARANCE = "clearance"
    VEHICLE_UNFIT = "vehicle_unfit"
    TRAFFIC_NOT_PERMITTED = "traffic_not_permitted"
    OTHER = "other"


UNDER_WAY: Final = frozenset({CrossingState.OPEN, CrossingState.IN_CONTROL})
DECIDED: Final = frozenset({CrossingState.RELEASED, CrossingState.REFUSED, CrossingState.CANCELLED})
_OPEN: Final = frozenset({CrossingState.OPEN})

MOVES: Final[Mapping[ActKind, tuple[frozenset[CrossingState], CrossingState | None]]] = {
    ActKind.COMPLETED: (UNDER_WAY, None),
    ActKind.CORRECTED: (UNDER_WAY | {CrossingState.RELEASED, CrossingState.REFUSED}, None),
    ActKind.CHECKED: (UNDER_WAY, None),
    ActKind.OVERRIDDEN: (UNDER_WAY, None),
    ActKind.SENT_TO_CONTROL: (_OPEN, CrossingState.IN_CONTROL),
    ActKind.RETURNED: (frozenset({CrossingState.IN_CONTROL}), CrossingState.OPEN),
    ActKind.RELEASED: (_OPEN, CrossingState.RELEASED),
    ActKind.REFUSED: (UNDER_WAY, CrossingState.REFUSED),
    ActKind.CANCELLED: (UNDER_WAY, CrossingState.CANCELLED),
    ActKind.REOPENED: (DECIDED, CrossingState.OPEN),
}
"""From which states each act leads, and to which; None: it stays as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What an officer did: from one version of a crossing to the next.

    Attributes:
        number: the version of the crossing since this act.
        code: reason of a refusal, result of a control; else empty.
        put, took: what it put into the crossing and took out of it. What was corrected stands in ``took``.
        undoes: number of the act that this one takes back; None for others.
    """

    number: int
    kind: ActKind
    by: str
    at: datetime
    before: CrossingState
    after: CrossingState
    reason: str = ""
    code: str = ""
    put: Parts = NOTHING
    took: Parts = NOTHING
    undoes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Vehicles, persons and cargo that pass together, in one direction, at one time.

    It holds ids of registrations and nothing of whom or what they are: when one of them is erased nothing is left here.

    Attributes:
        node: the site, which alone may change it.
        decided_at: when it was released, refused or cancelled; None while it is under way.
        acts: all that was done with it, oldest first; the first opened it.
    """

    id: str
    node: str
    subsystem: Subsystem
    opened_by: str
    opened_at: datetime
    state: CrossingState = CrossingState.OPEN
    decided_at: datetime | None = None
    parts: Parts = NOTHING
    acts: tuple[Act, ...] = field(default=())

    @property
    def version(self) -> int:
        """How many acts there were."""
        return len(self.acts)

    @property
    def officer(self) -> str:
        """Who acted last."""
        return self.acts[-1].by if self.acts else self.opened_by

    @property
    def lane(self) -> str:
        """Code of the lane."""
        return self.parts.lane or ""

    @property
    def direction(self) -> str:
        """Inbound or outbound."""
        return self.parts.direction or ""

    @property
    def is_under_way(self) -> bool:
        """Whether nobody has decided on it yet."""
        return self.state in UNDER_WAY

    @property
    def next_number(self) -> int:
        """The first number that no goods, document or weight has or had."""
        return 1 + max((number for act in self.acts for number in act.put.numbers), default=0)

    def members(self, roles: frozenset[MemberRole]) -> tuple[Member, ...]:
        """Return the members in these roles."""
        return tuple(each for each in self.parts.members if each.role in roles)

    @property
    def vehicles(self) -> tuple[Member, ...]:
        """Its road vehicles."""
        return self.members(VEHICLES)

    @property
    def persons(self) -> tuple[Member, ...]:
        """Its persons."""
        return self.members(PERSONS)

    def after(self, act: Act) -> "Crossing":
        """Return it as it is after an act."""
        decided = act.after in DECIDED
        return replace(
            self,
            state=act.after,
            decided_at=(act.at if act.after is not act.before else self.decided_at) if decided else None,
            parts=self.parts.changed(act.put, act.took),
            acts=(*self.acts, act),
        )

    def unsatisfied(self) -> Iterator[Check]:
        """Yield the checks that stand against a release."""
        return (check for check in self.parts.checks if not check.satisfies)
