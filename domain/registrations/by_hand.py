"""How what an officer types is registered: persons without a machine-readable zone, wagons and containers."""

from dataclasses import replace
from datetime import date, datetime
from typing import Final

from domain.identifiers.documents import document_number
from domain.identifiers.identifier import Identifier
from domain.identifiers.kinds import parse
from domain.registrations.commands import RegisterCargoUnit, RegisterPersonByHand
from domain.registrations.errors import BirthDateImpossible, CargoUnitUnknown, SexUnknown
from domain.registrations.model import ObjectKind, Registration, Traveller
from domain.registrations.officers import by_officer, put_on_record
from domain.registrations.ports import RegistrationsChange
from domain.shared.errors import Invalid
from domain.shared.lanes import check_direction, check_lane
from domain.shared.texts import optional, required

SEXES: Final = ("M", "F", "X")
_CARGO_UNITS: Final = {ObjectKind.WAGON: "wagon", ObjectKind.CONTAINER: "container"}
_OLDEST: Final = 130
_NAME = 100
_NATIONALITY = 3


async def register_person_by_hand(command: RegisterPersonByHand, change: RegistrationsChange) -> Registration:
    """Register a person whose document has no machine-readable zone, or who has none at all.

    Raises:
        LaneMalformed, DirectionUnknown: the lane is not described rightly.
        TextMissing, TextTooLong, BirthDateImpossible, SexUnknown, DocumentNumberUnreadable: a field makes no sense.
    """
    check_lane(command.lane)
    check_direction(command.direction)
    traveller = _traveller(command, change.now)
    identifiers = () if not command.document.strip() else (_document(command),)
    blank = by_officer(change, command.lane, command.direction)
    return await put_on_record(
        replace(blank, kind=ObjectKind.PERSON, identifiers=identifiers, traveller=traveller), change
    )


async def register_cargo_unit(command: RegisterCargoUnit, change: RegistrationsChange) -> Registration:
    """Register a wagon or a container by its code; a check digit that fails is noted and never refused.

    Raises:
        LaneMalformed, DirectionUnknown: the lane is not described rightly.
        CargoUnitUnknown, IdentifierUnreadable: it is neither, or nothing can be made of the code.
    """
    check_lane(command.lane)
    check_direction(command.direction)
    if command.kind not in _CARGO_UNITS:
        raise CargoUnitUnknown(path=("kind",))
    try:
        identifier = parse(_CARGO_UNITS[command.kind], command.code)
    except Invalid as refusal:
        refusal.path = ("code",)
        raise
    blank = by_officer(change, command.lane, command.direction)
    return await put_on_record(replace(blank, kind=command.kind, identifiers=(identifier,)), change)


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
