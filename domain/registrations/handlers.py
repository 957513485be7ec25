"""How registrations answer their commands: registering what officers report, and what was to be checked again."""

from dataclasses import replace

from domain.identifiers.identifier import Identifier
from domain.identifiers.mrz import TravelDocument, travel_document
from domain.identifiers.mrz_correction import correction
from domain.identifiers.plates import plate
from domain.identifiers.vin import VIN
from domain.registrations.commands import RegisterPerson, RegisterVehicle, ScreenAgain
from domain.registrations.errors import CheckDigitsFailed, ListsMissing, RegistrationUnknown
from domain.registrations.events import Registered, Rescreened
from domain.registrations.model import ObjectKind, Registration, ScreeningOutcome, Traveller
from domain.registrations.officers import by_officer, put_on_record
from domain.registrations.ports import RegistrationsChange
from domain.shared.errors import Invalid
from domain.shared.lanes import check_direction, check_lane


async def register_vehicle(command: RegisterVehicle, change: RegistrationsChange) -> Registration:
    """Register a vehicle by its plate, its VIN, or both.

    Raises:
        LaneMalformed, DirectionUnknown: the lane is not described rightly.
        PlateUnreadable: nothing is left of the plate, or too much, and where there is none there is no VIN either.
        IdentifierUnreadable: nothing can be made of the VIN.
    """
    check_lane(command.lane)
    check_direction(command.direction)
    identifiers = _of_vehicle(command)
    blank = by_officer(change, command.lane, command.direction)
    return await put_on_record(replace(blank, kind=ObjectKind.VEHICLE, identifiers=identifiers), change)


async def register_person(command: RegisterPerson, change: RegistrationsChange) -> Registration:
    """Register a person by the lines of the machine-readable zone.

    Raises:
        LaneMalformed, DirectionUnknown: the lane is not described rightly.
        MrzUnreadable: the lines are no machine-readable zone.
        CheckDigitsFailed: they are, but check digits do not hold and nobody has confirmed it. Its fact ``correction``
            is the zone with the one character in it that may have been misread, empty where there is none to offer.
    """
    check_lane(command.lane)
    check_direction(command.direction)
    document = _read(command, change)
    if document.failed_checks and not command.confirm_failed_checks:
        offered = correction(command.mrz, today=change.now.date())
        raise CheckDigitsFailed(
            path=("mrz",), failed=document.failed_checks, correction=offered.lines if offered else ()
        )
    blank = by_officer(change, command.lane, command.direction)
    return await put_on_record(
        replace(
            blank,
            kind=ObjectKind.PERSON,
            identifiers=(document.number,),
            traveller=_holder(document),
            failed_checks=document.failed_checks,
        ),
        change,
    )


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


async def screen_unchecked(event: Registered | Rescreened, change: RegistrationsChange) -> None:
    """Match again what could not be matched when it was put on record.

    Raises:
        Unavailable: it still cannot be.
    """
    registration_id = event.registration.id if isinstance(event, Registered) else event.registration_id
    await screen_again(ScreenAgain(registration_id=registration_id), change)


def not_checked(event: Registered | Rescreened) -> bool:
    """Tell whether an object was put on record without having been matched."""
    screening = event.registration.screening if isinstance(event, Registered) else event.screening
    return screening.outcome is ScreeningOutcome.NOT_CHECKED


def _of_vehicle(command: RegisterVehicle) -> tuple[Identifier, ...]:
    if not command.vin.strip():
        return (plate(command.plate, command.country),)
    try:
        vin = VIN.read(command.vin)
    except Invalid as refusal:
        refusal.path = ("vin",)
        raise
    return (plate(command.plate, command.country), vin) if command.plate.strip() else (vin,)


def _read(command: RegisterPerson, change: RegistrationsChange) -> TravelDocument:
    try:
        return travel_document(command.mrz, today=change.now.date())
    except Invalid as refusal:
        refusal.path = ("mrz",)
        raise


def _holder(document: TravelDocument) -> Traveller:
    return Traveller(
        surname=document.surname,
        given_names=document.given_names,
        nationality=document.nationality,
        birth_date=document.birth_date,
        sex=document.sex,
    )
