"""Devices, from events to rows."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sqlalchemy import bindparam, delete, update

from adapters.database.projections.subjects import Subject, change_row
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
    await change_row(session, device, _RENEW_KEY, key=event.code, digest=event.key_digest)


async def _withdrawn(session: Session, _: Recorded, event: DeviceWithdrawn) -> None:
    await change_row(session, device, _WITHDRAW, key=event.code, at=event.withdrawn_at)


UPDATED: Mapping[type[Event], Callable[[Session, Recorded, Any], Awaitable[None]]] = {
    DeviceEnrolled: _enrolled,
    DeviceKeyRenewed: _key_renewed,
    DeviceWithdrawn: _withdrawn,
}
_DEVICE = (delete(device).where(device.c.code == bindparam("key")),)
SUBJECTS: Mapping[type[Event], Callable[[Any], Subject]] = {
    DeviceEnrolled: lambda e: Subject(e.device.code, _DEVICE),
    DeviceKeyRenewed: lambda e: Subject(e.code, _DEVICE),
    DeviceWithdrawn: lambda e: Subject(e.code, _DEVICE),
}
