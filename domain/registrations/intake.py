"""How what devices send becomes readings, passages and registrations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.identifiers.identifier import Identifier
from domain.identifiers.plates import plate
from domain.registrations.commands import TakeReadings
from domain.registrations.errors import DeviceUnknownHere
from domain.registrations.events import PassagesLinked, PushReplayed, ReadingTaken, Registered, Rescreened
from domain.registrations.model import KeptPicture, ObjectKind, Registration, ScreeningOutcome
from domain.registrations.passages import Nearby, Seat, is_late, seat, seen_at
from domain.registrations.ports import RegistrationsChange, Stand
from domain.registrations.quarantine import check_held
from domain.registrations.readings import Seen
from domain.registrations.screening import screen


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of one reading: it opened a passage (``registered``), joined one (``merged``) or was known."""

    status: str
    registration_id: str
    passage_id: str
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sighting:
    seen: Seen
    stand: Stand
    plate: Identifier
    vendor_id: str
    at: datetime
    received_at: datetime
    late: bool
    pictures: tuple[KeptPicture, ...]


async def take_readings(command: TakeReadings, change: RegistrationsChange) -> tuple[Taken, ...]:
    """Take readings in the order given.

    Raises:
        DeviceUnknownHere: the device does not stand at this site.
        PlateUnreadable: a plate is empty or too long; nothing of the command is recorded.
        QuarantinedPushUnknown, QuarantinedPushSettled: the push to replay is not held.
    """
    stand = await change.lanes.stand_of(command.device)
    if stand is None:
        raise DeviceUnknownHere(path=("device",))
    taken = tuple([await _take(_sighting(seen, stand, command, change.now), change) for seen in command.seen])
    if command.push_id is not None:
        await check_held(command.push_id, change)
        await change.record(PushReplayed(push_id=command.push_id, readings=len(taken)))
    return taken


def _sighting(seen: Seen, stand: Stand, command: TakeReadings, now: datetime) -> _Sighting:
    received_at = command.received_at
    identifier = plate(seen.plate, seen.country)
    at = seen_at(seen.device_time, received_at)
    return _Sighting(
        seen=seen,
        stand=stand,
        plate=identifier,
        vendor_id=seen.vendor_id or f"{at.isoformat()}/{identifier.canonical}",
        at=at,
        received_at=received_at,
        late=is_late(at, now),
        pictures=command.pictures,
    )


async def _take(sighting: _Sighting, change: RegistrationsChange) -> Taken:
    known = await change.readings.find(sighting.stand.device, sighting.vendor_id)
    if known is not None:
        return _outcome("duplicate", known.registration_id, known.passage_id, sighting)
    window = sighting.stand.merge_window
    nearby = await change.readings.near(sighting.stand.checkpoint, sighting.at - window, sighting.at + window)
    place = seat(sighting.plate, nearby)
    if place.joined is None:
        return await _open(sighting, change)
    return await _join(sighting, place, place.joined, change)


async def _open(sighting: _Sighting, change: RegistrationsChange) -> Taken:
    passage_id, registration_id = change.new_id(), change.new_id()
    await change.record(_reading(sighting, passage_id, registration_id, change))
    screening = await screen((sighting.plate,), change)
    registration = Registration(
        id=registration_id,
        node=change.node,
        kind=ObjectKind.VEHICLE,
        lane=sighting.stand.lane,
        direction=sighting.stand.directed(sighting.seen.direction),
        source="device",
        registered_by=sighting.stand.device,
        seen_at=sighting.at,
        registered_at=change.now,
        device_time=sighting.seen.device_time,
        late=sighting.late,
        passage_id=passage_id,
        identifiers=(sighting.plate,),
        screening=screening,
    )
    await change.record(Registered(registration=registration))
    return _outcome("registered", registration_id, passage_id, sighting)


async def _join(sighting: _Sighting, place: Seat, joined: Nearby, change: RegistrationsChange) -> Taken:
    reading = _reading(sighting, joined.passage_id, joined.registration_id, change)
    await change.record(reading)
    if place.others or not place.known:
        await _correct(reading, place.others, change, late=sighting.late)
    return _outcome("merged", joined.registration_id, joined.passage_id, sighting)


async def _correct(reading: ReadingTaken, others: Sequence[Nearby], change: RegistrationsChange, *, late: bool) -> None:
    """Link the passages that a reading proves to be of one vehicle, and match it by the plate as read this time."""
    registration = await change.registrations.find(reading.registration_id)
    assert registration is not None  # noqa: S101 - every passage has grown a registration
    for other in others:
        await change.record(
            PassagesLinked(
                passage_id=reading.passage_id,
                linked_passage_id=other.passage_id,
                registration_id=registration.id,
                linked_registration_id=other.registration_id,
                reading_id=reading.reading_id,
                lane=reading.lane,
                label=registration.label,
            )
        )
    await change.record(
        Rescreened(
            registration_id=registration.id,
            registered_at=registration.registered_at,
            node=change.node,
            lane=reading.lane,
            label=registration.label,
            identifiers=(reading.plate,),
            screening=await screen((*_unchecked(registration), reading.plate), change),
            late=late,
        )
    )


def _unchecked(registration: Registration) -> tuple[Identifier, ...]:
    """Return the identifiers by which a registration could not be matched yet."""
    return () if registration.screening.outcome is ScreeningOutcome.CHECKED else registration.identifiers


def _reading(sighting: _Sighting, passage_id: str, registration_id: str, change: RegistrationsChange) -> ReadingTaken:
    seen = sighting.seen
    return ReadingTaken(
        reading_id=change.new_id(),
        passage_id=passage_id,
        registration_id=registration_id,
        device=sighting.stand.device,
        vendor_id=sighting.vendor_id,
        lane=sighting.stand.lane,
        checkpoint=sighting.stand.checkpoint,
        plate=sighting.plate,
        confidence=seen.confidence,
        seen_at=sighting.at,
        device_time=seen.device_time,
        received_at=sighting.received_at,
        retransmitted=seen.retransmitted,
        device_direction=seen.direction,
        vehicle_type=seen.vehicle_type,
        make=seen.make,
        colour=seen.colour,
        pictures=sighting.pictures,
    )


def _outcome(status: str, registration_id: str, passage_id: str, sighting: _Sighting) -> Taken:
    return Taken(status=status, registration_id=registration_id, passage_id=passage_id, late=sighting.late)
