"""Devices by code, remembered between their pushes."""

from bus.live import Lagging, Live
from domain.organisation.model import Device
from domain.organisation.views import OrganisationViews
from domain.shared.texts import is_code

_CHANGES = ("DeviceEnrolled", "DeviceKeyRenewed", "DeviceWithdrawn", "DeviceAdjusted")


class KnownDevices:
    """Devices by code; whatever changes is forgotten and looked up again."""

    def __init__(self, views: OrganisationViews, live: Live) -> None:
        """Know none yet."""
        self._views = views
        self._live = live
        self._known: dict[str, Device] = {}
        self._changes = 0

    async def find(self, code: str) -> Device | None:
        """Return the device of this code, or None. Codes that nobody has are not remembered."""
        device = self._known.get(code)
        if device is None and is_code(code):
            changes = self._changes
            device = await self._views.device(code)
            if device is not None and changes == self._changes:
                self._known[code] = device
        return device

    async def watch(self) -> None:
        """Forget what changes, until cancelled."""
        while True:
            try:
                await self._follow()
            except Lagging:
                continue

    async def _follow(self) -> None:
        with self._live.watch(*_CHANGES) as watch:
            self._forget()
            async for _ in watch.events():
                self._forget()

    def _forget(self) -> None:
        self._changes += 1
        self._known.clear()
