"""What crossings ask of registrations and alarms."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, select, union

from adapters.database.elements import IsOneOfIds, IsOneOfTexts
from adapters.database.session import Row, Session
from adapters.database.stores.entities import EntityStore
from adapters.database.stores.registrations import to_registration
from adapters.database.tables.alarms import alarm
from adapters.database.tables.registrations import registration
from domain.alarms.model import RADIATION, AlarmState
from domain.crossings.measured import MEASURED_MAX
from domain.crossings.ports import Sighting, Sightings
from domain.registrations.measurements import Measurement
from domain.registrations.model import ObjectKind, Registration, ScreeningOutcome

_OF_IDS = select(registration).where(IsOneOfIds(registration.c.id, bindparam("keys")))
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
        return {one.id: _to_sighting(one) for one in await self._found(registration_ids)}

    async def alarmed(self, registration_ids: Sequence[str]) -> Sequence[str]:
        """Return those for which there is an alarm that nobody has taken."""
        found = await self._found(registration_ids)
        alarms = await self._alarms_for(found)
        radiating = await self._radiating(found)
        return [one.id for one in found if _is_alarmed(one, alarms[one.id], is_radiating=one.id in radiating)]

    async def seen_since(self, registration_ids: Sequence[str], since: datetime) -> Sequence[str]:
        """Return those whose object was registered anew, seen later than ``since``."""
        return [
            one.id
            for one in await self._found(registration_ids)
            if one.label and await self._session.row(_SINCE, label=one.label, node=self._node, since=since, id=one.id)
        ]

    async def _alarms_for(self, found: Sequence[Registration]) -> Mapping[str, Sequence[Row]]:
        """Return all alarms for each of these registrations, or for what is called the same, or was."""
        keys, labels = [one.id for one in found], {label for one in found for label in one.labels}
        by_id, by_label = defaultdict[str, list[Row]](list), defaultdict[str, list[Row]](list)
        for each in await self._session.rows(_ALARMS, keys=json.dumps(keys), labels=json.dumps(sorted(labels))):
            by_id[str(each["registration_id"])].append(each)
            by_label[each["label"]].append(each)
        return {one.id: [*by_id[one.id], *(each for label in one.labels for each in by_label[label])] for one in found}

    async def _radiating(self, found: Sequence[Registration]) -> Collection[str]:
        """Return those of these registrations for which a portal sounded an alarm."""
        ids = [one.id for one in found if one.kind is not ObjectKind.PERSON]
        measured = await EntityStore(self._session).beside(Measurement, "registration_id", ids, MEASURED_MAX)
        return {
            each
            for each, of_it in measured.items()
            if any(one.radiation is not None and one.radiation.is_alarming for one in of_it)
        }

    async def _found(self, registration_ids: Sequence[str]) -> list[Registration]:
        rows = await self._session.rows(_OF_IDS, keys=json.dumps(list(registration_ids)))
        known = {one.id: one for one in map(to_registration, rows)}
        return [known[each] for each in registration_ids if each in known]


def _is_alarmed(one: Registration, alarms: Sequence[Row], *, is_radiating: bool) -> bool:
    if any(each["state"] == AlarmState.RAISED.value and each["ended_at"] is None for each in alarms):
        return True
    if not alarms and one.was_met:
        return True
    return is_radiating and not any(each["cause"].startswith(RADIATION) for each in alarms)


def _to_sighting(one: Registration) -> Sighting:
    return Sighting(
        id=one.id,
        node=one.node,
        kind=one.kind.value,
        label=one.label,
        seen_at=one.seen_at,
        checked=one.screening.outcome is ScreeningOutcome.CHECKED,
    )
