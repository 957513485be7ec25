"""What alarms ask of others."""

from typing import Protocol

from domain.alarms.model import Alarm
from domain.shared.ports import Change


class Alarms(Protocol):
    """The alarms on record at this node."""

    async def find(self, alarm_id: str) -> Alarm | None:
        """Return one alarm, or None."""
        ...

    async def open_for(self, label: str, cause: str) -> Alarm | None:
        """Return this node's own alarm that is not acknowledged yet for the object and cause, or None."""
        ...


class AlarmsChange(Change, Protocol):
    """A change as alarms need it."""

    @property
    def alarms(self) -> Alarms:
        """The alarms on record at this node."""
        ...
