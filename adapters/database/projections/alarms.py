"""Alarms, from events to rows."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy import Table, bindparam, delete, update

from adapters.database.projections.subjects import Subject, change_row
from adapters.database.session import Session
from adapters.database.tables.alarms import alarm
from bus.recorded import Recorded
from domain.alarms.events import AlarmAcknowledged, AlarmRaised, AlarmRepeated, FaultEnded
from domain.alarms.model import AlarmState
from domain.shared.messages import Event

_REPEAT = update(alarm).where(alarm.c.id == bindparam("key")).values(repeats=alarm.c.repeats + 1)
_ACKNOWLEDGE = (
    update(alarm)
    .where(alarm.c.id == bindparam("key"))
    .values(state=AlarmState.ACKNOWLEDGED.value, acknowledged_by=bindparam("by"), acknowledged_at=bindparam("at"))
)
_END = update(alarm).where(alarm.c.id == bindparam("key")).values(ended_at=bindparam("at"))


def _raised(recorded: Recorded, event: AlarmRaised) -> tuple[Any, ...]:
    raised = event.alarm
    return (
        raised.id,
        recorded.log.origin,
        raised.source.value,
        raised.cause,
        raised.lane,
        raised.label,
        raised.registration_id,
        raised.priority,
        raised.text,
        raised.late,
        raised.raised_at,
        None if raised.match is None else msgspec.json.encode(raised.match).decode(),
        raised.state.value,
        raised.repeats,
        raised.acknowledged_by,
        raised.acknowledged_at,
        raised.ended_at,
    )


async def _repeated(session: Session, _: Recorded, event: AlarmRepeated) -> None:
    await change_row(session, alarm, _REPEAT, key=event.alarm_id)


async def _acknowledged(session: Session, _: Recorded, event: AlarmAcknowledged) -> None:
    await change_row(
        session, alarm, _ACKNOWLEDGE, key=event.alarm_id, by=event.acknowledged_by, at=event.acknowledged_at
    )


async def _ended(session: Session, _: Recorded, event: FaultEnded) -> None:
    await change_row(session, alarm, _END, key=event.alarm_id, at=event.ended_at)


ADDED: Mapping[type[Event], tuple[Table, Callable[[Recorded, Any], tuple[Any, ...]]]] = {AlarmRaised: (alarm, _raised)}
UPDATED: Mapping[type[Event], Callable[[Session, Recorded, Any], Awaitable[None]]] = {
    AlarmRepeated: _repeated,
    AlarmAcknowledged: _acknowledged,
    FaultEnded: _ended,
}
_ALARM = (delete(alarm).where(alarm.c.id == bindparam("key")),)
SUBJECTS: Mapping[type[Event], Callable[[Any], Subject]] = {
    AlarmRaised: lambda e: Subject(e.alarm.id, _ALARM),
    AlarmRepeated: lambda e: Subject(e.alarm_id, _ALARM),
    AlarmAcknowledged: lambda e: Subject(e.alarm_id, _ALARM),
    FaultEnded: lambda e: Subject(e.alarm_id, _ALARM),
}
