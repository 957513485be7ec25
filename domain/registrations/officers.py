"""What is common to registrations by officers, whatever they are of."""

from dataclasses import replace

from domain.registrations.events import Registered
from domain.registrations.model import ObjectKind, Registration
from domain.registrations.ports import RegistrationsChange
from domain.registrations.screening import screen


def by_officer(change: RegistrationsChange, lane: str, direction: str) -> Registration:
    """Return what is common to all registrations by the officer who asks, now."""
    return Registration(
        id=change.new_id(),
        node=change.node,
        kind=ObjectKind.VEHICLE,
        lane=lane,
        direction=direction,
        source="officer",
        registered_by=change.actor.name,
        seen_at=change.now,
        registered_at=change.now,
    )


async def put_on_record(registration: Registration, change: RegistrationsChange) -> Registration:
    """Match it against the watchlist and put it on record."""
    screening = await screen(registration.identifiers, change)
    registered = replace(registration, screening=screening)
    await change.record(Registered(registration=registered))
    return registered
