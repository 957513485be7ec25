"""What alarms ask of others."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from domain.alarms.model import Alarm
from domain.organisation.events import Reason, VehicleClass
from domain.registrations.events import Registration
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


class PermittedAtLanes(Protocol):
    """What the posts permit at this site's lanes."""

    async def objections(
        self,
        lane: str,
        direction: str,
        country: str | None,
        at: datetime,
        vehicle_class: VehicleClass | None = None,
    ) -> Sequence[Reason]:
        """Return why a vehicle may not pass a lane; none for a lane, or of a post, of which nothing is known.

        What is None is not known, and nothing objected to for it.
        """
        ...

    async def tells_classes_apart(self, lane: str) -> bool:
        """Tell whether anything was decided of some classes of vehicles alone at the post of a lane."""
        ...

    async def objections_to_person(self, lane: str, direction: str, at: datetime) -> Sequence[Reason]:
        """Return why a person may not pass a lane on foot; none where nobody walks, and none as above."""
        ...

    async def objections_to_train(self, lane: str, at: datetime) -> Sequence[Reason]:
        """Return why a train may not pass a lane, in the direction of the lane; none as above."""
        ...

    async def objections_to_mass(
        self, lane: str, mass_kg: float, at: datetime, vehicle_class: VehicleClass | None = None
    ) -> Sequence[Reason]:
        """Return why a vehicle is too heavy for a lane, even if it is empty; none as above."""
        ...


class Registrations(Protocol):
    """The registrations on record."""

    async def find(self, registration_id: str) -> Registration | None:
        """Return one registration, or None."""
        ...


class Readings(Protocol):
    """What devices said of the registrations."""

    async def vehicle_class(self, registration_ids: Iterable[str], without: str | None = None) -> VehicleClass | None:
        """Return of which class a vehicle is by the readings of its registrations, and of all linked to them.

        None where they do not tell. ``without``: as if one reading, by its id, had not come.
        """
        ...


class AlarmsChange(Change, Protocol):
    """A change as alarms need it."""

    @property
    def registrations(self) -> Registrations:
        """The registrations on record."""
        ...

    @property
    def readings(self) -> Readings:
        """What devices said of them."""
        ...

    @property
    def permitted(self) -> PermittedAtLanes:
        """What the posts permit."""
        ...

    @property
    def alarms(self) -> Alarms:
        """The alarms on record at this node."""
        ...
