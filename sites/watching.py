"""How a node is watched: what it looks at on this machine, and who is told."""

import shutil
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol

import structlog

from adapters.database.session import Database
from adapters.database.views import DatabaseViews
from bus.dispatcher import Dispatcher
from bus.link.neighbours import Parent
from bus.link.status import LinkStatus
from bus.link.ways import Ways
from bus.watch.condition import Certificate, Condition, Disk, DiskSpace
from bus.watch.monitor import Monitor
from bus.watch.observer import Observer, WatchedViews
from bus.watch.room import Shed, shed
from bus.watch.thresholds import Thresholds
from bus.watch.watchdog import Redial, keep_dialling
from domain.alarms.commands import ReportFaults
from domain.alarms.model import Fault
from domain.devices.model import DeviceState
from domain.shared.actors import system
from domain.shared.ports import Clock
from sites import metrics
from sites.broker import Broker
from sites.keys import expiry
from sites.keys.invitation import InvitationUnreadable
from sites.keys.register import RegisterDamaged
from sites.settings import NodeSettings

_log = structlog.get_logger(__name__)

METRICS_FILE = "metrics.url"


class WatchedDevices(Protocol):
    """The devices of a site, and their pictures."""

    def states(self) -> Sequence[DeviceState]:
        """Return how all devices are that were ever heard."""
        ...

    @property
    def tally(self) -> Mapping[str, int]:
        """How many pictures were kept since the start, and how many not, by the reason."""
        ...


def observer(
    settings: NodeSettings,
    views: WatchedViews,
    link: Callable[[], LinkStatus],
    *,
    clock: Clock,
    disk: DiskSpace,
    clocks_ahead: Mapping[str, datetime],
    for_devices: WatchedDevices | None,
) -> Observer:
    """Return who looks at a node."""
    return Observer(
        settings.code,
        metadata.version("caifs"),
        views=views,
        link=link,
        clock=clock,
        disk=disk,
        certificates=partial(certificates, settings),
        clocks_ahead=clocks_ahead,
        sheds=settings.role == "site",
        devices=(lambda: ()) if for_devices is None else for_devices.states,
        pictures=dict if for_devices is None else lambda: for_devices.tally,
    )


def certificates(settings: NodeSettings) -> Sequence[Certificate]:
    """Return of each node the first of its certificates to end, as far as this node's state folder tells.

    That of an operator's nats-server is told apart: it is renewed otherwise. Of one that is not in use nothing is told.
    """
    try:
        told = expiry.certificates(settings.state, settings.code)
    except (InvitationUnreadable, RegisterDamaged, OSError, ValueError) as fault:
        _log.error("certificates_unreadable", error=str(fault))
        return ()
    ends: dict[str, datetime] = {}
    for one in told:
        if one.use != "server":
            ends[one.node] = min(one.not_after, ends.get(one.node, one.not_after))
        elif settings.link.nats_url is not None:
            ends[f"{one.node} nats-server"] = one.not_after
    return [Certificate(owner=node, expires_at=end) for node, end in ends.items()]


def monitor(
    settings: NodeSettings, observer: Observer, dispatcher: Dispatcher, views: DatabaseViews, clock: Clock
) -> Monitor:
    """Return who has the faults of a node raised as alarms."""

    async def report(command: ReportFaults) -> None:
        await dispatcher.dispatch(command, system(settings.code))

    return Monitor(observer, settings.watch, report=report, standing=views.standing_faults, clock=clock)


def dialling(
    settings: NodeSettings, link: Callable[[], LinkStatus], broker: Broker, parent: Parent | None, clock: Clock
) -> list[Coroutine[Any, Any, None]]:
    """Return what has a silent parent dialled anew, if anything can."""
    redial = _redial(broker, parent)
    if redial is None:
        return []
    return [keep_dialling(link, redial, after=timedelta(seconds=settings.watch.redial_seconds), clock=clock)]


def _redial(broker: Broker, parent: Parent | None) -> Redial | None:
    """Return how the parent is dialled anew: by the node's own server, else straight where the parent is known."""
    if parent is None:
        return None
    if broker.own is not None:
        return broker.own.restart
    return parent.bulk.take_next if isinstance(parent.bulk, Ways) else None


@contextmanager
def metrics_served(settings: NodeSettings, observer: Observer, monitor: Monitor, clock: Clock) -> Iterator[None]:
    """Serve the node's metrics; their address is in the file ``metrics.url`` of the state folder while it does.

    Raises:
        OSError: the port is taken.
    """

    def look() -> tuple[Condition, Iterable[Fault]] | None:
        return None if observer.last is None else (observer.last, monitor.faults(observer.last).values())

    registry = metrics.registry(metrics.NodeCollector(settings.role, look, clock.now))
    address = settings.state / METRICS_FILE
    with metrics.served(registry, settings.metrics) as url:
        address.write_text(f"{url}\n")
        try:
            yield
        finally:
            address.unlink(missing_ok=True)


async def disk(folder: Path, database: Database) -> Disk | None:
    """Return how much is left of the disk on which a folder is, and within the database's files."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return None
    return Disk(free=usage.free, room=usage.total, reusable=await database.reusable())


def has_room(condition: Condition | None, thresholds: Thresholds, given_up: Shed = Shed.EXTRAS) -> bool:
    """Tell whether a node has room for what would be ``given_up``, as far as it has been looked at."""
    return condition is None or not condition.sheds or shed(condition.disk, thresholds) < given_up
