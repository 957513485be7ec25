"""Devices, from events to rows."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sqlalchemy import bindparam, update

from adapters.database.session import Session
from adapters.database.tables.organisation import device
from bus.recorded import Recorded
from domain.organisation.events import DeviceEnrolled, DeviceKeyRenewed, DeviceWithdrawn
from domain.shared.messages import Event

_RENEW_KEY = update(device).where(device.c.code == bindparam("key")).values(key_digest=bindparam("digest"))
_WITHDRAW = update(device).where(device.c.code == bindparam("key")).values(withdrawn_at=bindparam("at"))


async def _enrolled(session: Session, _: Recorded, event: DeviceEnrolled) -> None:
    enrolled = event.device
    row = (
        enrolled.code,
        enrolled.site,
        enrolled.lane,
        enrolled.checkpoint,
        enrolled.direction,
        enrolled.format,
        enrolled.key_digest,
        enrolled.merge_window.total_seconds(),
        enrolled.withdrawn_at,
    )
    await session.add(device, [row])


async def _key_renewed(session: Session, _: Recorded, event: DeviceKeyRenewed) -> None:
    await session.run(_RENEW_KEY, key=event.code, digest=event.key_digest)


async def _withdrawn(session: Session, _: Recorded, event: DeviceWithdrawn) -> None:
    await session.run(_WITHDRAW, key=event.code, at=event.withdrawn_at)


UPDATED: Mapping[type[Event], Callable[[Session, Recorded, Any], Awaitable[None]]] = {
    DeviceEnrolled: _enrolled,
    DeviceKeyRenewed: _key_renewed,
    DeviceWithdrawn: _withdrawn,
}
