"""Devices, from events to rows."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from adapters.database.session import Session
from adapters.database.tables.organisation import device
from bus.recorded import Recorded
from domain.organisation.events import DeviceEnrolled
from domain.shared.messages import Event


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
    )
    await session.add(device, [row])


UPDATED: Mapping[type[Event], Callable[[Session, Recorded, Any], Awaitable[None]]] = {DeviceEnrolled: _enrolled}
