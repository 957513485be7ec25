"""An erasure, and what there is to erase."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """That data was erased: who did it, when and why.

    Attributes:
        scope: code of the site, region or country whose nodes held the data.
        size: how many events and objects it names.
    """

    id: str
    scope: str
    size: int
    reason: str
    legal_basis: str
    erased_by: str
    erased_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What an erasure names: ids of events, and of what they are about."""

    events: frozenset[str] = frozenset()
    subjects: frozenset[str] = frozenset()

    def __or__(self, other: "Named") -> "Named":
        """Return both together."""
        return Named(events=self.events | other.events, subjects=self.subjects | other.subjects)

    @property
    def size(self) -> int:
        """How many ids these are."""
        return len(self.events) + len(self.subjects)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogHead:
    """How far a node held a log: ``seq`` is the number of the newest event."""

    channel: str
    epoch: int
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasable:
    """All that is on record about an object.

    Attributes:
        by_scope: its events and itself, by the scope whose nodes may hold them.
        is_sought: it is a watchlist entry that is live.
    """

    by_scope: Mapping[str, Named]
    is_sought: bool
