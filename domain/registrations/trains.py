"""Trains that portals say they saw."""

from datetime import datetime

from domain.registrations.events import TrainSeen
from domain.registrations.model import TrainSighting
from domain.registrations.passages import is_late, seen_at
from domain.registrations.ports import RegistrationsChange, Stand
from domain.registrations.readings import TrainPassed


async def take_train(passed: TrainPassed, stand: Stand, received_at: datetime, change: RegistrationsChange) -> None:
    """Put a train on record, unless the device has told of this very sighting before."""
    at = seen_at(passed.ended_at or passed.began_at, received_at)
    vendor_id = passed.vendor_id or f"{at.isoformat()}/{passed.track or ''}/{passed.train}"
    if await change.entities.those(TrainSighting, limit=1, device=stand.device, vendor_id=vendor_id):
        return
    sighting = TrainSighting(
        id=change.new_id(),
        node=change.node,
        device=stand.device,
        vendor_id=vendor_id,
        lane=stand.lane,
        checkpoint=stand.checkpoint,
        train=passed.train,
        track=passed.track,
        began_at=passed.began_at,
        ended_at=passed.ended_at,
        received_at=received_at,
        late=is_late(at, change.now),
    )
    await change.record(TrainSeen(sighting=sighting))


def begin(_: TrainSighting | None, event: TrainSeen) -> TrainSighting:
    """Return the sighting that was recorded."""
    return event.sighting
