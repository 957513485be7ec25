"""What can be looked up of the state of devices."""

from collections.abc import Sequence
from typing import Protocol

from domain.devices.model import Contact


class DevicesViews(Protocol):
    """The devices of this site."""

    async def contacts(self) -> Sequence[Contact]:
        """Return when each device was heard last, as far as that is kept here."""
        ...
