"""Watchlist entries and the criteria of those that are live, from events to rows."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy import bindparam, delete, select, update

from adapters.database.projections.subjects import Subject, change_row
from adapters.database.session import Session
from adapters.database.tables.watchlist import criterion, entry
from bus.recorded import Recorded
from domain.shared.messages import Event
from domain.watchlist.events import EntryActivated, EntrySubmitted, EntryWithdrawn
from domain.watchlist.model import Entry, EntryState

_KNOWN = select(entry.c.id).where(entry.c.id == bindparam("key"))
_FORGET = delete(entry).where(entry.c.id == bindparam("key"))
_FORGET_CRITERIA = delete(criterion).where(criterion.c.entry_id == bindparam("key"))
_WITHDRAW = update(entry).where(entry.c.id == bindparam("key")).values(state=EntryState.WITHDRAWN.value)


async def _submitted(session: Session, _: Recorded, event: EntrySubmitted) -> None:
    """Add the draft, unless what came of it is here already: it travels by another feed."""
    if await session.row(_KNOWN, key=event.entry.id) is None:
        await session.add(entry, [_row(event.entry)])


async def _activated(session: Session, _: Recorded, event: EntryActivated) -> None:
    """Put the entry in place of what was submitted; a site never saw that."""
    active = event.entry
    await session.run(_FORGET, key=active.id)
    await session.add(entry, [_row(active)])
    await session.add(
        criterion,
        [
            (c.id, active.id, c.identifier.kind, c.identifier.folded, c.identifier.canonical, c.identifier.country)
            for c in active.criteria
        ],
    )


async def _withdrawn(session: Session, _: Recorded, event: EntryWithdrawn) -> None:
    await session.run(_FORGET_CRITERIA, key=event.entry_id)
    await change_row(session, entry, _WITHDRAW, key=event.entry_id)


def _row(held: Entry) -> tuple[Any, ...]:
    return (
        held.id,
        held.state.value,
        held.scope,
        held.title,
        held.category.value,
        held.priority,
        held.legal_basis,
        held.instructions,
        held.valid_until,
        msgspec.json.encode(held.criteria).decode(),
        held.author,
        held.created_at,
        held.approver,
        held.approved_at,
    )


UPDATED: Mapping[type[Event], Callable[[Session, Recorded, Any], Awaitable[None]]] = {
    EntrySubmitted: _submitted,
    EntryActivated: _activated,
    EntryWithdrawn: _withdrawn,
}
_ENTRY = (_FORGET_CRITERIA, _FORGET)
SUBJECTS: Mapping[type[Event], Callable[[Any], Subject]] = {
    EntrySubmitted: lambda e: Subject(e.entry.id, _ENTRY),
    EntryActivated: lambda e: Subject(e.entry.id, _ENTRY),
    EntryWithdrawn: lambda e: Subject(e.entry_id, _ENTRY),
}
