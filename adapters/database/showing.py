"""Showing events in the tables so that none blocks the others: who cannot be shown goes to quarantine."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import bindparam, delete, insert, null

from adapters.database.projections import Projection, project
from adapters.database.session import Session
from adapters.database.tables.logs import event_quarantine
from bus.link.reasons import reason_of, trouble_of
from bus.recorded import Recorded
from domain.shared.quarantine import QuarantineState

REASON_MAX = 1_000
_FORGET = delete(event_quarantine).where(
    event_quarantine.c.log_id == bindparam("of_log"), event_quarantine.c.seq == bindparam("at_seq")
)
_KEEP = insert(event_quarantine).values(
    {column.name: bindparam(column.name) for column in event_quarantine.columns}
    | {"state": QuarantineState.HELD.value, "note": "", "settled_by": "", "settled_at": null()}
)
_log = structlog.get_logger(__name__)


async def show(
    session: Session, recorded: Sequence[Recorded], projection: Projection | None = None
) -> list[tuple[Recorded, Exception]]:
    """Show events in the tables; where that fails search by halves for those at fault, and return them and why.

    Their ``projection`` need not be known.
    """
    work = partial(project, recorded=recorded) if projection is None else projection.write
    failure = await session.attempt(work) if recorded else None
    if failure is None:
        return []
    if len(recorded) == 1:
        return [(recorded[0], failure)]
    middle = len(recorded) // 2
    return [*await show(session, recorded[:middle]), *await show(session, recorded[middle:])]


async def quarantine(session: Session, log_id: int, seq: int, failure: Exception, at: datetime) -> None:
    """Hold an event in quarantine since ``at``."""
    trouble, reason = trouble_of(failure), reason_of(failure)[:REASON_MAX]
    _log.error("event_quarantined", log_id=log_id, seq=seq, trouble=trouble, reason=reason)
    await session.run(_FORGET, of_log=log_id, at_seq=seq)
    await session.run(_KEEP, log_id=log_id, seq=seq, reason=reason, at=at, trouble=trouble.value)
