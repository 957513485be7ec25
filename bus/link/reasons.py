"""Why a batch cannot be taken, or an event not shown, in words that anybody may read.

They tell no row's values, which databases put into theirs.
"""

from typing import Final

from bus.codec import EventTooNew, EventUnreadable
from bus.recorded import RowMissing
from bus.replication import Batch, BatchTooNew, BatchUnreadable, Corrupt, Fork, chain
from bus.replication.ports import Applied, NotThisWay
from domain.upkeep.model import Trouble

CORRUPT: Final = "the hashes of the header do not follow from the records"
AWAITS: Final = f"{RowMissing.__name__}: "
"""With this begins the reason of an event that waits for another one; all others that are parked await an upgrade."""
_SAYS_NO_VALUES: Final = (BatchUnreadable, BatchTooNew, NotThisWay, EventUnreadable, RowMissing)


def reason_of(failure: Exception) -> str:
    """Return the failure's name, with its text where that is the link's own, or with the SQLSTATE where it has one."""
    name = type(failure).__name__
    if isinstance(failure, _SAYS_NO_VALUES):
        return f"{name}: {failure}"
    sqlstate = getattr(failure, "sqlstate", None)
    return name if sqlstate is None else f"{name} ({sqlstate})"


def trouble_of(failure: Exception) -> Trouble:
    """Return what keeps an event from being shown: what waits for an upgrade or for another event is parked."""
    return Trouble.PARKED if isinstance(failure, EventTooNew | RowMissing) else Trouble.POISON


def refusal(applied: Applied) -> str | None:
    """Return why a batch that was judged cannot follow; None if it can, or could later."""
    match applied.verdict:
        case Fork(at):
            return f"another history from {at} on"
        case Corrupt():
            return CORRUPT
    return None


def chains(batch: Batch) -> bool:
    """Tell whether the header's hashes follow from the records."""
    return chain(batch.header.before, batch.records)[-1] == batch.header.after
