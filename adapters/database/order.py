"""The order of what an origin put on record in a channel: by epoch and number.

Stamps do not tell it, for a clock may have been put back; they are for what stands in different channels.
"""

from typing import Final

from sqlalchemy import and_, bindparam, or_

from adapters.database.tables.logs import event, log
from bus.recorded import Recorded

BEHIND: Final = or_(
    log.c.epoch > bindparam("behind_epoch"),
    and_(log.c.epoch == bindparam("behind_epoch"), event.c.seq > bindparam("behind_seq")),
)
"""Whether an event stands behind a place of its channel."""


def order_of(recorded: Recorded) -> tuple[int, int]:
    """Return what puts the events of an origin and channel in order."""
    return recorded.log.epoch, recorded.seq
