"""What officers say of an object: read from what they type, alike for registering and for correcting."""

from datetime import date, datetime
from typing import Final

from domain.identifiers.documents import document_number
from domain.identifiers.identifier import Identifier
from domain.identifiers.kinds import parse
from domain.identifiers.mrz import TravelDocument, travel_document
from domain.identifiers.mrz_correction import correction
from domain.identifiers.plates import plate
from domain.identifiers.vin import VIN
from domain.registrations.commands import RegisterCargoUnit, RegisterPerson, RegisterPersonByHand, RegisterVehicle
from domain.registrations.errors import BirthDateImpossible, CargoUnitUnknown, CheckDigitsFailed, SexUnknown
from domain.registrations.model import ObjectKind, Said, Traveller
from domain.shared.errors import Invalid
from domain.shared.texts import optional, required

SEXES: Final = ("M", "F", "X")
_CARGO_UNITS: Final = {ObjectKind.WAGON: "wagon", ObjectKind.CONTAINER: "container"}
_OLDEST: Final = 130
_NAME = 100
_NATIONALITY = 3


def of_vehicle(command: RegisterVehicle) -> Said:
    """Return what is said of a vehicle.

    Raises:
        PlateUnreadable: nothing is left of the plate, or too much, and where there is none there is no VIN either.
        IdentifierUnreadable: nothing can be made of the VIN.
    """
    if not command.vin.strip():
        return Said(identifiers=(plate(command.plate, command.country),))
    try:
        vin = VIN.read(command.vin)
    except Invalid as refusal:
        refusal.path = ("vin",)
        raise
    return Said(identifiers=(plate(command.plate, command.country), vin) if command.plate.strip() else (vin,))


def of_document(command: RegisterPerson, now: datetime) -> Said:
    """Return what the machine-readable zone of a document says of its holder.

    Raises:
        MrzUnreadable: the lines are no machine-readable zone.
        CheckDigitsFailed: they are, but check digits do not hold and nobody has confirmed it. Its fact ``correction``
            is the zone with the one character in it that may have been misread, empty where there is none to offer.
    """
    document = _read(command, now)
    if document.failed_checks and not command.confirm_failed_checks:
        offered = correction(command.mrz, today=now.date())
        raise CheckDigitsFailed(
            path=("mrz",), failed=document.failed_checks, correction=offered.lines if offered else ()
        )
    return Said(identifiers=(document.number,), traveller=_holder(document), failed_checks=document.failed_checks)


def of_person(command: RegisterPersonByHand, now: datetime) -> Said:
    """Return what is typed of a person.

    Raises:
        TextMissing, TextTooLong, BirthDateImpossible, SexUnknown, DocumentNumberUnreadable: a field makes no sense.
    """
    traveller = _traveller(command, now)
    return Said(identifiers=() if not command.document.strip() else (_document(command),), traveller=traveller)


def of_cargo_unit(command: RegisterCargoUnit) -> Said:
    """Return what is said of a wagon or a container; a check digit that fails is noted and never refused.

    Raises:
        CargoUnitUnknown, IdentifierUnreadable: it is neither, or nothing can be made of the code.
    """
    if command.kind not in _CARGO_UNITS:
        raise CargoUnitUnknown(path=("kind",))
    try:
        return Said(identifiers=(parse(_CARGO_UNITS[command.kind], command.code),))
    except Invalid as refusal:
        refusal.path = ("code",)
        raise


def _read(command: RegisterPerson, now: datetime) -> TravelDocument:
    try:
        return travel_document(command.mrz, today=now.date())
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


def _traveller(command: RegisterPersonByHand, now: datetime) -> Traveller:
    sex = command.sex.strip().upper()
    if sex not in SEXES:
        raise SexUnknown(path=("sex",))
    _check_birth(command.birth_date, now.date())
    return Traveller(
        surname=required(command.surname, "surname", _NAME).upper(),
        given_names=optional(command.given_names, "givenNames", _NAME).upper(),
        nationality=required(command.nationality, "nationality", _NATIONALITY).upper(),
        birth_date=command.birth_date,
        sex=sex,
    )


def _check_birth(birth: date | None, today: date) -> None:
    if birth is not None and (birth > today or birth.year < today.year - _OLDEST):
        raise BirthDateImpossible(path=("birthDate",))


def _document(command: RegisterPersonByHand) -> Identifier:
    try:
        return document_number(command.document, command.issuer or None)
    except Invalid as refusal:
        refusal.path = ("document",)
        raise
