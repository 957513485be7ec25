"""Registrations, their readings, and the quarantine."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, TypeVar, cast

import strawberry

from api.context import Info
from api.fields import computed
from api.numbers import Int64
from api.objects.corrections import RegistrationCorrection, Traveller
from api.objects.crossing_words import MemberRole
from api.objects.identifiers import Identifier
from api.objects.lens import Node, described, id_of, lens, optional_id_of
from api.objects.measurements import Measurement, VehiclePair
from api.objects.organisation_words import VehicleClass
from api.objects.pictures import Picture, pictures_of
from api.objects.screenings import Screening
from bus import lookups
from bus.lookups import COMPANIONS_MAX
from domain.crossings.measured import MEASURED_MAX
from domain.registrations import measurements, model, passage
from domain.registrations.model import CORRECTIONS_MAX, ObjectKind
from domain.registrations.quarantine import DEVICE_BYTES_MAX, DEVICE_PUSHES_MAX
from domain.shared.quarantine import QuarantineState
from domain.shared.views import Window

E = TypeVar("E")

BESIDE_MAX: Final = 50

strawberry.enum(ObjectKind, description="What a registration is of.")
strawberry.enum(QuarantineState, description="What became of what could not be taken or shown.")


@lens(model.Reading, description="What one device said once.")
class Reading:
    """A reading."""

    id: strawberry.ID = id_of("Reading")
    node: str = described("Code of the site that took it.")
    passage_id: str = described("The passage that it belongs to.")
    device: str = described("Code of the device.")
    lane: str = described("Code of the lane.")
    checkpoint: str = described("Code of the checkpoint at which passages are formed.")
    kind: str = described("Kind of the identifier that was read: `plate`, `wagon` or `container`.")
    plate: str = described("Canonical form of the plate, or of the code of a wagon or container.")
    plate_raw: str = described("The same as read.")
    confidence: float = described("Of what was read, from 0 to 1.")
    seen_at: datetime = described("When the object was there, by the best clock there is.")
    device_time: datetime | None = described("What the device's own clock said.")
    received_at: datetime = described("When the site received it.")
    retransmitted: bool = described("Sent again after an outage, so old.")
    train: str | None = described("The portal's own number of the train.")
    track: str | None = described("The track, as the portal names it.")
    position: Int64 | None = described("Of the wagon in the train, from 1.")
    view: str | None = described("What the device sees of a vehicle: `front`, `rear` or `side`; null when not known.")

    @computed(list[Picture], "Those that came with it; each may be gone by now.")
    def pictures(self) -> list[Picture]:
        """Return the pictures with their paths."""
        return pictures_of("Reading", str(self.id), cast("model.Reading", self).pictures)


@lens(passage.Passage, description="Readings of one object at one checkpoint, and what they say together.")
class Passage:
    """A passage, with those that are linked to it."""

    id: str = described("The passage that was kept of those that are linked.")
    checkpoint: str = described("Code of the checkpoint.")
    kind: str = described("Kind of the identifier that was read: `plate`, `wagon` or `container`.")
    plate: str = described("The spelling for which most speaks: confidences, then the shape of the country's plates.")
    country: str | None = described("Of the plate or wagon, as most readings have it.")
    spellings: list[str] = described("All that were read, the likeliest first.")
    views: list[str] = described("From which sides it was read: `front`, `rear`, `side`.")
    vehicle_type: str | None = described("In the vendor's words, as most readings have it.")
    make: str | None = described("In the vendor's words, as most readings have it.")
    colour: str | None = described("In the vendor's words, as most readings have it.")
    first_seen_at: datetime = described("When it was read first.")
    last_seen_at: datetime = described("When it was read last.")
    readings: int = described("How many readings there are, up to 1000.")
    vehicle_class: VehicleClass | None = described(
        "What it is by the words of all readings together, each by its confidence; null where none of them tells, or"
        " two classes have as much."
    )


@lens(lookups.Companion, description="An object that was registered together with another.")
class Companion:
    """A companion."""

    registration: "Registration" = described("Its registration.")
    role: MemberRole = described("As what it took part in the crossing, or which of the pair it was.")
    crossing_id: strawberry.ID | None = optional_id_of(
        "Crossing", "crossing_id", "The crossing; null where a camera alone paired the two vehicles."
    )


@lens(model.Registration, description="An object seen at a lane and put on record.")
class Registration(Node):
    """A registration."""

    id: strawberry.ID = id_of("Registration")
    node: str = described("Code of the site that registered it and alone may change it.")
    kind: ObjectKind = described("What it is of.")
    label: str = described("The one identifier by which an officer would call the object; as it was corrected, if so.")
    lane: str = described("Code of the lane.")
    direction: str = described("`inbound` or `outbound`.")
    source: str = described("`device` or `officer`.")
    registered_by: str = described("Which device or officer.")
    seen_at: datetime = described("When the object was at the lane, by the best clock there is.")
    registered_at: datetime = described("When it was put on record.")
    device_time: datetime | None = described("What the device's own clock said.")
    late: bool = described("Seen so long before it was put on record that the object may be gone.")
    passage_id: str | None = described("The passage it grew from; null for an officer's registration.")
    identifiers: list[Identifier] = described("All identifiers of the object.")
    traveller: Traveller | None = described("What the travel document says; null for a vehicle.")
    failed_checks: list[str] = described("Fields of the document whose check digit does not agree, as confirmed.")
    screening: Screening = described("The result of matching.")
    version: int = described("How often it was corrected; whoever corrects it says which version was seen.")
    corrections: list[RegistrationCorrection] = described(
        f"How it was corrected, oldest first: the first one, and the newest of the others, {CORRECTIONS_MAX} at most."
    )

    @computed(Passage | None, "What all readings of it say together; null for an officer's registration.")
    async def passage(self, info: Info) -> passage.Passage | None:
        """Return the passage; lists of registrations ask for all of them at once."""
        return await info.context.passages.load(str(self.id))

    @computed(
        list[Companion],
        "With whom it was registered: members of its crossing, unless that was cancelled, and the other of a pair of"
        f" vehicles; at most {COMPANIONS_MAX}.",
    )
    async def companions(self, info: Info) -> Sequence[lookups.Companion]:
        """Return the companions; lists of registrations ask for all of them at once."""
        return await info.context.companions.load(str(self.id))

    @computed(list[Reading], "The readings of its passage, oldest first.")
    async def readings(self, info: Info) -> list[model.Reading]:
        """Return the readings of the passage; lists of registrations ask for all of them at once."""
        return await info.context.readings.load(str(self.id))

    @computed(list[Measurement], f"What was measured of it, newest on record first, at most {MEASURED_MAX}.")
    async def measurements(self, info: Info) -> Sequence[measurements.Measurement]:
        """Return the measurements that are of it; lists of registrations ask for all of them at once."""
        return await info.context.measurements.load(str(self.id))

    @computed(
        list[VehiclePair],
        f"Of which vehicle and trailer it is one, newest on record first, at most {BESIDE_MAX} as each.",
    )
    async def pairs(self, info: Info) -> Sequence[model.VehiclePair]:
        """Return the pairs, those that no longer hold among them."""
        drawing = await _beside(info, model.VehiclePair, tractor=str(self.id))
        return [*drawing, *await _beside(info, model.VehiclePair, trailer=str(self.id))]


async def _beside(info: Info, type_: type[E], **wanted: str) -> Sequence[E]:
    return (await info.context.doors.views.entities(type_, Window(limit=BESIDE_MAX), **wanted)).items


@lens(model.QuarantinedPush, description="A push of a known device that could not be taken; its body stays here.")
class QuarantinedPush:
    """A push in quarantine, without its body."""

    id: strawberry.ID = id_of("QuarantinedPush")
    node: str = described("Code of the site that received it.")
    device: str = described("Code of the device that sent it.")
    content_type: str = described("As the device declared it.")
    digest: str = described("SHA-256 of the body as kept, in hexadecimal.")
    size: int = described("Of the body as received, in bytes.")
    truncated: bool = described("Only the head of the body was kept.")
    reason: str = described("What is wrong, one of a short list.")
    message: str = described("The same in words, without the content.")
    received_at: datetime = described("When the site received it.")
    state: QuarantineState = described("What became of it.")
    note: str = described("Why it was set aside.")


@lens(model.QuarantineTally, description="How much of a device is in quarantine, and how much was not kept.")
class QuarantineTally:
    """What quarantine holds of a device."""

    device: str = described("Code of the device.")
    node: str = described("Code of the site at which it pushes.")
    held: int = described(f"Pushes that are held, at most {DEVICE_PUSHES_MAX}; what comes beyond is refused.")
    size: Int64 = described(f"Of their bodies as received, in bytes, at most {DEVICE_BYTES_MAX}.")
    full_since: datetime | None = described("When a push was first refused since one left quarantine; null when none.")
    refused: Int64 | None = described("How many were refused ever; null at other nodes, since the site alone counts.")
