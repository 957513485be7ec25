"""How a node is watched: what it looks at on this machine, and who is told."""

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import metadata
from pathlib import Path

from adapters.database.logs import DatabaseLogs
from adapters.database.views import DatabaseViews
from bus.dispatcher import Dispatcher
from bus.link.link import LinkStatus
from bus.watch.condition import Condition, Disk
from bus.watch.monitor import Monitor
from bus.watch.observer import Observer
from domain.alarms.commands import ReportFaults
from domain.alarms.model import Fault
from domain.shared.actors import system
from domain.shared.ports import Clock
from sites import metrics
from sites.settings import NodeSettings

METRICS_FILE = "metrics.url"


def observer(settings: NodeSettings, logs: DatabaseLogs, link: Callable[[], LinkStatus], clock: Clock) -> Observer:
    """Return who looks at a node."""
    return Observer(
        settings.code,
        metadata.version("caifs"),
        logs=logs,
        link=link,
        clock=clock,
        disk=partial(disk, settings.state),
        clocks_ahead=logs.clocks_ahead,
    )


def monitor(
    settings: NodeSettings, observer: Observer, dispatcher: Dispatcher, views: DatabaseViews, clock: Clock
) -> Monitor:
    """Return who has the faults of a node raised as alarms."""

    async def report(command: ReportFaults) -> None:
        await dispatcher.dispatch(command, system(settings.code))

    return Monitor(observer, settings.watch, report=report, standing=views.standing_faults, clock=clock)


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


def disk(folder: Path) -> Disk | None:
    """Return how much is left of the disk on which a folder is."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return None
    return Disk(free=usage.free, room=usage.total)
