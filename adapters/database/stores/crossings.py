"""What crossings ask of registrations and alarms."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import bindparam, select, union

from adapters.database.elements import IsOneOfIds, IsOneOfTexts
from adapters.database.session import Row, Session
from adapters.database.stores.entities import EntityStore
from adapters.database.tables.alarms import alarm
from adapters.database.tables.registrations import registration
from domain.alarms.model import RADIATION, AlarmState
from domain.crossings.measured import MEASURED_MAX
from domain.crossings.ports import Sighting, Sightings
from domain.registrations.measurements import Measurement
from domain.registrations.model import ObjectKind, ScreeningOutcome

_OF_IDS = select(
    registration.c.id,
    registration.c.node,
    registration.c.kind,
    registration.c.seen_at,
    registration.c.label,
    registration.c.outcome,
    registration.c.matches,
).where(IsOneOfIds(registration.c.id, bindparam("keys")))
_ALARM = select(alarm.c.id, alarm.c.label, alarm.c.registration_id, alarm.c.cause, alarm.c.state, alarm.c.ended_at)
_ALARMS = union(
    _ALARM.where(IsOneOfTexts(alarm.c.label, bindparam("labels"))),
    _ALARM.where(IsOneOfIds(alarm.c.registration_id, bindparam("keys"))),
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
        rows = await self._rows(registration_ids)
        alarms = await self._alarms_for(rows)
        radiating = await self._radiating(rows)
        return [
            each for row in rows if _is_alarmed(row, alarms[each := str(row["id"])], is_radiating=each in radiating)
        ]

    async def seen_since(self, registration_ids: Sequence[str], since: datetime) -> Sequence[str]:
        """Return those whose object was registered anew, seen later than ``since``."""
        return [
            str(row["id"])
            for row in await self._rows(registration_ids)
            if row["label"]
            and await self._session.row(_SINCE, label=row["label"], node=self._node, since=since, id=str(row["id"]))
        ]

    async def _alarms_for(self, rows: Sequence[Row]) -> Mapping[str, Sequence[Row]]:
        """Return all alarms for each of these registrations, or for what is called the same."""
        keys, labels = [str(row["id"]) for row in rows], {row["label"] for row in rows} - {""}
        by_id, by_label = defaultdict[str, list[Row]](list), defaultdict[str, list[Row]](list)
        for each in await self._session.rows(_ALARMS, keys=json.dumps(keys), labels=json.dumps(sorted(labels))):
            by_id[str(each["registration_id"])].append(each)
            by_label[each["label"]].append(each)
        return {
            str(row["id"]): by_id[str(row["id"])] + (by_label[row["label"]] if row["label"] else []) for row in rows
        }

    async def _radiating(self, rows: Sequence[Row]) -> Collection[str]:
        """Return those of these registrations for which a portal sounded an alarm."""
        ids = [str(row["id"]) for row in rows if row["kind"] != ObjectKind.PERSON.value]
        measured = await EntityStore(self._session).beside(Measurement, "registration_id", ids, MEASURED_MAX)
        return {
            each
            for each, of_it in measured.items()
            if any(one.radiation is not None and one.radiation.is_alarming for one in of_it)
        }

    async def _rows(self, registration_ids: Sequence[str]) -> list[Row]:
        found = await self._session.rows(_OF_IDS, keys=json.dumps(list(registration_ids)))
        rows = {str(row["id"]): row for row in found}
        return [rows[each] for each in registration_ids if each in rows]


def _is_alarmed(row: Row, alarms: Sequence[Row], *, is_radiating: bool) -> bool:
    if any(each["state"] == AlarmState.RAISED.value and each["ended_at"] is None for each in alarms):
        return True
    if not alarms and msgspec.json.decode(row["matches"]):
        return True
    return is_radiating and not any(each["cause"].startswith(RADIATION) for each in alarms)


def _to_sighting(row: Row) -> Sighting:
    return Sighting(
        id=str(row["id"]),
        node=row["node"],
        kind=row["kind"],
        label=row["label"],
        seen_at=row["seen_at"],
        checked=row["outcome"] == ScreeningOutcome.CHECKED.value,
    )
