"""How an officer says what a registration should have said: a fact of its own, and matched at once."""

from collections.abc import Mapping
from typing import Final

from domain.registrations import saying
from domain.registrations.commands import (
    CorrectRegistration,
    RegisterCargoUnit,
    RegisterPerson,
    RegisterPersonByHand,
    RegisterVehicle,
)
from domain.registrations.errors import (
    CorrectionSaysNothingNew,
    CorrectionUnfit,
    RegistrationChangedMeanwhile,
    RegistrationUnknown,
)
from domain.registrations.events import RegistrationCorrected
from domain.registrations.model import Correction, ObjectKind, Registration, Said
from domain.registrations.passages import is_late
from domain.registrations.ports import RegistrationsChange
from domain.registrations.screening import screen
from domain.shared.errors import Invalid, NotHere
from domain.shared.texts import required

_PATHS: Final[Mapping[type, tuple[str, ...]]] = {
    RegisterVehicle: ("vehicle",),
    RegisterPerson: ("person",),
    RegisterPersonByHand: ("person", "byHand"),
    RegisterCargoUnit: ("cargoUnit",),
}
"""Where in the input of a correction the fields of each of these are."""


async def correct_registration(command: CorrectRegistration, change: RegistrationsChange) -> Registration:
    """Correct what a registration says of its object; all that is not said any more is no longer so.

    Raises:
        RegistrationUnknown, NotHere: it is not one of this site.
        RegistrationChangedMeanwhile: it is not as the officer saw it.
        TextMissing, TextTooLong: no reason is given, or too much of it.
        CorrectionUnfit, CorrectionSaysNothingNew: it is of another kind, or says this already.
        Invalid: a field makes no sense; see `saying`.
    """
    registration = await _at_hand(command, change)
    reason = required(command.reason, "reason")
    right = _right(command, registration, change)
    if right.is_same_as(registration.said):
        raise CorrectionSaysNothingNew(path=("registrationId",))
    correction = Correction(
        number=registration.version + 1,
        by=change.actor.name,
        at=change.now,
        reason=reason,
        before=registration.said,
        after=right,
        met=registration.screening.matches,
    )
    screening = await screen(right.identifiers, change)
    await change.record(
        RegistrationCorrected(
            registration_id=registration.id,
            registered_at=registration.registered_at,
            lane=registration.lane,
            direction=registration.direction,
            seen_at=registration.seen_at,
            correction=correction,
            screening=screening,
            late=is_late(registration.seen_at, change.now),
        )
    )
    return registration.corrected(correction, screening)


async def _at_hand(command: CorrectRegistration, change: RegistrationsChange) -> Registration:
    registration = await change.registrations.find(command.registration_id)
    if registration is None:
        raise RegistrationUnknown(path=("registrationId",))
    if registration.node != change.node:
        raise NotHere(registration.node, path=("registrationId",))
    if registration.version != command.seen:
        newest = registration.corrections[-1].by if registration.corrections else ""
        raise RegistrationChangedMeanwhile(path=("seen",), version=registration.version, officer=newest)
    return registration


def _right(command: CorrectRegistration, registration: Registration, change: RegistrationsChange) -> Said:
    try:
        return _said(command, registration, change)
    except Invalid as refusal:
        refusal.path = (*_PATHS[type(command.right)], *refusal.path)
        raise


def _said(command: CorrectRegistration, registration: Registration, change: RegistrationsChange) -> Said:
    match command.right, registration.kind:
        case RegisterVehicle() as vehicle, ObjectKind.VEHICLE:
            return saying.of_vehicle(vehicle)
        case RegisterPerson() as document, ObjectKind.PERSON:
            return saying.of_document(document, change.now)
        case RegisterPersonByHand() as person, ObjectKind.PERSON:
            return saying.of_person(person, change.now)
        case RegisterCargoUnit(kind=kind) as unit, _ if kind is registration.kind:
            return saying.of_cargo_unit(unit)
    raise CorrectionUnfit(kind=registration.kind.value)
