"""Events that could not be shown, within a change: found, shown after all, given up."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam

from adapters.database.late import SETTLE, LateShowing
from adapters.database.order import BEHIND, order_of
from adapters.database.session import Session
from adapters.database.stores.upkeep import QUARANTINED_EVENTS, to_quarantined_event
from adapters.database.tables.logs import event, event_quarantine, log
from bus.link.reasons import AWAITS
from bus.recorded import Recorded
from domain.shared.quarantine import QuarantineState
from domain.upkeep.model import QuarantinedEvent, Replayed, Trouble

_HELD = QUARANTINED_EVENTS.where(event_quarantine.c.state == QuarantineState.HELD.value)
_PARKED = _HELD.where(event_quarantine.c.trouble == Trouble.PARKED.value)
_EVENT = QUARANTINED_EVENTS.where(event.c.id == bindparam("key")).order_by(event_quarantine.c.state)
_HELD_EVENT = _HELD.where(event.c.id == bindparam("key"))
_HELD_OF_LOG = _HELD.where(
    log.c.origin == bindparam("of_origin"),
    log.c.epoch == bindparam("of_epoch"),
    log.c.channel == bindparam("of_channel"),
)
_PARKED_BEHIND = _PARKED.where(log.c.origin == bindparam("of_origin"), log.c.channel == bindparam("of_channel"), BEHIND)
_WAITING = (
    _PARKED.where(event_quarantine.c.reason.startswith(AWAITS, autoescape=True))
    .order_by(log.c.origin, log.c.channel, log.c.epoch, event.c.seq)
    .offset(bindparam("skip"))
    .limit(bindparam("limit"))
)


class HeldEventStore:
    """Events in quarantine, within a change.

    Attributes:
        shown: events that this change has shown, in the order of their logs.
    """

    def __init__(self, session: Session, who: str, now: datetime, shown: list[Recorded]) -> None:
        """Read and write through ``session`` on behalf of ``who``."""
        self._session = session
        self._who = who
        self._now = now
        self._shown = shown

    async def find(self, event_id: str) -> QuarantinedEvent | None:
        """Return an event, or None."""
        row = await self._session.row(_EVENT, key=event_id)
        return None if row is None else to_quarantined_event(row)

    async def replay(self, event_id: str) -> Replayed:
        """Try a held event, and if it shows what is parked behind it in its log."""
        first = await self._replay(_HELD_EVENT, key=event_id)
        if not self._shown:
            return first
        log_of, (epoch, seq) = self._shown[0].log, order_of(self._shown[0])
        place = {"of_origin": log_of.origin, "of_channel": log_of.channel, "behind_epoch": epoch, "behind_seq": seq}
        behind = await self._replay(_PARKED_BEHIND, **place)
        return Replayed(shown=first.shown + behind.shown, held=first.held + behind.held)

    async def replay_log(self, origin: str, epoch: int, channel: str) -> Replayed:
        """Try all held events of a log."""
        return await self._replay(_HELD_OF_LOG, of_origin=origin, of_epoch=epoch, of_channel=channel)

    async def replay_parked(self) -> Replayed:
        """Try all parked events of all logs."""
        return await self._replay(_PARKED)

    async def replay_waiting(self, skip: int, limit: int) -> Replayed:
        """Try events that wait for others, log by log in their order."""
        return await self._replay(_WAITING, skip=skip, limit=limit)

    async def set_aside(self, event_id: str, note: str) -> None:
        """Mark an event as given up."""
        for row in await self._session.rows(_HELD_EVENT, key=event_id):
            await self._session.run(
                SETTLE,
                of_log=row["log_id"],
                at_seq=row["seq"],
                state=QuarantineState.SET_ASIDE.value,
                note=note,
                who=self._who,
                when_=self._now,
            )

    async def _replay(self, held: Select[Any], **values: Any) -> Replayed:
        replay = LateShowing(self._session, who=self._who, now=self._now)
        replayed = await replay.replay(await self._session.rows(held, **values))
        self._shown += replay.shown
        return replayed
