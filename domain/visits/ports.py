"""What visits ask of others."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, Protocol

from domain.organisation.events import VehicleClass
from domain.registrations.events import Registration
from domain.shared.ports import Change

LABELLED_MAX: Final = 100


class Stand(Protocol):
    """Where a device stands."""

    @property
    def checkpoint(self) -> str:
        """The checkpoint at which it looks."""
        ...

    @property
    def view(self) -> str | None:
        """What it sees of a vehicle: ``front``, ``rear`` or ``side``; None when that is not known."""
        ...


class Stands(Protocol):
    """Where devices stand."""

    async def stand_of(self, device: str) -> Stand | None:
        """Return where the device of this code stands at this site, or None."""
        ...


class Registrations(Protocol):
    """The registrations on record."""

    async def find(self, registration_id: str) -> Registration | None:
        """Return one registration, or None."""
        ...

    async def labelled(self, label: str, since: datetime, until: datetime) -> Sequence[Registration]:
        """Return up to ``LABELLED_MAX`` registrations of this label that were seen between two times, newest first."""
        ...


class Readings(Protocol):
    """What devices said of the registrations."""

    async def vehicle_class(self, registration_ids: Iterable[str]) -> VehicleClass | None:
        """Return of which class a vehicle is by the readings of its registrations, and of all linked to them.

        None where they do not tell.
        """
        ...


class VisitsChange(Change, Protocol):
    """A change as visits need it."""

    @property
    def lanes(self) -> Stands:
        """Where devices stand."""
        ...

    @property
    def registrations(self) -> Registrations:
        """The registrations on record."""
        ...

    @property
    def readings(self) -> Readings:
        """What devices said of them."""
        ...
