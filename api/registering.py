"""Putting on record what officers see: at sites only."""

from typing import Annotated
from uuid import UUID

import strawberry

from api.context import Info
from api.fields import ask
from api.ids import local_id
from api.mutations import Input, idempotency_key
from api.objects.alarms import Alarm
from api.objects.registrations import Registration
from api.passengers import PersonByHandInput
from api.problems import AnyProblem
from api.rules import OFFICER, open_to
from domain.alarms import model as alarms
from domain.alarms.commands import RaiseAlarm
from domain.registrations import model
from domain.registrations.commands import RegisterCargoUnit, RegisterPerson, RegisterVehicle, ScreenAgain
from domain.registrations.model import ObjectKind

REGISTER = open_to(OFFICER, personal=True)


@strawberry.input(description="A vehicle that an officer sees.")
class VehicleRegisterInput:
    """A vehicle that an officer sees."""

    idempotency_key: UUID = idempotency_key()
    lane: str = strawberry.field(description="Code of the lane.")
    direction: str = strawberry.field(description="`inbound` or `outbound`.")
    plate: str = strawberry.field(
        default="", description="In any spelling, Latin or Cyrillic; may be empty where there is a VIN."
    )
    country: str | None = strawberry.field(default=None, description="Of the plate, in any usual code.")
    vin: str = strawberry.field(default="", description="In any spelling; empty when it was not read.")


@strawberry.input(description="A person, by the machine-readable zone of the travel document.")
class PersonRegisterInput:
    """A person, by the machine-readable zone of the travel document."""

    idempotency_key: UUID = idempotency_key()
    lane: str = strawberry.field(description="Code of the lane.")
    direction: str = strawberry.field(description="`inbound` or `outbound`.")
    mrz: list[str] = strawberry.field(description="The lines of the zone: 3 of 30, 2 of 36 or 2 of 44 characters.")
    confirm_failed_checks: bool = strawberry.field(
        default=False, description="The officer has read the document again, and it does say so."
    )


@strawberry.input(description="A person without a machine-readable zone.")
class PersonRegisterByHandInput:
    """A person without a machine-readable zone."""

    idempotency_key: UUID = idempotency_key()
    lane: str = strawberry.field(description="Code of the lane.")
    direction: str = strawberry.field(description="`inbound` or `outbound`.")
    person: PersonByHandInput = strawberry.field(description="Who it is.")


@strawberry.input(description="A wagon or a container that an officer sees.")
class CargoUnitRegisterInput:
    """A wagon or a container that an officer sees."""

    idempotency_key: UUID = idempotency_key()
    lane: str = strawberry.field(description="Code of the lane.")
    direction: str = strawberry.field(description="`inbound` or `outbound`.")
    kind: ObjectKind = strawberry.field(description="WAGON or CONTAINER.")
    code: str = strawberry.field(description="In any spelling; a check digit that fails is noted.")


@strawberry.input(description="Which registration is matched again.")
class RegistrationScreenAgainInput:
    """Which registration is matched again."""

    idempotency_key: UUID = idempotency_key()
    registration_id: strawberry.ID = strawberry.field(description="The registration; its check had failed.")


@strawberry.type(description="The object is on record, matched against the watchlist in the same change.")
class RegisterSuccess:
    """The object is on record."""

    registration: model.Registration = strawberry.field(graphql_type=Registration, description="The registration.")


@strawberry.input(description="An alarm by an officer's own judgement.")
class AlarmRaiseInput:
    """An alarm by an officer's own judgement."""

    idempotency_key: UUID = idempotency_key()
    lane: str = strawberry.field(description="Code of the lane.")
    label: str = strawberry.field(description="The object as an officer calls it.")
    priority: int = strawberry.field(description="1 (highest) to 3.")
    text: str = strawberry.field(description="What it is about, in a line.")


@strawberry.type(description="The alarm is raised.")
class AlarmRaiseSuccess:
    """The alarm is raised."""

    alarm: alarms.Alarm = strawberry.field(graphql_type=Alarm, description="The alarm.")


RegisterResult = Annotated[
    RegisterSuccess | AnyProblem, strawberry.union("RegisterResult", description="The registration, or why not.")
]
AlarmRaiseResult = Annotated[
    AlarmRaiseSuccess | AnyProblem, strawberry.union("AlarmRaiseResult", description="The alarm, or why not.")
]


@strawberry.type
class RegisteringMutation:
    """What can be asked."""

    @ask(RegisterResult, REGISTER, "Register a vehicle that an officer sees.")
    async def vehicle_register(self, info: Info, wish: Input[VehicleRegisterInput]) -> RegisterSuccess:
        command = RegisterVehicle(
            lane=wish.lane, direction=wish.direction, plate=wish.plate, country=wish.country, vin=wish.vin
        )
        return RegisterSuccess(registration=await info.context.dispatch(command, wish.idempotency_key))

    @ask(RegisterResult, REGISTER, "Register a person. Check digits that do not hold must be confirmed.")
    async def person_register(self, info: Info, wish: Input[PersonRegisterInput]) -> RegisterSuccess:
        command = RegisterPerson(
            lane=wish.lane,
            direction=wish.direction,
            mrz=tuple(wish.mrz),
            confirm_failed_checks=wish.confirm_failed_checks,
        )
        return RegisterSuccess(registration=await info.context.dispatch(command, wish.idempotency_key))

    @ask(RegisterResult, REGISTER, "Register a person whose document has no machine-readable zone, or who has none.")
    async def person_register_by_hand(self, info: Info, wish: Input[PersonRegisterByHandInput]) -> RegisterSuccess:
        command = wish.person.read(wish.lane, wish.direction)
        return RegisterSuccess(registration=await info.context.dispatch(command, wish.idempotency_key))

    @ask(RegisterResult, REGISTER, "Register a wagon or a container that an officer sees.")
    async def cargo_unit_register(self, info: Info, wish: Input[CargoUnitRegisterInput]) -> RegisterSuccess:
        command = RegisterCargoUnit(lane=wish.lane, direction=wish.direction, kind=wish.kind, code=wish.code)
        return RegisterSuccess(registration=await info.context.dispatch(command, wish.idempotency_key))

    @ask(RegisterResult, REGISTER, "Match a registration whose check had failed.")
    async def registration_screen_again(self, info: Info, wish: Input[RegistrationScreenAgainInput]) -> RegisterSuccess:
        command = ScreenAgain(registration_id=local_id(wish.registration_id, "Registration", "registrationId"))
        return RegisterSuccess(registration=await info.context.dispatch(command, wish.idempotency_key))

    @ask(AlarmRaiseResult, REGISTER, "Raise an alarm by an officer's own judgement.")
    async def alarm_raise(self, info: Info, wish: Input[AlarmRaiseInput]) -> AlarmRaiseSuccess:
        command = RaiseAlarm(lane=wish.lane, label=wish.label, priority=wish.priority, text=wish.text)
        return AlarmRaiseSuccess(alarm=await info.context.dispatch(command, wish.idempotency_key))
