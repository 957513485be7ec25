"""What is put on record of visits. The events travel up on the channel ``facts``."""

from dataclasses import dataclass
from datetime import datetime

from domain.shared.messages import Event
from domain.visits.model import Anomaly, AnomalyKind, Pair, Point, Visit, VisitState, Weight

__all__ = [
    "Anomaly",
    "AnomalyKind",
    "Visit",
    "VisitAnomalyAccounted",
    "VisitAnomalyExplained",
    "VisitAnomalyFound",
    "VisitClosed",
    "VisitContinued",
    "VisitOpened",
    "VisitState",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitOpened(Event):
    """A vehicle was seen in a terminal that was not there before."""

    visit: Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitContinued(Event):
    """More is known of a visit: where the vehicle was seen, what it draws, what it weighs.

    ``parted`` are pairs that a late reading has shown to be none: their trailers were never on this visit; ``mistaken``
    are weighings that proved to be of another vehicle, by their ids.
    """

    visit_id: str
    heard_at: datetime
    points: tuple[Point, ...] = ()
    pairs: tuple[Pair, ...] = ()
    weights: tuple[Weight, ...] = ()
    parted: tuple[Pair, ...] = ()
    mistaken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitAnomalyFound(Event):
    """Something is odd about a visit.

    Attributes:
        registration_id: of the last point known.
        late: it is so long ago that the vehicle may be gone.
    """

    visit_id: str
    anomaly: Anomaly
    registration_id: str
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitAnomalyExplained(Event):
    """What came in later shows that there is nothing odd; ``plate`` is that under which it was found."""

    visit_id: str
    key: str
    plate: str
    explained_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitAnomalyAccounted(Event):
    """An officer knows the reason of what is odd."""

    visit_id: str
    key: str
    reason: str
    accounted_by: str
    accounted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitClosed(Event):
    """A visit is over: the vehicle left, an officer closed it, it was not seen any more, or is part of another."""

    visit_id: str
    state: VisitState
    closed_at: datetime
    closed_by: str = ""
    reason: str = ""
    joined_into: str | None = None
