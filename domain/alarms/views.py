"""What can be looked up of alarms."""

from collections.abc import Sequence
from typing import Protocol

from domain.alarms.model import Alarm, AlarmState
from domain.shared.views import Page, Window


class AlarmsViews(Protocol):
    """Alarms as they stand at this node."""

    async def alarm(self, alarm_id: str) -> Alarm | None:
        """Return one alarm, or None."""
        ...

    async def alarms(self, window: Window, *, state: AlarmState | None = None, node: str | None = None) -> Page[Alarm]:
        """Return alarms, in one state or of one site where given."""
        ...

    async def standing_faults(self) -> Sequence[Alarm]:
        """Return this node's own alarms for technical faults that have not ended, oldest first."""
        ...
