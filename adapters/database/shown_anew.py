"""Filling tables again from the logs, where what stands in them is no longer what the logs say."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from heapq import heapify, heappop, heapreplace

from sqlalchemy import bindparam, delete, or_, select

from adapters.database.feed_loads import require
from adapters.database.heads import lock_found
from adapters.database.quarantined import NOT_SHOWN
from adapters.database.records import placed, to_recorded
from adapters.database.session import Row, Session
from adapters.database.showing import quarantine, show
from adapters.database.tables import METADATA
from adapters.database.tables.access import audit_record
from adapters.database.tables.logs import event, log
from bus.catalogue import AUDIT, UP
from bus.feed_modules import FEEDS, module_of
from bus.replication.clock import wall_time
from bus.replication.log import LogId

SHOWN_AT_ONCE = 1_000
READ_AT_ONCE = 200
"""Events of a channel: there may be many channels."""

_FORGET_NODE = tuple(
    delete(table).where(table.c.node == bindparam("of_origin"))
    for table in METADATA.sorted_tables
    if "node" in table.columns and table is not audit_record
)
_FORGET_MODULE = {
    module.name: tuple(delete(METADATA.tables[shown.table]) for shown in reversed(module.shown))
    for module in FEEDS.values()
}
_OF_NODE = select(log).where(log.c.origin == bindparam("of_origin"), or_(*(log.c.channel == one for one in UP)))
_OF_MODULE = select(log).where(log.c.channel >= bindparam("low"), log.c.channel < bindparam("high"))
_SHOWN = (
    select(event, log.c.origin, log.c.epoch, log.c.channel)
    .join(log, log.c.id == event.c.log_id)
    .where(
        event.c.log_id == bindparam("of_log"),
        event.c.seq > bindparam("after"),
        event.c.body.is_not(None),
        ~NOT_SHOWN,
    )
    .order_by(event.c.seq)
    .limit(READ_AT_ONCE)
)
_EARLIER = (
    select(event.c.id)
    .join(log, log.c.id == event.c.log_id)
    .where(
        event.c.id.between(bindparam("low"), bindparam("high")),
        log.c.origin == bindparam("of_origin"),
        log.c.channel == bindparam("of_channel"),
        log.c.epoch < bindparam("than"),
    )
)


async def lock_beside(session: Session, changed: LogId) -> None:
    """Lock all logs that show in the tables that a log shows in, for who is about to fill them again."""
    await lock_found(session, await _beside(session, changed))


async def show_anew(session: Session, changed: LogId) -> None:
    """Fill the tables again that a log shows in: those of its origin, or those of its feed's module.

    Where a feed of the module begins behind a snapshot, its logs do not tell it all: it is loaded from another one.
    Audit records are not touched: each stands as long as its event does. An event that stands in two logs shows once.
    """
    logs = [row for row in await _beside(session, changed) if row["channel"] != AUDIT]
    floored = {row["channel"] for row in logs if row["floor_seq"] > 0}
    if floored and changed.channel not in UP:
        for feed in sorted({*floored, changed.channel}):
            await require(session, feed)
        return
    await _forget(session, changed)
    await _show(session, logs)


async def _forget(session: Session, changed: LogId) -> None:
    """Empty the tables that a log shows in of what they show of it and of those beside it."""
    if changed.channel in UP:
        for statement in _FORGET_NODE:
            await session.run(statement, of_origin=changed.origin)
    else:
        for statement in _FORGET_MODULE[module_of(changed.channel).name]:
            await session.run(statement)


async def _beside(session: Session, changed: LogId) -> Sequence[Row]:
    """Return all logs that show in the tables that a log shows in."""
    if changed.channel in UP:
        return await session.rows(_OF_NODE, of_origin=changed.origin)
    module = module_of(changed.channel).name
    return await session.rows(_OF_MODULE, low=f"{module}.", high=f"{module}/")


async def _show(session: Session, logs: Sequence[Row]) -> None:
    """Show what stands in logs, in the order in which it may depend on each other."""
    channels: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in sorted(logs, key=lambda row: int(row["epoch"])):
        channels[row["origin"], row["channel"]].append(row)
    page: list[Row] = []
    async for row in _by_time([_of_channel(session, held) for held in channels.values()]):
        page.append(row)
        if len(page) == SHOWN_AT_ONCE:
            await _show_page(session, page)
            page = []
    await _show_page(session, page)


async def _show_page(session: Session, page: Sequence[Row]) -> None:
    logs = {str(row["id"]): row["log_id"] for row in page}
    for one, failure in await show(session, [to_recorded(*placed(row)) for row in page]):
        await quarantine(session, logs[one.id], one.seq, failure, wall_time(one.hlc))


async def _of_channel(session: Session, logs: Sequence[Row]) -> AsyncIterator[Row]:
    """Yield what shows of an origin's logs of a channel, which are given by epoch; what stands in two of them once."""
    for held in logs:
        after = 0
        while rows := await session.rows(_SHOWN, of_log=held["id"], after=after):
            earlier = await _earlier(session, held, rows) if held is not logs[0] else frozenset()
            for row in rows:
                if str(row["id"]) not in earlier:
                    yield row
            after = rows[-1]["seq"]


async def _earlier(session: Session, held: Row, rows: Sequence[Row]) -> frozenset[str]:
    """Return ids among which are those of these events that stand in an earlier log of the channel, too."""
    ids = [str(row["id"]) for row in rows]
    place = {"of_origin": held["origin"], "of_channel": held["channel"], "than": held["epoch"]}
    found = await session.rows(_EARLIER, low=min(ids), high=max(ids), **place)
    return frozenset(str(row["id"]) for row in found)


async def _by_time(channels: Sequence[AsyncIterator[Row]]) -> AsyncIterator[Row]:
    """Yield the events of channels, each in its own order, of those that come next the oldest first."""
    first = [await anext(channel, None) for channel in channels]
    upcoming = [(row["hlc"], number, row) for number, row in enumerate(first) if row is not None]
    heapify(upcoming)
    while upcoming:
        _, number, row = upcoming[0]
        yield row
        following = await anext(channels[number], None)
        if following is None:
            heappop(upcoming)
        else:
            heapreplace(upcoming, (following["hlc"], number, following))
