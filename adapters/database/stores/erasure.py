"""What can be erased, and what was."""

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, or_, select

from adapters.database.elements import ContainsOneOf
from adapters.database.erasing import events_named
from adapters.database.session import Row, Session
from adapters.database.tables.alarms import alarm
from adapters.database.tables.entities import FACTS_BY_ID
from adapters.database.tables.logs import event, log
from adapters.database.tables.registrations import registration
from bus.catalogue import ALARMS, FACTS
from bus.erasure import gathered, is_id
from bus.feed_modules import WATCHLIST
from bus.recorded import Recorded
from domain.erasure.model import Erasable, Erasure, LogHead

_EVENTS = select(event, log.c.origin, log.c.epoch, log.c.channel).join(log, log.c.id == event.c.log_id)
_OF_ID = _EVENTS.where(event.c.id == bindparam("key"))
_ABOUT = _EVENTS.where(
    or_(log.c.channel == ALARMS, log.c.channel == FACTS, log.c.channel.startswith(f"{WATCHLIST}.")),
    event.c.id >= bindparam("key"),
    ContainsOneOf(event.c.body, bindparam("keys")),
)
_ABOUT_ONE_OF = _ABOUT.where(log.c.origin == bindparam("of_origin"))
_HEADS = (
    select(log.c.origin, log.c.channel, log.c.epoch, log.c.seq)
    .where(or_(log.c.channel == ALARMS, log.c.channel == FACTS))
    .order_by(log.c.channel, log.c.epoch)
)
_ORIGINS = tuple(
    select(table.c.node).where(table.c.id == bindparam("key")) for table in (registration, alarm, *FACTS_BY_ID)
)


class ErasableStore:
    """What is on record and can be erased."""

    def __init__(self, session: Session, now: datetime) -> None:
        """Read through ``session``, at the time ``now``."""
        self._session = session
        self._now = now

    async def heads(self) -> Mapping[str, tuple[LogHead, ...]]:
        """Return how far the logs of facts and alarms are, by their origin."""
        found: defaultdict[str, tuple[LogHead, ...]] = defaultdict(tuple)
        for row in await self._session.rows(_HEADS):
            found[row["origin"]] += (LogHead(channel=row["channel"], epoch=row["epoch"], seq=row["seq"]),)
        return found

    async def find(self, of_id: str) -> Erasable | None:
        """Return all that is on record about an object, or about what an event is about; None when there is nothing."""
        return await gathered(of_id, self._naming, self._now) if is_id(of_id) else None

    async def _naming(self, of_id: str) -> list[Recorded]:
        """Return the event of an id, and those about it: made after it, and where it is known whose at that node."""
        found = await events_named(self._session, of_id, _OF_ID, key=of_id)
        if found:
            return found
        keys, origin = json.dumps([of_id]), await self._origin(of_id)
        if origin is None:
            return await events_named(self._session, of_id, _ABOUT, key=of_id, keys=keys)
        return await events_named(self._session, of_id, _ABOUT_ONE_OF, key=of_id, keys=keys, of_origin=origin)

    async def _origin(self, of_id: str) -> str | None:
        for query in _ORIGINS:
            row = await self._session.row(query, key=of_id)
            if row is not None:
                return str(row["node"])
        return None


def to_erasure(row: Row) -> Erasure:
    """Map a row of ``erasure``."""
    return Erasure(
        id=str(row["id"]),
        scope=row["scope"],
        size=row["size"],
        reason=row["reason"],
        legal_basis=row["legal_basis"],
        erased_by=row["erased_by"],
        erased_at=row["erased_at"],
    )
