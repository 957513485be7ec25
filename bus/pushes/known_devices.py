"""Devices by code, remembered between their pushes."""

from bus.live import Lagging, Live
from domain.organisation.model import Device
from domain.organisation.views import OrganisationViews
from domain.shared.texts import is_code
from domain.shared.views import Window

_CHANGES = ("DeviceEnrolled", "DeviceKeyRenewed", "DeviceWithdrawn", "DeviceAdjusted")
_PAGE = 500


class KnownDevices:
    """Devices by code; whatever changes is forgotten and looked up again."""

    def __init__(self, views: OrganisationViews, live: Live) -> None:
        """Know none yet."""
        self._views = views
        self._live = live
        self._known: dict[str, Device] = {}
        self._of_site: dict[str, tuple[Device, ...]] = {}
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

    async def of_site(self, site: str) -> tuple[Device, ...]:
        """Return the devices that stand at a site, those among them that are withdrawn."""
        if (known := self._of_site.get(site)) is not None:
            return known
        changes, found, window = self._changes, list[Device](), Window(limit=_PAGE)
        while True:
            page = await self._views.devices(window)
            found += [device for device in page.items if device.site == site]
            if not page.more:
                break
            window = Window(limit=_PAGE, after=page.items[-1].code)
        known = tuple(found)
        if changes == self._changes:
            self._of_site[site] = known
        return known

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
        self._of_site.clear()
