"""Registrations and what was found when they were matched against the watchlist."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from domain.identifiers.identifier import Identifier
from domain.shared.quarantine import QuarantineState

CORRECTIONS_MAX: Final = 50
"""Corrections that a registration tells: the first and the newest ones."""


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
class Said:
    """What a registration says of its object."""

    identifiers: tuple[Identifier, ...] = ()
    traveller: Traveller | None = None
    failed_checks: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The one identifier by which an officer would call the object."""
        return self.identifiers[0].canonical if self.identifiers else ""

    def is_same_as(self, other: "Said") -> bool:
        """Tell whether both say the same, in whatever spelling."""
        mine, theirs = (
            [(each.kind, each.canonical, each.country) for each in said.identifiers] for said in (self, other)
        )
        return (mine, self.traveller, self.failed_checks) == (theirs, other.traveller, other.failed_checks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """That an officer said what a registration should have said.

    Attributes:
        number: the version of the registration since then.
        before: what it said until then, with ``met``, the matches of that.
    """

    number: int
    by: str
    at: datetime
    reason: str
    before: Said
    after: Said
    met: tuple[Match, ...] = ()


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
        corrections: how it was corrected, oldest first: the first, and the newest of the others.
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
    corrections: tuple[Correction, ...] = ()

    @property
    def label(self) -> str:
        """The one identifier by which an officer would call the object."""
        return self.identifiers[0].canonical if self.identifiers else ""

    @property
    def said(self) -> Said:
        """What it says of its object now."""
        return Said(identifiers=self.identifiers, traveller=self.traveller, failed_checks=self.failed_checks)

    @property
    def version(self) -> int:
        """How often it was corrected."""
        return self.corrections[-1].number if self.corrections else 0

    @property
    def former(self) -> tuple[Identifier, ...]:
        """The identifiers of which a correction said that they are not the object's."""
        said = (each for correction in self.corrections for each in correction.before.identifiers)
        return tuple(dict.fromkeys(each for each in said if not self.has(each.kind, each.canonical)))

    @property
    def first_said(self) -> Said:
        """What it said before anybody corrected it."""
        return self.corrections[0].before if self.corrections else self.said

    @property
    def labels(self) -> frozenset[str]:
        """By what officers call the object, or called it when it met an entry, until a correction; none is empty."""
        met = (correction.before.label for correction in self.corrections if correction.met)
        return frozenset((self.label, *met)) - {""}

    @property
    def was_met(self) -> bool:
        """Whether it meets a watchlist entry, or met one until a correction."""
        return bool(self.screening.matches) or any(correction.met for correction in self.corrections)

    @property
    def uncorrected(self) -> tuple[Identifier, ...]:
        """The identifiers that it has and that no correction has touched."""
        told = [
            {(each.kind, each.canonical, each.country) for each in correction.before.identifiers}
            for correction in self.corrections
        ]
        return tuple(
            each
            for each in self.identifiers
            if all((each.kind, each.canonical, each.country) in before for before in told)
        )

    def has(self, kind: str, canonical: str) -> bool:
        """Tell whether an identifier is the object's."""
        return any((each.kind, each.canonical) == (kind, canonical) for each in self.identifiers)

    def still(self, identifiers: tuple[Identifier, ...]) -> tuple[Identifier, ...]:
        """Return those of which no correction said that they are not the object's, and none that it told already."""
        if not self.corrections:
            return identifiers
        former = {(each.kind, each.canonical) for each in self.former}
        told = {(each.kind, each.canonical, each.country) for each in self.identifiers}
        return tuple(
            each
            for each in identifiers
            if (each.kind, each.canonical) not in former and (each.kind, each.canonical, each.country) not in told
        )

    def saying(self, said: Said) -> "Registration":
        """Return it with what it should say of its object."""
        return replace(self, identifiers=said.identifiers, traveller=said.traveller, failed_checks=said.failed_checks)

    def corrected(self, correction: Correction, screening: Screening) -> "Registration":
        """Return it as corrected, and matched by what it says since; what it said is kept with the correction."""
        told = (*self.corrections, correction)
        kept = (*told[:1], *told[1:][1 - CORRECTIONS_MAX :])
        return replace(self.saying(correction.after), screening=screening, corrections=kept)

    def rescreened(self, identifiers: tuple[Identifier, ...], screening: Screening) -> "Registration":
        """Return the registration after one more check: what was known stands, the new comes behind, nothing twice.

        What a correction said that it is not stays away.
        """
        earlier = self.screening
        checked = screening.outcome is ScreeningOutcome.CHECKED
        return replace(
            self,
            identifiers=tuple(dict.fromkeys((*self.identifiers, *self.still(identifiers)))),
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
