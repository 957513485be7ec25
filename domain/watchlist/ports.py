"""What the watchlist asks of others."""

from typing import Protocol

from domain.shared.ports import Change
from domain.watchlist.model import Entry


class Entries(Protocol):
    """The entries on record at this node."""

    async def find(self, entry_id: str) -> Entry | None:
        """Return one entry, or None."""
        ...


class WatchlistChange(Change, Protocol):
    """A change as the watchlist needs it."""

    @property
    def entries(self) -> Entries:
        """The entries on record at this node."""
        ...
