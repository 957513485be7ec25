"""Devices, from events to rows."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy import Float, bindparam, delete, func, update

from adapters.database.projections.subjects import Subject, change_row
from adapters.database.session import Session
from adapters.database.tables.organisation import device
from bus.recorded import Recorded
from domain.organisation.events import DeviceAdjusted, DeviceEnrolled, DeviceKeyRenewed, DeviceWithdrawn
from domain.organisation.model import Device
from domain.shared.messages import Event

_RENEW_KEY = update(device).where(device.c.code == bindparam("key")).values(key_digest=bindparam("digest"))
_WITHDRAW = update(device).where(device.c.code == bindparam("key")).values(withdrawn_at=bindparam("at"))

_ADJUST = (
    update(device)
    .where(device.c.code == bindparam("key"))
    .values(
        silent_after_seconds=bindparam("seconds"),
        view=bindparam("seen_from"),
        direction_words=bindparam("words"),
        version=func.coalesce(device.c.version, 1) + 1,
        merge_window_seconds=func.coalesce(bindparam("window", type_=Float), device.c.merge_window_seconds),
    )
)


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
        *_adjustments(enrolled).values(),
        None,
    )
    await session.add(device, [row])


async def _key_renewed(session: Session, _: Recorded, event: DeviceKeyRenewed) -> None:
    await change_row(session, device, _RENEW_KEY, key=event.code, digest=event.key_digest)


async def _withdrawn(session: Session, _: Recorded, event: DeviceWithdrawn) -> None:
    await change_row(session, device, _WITHDRAW, key=event.code, at=event.withdrawn_at)


async def _adjusted(session: Session, _: Recorded, event: DeviceAdjusted) -> None:
    window = None if event.merge_window is None else event.merge_window.total_seconds()
    await change_row(session, device, _ADJUST, key=event.code, window=window, **_adjustments(event))


def _adjustments(of: Device | DeviceAdjusted) -> dict[str, Any]:
    """Return the columns of what is adjusted, in their order; NULL for what nobody said, as where nobody could."""
    return {
        "seconds": None if of.silent_after is None else of.silent_after.total_seconds(),
        "seen_from": None if of.view is None else of.view.value,
        "words": msgspec.json.encode(of.direction_words).decode() if of.direction_words else None,
    }


UPDATED: Mapping[type[Event], Callable[[Session, Recorded, Any], Awaitable[None]]] = {
    DeviceEnrolled: _enrolled,
    DeviceKeyRenewed: _key_renewed,
    DeviceWithdrawn: _withdrawn,
    DeviceAdjusted: _adjusted,
}
_DEVICE = (delete(device).where(device.c.code == bindparam("key")),)
SUBJECTS: Mapping[type[Event], Callable[[Any], Subject]] = {
    DeviceEnrolled: lambda e: Subject(e.device.code, _DEVICE),
    DeviceKeyRenewed: lambda e: Subject(e.code, _DEVICE),
    DeviceWithdrawn: lambda e: Subject(e.code, _DEVICE),
    DeviceAdjusted: lambda e: Subject(e.code, _DEVICE),
}
