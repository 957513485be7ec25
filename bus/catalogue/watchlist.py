"""Messages of the watchlist."""

from bus.catalogue.entries import EntityEntry, always, command, event
from bus.feed_modules import WATCHLIST, feed
from domain.watchlist.commands import ApproveEntry, CreateEntry, WithdrawEntry
from domain.watchlist.events import EntryActivated, EntrySubmitted, EntryWithdrawn
from domain.watchlist.handlers import approve_entry, create_entry, withdraw_entry
from domain.watchlist.model import Entry
from domain.watchlist.scopes import DRAFTS

COMMANDS = (
    command(CreateEntry, create_entry, Entry, lambda c, a: a.id if a else c.title[:40]),
    command(ApproveEntry, approve_entry, Entry, lambda c, _: c.entry_id),
    command(WithdrawEntry, withdraw_entry, Entry, lambda c, _: c.entry_id),
)

EVENTS = (
    event("EntrySubmitted", EntrySubmitted, always(feed(WATCHLIST, DRAFTS))),
    event("EntryActivated", EntryActivated, lambda e: feed(WATCHLIST, e.entry.scope)),
    event("EntryWithdrawn", EntryWithdrawn, lambda e: feed(WATCHLIST, e.scope if e.was_active else DRAFTS)),
)

ENTITIES: tuple[EntityEntry, ...] = ()
