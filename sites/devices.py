"""What a site has for its devices: one intake behind HTTP and NATS, and a gallery for their pictures."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from adapters.database.views import DatabaseViews
from adapters.devices.formats import FORMATS
from adapters.nats.devices import NatsDevices
from adapters.pictures import FilePictures
from bus.dispatcher import Dispatcher
from bus.live import Live
from bus.pushes.contacts import Contacts
from bus.pushes.gallery import Gallery
from bus.pushes.intake import Intake
from bus.pushes.known_devices import KnownDevices
from bus.watch.condition import Condition, DiskSpace
from bus.watch.room import Shed, room_for_pictures
from domain.devices.commands import ReportDevices
from domain.devices.model import DeviceState
from domain.shared.actors import system
from domain.shared.ports import Clock
from sites import watching
from sites.broker import Broker
from sites.settings import NodeSettings

PICTURES: Final = "pictures"
"""Their folder in the state folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceParts:
    """What a site has for its devices."""

    intake: Intake
    contacts: Contacts
    pictures: FilePictures
    gallery: Gallery

    def states(self) -> Sequence[DeviceState]:
        """Return how all devices are that were ever heard or should be."""
        return self.contacts.states()

    @property
    def tally(self) -> Mapping[str, int]:
        """How many pictures were kept since the start, and how many not."""
        return self.gallery.tally

    def works(self, broker: Broker, live: Live, node: str) -> list[Coroutine[Any, Any, None]]:
        """Return what runs beside the site."""
        door = NatsDevices(broker.url, node=node, intake=self.intake)
        return [self.intake.run(), door.run(), self.gallery.run(live), self.contacts.run()]


def parts(
    settings: NodeSettings,
    dispatcher: Dispatcher,
    views: DatabaseViews,
    live: Live,
    clock: Clock,
    *,
    disk: DiskSpace,
    seen: Callable[[], Condition | None],
) -> DeviceParts | None:
    """Return what a node has for devices; nothing unless it is a site. ``seen`` tells how it was seen last."""
    if settings.role != "site":
        return None

    async def room(held: int) -> int:
        return room_for_pictures(held, await disk(), settings.watch)

    pictures = FilePictures(settings.state / PICTURES)
    gallery = Gallery(
        pictures,
        views,
        clock,
        kept_for=timedelta(days=settings.devices.pictures_days),
        has_room=lambda: watching.has_room(seen(), settings.watch, Shed.PICTURES),
        room=room,
    )

    async def report(command: ReportDevices) -> None:
        await dispatcher.dispatch(command, system(settings.code))

    known = KnownDevices(views, live)
    contacts = Contacts(settings.code, views, known, clock, report=report)
    intake = Intake(settings.code, dispatcher, known, formats=FORMATS, clock=clock, gallery=gallery, contacts=contacts)
    return DeviceParts(intake=intake, contacts=contacts, pictures=pictures, gallery=gallery)
