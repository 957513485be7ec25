"""How registrations answer their commands: registering what officers see, and what was to be checked again."""

from dataclasses import replace

from domain.registrations import saying
from domain.registrations.commands import (
    RegisterCargoUnit,
    RegisterPerson,
    RegisterPersonByHand,
    RegisterVehicle,
    ScreenAgain,
)
from domain.registrations.errors import ListsMissing, RegistrationUnknown
from domain.registrations.events import Registered, RegistrationCorrected, Rescreened
from domain.registrations.model import ObjectKind, Registration, Said, ScreeningOutcome
from domain.registrations.ports import RegistrationsChange
from domain.registrations.screening import screen
from domain.shared.lanes import check_direction, check_lane

_ByHand = RegisterVehicle | RegisterPerson | RegisterPersonByHand | RegisterCargoUnit


async def register_vehicle(command: RegisterVehicle, change: RegistrationsChange) -> Registration:
    """Register a vehicle by its plate, its VIN, or both.

    Raises:
        LaneMalformed, DirectionUnknown: the lane is not described rightly.
        Invalid: see `saying.of_vehicle`.
    """
    _check_place(command)
    return await _put_on_record(command, ObjectKind.VEHICLE, saying.of_vehicle(command), change)


async def register_person(command: RegisterPerson, change: RegistrationsChange) -> Registration:
    """Register a person by the lines of the machine-readable zone.

    Raises:
        LaneMalformed, DirectionUnknown: the lane is not described rightly.
        Invalid: see `saying.of_document`.
    """
    _check_place(command)
    return await _put_on_record(command, ObjectKind.PERSON, saying.of_document(command, change.now), change)


async def register_person_by_hand(command: RegisterPersonByHand, change: RegistrationsChange) -> Registration:
    """Register a person whose document has no machine-readable zone, or who has none at all.

    Raises:
        LaneMalformed, DirectionUnknown: the lane is not described rightly.
        Invalid: see `saying.of_person`.
    """
    _check_place(command)
    return await _put_on_record(command, ObjectKind.PERSON, saying.of_person(command, change.now), change)


async def register_cargo_unit(command: RegisterCargoUnit, change: RegistrationsChange) -> Registration:
    """Register a wagon or a container by its code.

    Raises:
        LaneMalformed, DirectionUnknown: the lane is not described rightly.
        Invalid: see `saying.of_cargo_unit`.
    """
    _check_place(command)
    return await _put_on_record(command, command.kind, saying.of_cargo_unit(command), change)


async def screen_again(command: ScreenAgain, change: RegistrationsChange) -> Registration:
    """Match a registration whose check had failed.

    Raises:
        RegistrationUnknown: it is not of this node.
        ListsMissing: a list has still to arrive.
        Unavailable: the check failed again.
    """
    registration = await change.registrations.find(command.registration_id)
    if registration is None or registration.node != change.node:
        raise RegistrationUnknown(path=("registrationId",))
    if registration.screening.outcome is ScreeningOutcome.CHECKED:
        return registration
    screening = await change.watchlist.screen(registration.identifiers, change.now)
    if screening.outcome is ScreeningOutcome.NOT_CHECKED:
        raise ListsMissing(reason=screening.reason)
    await change.record(
        Rescreened(
            registration_id=registration.id,
            registered_at=registration.registered_at,
            node=registration.node,
            lane=registration.lane,
            label=registration.label,
            identifiers=(),
            screening=screening,
            late=registration.late,
        )
    )
    return registration.rescreened((), screening)


async def screen_unchecked(event: Registered | RegistrationCorrected | Rescreened, change: RegistrationsChange) -> None:
    """Match again what could not be matched when it was put on record.

    Raises:
        Unavailable: it still cannot be.
    """
    registration_id = event.registration.id if isinstance(event, Registered) else event.registration_id
    await screen_again(ScreenAgain(registration_id=registration_id), change)


def not_checked(event: Registered | RegistrationCorrected | Rescreened) -> bool:
    """Tell whether an object was put on record without having been matched."""
    screening = event.registration.screening if isinstance(event, Registered) else event.screening
    return screening.outcome is ScreeningOutcome.NOT_CHECKED


def _check_place(command: _ByHand) -> None:
    check_lane(command.lane)
    check_direction(command.direction)


async def _put_on_record(command: _ByHand, kind: ObjectKind, said: Said, change: RegistrationsChange) -> Registration:
    """Match it against the watchlist and put it on record."""
    blank = Registration(
        id=change.new_id(),
        node=change.node,
        kind=kind,
        lane=command.lane,
        direction=command.direction,
        source="officer",
        registered_by=change.actor.name,
        seen_at=change.now,
        registered_at=change.now,
    )
    registered = replace(blank.saying(said), screening=await screen(said.identifiers, change))
    await change.record(Registered(registration=registered))
    return registered
