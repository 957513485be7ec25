"""Rows that are made anew of all their events: some that change them came behind others that had changed them later."""

from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy import Boolean, bindparam, func, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from adapters.database.feed_loads import require
from adapters.database.order import BEHIND, order_of
from adapters.database.projections import SUBJECTS, UPDATED, project
from adapters.database.projections.subjects import Subject
from adapters.database.quarantined import NOT_SHOWN
from adapters.database.records import placed, readable
from adapters.database.session import Session
from adapters.database.tables.logs import event, log
from adapters.database.types import Bytes
from bus.catalogue import UP
from bus.codec import head_of
from bus.recorded import Recorded, RowMissing


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
_EVENTS = select(event, log.c.origin, log.c.epoch, log.c.channel).join(log, log.c.id == event.c.log_id)
_OF_A_CHANNEL = _EVENTS.where(
    log.c.origin == bindparam("of_origin"), log.c.channel == bindparam("of_channel"), ~NOT_SHOWN
)
_LATER = _OF_A_CHANNEL.where(
    BEHIND,
    or_(*(func.substr(event.c.body, 1, len(head)) == head for head in _HEADS)),
)
_NAMING = _OF_A_CHANNEL.where(_Contains(event.c.body, bindparam("key_bytes", type_=Bytes))).order_by(
    log.c.epoch, event.c.seq
)
_FLOORED = select(log.c.id).where(
    log.c.origin == bindparam("of_origin"), log.c.channel == bindparam("of_channel"), log.c.floor_seq > 0
)
_log = structlog.get_logger(__name__)


async def make_anew(session: Session, shown: Sequence[Recorded]) -> None:
    """Make anew whatever later events had changed already when these, all of one origin and channel, were shown."""
    since: dict[Subject, Recorded] = {}
    for one in shown:
        if type(one.event) in UPDATED and (about := subject_of(one)) is not None:
            since.setdefault(about, one)
    if not since:
        return
    origin, channel, ids = shown[0].log.origin, shown[0].log.channel, {one.id for one in shown}
    epoch, seq = min(order_of(one) for one in since.values())
    rows = await session.rows(_LATER, of_origin=origin, of_channel=channel, behind_epoch=epoch, behind_seq=seq)
    later = [read for row in rows if str(row["id"]) not in ids and (read := readable(*placed(row))) is not None]
    behind = {
        about
        for read in later
        if (about := subject_of(read)) is not None and about in since and order_of(since[about]) < order_of(read)
    }
    for about in sorted(behind, key=lambda one: one.key):
        await _make_anew(session, about, origin, channel)


async def _make_anew(session: Session, about: Subject, origin: str, channel: str) -> None:
    """Show an object by all of its events, in their order; one that stands in two logs counts once.

    It stays as it is shown where what brought it is no longer held as an event; a feed is loaded anew then.
    """
    if channel not in UP and await session.row(_FLOORED, of_origin=origin, of_channel=channel) is not None:
        await require(session, channel)
        return
    rows = await session.rows(_NAMING, of_origin=origin, of_channel=channel, key_bytes=about.key.encode())
    events = {one.id: one for row in rows if (one := readable(*placed(row))) is not None and subject_of(one) == about}

    async def anew(session: Session) -> None:
        for statement in about.forget:
            await session.run(statement, key=about.key)
        await project(session, list(events.values()))

    failure = await session.attempt(anew)
    if isinstance(failure, RowMissing):
        _log.warning("not_made_anew", origin=origin, channel=channel, key=about.key)
    elif failure is not None:
        raise failure


def subject_of(recorded: Recorded) -> Subject | None:
    """Return what an event is about, if it shares that with others."""
    about = SUBJECTS.get(type(recorded.event))
    return None if about is None else about(recorded.event)
