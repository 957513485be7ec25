"""From events to rows: the only code that writes the tables of the modules, at the origin and at every copy alike."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table

from adapters.database.projections import access, alarms, crossings, erasure, organisation, quarantine, watchlist
from adapters.database.projections.subjects import Subject
from adapters.database.session import Session
from bus.recorded import Recorded
from domain.shared.messages import Event

Rows = tuple[Table, Callable[[Recorded, Any], tuple[Any, ...]]]
Update = Callable[[Session, Recorded, Any], Awaitable[None]]

ADDED: Mapping[type[Event], Rows] = {**crossings.ADDED, **alarms.ADDED, **access.ADDED}
UPDATED: Mapping[type[Event], Update] = {
    **crossings.UPDATED,
    **quarantine.UPDATED,
    **alarms.UPDATED,
    **watchlist.UPDATED,
    **organisation.UPDATED,
    **erasure.UPDATED,
}
SUBJECTS: Mapping[type[Event], Callable[[Any], Subject]] = {
    **crossings.SUBJECTS,
    **alarms.SUBJECTS,
    **watchlist.SUBJECTS,
    **organisation.SUBJECTS,
}
"""What events are about that change rows; who is not here commutes with all others of its log."""


async def project(session: Session, recorded: Sequence[Recorded]) -> None:
    """Show events in the tables: first all rows that are merely added, then what updates, in the order of the log."""
    added: defaultdict[Table, list[tuple[Any, ...]]] = defaultdict(list)
    updates = []
    for one in recorded:
        rows = ADDED.get(type(one.event))
        if rows is None:
            updates.append(one)
        else:
            table, to_row = rows
            added[table].append(to_row(one, one.event))
    for table, values in added.items():
        await session.add(table, values)
    for one in updates:
        await UPDATED[type(one.event)](session, one, one.event)
