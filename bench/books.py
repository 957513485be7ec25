"""Fills databases before a measurement: cameras and watchlist of the centre, facts of a site."""

import asyncio
import sqlite3
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from sqlalchemy import delete, update

from adapters.database.changes import DatabaseChanges
from adapters.database.epochs import present
from adapters.database.heads import lock
from adapters.database.node import claim
from adapters.database.postgres import PostgresDatabase
from adapters.database.schema import migrate_postgres, migrate_sqlite
from adapters.database.session import Database, Session
from adapters.database.sqlite import SqliteDatabase
from adapters.database.tables.logs import log, node
from adapters.devices.formats import FORMATS
from adapters.system import SystemClock, SystemIds
from bench import series
from bus.catalogue import lists_of
from bus.codec import decode
from bus.dispatcher import Dispatcher
from bus.ports import DispatchedChange
from bus.replication.clock import HybridClock
from bus.replication.log import LogId
from bus.replication.seal import KEY_BYTES, Seal
from domain.organisation.events import DeviceEnrolled
from domain.registrations.commands import TakeReadings
from domain.registrations.events import ReadingTaken, Registered
from domain.registrations.readings import Push
from domain.shared.actors import Actor, Role, system
from domain.shared.messages import Event
from domain.watchlist.events import EntryActivated
from sites.demo.topology import PLANS
from sites.settings import DATABASE_FILE

CENTRE = "central"
_TOGETHER = 64
_IN_A_CHANGE = 5_000  # facts
_FACTS = "SELECT body FROM event JOIN log ON log.id = log_id WHERE channel = 'facts' AND origin = ? ORDER BY event.seq"
_clock, _ids = SystemClock(), SystemIds()


async def fill_centre(url: str) -> None:
    """Put cameras and watchlist into a fresh database of the centre."""
    await migrate_postgres(url)
    database = PostgresDatabase(url)
    await database.open()
    try:
        await claim(database, CENTRE, _clock, _ids)
        await _record_feeds(_changes(database, CENTRE))
    finally:
        await database.close()


async def fill_site(state: Path, pushes: int = 0, more: Sequence[Event] = ()) -> None:
    """Put cameras and watchlist into a site's fresh database, as if the centre had sent them, and facts of its own.

    Args:
        state: the site's folder; made.
        pushes: how many are taken.
        more: events that the centre has sent too.
    """
    database = SqliteDatabase(_fresh_file(state))
    await database.open()
    try:
        await claim(database, CENTRE, _clock, _ids)
        await _record_feeds(_changes(database, CENTRE), more)
        await database.write(_arrived)
        await claim(database, series.SITE, _clock, _ids)
        await _take(Dispatcher(series.SITE, _changes(database, series.SITE)), pushes)
    finally:
        await database.close()


@asynccontextmanager
async def site_in_process(state: Path) -> AsyncIterator[Dispatcher]:
    """Give the dispatcher of a site whose database `fill_site` has filled, in this process."""
    database = SqliteDatabase(state / DATABASE_FILE)
    await database.open()
    try:
        yield Dispatcher(series.SITE, _changes(database, series.SITE))
    finally:
        await database.close()


def command_of(pushed: series.Pushed) -> TakeReadings:
    """Return the command to take what a camera pushed just now."""
    content = FORMATS[pushed.format].read(Push(content_type=pushed.shot.content_type, body=pushed.shot.body))
    return TakeReadings.of(content, pushed.device, _clock.now())


async def repeat_facts(file: Path, total: int) -> None:
    """Put readings and registrations on record at a site until its facts are ``total``.

    They are those it has, over and over, each time as other passages of other vehicles: with ids of their own.

    Args:
        file: the site's database, with facts from `fill_site`.
        total: facts.
    """
    database = SqliteDatabase(file)
    await database.open()
    try:
        changes = _changes(database, series.SITE)
        facts = _facts(file)
        for start in range(len(facts), total, _IN_A_CHANGE):
            more = [facts[place % len(facts)] for place in range(start, min(start + _IN_A_CHANGE, total))]
            await changes.run(system(series.SITE), partial(_record_again, more))
    finally:
        await database.close()


def _facts(file: Path) -> Sequence[Event]:
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        read = [decode(body)[2] for (body,) in connection.execute(_FACTS, (series.SITE,))]
    finally:
        connection.close()
    return [one for one in read if isinstance(one, ReadingTaken | Registered)]


async def _record_again(events: Sequence[Event], change: DispatchedChange) -> None:
    fresh = defaultdict[str, str](change.new_id)
    for one in events:
        await change.record(_anew(one, fresh))


def _anew(fact: Event, fresh: Mapping[str, str]) -> Event:
    match fact:
        case ReadingTaken():
            return replace(
                fact,
                reading_id=fresh[fact.reading_id],
                passage_id=fresh[fact.passage_id],
                registration_id=fresh[fact.registration_id],
                vendor_id=fresh[fact.reading_id],
            )
        case Registered(registration=registration):
            passage_id = None if registration.passage_id is None else fresh[registration.passage_id]
            return Registered(registration=replace(registration, id=fresh[registration.id], passage_id=passage_id))
    raise ValueError(f"not to be repeated: {fact}")


def _fresh_file(state: Path) -> Path:
    state.mkdir(parents=True)
    path = state / DATABASE_FILE
    migrate_sqlite(path)
    return path


async def _record_feeds(changes: DatabaseChanges, more: Sequence[Event] = ()) -> None:
    async def work(change: DispatchedChange) -> None:
        for event in (*_feeds(), *more):
            await change.record(event)

    await changes.run(system(CENTRE), work)


def _feeds() -> Iterator[Event]:
    for device in series.devices():
        yield DeviceEnrolled(device=device)
    for entry in series.watchlist(_ids.new):
        yield EntryActivated(entry=entry)


async def _arrived(session: Session) -> None:
    """Have all lists of the site be as if its parent had sent them, and the database nobody's."""
    epoch = await present(session)
    for list_ in sorted(lists_of(PLANS[series.SITE].scopes)):
        await lock(session, LogId(CENTRE, epoch, list_), via=None)
    await session.run(update(log).where(log.c.origin == CENTRE).values(via=PLANS[series.SITE].parent, arrived=True))
    await session.run(delete(node))


async def _take(dispatcher: Dispatcher, pushes: int) -> None:
    waiting = iter(series.Series().mixed(pushes))

    async def worker() -> None:
        for pushed in waiting:
            await dispatcher.dispatch(command_of(pushed), Actor(name=pushed.device, roles=frozenset({Role.DEVICE})))

    await asyncio.gather(*(worker() for _ in range(_TOGETHER)))


def _changes(database: Database, code: str) -> DatabaseChanges:
    return DatabaseChanges(
        database,
        node=code,
        clock=_clock,
        ids=_ids,
        hybrid=HybridClock(),
        seal=Seal(_ids.random(KEY_BYTES)),
        device_formats=FORMATS.keys(),
    )
