"""What crossings ask of registrations and alarms."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import bindparam, or_, select

from adapters.database.elements import IsOneOfIds
from adapters.database.session import Row, Session
from adapters.database.tables.alarms import alarm
from adapters.database.tables.registrations import registration
from domain.alarms.model import AlarmState
from domain.crossings.ports import Sighting, Sightings
from domain.registrations.model import ScreeningOutcome

_OF_IDS = select(
    registration.c.id,
    registration.c.node,
    registration.c.kind,
    registration.c.seen_at,
    registration.c.label,
    registration.c.outcome,
    registration.c.matches,
).where(IsOneOfIds(registration.c.id, bindparam("keys")))
_ALARMS = select(alarm.c.state, alarm.c.ended_at).where(
    alarm.c.label == bindparam("label"),
    or_(alarm.c.label != "", alarm.c.registration_id == bindparam("registration_id")),
)
_SINCE = (
    select(registration.c.id)
    .where(
        registration.c.label == bindparam("label"),
        registration.c.node == bindparam("node"),
        registration.c.seen_at > bindparam("since"),
        registration.c.id != bindparam("id"),
    )
    .limit(1)
)


class SightingStore(Sightings):
    """The registrations on record."""

    def __init__(self, session: Session, node: str) -> None:
        """Read through ``session`` for ``node``."""
        self._session = session
        self._node = node

    async def of(self, registration_ids: Sequence[str]) -> Mapping[str, Sighting]:
        """Return what is known of each."""
        return {str(row["id"]): _to_sighting(row) for row in await self._rows(registration_ids)}

    async def alarmed(self, registration_ids: Sequence[str]) -> Sequence[str]:
        """Return those for which there is an alarm that nobody has taken."""
        return [str(row["id"]) for row in await self._rows(registration_ids) if await self._is_alarmed(row)]

    async def seen_since(self, registration_ids: Sequence[str], since: datetime) -> Sequence[str]:
        """Return those whose object was registered anew, seen later than ``since``."""
        return [
            str(row["id"])
            for row in await self._rows(registration_ids)
            if row["label"]
            and await self._session.row(_SINCE, label=row["label"], node=self._node, since=since, id=str(row["id"]))
        ]

    async def _is_alarmed(self, row: Row) -> bool:
        alarms = await self._session.rows(_ALARMS, label=row["label"], registration_id=str(row["id"]))
        if not alarms:
            return bool(msgspec.json.decode(row["matches"]))
        return any(each["state"] == AlarmState.RAISED.value and each["ended_at"] is None for each in alarms)

    async def _rows(self, registration_ids: Sequence[str]) -> list[Row]:
        found = await self._session.rows(_OF_IDS, keys=json.dumps(list(registration_ids)))
        rows = {str(row["id"]): row for row in found}
        return [rows[each] for each in registration_ids if each in rows]


def _to_sighting(row: Row) -> Sighting:
    return Sighting(
        id=str(row["id"]),
        node=row["node"],
        kind=row["kind"],
        label=row["label"],
        seen_at=row["seen_at"],
        checked=row["outcome"] == ScreeningOutcome.CHECKED.value,
    )
