"""Matching against the entries in memory."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from adapters.memory.tables import Tables
from domain.identifiers.identifier import Identifier
from domain.registrations.model import FeedVersion, Match, Screening
from domain.registrations.ports import Watchlist
from domain.registrations.screening import concluded
from domain.shared.errors import Unavailable
from domain.watchlist.matching import TIER, differences, key_met
from domain.watchlist.model import Entry, EntryState

_FEEDS = "watchlist."


class MemoryWatchlist(Watchlist):
    """The entries that are live at a node.

    Attributes:
        readable: set to False to make screening fail, as it does when a database is away.
    """

    def __init__(self, tables: Tables, lists: Collection[str]) -> None:
        """Match against the entries in ``tables``, of which the feeds ``lists`` must have arrived."""
        self._tables = tables
        self._lists = frozenset(lists)
        self.readable = True

    async def screen(self, identifiers: Sequence[Identifier], at: datetime) -> Screening:
        """Match identifiers against every live entry.

        Raises:
            Unavailable: ``readable`` is False.
        """
        if not self.readable:
            raise Unavailable("The watchlist cannot be read now.")
        matches = [match for identifier in identifiers for match in self._matches(identifier, at)]
        return concluded(matches, self._list_version(), self.missing())

    def missing(self) -> Collection[str]:
        """Return the lists that have never arrived."""
        held = self._tables.logs.all()
        return self._lists - {one.log.channel for one in held if one.via is not None and one.arrived}

    def _matches(self, read: Identifier, at: datetime) -> Iterator[Match]:
        for entry_id in self._tables.sought.under(read.kind, read.folded):
            entry = self._tables.entries.get(entry_id)
            if entry is not None and entry.state is EntryState.ACTIVE and entry.valid_until > at:
                yield from _met(read, entry)

    def _list_version(self) -> tuple[FeedVersion, ...]:
        feeds = [held for held in self._tables.logs.all() if held.log.channel.startswith(_FEEDS)]
        return tuple(
            FeedVersion(feed=held.log.channel, epoch=held.log.epoch, seq=held.head.seq, hash=held.head.hash.hex())
            for held in sorted(feeds, key=lambda held: (held.log.channel, held.log.epoch))
        )


def _met(read: Identifier, entry: Entry) -> Iterator[Match]:
    for criterion in entry.criteria:
        sought = criterion.identifier
        key = key_met(read, sought)
        if key is not None:
            yield Match(
                entry_id=entry.id,
                kind=read.kind,
                key=key,
                tier=TIER,
                raw=read.raw,
                read=read.canonical,
                matched=sought.canonical,
                differences=differences(read.canonical, sought.canonical),
                title=entry.title,
                category=entry.category,
                priority=entry.priority,
                instructions=entry.instructions,
            )
