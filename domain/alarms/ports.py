"""What alarms ask of others."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.alarms.model import Alarm
from domain.shared.ports import Change


class Alarms(Protocol):
    """The alarms on record at this node."""

    async def find(self, alarm_id: str) -> Alarm | None:
        """Return one alarm, or None."""
        ...

    async def open_for(self, label: str, cause: str, since: datetime | None) -> Sequence[Alarm]:
        """Return this node's own alarms for the object and cause that nobody has taken, newest first.

        With ``since`` also those that were taken later than that.
        """
        ...

    async def standing(self, label: str, cause: str) -> Sequence[Alarm]:
        """Return this node's own alarms for the object and cause that have not ended, taken or not, newest first."""
        ...


class AlarmsChange(Change, Protocol):
    """A change as alarms need it."""

    @property
    def alarms(self) -> Alarms:
        """The alarms on record at this node."""
        ...
