"""Events that could not be shown are shown after all, as if each had been shown when it came.

What changes a row may come behind what changed the same row later: then the row is made anew of all its events.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Boolean, bindparam, func, or_, select, update
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from adapters.database.feed_loads import require
from adapters.database.projections import SUBJECTS, UPDATED, project
from adapters.database.projections.subjects import Subject
from adapters.database.session import Row, Session
from adapters.database.showing import REASON_MAX
from adapters.database.tables.logs import event, event_quarantine, log
from adapters.database.types import Bytes
from bus.catalogue import UP
from bus.codec import EventUnreadable, decode, head_of
from bus.link.reasons import reason_of, trouble_of
from bus.recorded import Recorded, RowMissing
from bus.replication.log import LogId
from domain.shared.quarantine import QuarantineState
from domain.upkeep.model import Replayed


class _Contains(FunctionElement[bool]):
    """Whether bytes contain others."""

    type = Boolean()
    inherit_cache = True


@compiles(_Contains)
def _position(element: Any, compiler: Any, **_: Any) -> str:
    whole, part = element.clauses
    return f"position({compiler.process(part)} in {compiler.process(whole)}) > 0"


@compiles(_Contains, "sqlite")
def _instr(element: Any, compiler: Any, **_: Any) -> str:
    whole, part = element.clauses
    return f"instr({compiler.process(whole)}, {compiler.process(part)}) > 0"


_HEADS = tuple(head_of(type_) for type_ in UPDATED if type_ in SUBJECTS)
_NOT_SHOWN = select(event_quarantine.c.seq).where(
    event_quarantine.c.log_id == event.c.log_id,
    event_quarantine.c.seq == event.c.seq,
    event_quarantine.c.state != QuarantineState.REPLAYED.value,
)
_EVENTS = select(event, log.c.origin, log.c.epoch, log.c.channel).join(log, log.c.id == event.c.log_id)
_OF_A_CHANNEL = _EVENTS.where(
    log.c.origin == bindparam("of_origin"), log.c.channel == bindparam("of_channel"), ~_NOT_SHOWN.exists()
)
_LATER = _OF_A_CHANNEL.where(
    event.c.hlc > bindparam("after_hlc"),
    or_(*(func.substr(event.c.body, 1, len(head)) == head for head in _HEADS)),
)
_NAMING = _OF_A_CHANNEL.where(_Contains(event.c.body, bindparam("key_bytes", type_=Bytes))).order_by(event.c.hlc)
_LOCK = (
    select(log.c.id)
    .where(log.c.origin == bindparam("of_origin"), log.c.channel == bindparam("of_channel"))
    .order_by(log.c.epoch)
    .with_for_update()
)
_FLOORED = select(log.c.id).where(
    log.c.origin == bindparam("of_origin"), log.c.channel == bindparam("of_channel"), log.c.floor_seq > 0
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
        before = len(self.shown)
        for (origin, channel), held in sorted(groups.items()):
            await self._session.rows(_LOCK, of_origin=origin, of_channel=channel)
            shown = [one for row in sorted(held, key=_when) if (one := await self._try(row)) is not None]
            await self._anew(shown)
            self.shown += shown
        shown_now = len(self.shown) - before
        return Replayed(shown=shown_now, held=len(rows) - shown_now)

    async def _try(self, row: Row) -> Recorded | None:
        """Show one event, and note what came of it."""
        failure: Exception | None
        try:
            recorded = to_recorded(row)
        except EventUnreadable as unreadable:
            failure = unreadable
        else:
            failure = await self._session.attempt(partial(project, recorded=(recorded,)))
        place = {"of_log": row["log_id"], "at_seq": row["seq"]}
        if failure is not None:
            why = reason_of(failure)[:REASON_MAX]
            _log.warning("event_still_quarantined", **place, reason=why)
            await self._session.run(_STILL, **place, why=why, trouble=trouble_of(failure).value)
            return None
        await self._session.run(
            SETTLE, **place, state=QuarantineState.REPLAYED.value, note="", who=self._who, when_=self._now
        )
        return recorded

    async def _anew(self, shown: Sequence[Recorded]) -> None:
        """Make anew whatever later events had changed already."""
        since: dict[Subject, Recorded] = {}
        for one in shown:
            if type(one.event) in UPDATED and (about := subject_of(one)) is not None:
                since.setdefault(about, one)
        if not since:
            return
        (origin, channel), ids = _channel(shown[0]), {one.id for one in shown}
        rows = await self._session.rows(
            _LATER, of_origin=origin, of_channel=channel, after_hlc=min(one.hlc for one in since.values())
        )
        later = [read for row in rows if str(row["id"]) not in ids and (read := _readable(row)) is not None]
        behind = {
            about
            for read in later
            if (about := subject_of(read)) is not None and about in since and since[about].hlc < read.hlc
        }
        for about in sorted(behind, key=lambda one: one.key):
            await self._make_anew(about, origin, channel)

    async def _make_anew(self, about: Subject, origin: str, channel: str) -> None:
        """Show an object by all of its events, in their order; one that stands in two logs counts once.

        It stays as it is shown where what brought it is no longer held as an event; a feed is loaded anew then.
        """
        if channel not in UP and await self._session.row(_FLOORED, of_origin=origin, of_channel=channel) is not None:
            await require(self._session, channel)
            return
        rows = await self._session.rows(_NAMING, of_origin=origin, of_channel=channel, key_bytes=about.key.encode())
        events = {one.id: one for row in rows if (one := _readable(row)) is not None and subject_of(one) == about}

        async def anew(session: Session) -> None:
            for statement in about.forget:
                await session.run(statement, key=about.key)
            await project(session, list(events.values()))

        failure = await self._session.attempt(anew)
        if isinstance(failure, RowMissing):
            _log.warning("not_made_anew", origin=origin, channel=channel, key=about.key)
        elif failure is not None:
            raise failure


def to_recorded(row: Row) -> Recorded:
    """Read an event from its row.

    Raises:
        EventUnreadable: it cannot be read, or was erased.
    """
    if row["body"] is None:
        raise EventUnreadable("erased")
    kind, at, read = decode(row["body"])
    return Recorded(
        id=str(row["id"]),
        log=LogId(row["origin"], row["epoch"], row["channel"]),
        seq=row["seq"],
        hash=row["hash"],
        hlc=row["hlc"],
        kind=kind,
        at=at,
        salt=row["salt"],
        body=row["body"],
        event=read,
    )


def subject_of(recorded: Recorded) -> Subject | None:
    """Return what an event is about, if it shares that with others."""
    about = SUBJECTS.get(type(recorded.event))
    return None if about is None else about(recorded.event)


def _readable(row: Row) -> Recorded | None:
    try:
        return to_recorded(row)
    except EventUnreadable:
        return None


def _channel(recorded: Recorded) -> tuple[str, str]:
    return recorded.log.origin, recorded.log.channel


def _when(row: Row) -> tuple[int, int]:
    return row["hlc"], row["seq"]
