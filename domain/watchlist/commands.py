"""What may be asked of the watchlist."""

from dataclasses import dataclass
from datetime import datetime

from domain.shared.messages import Command
from domain.watchlist.model import Category


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedIdentifier:
    """A criterion as its author wrote it: ``plate`` or ``document``, value, country where it matters."""

    kind: str
    value: str
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateEntry(Command):
    """Submit an entry for approval."""

    title: str
    category: Category
    priority: int
    legal_basis: str
    instructions: str
    scope: str
    valid_until: datetime
    criteria: tuple[WantedIdentifier, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveEntry(Command):
    """Make a submitted entry active."""

    entry_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawEntry(Command):
    """End an entry before its validity does."""

    entry_id: str
    reason: str
