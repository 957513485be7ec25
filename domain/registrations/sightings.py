"""What devices say of vehicles, wagons and containers, in one form."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from domain.identifiers.containers import CONTAINER
from domain.identifiers.identifier import Identifier
from domain.identifiers.plates import plate
from domain.identifiers.wagons import WAGON
from domain.registrations.commands import TakeReadings
from domain.registrations.model import KeptPicture, ObjectKind
from domain.registrations.passages import NOWHERE, Place, Source, is_late, seen_at
from domain.registrations.ports import Stand
from domain.registrations.readings import CodeRead, PushContent, Seen
from domain.shared.errors import Invalid

_OBJECTS = {WAGON.name: ObjectKind.WAGON, CONTAINER.name: ObjectKind.CONTAINER}
_CODES = {kind.name: kind for kind in (WAGON, CONTAINER)}
_LIKELIEST = ("check_digit", "shape", "length", "characters")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What one device said once of one object.

    Attributes:
        read: the plate, or the code of a wagon or container.
        at: when the object was there, by the best clock there is.
        place: in a train.
        direction: the device's own word.
    """

    stand: Stand
    read: Identifier
    vendor_id: str
    confidence: float
    at: datetime
    device_time: datetime | None
    received_at: datetime
    late: bool
    retransmitted: bool
    place: Place = NOWHERE
    pictures: tuple[KeptPicture, ...] = ()
    direction: str | None = None
    vehicle_type: str | None = None
    make: str | None = None
    colour: str | None = None

    @property
    def source(self) -> Source:
        """Who read it, and how surely."""
        return Source(device=self.stand.device, confidence=self.confidence)

    @property
    def kind(self) -> ObjectKind:
        """What kind of object it is."""
        return _OBJECTS.get(self.read.kind, ObjectKind.VEHICLE)


def of_vehicle(seen: Seen, stand: Stand, command: TakeReadings, now: datetime) -> Sighting:
    """Return what was seen of a vehicle.

    Raises:
        PlateUnreadable: nothing is left of the plate, or too much.
    """
    read, at = plate(seen.plate, seen.country), seen_at(seen.device_time, command.received_at)
    return Sighting(
        stand=stand,
        read=read,
        vendor_id=seen.vendor_id or _made_id(at, read),
        confidence=seen.confidence,
        at=at,
        device_time=seen.device_time,
        received_at=command.received_at,
        late=is_late(at, now),
        pictures=command.pictures,
        retransmitted=seen.retransmitted,
        direction=seen.direction,
        vehicle_type=seen.vehicle_type,
        make=seen.make,
        colour=seen.colour,
    )


def of_code(code: CodeRead, stand: Stand, command: TakeReadings, now: datetime) -> Sighting:
    """Return what was seen of a wagon or container.

    Raises:
        IdentifierUnreadable: nothing is left of the code, or too much.
    """
    read, at = identified(code), seen_at(code.device_time, command.received_at)
    return Sighting(
        stand=stand,
        read=read,
        vendor_id=code.vendor_id or _made_id(at, read),
        confidence=code.confidence,
        at=at,
        device_time=code.device_time,
        received_at=command.received_at,
        late=is_late(at, now),
        pictures=command.pictures,
        retransmitted=code.retransmitted,
        place=Place(train=code.train, track=code.track, position=code.position),
    )


def identified(code: CodeRead) -> Identifier:
    """Return a code as what the portal says that it is; where it does not say, as what it is likelier to be.

    Raises:
        IdentifierUnreadable: nothing is left of the code, or too much.
    """
    kind = _CODES.get(code.kind)
    return kind.read(code.code) if kind else min((each.read(code.code) for each in _CODES.values()), key=_doubt)


def readable(content: PushContent) -> PushContent:
    """Return a push without the plates and codes of which nothing can be made."""
    return replace(
        content,
        seen=tuple(each for each in content.seen if _can(plate, each.plate, each.country)),
        codes=tuple(each for each in content.codes if _can(identified, each)),
    )


def _can(read: Callable[..., Identifier], *told: object) -> bool:
    try:
        read(*told)
    except Invalid:
        return False
    return True


def _doubt(read: Identifier) -> tuple[bool, int, bool]:
    """Return how far a code is from what it was read as: where nothing else tells, letters make it a container's."""
    begins_with_letters = read.canonical[:3].isalpha()
    return read.check != "holds", _LIKELIEST.index(read.why or ""), (read.kind == WAGON.name) is begins_with_letters


def _made_id(at: datetime, read: Identifier) -> str:
    """Return what tells readings apart where the vendor gives no id."""
    return f"{at.isoformat()}/{read.canonical}"
