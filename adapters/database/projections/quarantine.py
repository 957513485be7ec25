"""Pushes in quarantine and how many there are of each device, from events to rows."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sqlalchemy import bindparam, null, select, update

from adapters.database.projections.subjects import change_row
from adapters.database.session import Session
from adapters.database.tables.registrations import quarantine_tally, quarantined_push
from bus.recorded import Recorded
from domain.registrations.events import PushQuarantined, PushReplayed, PushSetAside, QuarantineFilled
from domain.shared.messages import Event
from domain.shared.quarantine import QuarantineState

_TALLY = update(quarantine_tally).where(quarantine_tally.c.device == bindparam("key"))
_MORE = _TALLY.values(held=quarantine_tally.c.held + 1, size=quarantine_tally.c.size + bindparam("by"))
_LESS = _TALLY.values(
    held=quarantine_tally.c.held - 1, size=quarantine_tally.c.size - bindparam("by"), full_since=null()
)
_FULL = _TALLY.values(full_since=bindparam("at"))
_HELD = select(quarantined_push.c.device, quarantined_push.c.size).where(
    quarantined_push.c.id == bindparam("key"), quarantined_push.c.state == QuarantineState.HELD.value
)
_SETTLE = (
    update(quarantined_push)
    .where(quarantined_push.c.id == bindparam("key"))
    .values(state=bindparam("state"), note=bindparam("note"))
)


async def _quarantined(session: Session, recorded: Recorded, event: PushQuarantined) -> None:
    node = recorded.log.origin
    row = (
        event.push_id,
        node,
        event.device,
        event.content_type,
        event.digest,
        event.size,
        event.truncated,
        event.reason,
        event.message,
        event.received_at,
        QuarantineState.HELD.value,
        "",
    )
    await session.add(quarantined_push, [row])
    if not await session.run(_MORE, key=event.device, by=event.size):
        await session.add(quarantine_tally, [(event.device, node, 1, event.size, None)])


async def _replayed(session: Session, _: Recorded, event: PushReplayed) -> None:
    await _settle(session, event.push_id, QuarantineState.REPLAYED, "")


async def _set_aside(session: Session, _: Recorded, event: PushSetAside) -> None:
    await _settle(session, event.push_id, QuarantineState.SET_ASIDE, event.reason)


async def _settle(session: Session, push_id: str, state: QuarantineState, note: str) -> None:
    held = await session.row(_HELD, key=push_id)
    await change_row(session, quarantined_push, _SETTLE, key=push_id, state=state.value, note=note)
    if held is not None:
        await session.run(_LESS, key=held["device"], by=held["size"])


async def _filled(session: Session, recorded: Recorded, event: QuarantineFilled) -> None:
    if not await session.run(_FULL, key=event.device, at=event.at):
        await session.add(quarantine_tally, [(event.device, recorded.log.origin, 0, 0, event.at)])


UPDATED: Mapping[type[Event], Callable[[Session, Recorded, Any], Awaitable[None]]] = {
    PushQuarantined: _quarantined,
    PushReplayed: _replayed,
    PushSetAside: _set_aside,
    QuarantineFilled: _filled,
}
