"""How the devices of a site reach it: one intake behind HTTP and NATS."""

from collections.abc import Coroutine
from typing import Any

from adapters.database.views import DatabaseViews
from adapters.devices.formats import FORMATS
from adapters.nats.devices import NatsDevices
from bus.dispatcher import Dispatcher
from bus.live import Live
from bus.pushes.intake import Intake
from bus.pushes.known_devices import KnownDevices
from domain.shared.ports import Clock
from sites.broker import Broker
from sites.settings import NodeSettings


def intake(
    settings: NodeSettings, dispatcher: Dispatcher, views: DatabaseViews, live: Live, clock: Clock
) -> Intake | None:
    """Return what takes the pushes of devices; only a site does."""
    if settings.role != "site":
        return None
    return Intake(settings.code, dispatcher, KnownDevices(views, live), formats=FORMATS, clock=clock)


def works(settings: NodeSettings, intake: Intake | None, broker: Broker) -> list[Coroutine[Any, Any, None]]:
    """Return what runs beside a node for the sake of its devices."""
    if intake is None:
        return []
    return [intake.run(), NatsDevices(broker.url, node=settings.code, intake=intake).run()]
