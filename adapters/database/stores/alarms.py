"""Alarms within a change."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import bindparam, or_, select

from adapters.database.session import Row, Session
from adapters.database.tables.alarms import alarm
from domain.alarms.model import TECHNICAL, Alarm, AlarmSource, AlarmState, MatchSnapshot

_ALARM = select(alarm).where(alarm.c.id == bindparam("id"))
_OPEN = (
    select(alarm)
    .where(
        alarm.c.label == bindparam("label"),
        alarm.c.cause == bindparam("cause"),
        alarm.c.node == bindparam("node"),
        or_(alarm.c.state == AlarmState.RAISED.value, alarm.c.acknowledged_at > bindparam("since")),
    )
    .order_by(alarm.c.id.desc())
)
_STANDING = (
    select(alarm)
    .where(
        alarm.c.label == bindparam("label"),
        alarm.c.cause == bindparam("cause"),
        alarm.c.node == bindparam("node"),
        alarm.c.ended_at.is_(None),
    )
    .order_by(alarm.c.id.desc())
)
STANDING_FAULTS = (
    select(alarm)
    .where(alarm.c.cause.startswith(TECHNICAL), alarm.c.node == bindparam("node"), alarm.c.ended_at.is_(None))
    .order_by(alarm.c.id)
)
_snapshot = msgspec.json.Decoder(MatchSnapshot)


class AlarmStore:
    """The alarms on record at this node."""

    def __init__(self, session: Session, node: str) -> None:
        """Read through ``session``."""
        self._session = session
        self._node = node

    async def find(self, alarm_id: str) -> Alarm | None:
        """Return one alarm, or None."""
        row = await self._session.row(_ALARM, id=alarm_id)
        return None if row is None else to_alarm(row)

    async def open_for(self, label: str, cause: str, since: datetime | None) -> Sequence[Alarm]:
        """Return this node's own alarms for the object and cause that are not taken, or later than ``since``."""
        rows = await self._session.rows(_OPEN, label=label, cause=cause, node=self._node, since=since)
        return [to_alarm(row) for row in rows]

    async def standing(self, label: str, cause: str) -> Sequence[Alarm]:
        """Return this node's own alarms for the object and cause that have not ended."""
        rows = await self._session.rows(_STANDING, label=label, cause=cause, node=self._node)
        return [to_alarm(row) for row in rows]


def to_alarm(row: Row) -> Alarm:
    """Map a row of ``alarm``."""
    return Alarm(
        id=str(row["id"]),
        node=row["node"],
        source=AlarmSource(row["source"]),
        cause=row["cause"],
        lane=row["lane"],
        label=row["label"],
        registration_id=None if row["registration_id"] is None else str(row["registration_id"]),
        priority=row["priority"],
        text=row["text"],
        late=row["late"],
        raised_at=row["raised_at"],
        match=None if row["match"] is None else _snapshot.decode(row["match"]),
        state=AlarmState(row["state"]),
        repeats=row["repeats"],
        acknowledged_by=row["acknowledged_by"],
        acknowledged_at=row["acknowledged_at"],
        ended_at=row["ended_at"],
    )
