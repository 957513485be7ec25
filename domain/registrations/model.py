"""Registrations and what was found when they were matched against the watchlist."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from domain.identifiers.identifier import Identifier
from domain.shared.quarantine import QuarantineState


class ObjectKind(StrEnum):
    """What a registration is of."""

    VEHICLE = "vehicle"
    PERSON = "person"
    WAGON = "wagon"
    CONTAINER = "container"


class ScreeningOutcome(StrEnum):
    """Whether the object was checked. A technical failure is never taken for the absence of a match."""

    CHECKED = "checked"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedVersion:
    """How far a feed of watchlist entries had been applied when an object was checked."""

    feed: str
    epoch: int
    seq: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A registration meets a criterion of a watchlist entry.

    Attributes:
        key: ``exact`` or ``folded``: which spelling of the identifier was equal.
        tier: ``T1`` to ``T4``, by strength of evidence.
        raw: what the device or officer gave.
        read: its canonical form.
        matched: the canonical form of the entry's criterion.
        differences: positions, from 0, at which ``read`` and ``matched`` differ.
        entry: a snapshot of what an officer must know of the entry.
    """

    entry_id: str
    kind: str
    key: str
    tier: str
    raw: str
    read: str
    matched: str
    differences: tuple[int, ...]
    title: str
    category: str
    priority: int
    instructions: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """The result of matching, and against which state of the watchlist."""

    outcome: ScreeningOutcome
    list_version: tuple[FeedVersion, ...]
    matches: tuple[Match, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traveller:
    """What a travel document says of its holder."""

    surname: str
    given_names: str
    nationality: str
    birth_date: date | None
    sex: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """An object seen at a lane and put on record.

    Attributes:
        node: the site that registered it and alone may change it.
        source: ``device`` or ``officer``; ``registered_by`` names which.
        seen_at: when the object was at the lane, by the best clock there is.
        device_time: what the device's own clock said.
        late: seen so long ago that the object may be gone.
        passage_id: the passage it grew from; None for an officer's registration.
    """

    id: str
    node: str
    kind: ObjectKind
    lane: str
    direction: str
    source: str
    registered_by: str
    seen_at: datetime
    registered_at: datetime
    device_time: datetime | None = None
    late: bool = False
    passage_id: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    traveller: Traveller | None = None
    failed_checks: tuple[str, ...] = ()
    screening: Screening = field(default=Screening(outcome=ScreeningOutcome.NOT_CHECKED, list_version=()))

    @property
    def label(self) -> str:
        """The one identifier by which an officer would call the object."""
        return self.identifiers[0].canonical if self.identifiers else ""

    def rescreened(self, identifiers: tuple[Identifier, ...], screening: Screening) -> "Registration":
        """Return the registration after one more check: what was known stands, the new comes behind, nothing twice."""
        earlier = self.screening
        checked = screening.outcome is ScreeningOutcome.CHECKED
        return replace(
            self,
            identifiers=tuple(dict.fromkeys((*self.identifiers, *identifiers))),
            screening=replace(
                screening,
                list_version=screening.list_version if checked else earlier.list_version,
                matches=tuple(dict.fromkeys((*earlier.matches, *screening.matches))),
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinedPush:
    """A push that could not be taken: all but its body, which stays at the site that received it."""

    id: str
    node: str
    device: str
    content_type: str
    digest: str
    size: int
    truncated: bool
    reason: str
    message: str
    received_at: datetime
    state: QuarantineState = QuarantineState.HELD
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineTally:
    """How much of a device is in quarantine, and how much was refused for want of room.

    Attributes:
        node: the site at which the device pushes.
        held: pushes that are held.
        size: of their bodies as received, in bytes.
        full_since: when a push was first refused since one left quarantine; None when none was.
        refused: how many were refused ever; counted by the site alone, so None at every other node.
    """

    device: str
    node: str
    held: int = 0
    size: int = 0
    full_since: datetime | None = None
    refused: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPicture:
    """A picture that the site which received it keeps for a while.

    Attributes:
        hash: SHA-256 of its content, in hexadecimal: by this it is kept.
        size: in bytes.
        media_type: by its first bytes: ``image/jpeg``, ``image/png`` or ``image/webp``.
        shows: ``scene``, ``vehicle`` or ``plate``; ``unknown`` when the device does not tell.
    """

    hash: str
    size: int
    media_type: str
    shows: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one device said once, as it stands on record.

    Attributes:
        pictures: those of its push, or of one that told the same; each may be gone by now.
        vendor_id: by which the device tells it again.
        plate: what was read, in canonical form: a plate, or the code of a wagon or container, as ``kind`` tells.
        train: the portal's number of the train, with ``track`` and the ``position`` of the wagon in it, from 1.
        view: what the device sees of a vehicle: ``front``, ``rear`` or ``side``; None when that is not known.
    """

    id: str
    node: str
    passage_id: str
    registration_id: str
    device: str
    vendor_id: str
    lane: str
    checkpoint: str
    plate: str
    plate_raw: str
    confidence: float
    seen_at: datetime
    device_time: datetime | None
    received_at: datetime
    retransmitted: bool
    pictures: tuple[KeptPicture, ...] = ()
    kind: str = "plate"
    train: str | None = None
    track: str | None = None
    position: int | None = None
    view: str | None = None
    country: str | None = None
    vehicle_type: str | None = None
    make: str | None = None
    colour: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainSighting:
    """A train, as a portal saw it pass.

    Attributes:
        node: the site whose portal it is.
        vendor_id: by which the device tells this sighting again.
        train: the portal's own number, which it may give again another day; with ``track`` it tells trains apart.
        ended_at: None while the train was passing: the end makes another sighting.
        late: ended, or began, so long before it was told that the train may be gone.
    """

    id: str
    node: str
    device: str
    vendor_id: str
    lane: str
    checkpoint: str
    train: str
    track: str | None
    began_at: datetime | None
    ended_at: datetime | None
    received_at: datetime
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VehiclePair:
    """A vehicle and its trailer, whose plates passed a checkpoint one behind the other.

    Attributes:
        tractor, trailer: their registrations.
        holds: False once a late reading showed otherwise.
    """

    id: str
    node: str
    checkpoint: str
    lane: str
    tractor: str
    trailer: str
    paired_at: datetime
    holds: bool = True
    parted_at: datetime | None = None
