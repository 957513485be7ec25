"""The rows of feeds in a node's database: handed over as a snapshot, taken in from one, removed."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final, cast

from sqlalchemy import bindparam, delete, func, select, update

from adapters.database import feed_rows, tombstones
from adapters.database.erasing import erase_again
from adapters.database.feed_loads import FORGET, IS_LOAD, LOAD, LOADS, NOT_ARRIVED, keep, require, to_load
from adapters.database.heads import in_order, lock, lock_found
from adapters.database.session import Database, Row, Session, tell_of_rows
from adapters.database.shares import DOWN
from adapters.database.tables.logs import event, event_quarantine, feed_load, log
from bus.feed_modules import ERASURE, module_of
from bus.replication.log import START, LogId, Position
from bus.snapshots.manifest import Manifest, Piece, Place
from bus.snapshots.ports import Load, NoSnapshot, Outrun, Sink, SnapshotTables

SWEPT_AT_ONCE: Final = 5_000
_OF_FEED = select(log).where(log.c.channel == bindparam("feed")).order_by(log.c.origin, log.c.epoch)
_FLOORED = select(log).where(log.c.floor_seq > 0, log.c.via.is_not(None))
_COUNT = update(feed_load).where(*IS_LOAD).values(pieces=bindparam("count"))
_END = delete(feed_load).where(*IS_LOAD)
_STAND = (
    update(log)
    .where(log.c.id == bindparam("key"))
    .values(
        seq=bindparam("at_seq"),
        hash=bindparam("at_hash"),
        projected=bindparam("at_seq"),
        floor_seq=bindparam("at_seq"),
        floor_hash=bindparam("at_hash"),
        via=bindparam("way"),
        arrived=True,
    )
)
_OLDEST = select(func.min(event.c.seq).label("seq")).where(event.c.log_id == bindparam("of_log"))
_SWEEP = tuple(
    delete(table).where(table.c.log_id == bindparam("of_log"), table.c.seq <= bindparam("last"))
    for table in (event, event_quarantine)
)
_FORGET_BEHIND = delete(event).where(event.c.log_id == bindparam("of_log"), event.c.seq > bindparam("last"))
_FORGET_LOG = delete(log).where(log.c.id == bindparam("key"))


class DatabaseSnapshots(SnapshotTables):
    """The rows of feeds in a database."""

    def __init__(self, database: Database) -> None:
        """Look after ``database``."""
        self._database = database

    async def take(self, feed: str, sink: Sink) -> None:
        """Hand all rows of a feed, and its logs, to ``sink``: one state, whatever is written meanwhile."""

        async def within(session: Session) -> None:
            logs = await session.rows(_OF_FEED, feed=feed)
            is_whole = all(row["arrived"] or row["via"] is None for row in logs)
            if not logs or not is_whole or await session.row(LOAD, feed=feed) is not None:
                raise NoSnapshot(feed)
            sink.begin([Place(_id(row), Position(row["seq"], row["hash"])) for row in logs])
            for table in feed_rows.tables_of(feed):
                sink.table(table, feed_rows.columns_of(table))
                async for page in feed_rows.rows_of(session, feed, table):
                    sink.add(cast("Sequence[Sequence[object]]", page), feed_rows.key_at(table))

        await self._database.read(within)

    async def loads(self) -> Sequence[Load]:
        """Return the loads under way, by feed."""
        return [to_load(row) for row in await self._database.read(lambda session: session.rows(LOADS))]

    async def require(self, feed: str) -> None:
        """Note that a feed is to be loaded, whatever is held of it."""
        await self._database.write(partial(require, feed=feed))

    async def begin(self, manifest: Manifest) -> Load:
        """Begin to load a snapshot, unless that has begun; another load of the feed gives way. Return how it stands."""

        async def within(session: Session) -> Load:
            logs = await _locked(session, manifest.feed)
            held = await session.row(LOAD, feed=manifest.feed)
            if held is not None and held["snapshot"] == manifest.id:
                return to_load(held)
            if held is None:
                _check(logs, manifest)
            is_first = held is None and all(row["seq"] == 0 for row in logs)
            load = Load(feed=manifest.feed, snapshot=manifest.id, pieces=0, is_first=is_first)
            await session.run(NOT_ARRIVED, of_feed=load.feed)
            await keep(session, load)
            return load

        return await self._database.write(within)

    async def put(self, load: Load, columns: Sequence[str], piece: Piece) -> Load:
        """Put a piece in the place of all that stands there of the feed, and count it, in one transaction."""
        is_known = piece.table in feed_rows.tables_of(load.feed)
        rows = _in_order_of(piece.table, columns, piece.rows) if is_known else []
        counted = replace(load, pieces=load.pieces + 1)

        async def within(session: Session) -> Load:
            await tombstones.beside(session)
            if is_known and not load.is_first:
                await feed_rows.clear(session, load.feed, piece.table, piece.after, piece.until)
            kept = await feed_rows.without_erased(session, load.feed, piece.table, rows)
            if fitting := await feed_rows.without_better(session, load.feed, piece.table, kept) if kept else ():
                await session.add(DOWN[piece.table].table, fitting)
            _check_under_way(
                await session.run(_COUNT, of_feed=load.feed, of_snapshot=load.snapshot, count=counted.pieces)
            )
            return counted

        return await self._database.write(within)

    async def finish(self, manifest: Manifest, via: str) -> None:
        """All pieces are in the tables: have the logs, which arrive through ``via``, stand where the snapshot does."""

        async def within(session: Session) -> None:
            places = {place.log: place.position for place in manifest.places}
            if module_of(manifest.feed).name == ERASURE:
                await tombstones.alone(session)
            for row in await _locked(session, manifest.feed):
                last = places.get(_id(row), START).seq
                await session.run(_FORGET_BEHIND, of_log=row["id"], last=last)
                if not last:
                    await session.run(_FORGET_LOG, key=row["id"])
            for one in in_order(places):
                row, place = await lock(session, one, via), places[one]
                await session.run(_STAND, key=row["id"], at_seq=place.seq, at_hash=place.hash, way=via)
            _check_under_way(await session.run(_END, of_feed=manifest.feed, of_snapshot=manifest.id))
            if module_of(manifest.feed).name == ERASURE:
                await erase_again(session)

        await self._database.write(within, self._tell)

    async def sweep(self) -> None:
        """Remove events that logs do not hold any more, in short transactions."""
        for row in await self._database.read(lambda session: session.rows(_FLOORED)):
            await self._sweep(row["id"], row["floor_seq"])

    async def leave(self, feed: str) -> int:
        """Remove the rows of a feed, its logs and their events, in short transactions; return how many rows there were.

        The logs and the load go last, so that what is interrupted is known to be unfinished.
        """
        await self.require(feed)
        removed = 0
        for table in reversed(feed_rows.tables_of(feed)):
            after = ""
            while keys := await self._database.read(
                partial(feed_rows.keys_behind, feed=feed, table=table, after=after)
            ):
                await self._database.write(partial(feed_rows.remove, table=table, keys=keys))
                removed += len(keys)
                after = keys[-1]
        logs = await self._database.read(lambda session: session.rows(_OF_FEED, feed=feed))
        for row in logs:
            await self._sweep(row["id"], row["seq"])
        await self._database.write(partial(_forget, feed=feed, logs=logs), self._tell)
        return removed

    def _tell(self, _: None) -> None:
        tell_of_rows(self._database)

    async def _sweep(self, log_id: int, last: int) -> None:
        """Remove the events of a log up to ``last``."""
        while True:
            oldest = await self._database.read(lambda session: session.row(_OLDEST, of_log=log_id))
            if oldest is None or oldest["seq"] is None or oldest["seq"] > last:
                return
            step = min(last, oldest["seq"] + SWEPT_AT_ONCE)
            await self._database.write(partial(_remove_events, log_id=log_id, last=step))


async def _locked(session: Session, feed: str) -> Sequence[Row]:
    """Return the logs of a feed that are here, locked."""
    return await lock_found(session, await session.rows(_OF_FEED, feed=feed))


def _check(logs: Sequence[Row], manifest: Manifest) -> None:
    """Make sure that a snapshot shows all that is held here.

    Raises:
        Outrun: it does not.
    """
    places = {place.log: place.position.seq for place in manifest.places}
    for row in logs:
        if row["seq"] > places.get(_id(row), 0):
            raise Outrun(f"{_id(row)} is at {row['seq']} here")


def _check_under_way(loads: int) -> None:
    """Make sure that the load that was touched is still there.

    Raises:
        LookupError: it is not: the feed was left meanwhile, or another snapshot is required.
    """
    if not loads:
        raise LookupError("the load is not under way any more")


async def _remove_events(session: Session, log_id: int, last: int) -> None:
    for statement in _SWEEP:
        await session.run(statement, of_log=log_id, last=last)


async def _forget(session: Session, feed: str, logs: Sequence[Row]) -> None:
    await session.run(FORGET, of_feed=feed)
    for row in logs:
        await session.run(_FORGET_LOG, key=row["id"])


def _in_order_of(table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> Sequence[tuple[Any, ...]]:
    """Return rows in the order of a table's own columns; what is not known here is left out.

    Raises:
        LookupError: they lack a column that must not be empty.
    """
    own = DOWN[table].table.columns
    if list(columns) == [column.name for column in own]:
        return rows
    lacking = [column.name for column in own if column.name not in columns and not column.nullable]
    if lacking:
        raise LookupError(f"{table} comes without {', '.join(lacking)}")
    places = [columns.index(column.name) if column.name in columns else None for column in own]
    return [tuple([None if place is None else row[place] for place in places]) for row in rows]


def _id(row: Row) -> LogId:
    return LogId(row["origin"], row["epoch"], row["channel"])
