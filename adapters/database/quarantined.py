"""The quarantine of events, whichever log they stand in: one that stands in two is in it once, and shows in neither."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, delete, exists, select

from adapters.database.heads import OF_EVENT
from adapters.database.session import Row, Session
from adapters.database.tables.logs import event, event_quarantine, log
from domain.shared.quarantine import QuarantineState

_place = event.alias("place")
NOT_SHOWN: Final = exists().where(
    _place.c.id == event.c.id,
    event_quarantine.c.log_id == _place.c.log_id,
    event_quarantine.c.seq == _place.c.seq,
    event_quarantine.c.state != QuarantineState.REPLAYED.value,
)
"""Whether a row of ``event`` is of an event that is in quarantine and was not replayed."""
_STRETCH = (
    event_quarantine.c.log_id == bindparam("of_log"),
    event_quarantine.c.seq > bindparam("at_seq"),
    event_quarantine.c.seq <= bindparam("last"),
)
_OF_STRETCH = (
    select(event_quarantine, event.c.id)
    .join(event, (event.c.log_id == event_quarantine.c.log_id) & (event.c.seq == event_quarantine.c.seq))
    .where(*_STRETCH)
)
_FORGET = delete(event_quarantine).where(*_STRETCH)
_PLACES = (
    select(event.c.id, event.c.log_id, event.c.seq, event_quarantine.c.state)
    .join(log, OF_EVENT)
    .outerjoin(
        event_quarantine, (event_quarantine.c.log_id == event.c.log_id) & (event_quarantine.c.seq == event.c.seq)
    )
    .where(event.c.id.between(bindparam("low"), bindparam("high")), log.c.origin == bindparam("of_origin"))
    .order_by(event.c.log_id, event.c.seq)
)


async def take_out(session: Session, log_id: int, at_seq: int, last: int) -> Sequence[Row]:
    """Remove what quarantine says of the events behind ``at_seq`` up to ``last`` of a log, and return it."""
    stretch = {"of_log": log_id, "at_seq": at_seq, "last": last}
    rows = await session.rows(_OF_STRETCH, **stretch)
    if rows:
        await session.run(_FORGET, **stretch)
    return rows


async def put_back(session: Session, origin: str, rows: Sequence[Row]) -> None:
    """Have quarantine say the same of these events where they stand now, unless it speaks of them there."""
    if not rows:
        return
    said = {str(row["id"]): row for row in rows}
    found = await session.rows(_PLACES, low=min(said), high=max(said), of_origin=origin)
    places = {str(row["id"]): (row["log_id"], row["seq"]) for row in reversed(found)}
    known = {str(row["id"]) for row in found if row["state"] is not None}
    about = [column.name for column in event_quarantine.columns][2:]
    await session.add(
        event_quarantine,
        [(*places[one], *(row[name] for name in about)) for one, row in said.items() if one in places.keys() - known],
    )


def not_shown(rows: Sequence[Row]) -> frozenset[str]:
    """Return the ids of those of these events that were not replayed."""
    return frozenset(str(row["id"]) for row in rows if row["state"] != QuarantineState.REPLAYED.value)
