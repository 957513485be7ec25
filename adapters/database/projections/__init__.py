"""From events to rows: the only code that writes the tables of the modules, at the origin and at every copy alike."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import Table

from adapters.database.projections import (
    access,
    alarms,
    entities,
    erasure,
    organisation,
    quarantine,
    registrations,
    watchlist,
)
from adapters.database.projections.registrations import folded
from adapters.database.projections.subjects import Subject
from adapters.database.session import Session
from bus.recorded import Recorded
from domain.shared.messages import Event

Rows = tuple[Table, Callable[[Recorded, Any], tuple[Any, ...]]]
Update = Callable[[Session, Recorded, Any], Awaitable[None]]

ADDED: Mapping[type[Event], Rows] = {**registrations.ADDED, **alarms.ADDED, **access.ADDED}
UPDATED: Mapping[type[Event], Update] = {
    **registrations.UPDATED,
    **quarantine.UPDATED,
    **alarms.UPDATED,
    **watchlist.UPDATED,
    **organisation.UPDATED,
    **erasure.UPDATED,
    **entities.UPDATED,
}
SUBJECTS: Mapping[type[Event], Callable[[Any], Subject]] = {
    **registrations.SUBJECTS,
    **alarms.SUBJECTS,
    **watchlist.SUBJECTS,
    **organisation.SUBJECTS,
    **entities.SUBJECTS,
}
"""What events are about that change rows; who is not here commutes with all others of its log."""


@dataclass(slots=True)
class Projection:
    """What events change in the tables.

    Attributes:
        added: rows that are merely added.
        updates: events that update, in the order of their logs.
    """

    added: dict[Table, list[tuple[Any, ...]]]
    updates: list[Recorded]

    @classmethod
    def of(cls, recorded: Iterable[Recorded]) -> Self:
        """Return the projection of events, `folded`."""
        added: defaultdict[Table, list[tuple[Any, ...]]] = defaultdict(list)
        updates = []
        for one in recorded:
            rows = ADDED.get(type(one.event))
            if rows is None:
                updates.append(one)
            else:
                table, to_row = rows
                added[table].append(to_row(one, one.event))
        return cls(added, updates)

    @classmethod
    def together(cls, projections: Iterable["Projection"]) -> Self:
        """Return one of what follows each other."""
        added: defaultdict[Table, list[tuple[Any, ...]]] = defaultdict(list)
        updates = []
        for one in projections:
            for table, rows in one.added.items():
                added[table] += rows
            updates += one.updates
        return cls(added, updates)

    async def write(self, session: Session) -> None:
        """Show it in the tables: first the rows that are added, then what updates."""
        for table, rows in self.added.items():
            await session.add(table, rows)
        for one in self.updates:
            await UPDATED[type(one.event)](session, one, one.event)


async def project_one(session: Session, recorded: Recorded) -> None:
    """Show an event in the tables."""
    event = recorded.event
    rows = ADDED.get(type(event))
    if rows is None:
        await UPDATED[type(event)](session, recorded, event)
    else:
        table, to_row = rows
        await session.add(table, [to_row(recorded, event)])


async def project(session: Session, recorded: Iterable[Recorded]) -> None:
    """Show events in the tables."""
    await Projection.of(folded(recorded)).write(session)
