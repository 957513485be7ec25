"""The hybrid clock of a node that starts: it goes on from what is on record."""

from sqlalchemy import func, select

from adapters.database.session import Database
from adapters.database.tables.logs import event, log
from bus.replication.clock import HybridClock
from domain.shared.ports import Clock

_NEWEST = (
    select(log.c.origin, func.max(event.c.hlc).label("hlc"))
    .join(event, (event.c.log_id == log.c.id) & (event.c.seq == log.c.seq))
    .group_by(log.c.origin)
)


async def started_clock(database: Database, node: str, clock: Clock) -> HybridClock:
    """Return the clock of ``node``, past every stamp at the end of its own logs, however far ahead that is.

    What is on record of others counts as if it arrived now.
    """
    rows = await database.read(lambda session: session.rows(_NEWEST))
    newest = {row["origin"]: int(row["hlc"]) for row in rows}
    hybrid = HybridClock(newest.pop(node, 0))
    hybrid.merge(max(newest.values(), default=0), int(clock.now().timestamp() * 1000))
    return hybrid
