"""Watchlist entries within a change, and the matching of identifiers against those that are live."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import bindparam, select

from adapters.database.session import Row, Session
from adapters.database.tables.logs import log
from adapters.database.tables.watchlist import criterion, entry
from domain.identifiers.identifier import Identifier
from domain.registrations.model import FeedVersion, Match, Screening
from domain.registrations.screening import concluded
from domain.watchlist.matching import TIER, differences, key_met
from domain.watchlist.model import Category, Criterion, Entry, EntryState

_ENTRY = select(entry).where(entry.c.id == bindparam("id"))
_SOUGHT = (
    select(
        criterion.c.canonical,
        criterion.c.folded,
        criterion.c.country,
        entry.c.id,
        entry.c.title,
        entry.c.category,
        entry.c.priority,
        entry.c.instructions,
    )
    .join(entry, entry.c.id == criterion.c.entry_id)
    .where(
        criterion.c.kind == bindparam("kind"),
        criterion.c.folded == bindparam("folded"),
        entry.c.valid_until > bindparam("at"),
    )
)
_VERSION = (
    select(log.c.channel, log.c.epoch, log.c.projected, log.c.hash, log.c.via, log.c.arrived)
    .where(log.c.channel >= "watchlist.", log.c.channel < "watchlist/")
    .order_by(log.c.channel, log.c.epoch)
)
_criteria = msgspec.json.Decoder(tuple[Criterion, ...])


class EntryStore:
    """The entries on record at this node."""

    def __init__(self, session: Session) -> None:
        """Read through ``session``."""
        self._session = session

    async def find(self, entry_id: str) -> Entry | None:
        """Return one entry, or None."""
        row = await self._session.row(_ENTRY, id=entry_id)
        return None if row is None else to_entry(row)


class WatchlistStore:
    """What is sought, as the same change sees it."""

    def __init__(self, session: Session, lists: Collection[str]) -> None:
        """Read through ``session``; the feeds ``lists`` must have arrived."""
        self._session = session
        self._lists = frozenset(lists)

    async def screen(self, identifiers: Sequence[Identifier], at: datetime) -> Screening:
        """Match identifiers against every live entry held at this node."""
        matches = [match for identifier in identifiers for match in await self._matches(identifier, at)]
        held, missing = await self._session.remembered(log, self._lists, self._held)
        return concluded(matches, held, missing)

    async def missing(self) -> Sequence[str]:
        """Return the lists that have never arrived, by name."""
        _, missing = await self._held()
        return sorted(missing)

    async def _held(self) -> tuple[tuple[FeedVersion, ...], Collection[str]]:
        """Return how far the lists are that are held, and which have never arrived."""
        rows = await self._session.rows(_VERSION)
        missing = self._lists - {row["channel"] for row in rows if row["arrived"] and row["via"] is not None}
        return tuple([_to_version(row) for row in rows]), missing

    async def _matches(self, read: Identifier, at: datetime) -> Iterator[Match]:
        rows = await self._session.rows(_SOUGHT, kind=read.kind, folded=read.folded, at=at)
        return (match for row in rows if (match := _match(read, row)) is not None)


def _match(read: Identifier, row: Row) -> Match | None:
    sought = Identifier(
        kind=read.kind,
        raw=row["canonical"],
        canonical=row["canonical"],
        folded=row["folded"],
        country=row["country"],
        check="none",
        why=None,
    )
    key = key_met(read, sought)
    if key is None:
        return None
    return Match(
        entry_id=str(row["id"]),
        kind=read.kind,
        key=key,
        tier=TIER,
        raw=read.raw,
        read=read.canonical,
        matched=sought.canonical,
        differences=differences(read.canonical, sought.canonical),
        title=row["title"],
        category=row["category"],
        priority=row["priority"],
        instructions=row["instructions"],
    )


def _to_version(row: Row) -> FeedVersion:
    return FeedVersion(feed=row["channel"], epoch=row["epoch"], seq=row["projected"], hash=row["hash"].hex())


def to_entry(row: Row) -> Entry:
    """Map a row of ``entry``."""
    return Entry(
        id=str(row["id"]),
        title=row["title"],
        category=Category(row["category"]),
        priority=row["priority"],
        legal_basis=row["legal_basis"],
        instructions=row["instructions"],
        scope=row["scope"],
        valid_until=row["valid_until"],
        criteria=_criteria.decode(row["criteria"]),
        author=row["author"],
        created_at=row["created_at"],
        state=EntryState(row["state"]),
        approver=row["approver"],
        approved_at=row["approved_at"],
    )
