"""What may be asked of visits."""

from dataclasses import dataclass

from domain.shared.messages import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseVisit(Command):
    """Close a visit of which no more is to be seen, and say why."""

    visit_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountForAnomaly(Command):
    """Say what the reason of an anomaly is; ``key`` tells it from the others of its visit."""

    visit_id: str
    key: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchVisits(Command):
    """Look who is overdue, and of whom nothing was seen for so long that the visit is over."""
