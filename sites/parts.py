"""The parts of a node and how they are put together, the same for every role."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from starlette.types import ASGIApp

from adapters.database import sheets
from adapters.database.batches import DatabaseBatches
from adapters.database.changes import DatabaseChanges
from adapters.database.clock import started_clock
from adapters.database.custody import DatabaseCustody
from adapters.database.logs import DatabaseLogs
from adapters.database.node import claim
from adapters.database.retention import DatabaseRetention
from adapters.database.session import Database
from adapters.database.shares import TABLES
from adapters.database.views import DatabaseViews
from adapters.devices.formats import FORMATS
from adapters.identity.development import DevelopmentIssuer
from adapters.identity.device_keys import DerivedDeviceKeys
from adapters.system import SystemClock, SystemIds
from api.app import build_app
from api.doors import Doors
from bus.dispatcher import Dispatcher
from bus.link.link import Link
from bus.link.verifying import Inspection
from bus.live import Live
from bus.replays import Replays
from bus.replication.seal import Seal
from bus.retention import Retention
from bus.watch.condition import DiskSpace
from bus.watch.monitor import Monitor
from bus.watch.room import Shed, shed
from domain.shared.ports import Clock, Ids
from sites import devices, feeds, http, logs, visits, watching
from sites.broker import Broker
from sites.devices import DeviceParts
from sites.gatekeeper import Gatekeeper
from sites.neighbours import children, parent
from sites.readiness import Readiness
from sites.sealing import own_seal
from sites.servers.keeping import OwnServer, keep
from sites.settings import NodeSettings

TIDY_SECONDS = 3600.0
_log = structlog.get_logger(__name__)

OpenDatabase = Callable[[], AbstractAsyncContextManager[Database]]


async def run_node(
    settings: NodeSettings,
    open_database: OpenDatabase,
    broker: Broker,
    gatekeeper: Gatekeeper | None = None,
    postgres: OwnServer | None = None,
) -> None:
    """Run a node on its database and nats-server until a signal says stop; with a gatekeeper it has children.

    Its own servers are kept running, ``postgres`` among them where it has one.

    Raises:
        ForeignDatabase: the database belongs to another node.
        SealLost: it knows another key than the state folder holds.
    """
    logs.configure(settings.code)
    own = [server for server in (postgres, broker.own) if server is not None]
    async with open_database() as database:
        await claim(database, settings.code, SystemClock(), SystemIds())
        seal = await own_seal(database, settings.state)
        async with (
            _running(*(keep(server) for server in own)),
            _node(settings, database, broker, seal, gatekeeper) as app,
        ):
            await http.serve(app, settings.http, settings.state)


@asynccontextmanager
async def _node(
    settings: NodeSettings, database: Database, broker: Broker, seal: Seal, gatekeeper: Gatekeeper | None = None
) -> AsyncIterator[ASGIApp]:
    clock, ids, live = SystemClock(), SystemIds(), Live()
    node_logs, changes = await _records(
        settings, database, clock, ids, seal, has_room=lambda: watching.has_room(observer.last, settings.watch)
    )
    dispatcher = Dispatcher(settings.code, changes)
    above = parent(settings, broker.url)
    disk = partial(watching.disk, settings.state, database)
    views = DatabaseViews(database, settings.code, node_logs, settings.link.lists)
    for_devices = devices.parts(settings, dispatcher, views, live, clock, disk=disk, seen=lambda: observer.last)
    observer = watching.observer(
        settings,
        views,
        lambda: link.status(),  # noqa: PLW0108 - the link is made below
        clock=clock,
        disk=disk,
        clocks_ahead=node_logs.clocks_ahead,
        for_devices=for_devices,
    )
    batches = DatabaseBatches(database, clock=clock, ids=ids)
    link = Link(
        settings.code,
        node_logs,
        clock,
        parent=above,
        seal=seal,
        children=None if gatekeeper is None else children(settings, broker.url, gatekeeper.admission, batches),
        say=observer.say,
        snapshots=feeds.snapshots(settings, database),
        told=feeds.left_on_audit(dispatcher, settings.code),
        inspection=Inspection(custody=DatabaseCustody(database), tables=TABLES, hour=settings.link.verify_hour),
    )
    replays = Replays(dispatcher, settings.code)
    _listen(database, node_logs, changes, live, link, replays=replays)
    monitor = watching.monitor(settings, observer, dispatcher, views, clock)
    doors = _doors(
        settings,
        database,
        monitor,
        link,
        dispatcher=dispatcher,
        views=views,
        live=live,
        for_devices=for_devices,
        clock=clock,
        ids=ids,
    )
    await replays.begin()
    with watching.metrics_served(settings, observer, monitor, clock):
        works = [dispatcher.run(), replays.run(), link.run(), monitor.run(), _tidy(dispatcher)]
        works += watching.dialling(settings, link.status, broker, above, clock)
        works += [] if gatekeeper is None else [gatekeeper.run()]
        if settings.role == "site":
            works += [_retention(settings, database, clock, link, disk).run(), visits.watch(dispatcher, settings.code)]
            works += [sheets.keep(database)]
        works += [] if for_devices is None else for_devices.works(broker, live, settings.code)
        async with _running(*works):
            yield build_app(doors)


def _doors(
    settings: NodeSettings,
    database: Database,
    monitor: Monitor,
    link: Link,
    *,
    dispatcher: Dispatcher,
    views: DatabaseViews,
    live: Live,
    for_devices: DeviceParts | None,
    clock: Clock,
    ids: Ids,
) -> Doors:
    """Return what the API needs of a node."""
    issuer = DevelopmentIssuer(settings.state, settings.code, clock)
    return Doors(
        node=settings.code,
        role=settings.role,
        development=settings.development,
        dispatcher=dispatcher,
        views=views,
        live=live,
        tokens=issuer,
        device_keys=DerivedDeviceKeys(settings.state),
        formats=FORMATS,
        readiness=Readiness(database, settings.code),
        watch=monitor,
        link=link.status,
        replay_batch=link.replay_batch,
        holdings=DatabaseCustody(database),
        verifying=link.verifying,
        intake=None if for_devices is None else for_devices.intake,
        pictures=None if for_devices is None else for_devices.pictures,
        device_state=(lambda _: None) if for_devices is None else for_devices.contacts.state,
        clock=clock,
        ids=ids,
        issuer=issuer if settings.development else None,
        allowed_origins=settings.http.origins,
    )


def _listen(
    database: Database, node_logs: DatabaseLogs, changes: DatabaseChanges, live: Live, link: Link, *, replays: Replays
) -> None:
    """Have those who follow what goes on record hear of it."""
    changes.listeners += [live.heard, link.recorded, replays.heard]
    node_logs.listeners += [live.heard, link.heard, replays.heard]
    changes.watchers += [live.heard, replays.heard]
    database.when_in_doubt.append(live.cut)


def _retention(settings: NodeSettings, database: Database, clock: Clock, link: Link, disk: DiskSpace) -> Retention:
    """Return who removes what the centre holds, too, and is past its time, or has no room."""

    async def is_short() -> bool:
        return shed(await disk(), settings.watch) is Shed.HISTORY

    return Retention(
        DatabaseRetention(database, settings.code),
        clock,
        kept_for=timedelta(days=settings.retention_days),
        recovering=lambda: {log for wire in link.status().parent for log in wire.forked},
        is_short=is_short,
    )


async def _records(
    settings: NodeSettings, database: Database, clock: Clock, ids: Ids, seal: Seal, *, has_room: Callable[[], bool]
) -> tuple[DatabaseLogs, DatabaseChanges]:
    """Return the logs of a database that is the node's, and what is put on record there."""
    hybrid = await started_clock(database, settings.code, clock)
    node_logs = DatabaseLogs(
        database, node=settings.code, ids=ids, clock=clock, hybrid=hybrid, parent=settings.link.parent
    )
    changes = DatabaseChanges(
        database,
        node=settings.code,
        clock=clock,
        ids=ids,
        hybrid=hybrid,
        seal=seal,
        device_formats=FORMATS.keys(),
        lists=settings.link.lists,
        has_room=has_room,
    )
    return node_logs, changes


@asynccontextmanager
async def _running(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run works beside the node; when one fails the node ends rather than go on without it."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in works]
        yield
        for task in tasks:
            task.cancel()


async def _tidy(dispatcher: Dispatcher) -> None:
    while True:
        try:
            await dispatcher.tidy()
        except Exception:  # noqa: BLE001 - logged; the next hour will do
            _log.exception("not_tidied")
        await asyncio.sleep(TIDY_SECONDS)
