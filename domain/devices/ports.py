"""What the state of devices asks of others."""

from typing import Protocol

from domain.devices.model import Contact
from domain.shared.entities import Entities
from domain.shared.ports import Change


class Contacts(Protocol):
    """When devices were heard last."""

    async def keep(self, contact: Contact) -> None:
        """Keep it in place of what is known of the device."""
        ...


class DevicesChange(Change, Protocol):
    """A change as the state of devices needs it."""

    @property
    def contacts(self) -> Contacts:
        """When devices were heard last."""
        ...

    @property
    def entities(self) -> Entities:
        """The entities on record."""
        ...
