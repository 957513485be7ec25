"""What may be asked of registrations."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from domain.registrations.model import KeptPicture, ObjectKind
from domain.registrations.readings import CodeRead, Push, PushContent, RadiationMeasured, Seen, TrainPassed, Weighed
from domain.shared.messages import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeReadings(Command):
    """Take what a device saw: merge it into passages, register, match.

    Attributes:
        push_id: the quarantined push that is replayed by this command, if any.
    """

    device: str
    received_at: datetime
    seen: tuple[Seen, ...] = ()
    codes: tuple[CodeRead, ...] = ()
    trains: tuple[TrainPassed, ...] = ()
    weighed: tuple[Weighed, ...] = ()
    radiation: tuple[RadiationMeasured, ...] = ()
    push_id: str | None = None
    pictures: tuple[KeptPicture, ...] = ()

    @classmethod
    def of(
        cls,
        content: PushContent,
        device: str,
        received_at: datetime,
        *,
        pictures: tuple[KeptPicture, ...] = (),
        push_id: str | None = None,
    ) -> Self:
        """Return the command to take all that a push says."""
        return cls(
            device=device,
            received_at=received_at,
            seen=content.seen,
            codes=content.codes,
            trains=content.trains,
            weighed=content.weighed,
            radiation=content.radiation,
            pictures=pictures,
            push_id=push_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinePush(Command):
    """Keep what a known device sent and nobody can read."""

    device: str
    push: Push
    size: int
    reason: str
    message: str
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPushAside(Command):
    """Take a push out of quarantine for good."""

    push_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterVehicle(Command):
    """Register a vehicle that an officer sees: by plate, by VIN, or by both; what is not known is empty."""

    lane: str
    direction: str
    plate: str
    country: str | None = None
    vin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPerson(Command):
    """Register a person by the machine-readable zone of the travel document.

    ``confirm_failed_checks`` says that the officer has read the document again and it does say so.
    """

    lane: str
    direction: str
    mrz: tuple[str, ...]
    confirm_failed_checks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPersonByHand(Command):
    """Register a person whose document has no machine-readable zone, or who has none: ``document`` is empty then."""

    lane: str
    direction: str
    surname: str
    given_names: str
    nationality: str
    sex: str
    birth_date: date | None = None
    document: str = ""
    issuer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterCargoUnit(Command):
    """Register a wagon or a container that an officer sees."""

    lane: str
    direction: str
    kind: ObjectKind
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectRegistration(Command):
    """Say what a registration should have said of its object, and why.

    Attributes:
        seen: the version of the registration that the officer saw.
        right: as the object would be registered by hand. Lane and direction stay what they are: those here are empty.
    """

    registration_id: str
    seen: int
    reason: str
    right: RegisterVehicle | RegisterPerson | RegisterPersonByHand | RegisterCargoUnit


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenAgain(Command):
    """Match a registration whose check had failed."""

    registration_id: str
