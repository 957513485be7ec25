"""How what devices send becomes readings, passages and registrations."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.identifiers.identifier import Identifier
from domain.registrations.commands import TakeReadings
from domain.registrations.errors import DeviceUnknownHere
from domain.registrations.events import PassagesLinked, PushReplayed, ReadingTaken, Registered, Rescreened
from domain.registrations.measuring import place_anew, take_measurements
from domain.registrations.model import Registration, ScreeningOutcome
from domain.registrations.pairs import Merged, pair_anew
from domain.registrations.passages import Nearby, Seat, seat
from domain.registrations.picturing import add_pictures
from domain.registrations.ports import RegistrationsChange, Stand
from domain.registrations.quarantine import check_held
from domain.registrations.screening import screen
from domain.registrations.sightings import Sighting, of_code, of_vehicle
from domain.registrations.trains import take_train


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of one reading: it opened a passage (``registered``), joined one (``merged``) or was known."""

    status: str
    registration_id: str
    passage_id: str
    late: bool


async def take_readings(command: TakeReadings, change: RegistrationsChange) -> tuple[Taken, ...]:
    """Take what a device says, in the order given, and tell what became of its readings: vehicles, then codes.

    Raises:
        DeviceUnknownHere: the device does not stand at this site.
        PlateUnreadable, IdentifierUnreadable: a plate or code is empty or too long; nothing of the command is recorded.
        QuarantinedPushUnknown, QuarantinedPushSettled: the push to replay is not held.
    """
    stand = await change.lanes.stand_of(command.device)
    if stand is None:
        raise DeviceUnknownHere(path=("device",))
    taken = tuple([await _take(sighting, change) for sighting in _sightings(command, stand, change)])
    await take_measurements(command, stand, change)
    for passed in command.trains:
        await take_train(passed, stand, command.received_at, change)
    if command.push_id is not None:
        await check_held(command.push_id, change)
        await change.record(PushReplayed(push_id=command.push_id, readings=len(taken)))
    return taken


def _sightings(command: TakeReadings, stand: Stand, change: RegistrationsChange) -> Iterator[Sighting]:
    for seen in command.seen:
        yield of_vehicle(seen, stand, command, change.now)
    for code in command.codes:
        yield of_code(code, stand, command, change.now)


async def _take(sighting: Sighting, change: RegistrationsChange) -> Taken:
    known = await change.readings.find(sighting.stand.device, sighting.vendor_id)
    if known is not None:
        await add_pictures(sighting, change)
        return _outcome("duplicate", known.registration_id, known.passage_id, sighting)
    window = sighting.stand.merge_window
    nearby = await change.readings.near(sighting.stand.checkpoint, sighting.at - window, sighting.at + window)
    place = seat(sighting.read, nearby, sighting.place, sighting.source)
    taken = await (_open(sighting, change) if place.joined is None else _join(sighting, place, place.joined, change))
    await place_anew(sighting.at, sighting.stand, change)
    others = [other.registration_id for other in place.others]
    await pair_anew(sighting, Merged(kept=taken.registration_id, others=others), change)
    return taken


async def _open(sighting: Sighting, change: RegistrationsChange) -> Taken:
    passage_id, registration_id = change.new_id(), change.new_id()
    await change.record(_reading(sighting, passage_id, registration_id, change))
    screening = await screen((sighting.read,), change)
    registration = Registration(
        id=registration_id,
        node=change.node,
        kind=sighting.kind,
        lane=sighting.stand.lane,
        direction=sighting.stand.directed(sighting.direction),
        source="device",
        registered_by=sighting.stand.device,
        seen_at=sighting.at,
        registered_at=change.now,
        device_time=sighting.device_time,
        late=sighting.late,
        passage_id=passage_id,
        identifiers=(sighting.read,),
        screening=screening,
    )
    await change.record(Registered(registration=registration))
    return _outcome("registered", registration_id, passage_id, sighting)


async def _join(sighting: Sighting, place: Seat, joined: Nearby, change: RegistrationsChange) -> Taken:
    reading = _reading(sighting, joined.passage_id, joined.registration_id, change)
    await change.record(reading)
    if place.others or not place.known:
        await _correct(reading, place.others, change, late=sighting.late)
    return _outcome("merged", joined.registration_id, joined.passage_id, sighting)


async def _correct(reading: ReadingTaken, others: Sequence[Nearby], change: RegistrationsChange, *, late: bool) -> None:
    """Link the passages that a reading proves to be of one object, and match it by what was read this time."""
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
            screening=await screen((*_unchecked(registration), *registration.still((reading.plate,))), change),
            late=late,
            direction=registration.direction,
            seen_at=registration.seen_at,
        )
    )


def _unchecked(registration: Registration) -> tuple[Identifier, ...]:
    """Return the identifiers by which a registration could not be matched yet."""
    return () if registration.screening.outcome is ScreeningOutcome.CHECKED else registration.identifiers


def _reading(sighting: Sighting, passage_id: str, registration_id: str, change: RegistrationsChange) -> ReadingTaken:
    return ReadingTaken(
        reading_id=change.new_id(),
        passage_id=passage_id,
        registration_id=registration_id,
        device=sighting.stand.device,
        vendor_id=sighting.vendor_id,
        lane=sighting.stand.lane,
        checkpoint=sighting.stand.checkpoint,
        plate=sighting.read,
        confidence=sighting.confidence,
        seen_at=sighting.at,
        device_time=sighting.device_time,
        received_at=sighting.received_at,
        retransmitted=sighting.retransmitted,
        device_direction=sighting.direction,
        vehicle_type=sighting.vehicle_type,
        make=sighting.make,
        colour=sighting.colour,
        pictures=sighting.pictures,
        train=sighting.place.train,
        track=sighting.place.track,
        position=sighting.place.position,
        view=sighting.stand.view,
    )


def _outcome(status: str, registration_id: str, passage_id: str, sighting: Sighting) -> Taken:
    return Taken(status=status, registration_id=registration_id, passage_id=passage_id, late=sighting.late)
