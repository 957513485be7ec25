"""What was acknowledged, and what was wrong: written beside the nodes, read by none of them."""

import asyncio
import uuid
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bus.erasure import subjects_of
from bus.recorded import Recorded
from bus.replication import Record
from domain.access.events import Audited
from domain.alarms.events import AlarmAcknowledged, AlarmRaised
from domain.alarms.model import AlarmState
from domain.erasure.events import EventsErased
from domain.registrations.events import ReadingTaken, Registered
from domain.shared.messages import Event
from domain.watchlist.events import EntryActivated, EntryWithdrawn
from domain.watchlist.model import EntryState
from tests.bus.findings import Findings
from tests.bus.link.nodes import Node

Row = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What a node was told to record, what shows it in the tables (None: nothing does), and what it is about."""

    origin: str
    channel: str
    row: Row | None
    subjects: tuple[str, ...]


class Books(Findings):
    """The books of one schedule.

    Attributes:
        alive: what was acknowledged to a user and no restore took away everywhere, by the id of the event.
        behind: the event that was the newest of its channel when an event was recorded.
        aside: events of others that gave way to a parent's history which had lost them itself: an operator has them.
        erasures: what each erasure took, by the event that says so.
    """

    def __init__(self, *, is_traced: bool = False) -> None:
        super().__init__(is_traced=is_traced)
        self.alive: dict[str, Fact] = {}
        self.behind: dict[str, str] = {}
        self.aside: set[str] = set()
        self.erasures: dict[str, tuple[str, ...]] = {}
        self._lost: dict[str, Fact] = {}

    def trace(self, *words: object) -> None:
        if self.lines is not None:
            super().trace(f"{asyncio.get_running_loop().time():8.3f}", *words)

    def recorded(self, node: Node, events: Sequence[Recorded]) -> None:
        """A user was told that events are on record."""
        for one in events:
            self.alive[one.id] = Fact(
                origin=one.log.origin,
                channel=one.log.channel,
                row=_row_of(one.event),
                subjects=subjects_of(one.event),
            )
            if isinstance(one.event, EventsErased):
                self.erasures[one.id] = one.event.subjects
            there = ids(node, one.log.origin, one.log.channel)
            if there.index(one.id):
                self.behind[one.id] = there[there.index(one.id) - 1]

    def lost(self, surviving: Container[str]) -> None:
        """A database went back in time or is gone: only these are left where they can come back from."""
        gone = [event_id for event_id in self.alive if event_id not in surviving]
        for event_id in gone:
            self._lost[event_id] = self.alive.pop(event_id)
        if gone:
            self.trace(len(gone), "events are nowhere any more")

    def found(self, event_id: str) -> None:
        """An erasure that seemed lost was on its way to somebody."""
        if event_id in self._lost:
            self.alive[event_id] = self._lost.pop(event_id)

    @property
    def gone(self) -> set[str]:
        """The objects that are erased, as long as anybody knows that they are."""
        return {one for event_id, named in self.erasures.items() if event_id in self.alive for one in named}

    def is_gone(self, fact: Fact) -> bool:
        """Tell whether a fact is about something erased, or about an alarm for that which nobody could name."""
        gone = self.gone
        gone |= {one.subjects[0] for one in self.alive.values() if not gone.isdisjoint(one.subjects[1:])}
        return not gone.isdisjoint(fact.subjects)


def ids(node: Node, origin: str, channel: str) -> list[str]:
    """Return the events that a node holds in the logs of an origin and channel, in their order through all epochs."""
    rows = node.changes.tables.events.under(origin, channel)
    return [text_of(row.record) for row in rows]


def text_of(record: Record) -> str:
    """Return the id of an event."""
    return str(uuid.UUID(bytes=record.id))


def shown(node: Node) -> set[Row]:
    """Return what a node shows, each as the table and the key."""
    tables = node.changes.tables
    rows = {("reading", one.id) for one in tables.readings.all()}
    rows |= {("registration", one.id) for one in tables.registrations.all()}
    rows |= {("alarm", one.id) for one in tables.alarms.all()}
    rows |= {("taken", one.id) for one in tables.alarms.all() if one.state is AlarmState.ACKNOWLEDGED}
    rows |= {("audit", one.id) for one in tables.audit.all()}
    rows |= {("entry", one.id) for one in tables.entries.all()}
    return rows | {("withdrawn", one.id) for one in tables.entries.all() if one.state is EntryState.WITHDRAWN}


def _row_of(event: Event) -> Row | None:
    rows = _ROWS.get(type(event))
    return None if rows is None else rows(event)


_ROWS: Mapping[type[Event], Callable[[Any], Row]] = {
    ReadingTaken: lambda event: ("reading", event.reading_id),
    Registered: lambda event: ("registration", event.registration.id),
    AlarmRaised: lambda event: ("alarm", event.alarm.id),
    AlarmAcknowledged: lambda event: ("taken", event.alarm_id),
    Audited: lambda event: ("audit", event.record_id),
    EntryActivated: lambda event: ("entry", event.entry.id),
    EntryWithdrawn: lambda event: ("withdrawn", event.entry_id),
}
