"""Many passengers at once: each is registered by itself, and all that are go into the crossing together."""

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID, uuid5

import strawberry

from api.context import Info
from api.fields import ask
from api.ids import local_id
from api.mutations import Input, idempotency_key
from api.objects.crossing_words import MemberRole
from api.objects.crossings import Crossing
from api.objects.registrations import Registration
from api.problems import AnyProblem, Problem, problem
from api.refusals import PassengersOutOfRange
from api.rules import OFFICER, open_to
from domain.crossings.commands import CompleteCrossing
from domain.crossings.model import Crossing as CrossingModel
from domain.crossings.parts import Member, Parts
from domain.registrations.commands import RegisterPerson, RegisterPersonByHand
from domain.registrations.model import Registration as RegistrationModel
from domain.shared.errors import Refusal

WRITE = open_to(OFFICER, personal=True)
PASSENGERS_MAX = 100


@strawberry.input(description="What an officer types of a person who has no machine-readable zone.")
class PersonByHandInput:
    """What an officer types of a person."""

    surname: str = strawberry.field(description="As in the document.")
    given_names: str = strawberry.field(default="", description="As in the document.")
    nationality: str = strawberry.field(description="Code as printed; XXA stateless, XXX unspecified.")
    sex: str = strawberry.field(description="M, F or X.")
    birth_date: date | None = strawberry.field(default=None, description="Null when it is not known.")
    document: str = strawberry.field(default="", description="Number of the document; empty when there is none.")
    issuer: str = strawberry.field(default="", description="Code of the state that issued it.")

    def read(self, lane: str, direction: str) -> RegisterPersonByHand:
        """Return it in the words of the domain."""
        return RegisterPersonByHand(
            lane=lane,
            direction=direction,
            surname=self.surname,
            given_names=self.given_names,
            nationality=self.nationality,
            sex=self.sex,
            birth_date=self.birth_date,
            document=self.document,
            issuer=self.issuer,
        )


@strawberry.input(description="A passenger: by the machine-readable zone, or by hand.")
class PassengerInput:
    """A passenger."""

    mrz: list[str] = strawberry.field(default_factory=list, description="The lines of the zone, where there is one.")
    confirm_failed_checks: bool = strawberry.field(
        default=False, description="The officer has read the document again, and it does say so."
    )
    by_hand: PersonByHandInput | None = strawberry.field(default=None, description="Where there is no zone.")

    def read(self, lane: str, direction: str) -> RegisterPerson | RegisterPersonByHand:
        """Return it in the words of the domain."""
        if self.by_hand is not None:
            return self.by_hand.read(lane, direction)
        confirmed = self.confirm_failed_checks
        return RegisterPerson(lane=lane, direction=direction, mrz=tuple(self.mrz), confirm_failed_checks=confirmed)


@strawberry.input(description="Persons of one crossing, 100 at most; send further ones in another request.")
class PassengersRegisterInput:
    """Persons of one crossing."""

    idempotency_key: UUID = idempotency_key()
    crossing_id: strawberry.ID = strawberry.field(description="The crossing to which they belong.")
    seen: int = strawberry.field(description="The version of the crossing that the officer saw.")
    lane: str = strawberry.field(description="Code of the lane.")
    direction: str = strawberry.field(description="`inbound` or `outbound`.")
    role: MemberRole = strawberry.field(default=MemberRole.PASSENGER, description="As what they take part.")
    confirm_duplicates: bool = strawberry.field(
        default=False, description="The officer confirms that two persons have documents of the same number."
    )
    passengers: list[PassengerInput] = strawberry.field(description="The persons, in the order of the list.")


@strawberry.type(description="What became of one passenger of a list.")
class PassengerAnswer:
    """What became of one passenger."""

    registration: RegistrationModel | None = strawberry.field(
        graphql_type=Registration | None, description="The registration; null where it was refused."
    )
    problem: AnyProblem | None = strawberry.field(graphql_type=Problem | None, description="Why it was refused.")


@strawberry.type(description="What became of a list of passengers. Who is registered stays registered, come what may.")
class PassengersSuccess:
    """What became of a list of passengers."""

    passengers: list[PassengerAnswer] = strawberry.field(description="Each of them, in the order of the list.")
    crossing: CrossingModel | None = strawberry.field(
        graphql_type=Crossing | None, description="With those who are registered; null where they could not be put in."
    )
    problem: AnyProblem | None = strawberry.field(
        graphql_type=Problem | None, description="Why they could not be put into the crossing."
    )


PassengersResult = Annotated[
    PassengersSuccess | AnyProblem, strawberry.union("PassengersResult", description="What became of them, or why not.")
]


@strawberry.type
class PassengersMutation:
    """What can be asked."""

    @ask(PassengersResult, WRITE, "Register many passengers at once and put them into their crossing.")
    async def passengers_register(self, info: Info, wish: Input[PassengersRegisterInput]) -> PassengersSuccess:
        if not 1 <= len(wish.passengers) <= PASSENGERS_MAX:
            raise PassengersOutOfRange(path=("passengers",), given=len(wish.passengers))
        crossing_id = local_id(wish.crossing_id, "Crossing", "crossingId")
        answers = await _each(info, wish)
        members = tuple(
            Member(registration_id=answer.registration.id, role=wish.role)
            for answer in answers
            if answer.registration is not None
        )
        if not members:
            return PassengersSuccess(passengers=answers, crossing=None, problem=None)
        crossing = await _put_in(info, wish, crossing_id, members)
        if isinstance(crossing, CrossingModel):
            return PassengersSuccess(passengers=answers, crossing=crossing, problem=None)
        return PassengersSuccess(passengers=answers, crossing=None, problem=crossing)


async def _each(info: Info, wish: PassengersRegisterInput) -> list[PassengerAnswer]:
    """Register them side by side; one whose registration fails for a fault of ours takes nobody else along."""
    working = [_one(info, wish, place) for place in range(len(wish.passengers))]
    done = await asyncio.gather(*working, return_exceptions=True)
    for failure in done:
        if isinstance(failure, BaseException):
            raise failure
    return [answer for answer in done if isinstance(answer, PassengerAnswer)]


async def _one(info: Info, wish: PassengersRegisterInput, place: int) -> PassengerAnswer:
    command = wish.passengers[place].read(wish.lane, wish.direction)
    try:
        registration = await info.context.dispatch(command, uuid5(wish.idempotency_key, str(place)))
    except Refusal as refusal:
        return PassengerAnswer(registration=None, problem=problem(refusal, info.context.language))
    return PassengerAnswer(registration=registration, problem=None)


async def _put_in(
    info: Info, wish: PassengersRegisterInput, crossing_id: str, members: Sequence[Member]
) -> CrossingModel | AnyProblem:
    command = CompleteCrossing(
        crossing_id=crossing_id,
        seen=wish.seen,
        put=Parts(members=tuple(members)),
        confirm_duplicates=wish.confirm_duplicates,
    )
    key = uuid5(wish.idempotency_key, " ".join(member.registration_id for member in members))
    try:
        crossing: CrossingModel = await info.context.dispatch(command, key)
    except Refusal as refusal:
        return problem(refusal, info.context.language)
    return crossing
