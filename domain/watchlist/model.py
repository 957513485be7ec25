"""A watchlist entry (zastrzeżenie) and its criteria."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.identifiers.identifier import Identifier


class EntryState(StrEnum):
    """Where an entry is in its life."""

    SUBMITTED = "submitted"
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"


class Category(StrEnum):
    """What to do with the object on a match."""

    INFORM = "inform"
    QUESTION = "question"
    SEARCH = "search"
    DETAIN = "detain"
    SEIZE = "seize"


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One matchable value of an entry."""

    id: str
    identifier: Identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is sought and who answers for it.

    Attributes:
        scope: code of the feed's scope: the whole country, a region or a site.
        priority: 1 (highest) to 3.
        instructions: told to the officer on a match.
        author, approver: two different persons; ``approver`` is empty until then.
    """

    id: str
    title: str
    category: Category
    priority: int
    legal_basis: str
    instructions: str
    scope: str
    valid_until: datetime
    criteria: tuple[Criterion, ...]
    author: str
    created_at: datetime
    state: EntryState = EntryState.SUBMITTED
    approver: str = ""
    approved_at: datetime | None = None

    def approved(self, by: str, at: datetime) -> "Entry":
        """Return the entry as active from ``at``."""
        return replace(self, state=EntryState.ACTIVE, approver=by, approved_at=at)

    def withdrawn(self) -> "Entry":
        """Return the entry as no longer sought."""
        return replace(self, state=EntryState.WITHDRAWN)
