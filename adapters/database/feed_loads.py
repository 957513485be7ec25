"""Snapshots on their way into the tables, as a node keeps them in mind."""

from sqlalchemy import bindparam, delete, insert, select, update

from adapters.database.session import Row, Session
from adapters.database.tables.logs import feed_load, log
from bus.snapshots.ports import Load

LOADS = select(feed_load).order_by(feed_load.c.feed)
LOAD = select(feed_load).where(feed_load.c.feed == bindparam("feed"))
FORGET = delete(feed_load).where(feed_load.c.feed == bindparam("of_feed"))
IS_LOAD = (feed_load.c.feed == bindparam("of_feed"), feed_load.c.snapshot == bindparam("of_snapshot"))
NOT_ARRIVED = update(log).where(log.c.channel == bindparam("of_feed")).values(arrived=False)
_KEEP = insert(feed_load).values({column.name: bindparam(column.name) for column in feed_load.columns})


async def keep(session: Session, load: Load) -> None:
    """Keep a load in mind, in place of the one of its feed before."""
    await session.run(FORGET, of_feed=load.feed)
    await session.run(_KEEP, feed=load.feed, snapshot=load.snapshot, pieces=load.pieces, is_first=load.is_first)


async def require(session: Session, feed: str) -> None:
    """Have a feed loaded from a snapshot: its logs alone do not tell what must stand in the tables."""
    await session.run(NOT_ARRIVED, of_feed=feed)
    await keep(session, Load(feed=feed, snapshot="", pieces=0, is_first=False))


def to_load(row: Row) -> Load:
    """Map a row of ``feed_load``."""
    return Load(feed=row["feed"], snapshot=row["snapshot"], pieces=row["pieces"], is_first=bool(row["is_first"]))
