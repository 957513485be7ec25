"""Events that could not be shown are shown after all, as if each had been shown when it came."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial
from itertools import chain

import structlog
from sqlalchemy import bindparam, select, update

from adapters.database.anew import make_anew
from adapters.database.heads import lock_found
from adapters.database.projections import project
from adapters.database.records import placed, to_recorded
from adapters.database.session import Row, Session
from adapters.database.showing import REASON_MAX
from adapters.database.tables.logs import event_quarantine, log
from bus.codec import EventUnreadable
from bus.link.reasons import reason_of, trouble_of
from bus.recorded import Recorded
from domain.shared.quarantine import QuarantineState
from domain.upkeep.model import Replayed

_LOGS = select(log.c.origin, log.c.epoch, log.c.channel).where(
    log.c.origin == bindparam("of_origin"), log.c.channel == bindparam("of_channel")
)
_THIS = (event_quarantine.c.log_id == bindparam("of_log"), event_quarantine.c.seq == bindparam("at_seq"))
_STILL = update(event_quarantine).where(*_THIS).values(reason=bindparam("why"), trouble=bindparam("trouble"))
SETTLE = (
    update(event_quarantine)
    .where(*_THIS)
    .values(
        state=bindparam("state"), note=bindparam("note"), settled_by=bindparam("who"), settled_at=bindparam("when_")
    )
)
_log = structlog.get_logger(__name__)


class LateShowing:
    """A replay within one transaction.

    Attributes:
        shown: the events that show now, in the order of their logs.
    """

    def __init__(self, session: Session, *, who: str, now: datetime) -> None:
        """Replay through ``session`` on behalf of ``who``."""
        self.shown: list[Recorded] = []
        self._session = session
        self._who = who
        self._now = now

    async def replay(self, rows: Sequence[Row]) -> Replayed:
        """Try events, in the order of their logs: rows of ``event`` with origin, epoch and channel."""
        groups: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in rows:
            groups[row["origin"], row["channel"]].append(row)
        await self._lock(groups)
        before = len(self.shown)
        for _, held in sorted(groups.items()):
            shown = [one for row in sorted(held, key=_order) if (one := await self._try(row)) is not None]
            if shown:
                await make_anew(self._session, shown)
            self.shown += shown
        shown_now = len(self.shown) - before
        return Replayed(shown=shown_now, held=len(rows) - shown_now)

    async def _lock(self, groups: Collection[tuple[str, str]]) -> None:
        """Lock all logs of these origins and channels."""
        asked = [await self._session.rows(_LOGS, of_origin=origin, of_channel=channel) for origin, channel in groups]
        await lock_found(self._session, chain.from_iterable(asked))

    async def _try(self, row: Row) -> Recorded | None:
        """Show one event, and note what came of it."""
        failure: Exception | None
        try:
            recorded = to_recorded(*placed(row))
        except EventUnreadable as unreadable:
            failure = unreadable
        else:
            failure = await self._session.attempt(partial(project, recorded=(recorded,)))
        if failure is not None:
            await self._note(row, failure)
            return None
        await self._session.run(
            SETTLE, **_place(row), state=QuarantineState.REPLAYED.value, note="", who=self._who, when_=self._now
        )
        return recorded

    async def _note(self, row: Row, failure: Exception) -> None:
        """Note why an event cannot be shown, unless that is known."""
        why, trouble = reason_of(failure)[:REASON_MAX], trouble_of(failure).value
        if (why, trouble) != (row["reason"], row["trouble"]):
            _log.warning("event_still_quarantined", **_place(row), reason=why)
            await self._session.run(_STILL, **_place(row), why=why, trouble=trouble)


def _place(row: Row) -> dict[str, int]:
    return {"of_log": row["log_id"], "at_seq": row["seq"]}


def _order(row: Row) -> tuple[int, int]:
    return row["epoch"], row["seq"]
