"""What happens to entries. A submitted entry travels to the regions only; an active one down its scope's feed."""

from dataclasses import dataclass
from datetime import datetime

from domain.shared.messages import Event
from domain.watchlist.model import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrySubmitted(Event):
    """Somebody asked that an object be sought."""

    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryActivated(Event):
    """Another person approved; the object is sought from now on. Holds all that a site needs."""

    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryWithdrawn(Event):
    """The object is no longer sought, or (not ``was_active``) will not be."""

    entry_id: str
    scope: str
    was_active: bool
    reason: str
    withdrawn_by: str
    withdrawn_at: datetime
