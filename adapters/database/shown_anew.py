"""Filling tables again from the logs, where what stands in them is no longer what the logs say."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, delete, or_, select

from adapters.database.feed_loads import require
from adapters.database.quarantined import NOT_SHOWN
from adapters.database.records import placed, to_recorded
from adapters.database.session import Row, Session
from adapters.database.showing import quarantine, show
from adapters.database.tables import METADATA
from adapters.database.tables.access import audit_record
from adapters.database.tables.logs import event, log
from bus.catalogue import AUDIT, UP
from bus.feed_modules import FEEDS
from bus.recorded import Recorded
from bus.replication.clock import wall_time
from bus.replication.log import LogId

PAGE = 1_000

_FORGET_NODE = tuple(
    delete(table).where(table.c.node == bindparam("of_origin"))
    for table in METADATA.sorted_tables
    if "node" in table.columns and table is not audit_record
)
_FORGET_MODULE = {
    module.name: tuple(delete(METADATA.tables[shown.table]) for shown in reversed(module.shown))
    for module in FEEDS.values()
}
_FLOORED = select(log.c.channel).where(
    log.c.channel >= bindparam("low"), log.c.channel < bindparam("high"), log.c.floor_seq > 0
)
_FIRST = UUID(int=0)


def _shown(*where: Any) -> Select[Any]:
    """Return the query for events that stand in the tables, in the order in which they may depend on each other."""
    later = or_(
        event.c.hlc > bindparam("after_hlc"),
        and_(event.c.hlc == bindparam("after_hlc"), event.c.id > bindparam("after_id")),
    )
    return (
        select(event, log.c.origin, log.c.epoch, log.c.channel)
        .join(log, log.c.id == event.c.log_id)
        .where(*where, event.c.body.is_not(None), ~NOT_SHOWN, later)
        .order_by(event.c.hlc, event.c.id)
        .limit(PAGE)
    )


_OF_NODE = _shown(
    log.c.origin == bindparam("of_origin"), or_(*(log.c.channel == channel for channel in UP if channel != AUDIT))
)
_OF_MODULE = _shown(log.c.channel >= bindparam("low"), log.c.channel < bindparam("high"))


async def show_anew(session: Session, changed: LogId) -> None:
    """Fill the tables again that a log shows in: those of its origin, or those of its feed's module.

    Where a feed of the module begins behind a snapshot, its logs do not tell it all: it is loaded from another one.
    Audit records are not touched: each stands as long as its event does. An event that stands in two logs shows once.
    """
    if changed.channel in UP:
        for statement in _FORGET_NODE:
            await session.run(statement, of_origin=changed.origin)
        await _show(session, _OF_NODE, {"of_origin": changed.origin})
        return
    module = changed.channel.partition(".")[0]
    within = {"low": f"{module}.", "high": f"{module}/"}
    floored = {row["channel"] for row in await session.rows(_FLOORED, **within)}
    if floored:
        for feed in sorted({*floored, changed.channel}):
            await require(session, feed)
        return
    for statement in _FORGET_MODULE[module]:
        await session.run(statement)
    await _show(session, _OF_MODULE, within)


async def _show(session: Session, query: Select[Any], where: dict[str, str]) -> None:
    after_hlc, after_id = -1, str(_FIRST)
    while rows := await session.rows(query, **where, after_hlc=after_hlc, after_id=after_id):
        logs = {str(row["id"]): row["log_id"] for row in rows}
        for one, failure in await show(session, _recorded(rows)):
            await quarantine(session, logs[one.id], one.seq, failure, wall_time(one.hlc))
        after_hlc, after_id = rows[-1]["hlc"], str(rows[-1]["id"])


def _recorded(rows: Sequence[Row]) -> list[Recorded]:
    once = {str(row["id"]): row for row in rows}
    return [to_recorded(*placed(row)) for row in once.values()]
