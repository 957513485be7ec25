"""What the organisation asks of others."""

from collections.abc import Collection
from typing import Protocol

from domain.organisation.model import Device
from domain.shared.ports import Change


class Devices(Protocol):
    """The devices known at this node."""

    async def find(self, code: str) -> Device | None:
        """Return the device of this code, or None."""
        ...

    async def stand_at(self, site: str, *, lane: str = "", checkpoint: str = "") -> bool:
        """Tell whether a device in service stands at a site; in its lane, at its checkpoint where these are named."""
        ...


class OrganisationChange(Change, Protocol):
    """A change as the organisation needs it."""

    @property
    def devices(self) -> Devices:
        """The devices known at this node."""
        ...

    @property
    def device_formats(self) -> Collection[str]:
        """Names of the vendor formats that can be read."""
        ...
