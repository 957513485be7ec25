"""Correcting single registrations: at the site that put them on record."""

from uuid import UUID

import strawberry

from api.context import Info
from api.fields import ask
from api.ids import local_id
from api.mutations import Input, idempotency_key
from api.passengers import PassengerInput
from api.registering import REGISTER, RegisterResult, RegisterSuccess
from domain.registrations.commands import (
    CorrectRegistration,
    RegisterCargoUnit,
    RegisterPerson,
    RegisterPersonByHand,
    RegisterVehicle,
)
from domain.registrations.errors import CorrectionUnfit
from domain.registrations.model import ObjectKind


@strawberry.input(description="What is right of a vehicle. What is left out is no longer so.")
class VehicleCorrectInput:
    """What is right of a vehicle."""

    plate: str = strawberry.field(
        default="", description="In any spelling, Latin or Cyrillic; may be empty where there is a VIN."
    )
    country: str | None = strawberry.field(default=None, description="Of the plate, in any usual code.")
    vin: str = strawberry.field(default="", description="In any spelling; empty when it was not read.")


@strawberry.input(description="What is right of a wagon or a container.")
class CargoUnitCorrectInput:
    """What is right of a wagon or a container."""

    kind: ObjectKind = strawberry.field(description="WAGON or CONTAINER, as it was registered.")
    code: str = strawberry.field(description="In any spelling; a check digit that fails is noted.")


@strawberry.input(description="What a registration should have said, and why. One of the three says what is right.")
class RegistrationCorrectInput:
    """What a registration should have said."""

    idempotency_key: UUID = idempotency_key()
    registration_id: strawberry.ID = strawberry.field(description="The registration, of this site.")
    seen: int = strawberry.field(description="The version of the registration that the officer saw; 0 at first.")
    reason: str = strawberry.field(description="Why it is corrected. The first stays on record.")
    vehicle: VehicleCorrectInput | None = strawberry.field(default=None, description="Of a vehicle.")
    person: PassengerInput | None = strawberry.field(default=None, description="Of a person.")
    cargo_unit: CargoUnitCorrectInput | None = strawberry.field(default=None, description="Of a wagon or a container.")

    def right(self) -> RegisterVehicle | RegisterPerson | RegisterPersonByHand | RegisterCargoUnit:
        """Return what is right in the words of the domain.

        Raises:
            CorrectionUnfit: nothing is said, or of more than one.
        """
        match self.vehicle, self.person, self.cargo_unit:
            case VehicleCorrectInput() as said, None, None:
                return RegisterVehicle(lane="", direction="", plate=said.plate, country=said.country, vin=said.vin)
            case None, PassengerInput() as said, None:
                return said.read(lane="", direction="")
            case None, None, CargoUnitCorrectInput() as said:
                return RegisterCargoUnit(lane="", direction="", kind=said.kind, code=said.code)
        raise CorrectionUnfit


@strawberry.type
class CorrectingMutation:
    """What can be asked."""

    @ask(RegisterResult, REGISTER, "Correct what a registration says of its object; it is matched again at once.")
    async def registration_correct(self, info: Info, wish: Input[RegistrationCorrectInput]) -> RegisterSuccess:
        command = CorrectRegistration(
            registration_id=local_id(wish.registration_id, "Registration", "registrationId"),
            seen=wish.seen,
            reason=wish.reason,
            right=wish.right(),
        )
        return RegisterSuccess(registration=await info.context.dispatch(command, wish.idempotency_key))
