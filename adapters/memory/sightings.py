"""What crossings ask of registrations and alarms, in memory."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from adapters.memory.tables import Tables
from domain.alarms.model import RADIATION, Alarm, AlarmState
from domain.crossings.ports import Sighting, Sightings
from domain.registrations.measurements import Measurement
from domain.registrations.model import Registration, ScreeningOutcome


class MemorySightings(Sightings):
    """The registrations on record."""

    def __init__(self, tables: Tables, node: str) -> None:
        """Answer from ``tables`` for ``node``."""
        self._tables = tables
        self._node = node

    async def of(self, registration_ids: Sequence[str]) -> Mapping[str, Sighting]:
        """Return what is known of each."""
        return {
            each.id: Sighting(
                id=each.id,
                node=each.node,
                kind=each.kind.value,
                label=each.label,
                seen_at=each.seen_at,
                checked=each.screening.outcome is ScreeningOutcome.CHECKED,
            )
            for each in self._found(registration_ids)
        }

    async def alarmed(self, registration_ids: Sequence[str]) -> Sequence[str]:
        """Return those for which there is an alarm that nobody has taken."""
        return [each.id for each in self._found(registration_ids) if self._is_alarmed(each)]

    async def seen_since(self, registration_ids: Sequence[str], since: datetime) -> Sequence[str]:
        """Return those whose object was registered anew, seen later than ``since``."""
        later = [each for each in self._tables.registrations.all() if each.node == self._node and each.seen_at > since]
        return [
            each.id
            for each in self._found(registration_ids)
            if each.label and any(other.label == each.label and other.id != each.id for other in later)
        ]

    def _is_alarmed(self, registration: Registration) -> bool:
        alarms = [each for each in self._tables.alarms.all() if _is_for(each, registration)]
        if any(map(_is_untaken, alarms)):
            return True
        if registration.was_met and not alarms:
            return True
        return self._is_radiating(registration) and not any(each.cause.startswith(RADIATION) for each in alarms)

    def _is_radiating(self, registration: Registration) -> bool:
        measured = self._tables.entities[Measurement].all()
        of_it = (each.radiation for each in measured if each.registration_id == registration.id)
        return any(each is not None and each.is_alarming for each in of_it)

    def _found(self, registration_ids: Sequence[str]) -> list[Registration]:
        found = map(self._tables.registrations.get, registration_ids)
        return [each for each in found if each is not None]


def _is_untaken(alarm: Alarm) -> bool:
    return alarm.state is AlarmState.RAISED and alarm.ended_at is None


def _is_for(alarm: Alarm, registration: Registration) -> bool:
    return alarm.registration_id == registration.id or alarm.label in registration.labels
