"""What occurrences ask of others."""

from typing import Protocol

from domain.registrations.events import Registration
from domain.shared.ports import Change


class Registrations(Protocol):
    """The registrations on record."""

    async def find(self, registration_id: str) -> Registration | None:
        """Return one registration, or None."""
        ...


class OccurrencesChange(Change, Protocol):
    """A change as occurrences need it."""

    @property
    def registrations(self) -> Registrations:
        """The registrations on record."""
        ...
