"""Events that could not be shown and batches that could not be taken, as an operator sees them."""

from datetime import datetime

from sqlalchemy import bindparam, func, select, update

from adapters.database.session import Row, Session
from adapters.database.tables.logs import batch_quarantine, event, event_quarantine, log
from bus.link.batches import STRANGERS
from domain.shared.quarantine import QuarantineState
from domain.upkeep.model import QuarantinedBatch, QuarantinedEvent, Trouble

QUARANTINED_EVENTS = (
    select(
        event_quarantine.c.reason,
        event_quarantine.c.at,
        event_quarantine.c.trouble,
        event_quarantine.c.state,
        event_quarantine.c.note,
        event_quarantine.c.settled_by,
        event_quarantine.c.settled_at,
        func.coalesce(func.length(event.c.body), 0).label("size"),
        event,
        log.c.origin,
        log.c.epoch,
        log.c.channel,
    )
    .join(event, (event.c.log_id == event_quarantine.c.log_id) & (event.c.seq == event_quarantine.c.seq))
    .join(log, log.c.id == event_quarantine.c.log_id)
)
QUARANTINED_BATCHES = select(*(column for column in batch_quarantine.columns if column.name != "data"))
_BATCH = QUARANTINED_BATCHES.where(batch_quarantine.c.id == bindparam("key"))
_SETTLE_BATCH = (
    update(batch_quarantine)
    .where(batch_quarantine.c.id == bindparam("key"))
    .values(
        state=bindparam("state"), note=bindparam("note"), settled_by=bindparam("who"), settled_at=bindparam("when_")
    )
)


class HeldBatchStore:
    """Batches in quarantine, within a change."""

    def __init__(self, session: Session, who: str, now: datetime) -> None:
        """Read and write through ``session`` on behalf of ``who``."""
        self._session = session
        self._who = who
        self._now = now

    async def find(self, batch_id: str) -> QuarantinedBatch | None:
        """Return a batch without its bytes, or None."""
        row = await self._session.row(_BATCH, key=batch_id)
        return None if row is None else to_quarantined_batch(row)

    async def note_taken(self, batch_id: str) -> None:
        """Mark a batch as taken after all."""
        await self._settle(batch_id, QuarantineState.REPLAYED, "")

    async def set_aside(self, batch_id: str, note: str) -> None:
        """Mark a batch as given up."""
        await self._settle(batch_id, QuarantineState.SET_ASIDE, note)

    async def _settle(self, batch_id: str, state: QuarantineState, note: str) -> None:
        await self._session.run(
            _SETTLE_BATCH, key=batch_id, state=state.value, note=note, who=self._who, when_=self._now
        )


def to_quarantined_event(row: Row) -> QuarantinedEvent:
    """Map a row of `QUARANTINED_EVENTS`."""
    return QuarantinedEvent(
        id=str(row["id"]),
        origin=row["origin"],
        epoch=row["epoch"],
        channel=row["channel"],
        seq=row["seq"],
        size=row["size"],
        trouble=Trouble(row["trouble"]),
        state=QuarantineState(row["state"]),
        reason=row["reason"],
        at=row["at"],
        note=row["note"],
        settled_by=row["settled_by"],
        settled_at=row["settled_at"],
    )


def to_quarantined_batch(row: Row) -> QuarantinedBatch:
    """Map a row of `QUARANTINED_BATCHES`."""
    return QuarantinedBatch(
        id=str(row["id"]),
        child=row["child"],
        known=row["room"] != STRANGERS,
        refused=row["refused"],
        origin=row["origin"],
        epoch=row["epoch"],
        channel=row["channel"],
        first=row["first"],
        last=row["last"],
        size=row["size"],
        state=QuarantineState(row["state"]),
        reason=row["reason"],
        at=row["at"],
        note=row["note"],
        settled_by=row["settled_by"],
        settled_at=row["settled_at"],
    )
