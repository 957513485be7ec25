"""What can be looked up of the organisation."""

from typing import Protocol

from domain.organisation.model import Device
from domain.shared.views import Page, Window


class OrganisationViews(Protocol):
    """Devices as they stand at this node."""

    async def device(self, code: str) -> Device | None:
        """Return one device, or None."""
        ...

    async def devices(self, window: Window) -> Page[Device]:
        """Return devices by their codes, descending; a window's ``after`` is a code."""
        ...
