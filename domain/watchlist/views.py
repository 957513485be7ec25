"""What can be looked up of the watchlist."""

from collections.abc import Sequence
from typing import Protocol

from domain.shared.views import Page, Window
from domain.watchlist.model import Entry, EntryState


class WatchlistViews(Protocol):
    """Entries as they stand at this node."""

    async def entry(self, entry_id: str) -> Entry | None:
        """Return one entry, or None."""
        ...

    async def entries(self, window: Window, *, state: EntryState | None = None) -> Page[Entry]:
        """Return entries, in one state where given."""
        ...

    async def missing_lists(self) -> Sequence[str]:
        """Return the feeds of entries that this node needs and that have never arrived here whole, by name."""
        ...
