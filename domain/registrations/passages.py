"""Merging: which readings are of one vehicle at one checkpoint."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.identifiers.edits import one_edit_apart
from domain.identifiers.identifier import Identifier
from domain.identifiers.kinds import KINDS
from domain.identifiers.plates import plate

CLOCK_AHEAD_MAX = timedelta(seconds=60)
LATE_AFTER = timedelta(minutes=5)
SURE_ABOVE = 0.9
"""Confidence beyond which a camera is taken to have read a plate rightly, where it says so of two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in a train a wagon was read: the portal's number of the train, the track, the position from 1."""

    train: str | None = None
    track: str | None = None
    position: int | None = None

    def is_beside(self, other: "Place") -> bool:
        """Tell whether both are known and are two places of one train."""
        known = self.position is not None and other.position is not None and self.train is not None
        return known and (self.train, self.track) == (other.train, other.track) and self.position != other.position


NOWHERE = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Which device read an identifier, and how surely, from 0 to 1."""

    device: str = ""
    confidence: float = 0.0


UNSURE = Source()


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearby:
    """A reading on record at the checkpoint, near in time to a new one.

    Attributes:
        kind: of the identifier that was read.
        view: what the device saw of the vehicle.
        lane: in which it was read.
    """

    passage_id: str
    registration_id: str
    canonical: str
    folded: str
    country: str | None
    seen_at: datetime
    kind: str = "plate"
    place: Place = NOWHERE
    view: str | None = None
    source: Source = UNSURE
    lane: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """From when to when a passage, with all linked to it, was read in a lane, and what was seen of it."""

    first_at: datetime
    last_at: datetime
    views: frozenset[str | None]

    def with_(self, other: "Extent") -> "Extent":
        """Return both as one."""
        first, last = min(self.first_at, other.first_at), max(self.last_at, other.last_at)
        return Extent(first_at=first, last_at=last, views=self.views | other.views)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Where a reading belongs.

    Attributes:
        joined: the earliest passage it is linked to, or None when it opens one.
        others: further passages that it proves to be the same vehicle.
        known: whether the passage has been read with this very plate, of the same country, before.
    """

    joined: Nearby | None
    others: tuple[Nearby, ...] = ()
    known: bool = False


def seat(read: Identifier, nearby: Iterable[Nearby], place: Place = NOWHERE, source: Source = UNSURE) -> Seat:
    """Find the passage of a reading by single linkage: whatever is near in time and `is_same` is one object."""
    linked = sorted((n for n in nearby if is_same(read, place, n, source)), key=lambda n: (n.seen_at, n.passage_id))
    if not linked:
        return Seat(joined=None)
    first = linked[0]
    others = {n.passage_id: n for n in linked if n.passage_id != first.passage_id}
    return Seat(
        joined=first,
        others=tuple(others.values()),
        known=any((n.canonical, n.country) == (read.canonical, read.country) for n in linked),
    )


def is_same(read: Identifier, place: Place, near: Nearby, source: Source = UNSURE) -> bool:
    """Tell whether two readings that are near in time are of one object: at most one edit apart, folded.

    Two different codes that both have a check digit which agrees are of two objects, and so are those of two places in
    one train, and two plates of which one camera is sure. It makes no difference which of the two readings came first,
    and none what else was read: passages that were joined are never parted again.
    """
    if read.kind != near.kind or not one_edit_apart(read.folded, near.folded):
        return False
    kind = KINDS.get(read.kind)
    if read.canonical == near.canonical:
        return True
    if kind is None:
        return not _are_two_plates(read, near, source)
    both_hold = read.check == "holds" and kind.agreement(near.canonical)[0] == "holds"
    return not both_hold and not place.is_beside(near.place)


def _are_two_plates(read: Identifier, near: Nearby, source: Source) -> bool:
    """Tell whether one camera is sure of two plates of one length, each of a shape that its country gives its plates.

    Of plates of two lengths one may have been cut off: cameras are sure of what they see of such a plate, too.
    """
    is_one_camera = source.device == near.source.device and len(read.folded) == len(near.folded)
    is_sure = min(source.confidence, near.source.confidence) > SURE_ABOVE
    both_fit = read.check == "holds" and plate(near.canonical, near.country).check == "holds"
    return is_one_camera and is_sure and both_fit and read.folded != near.folded


def seen_at(device_time: datetime | None, received_at: datetime) -> datetime:
    """Return when an object was seen: the device's time unless it is absent or ahead of ours by over a minute."""
    if device_time is None or device_time - received_at > CLOCK_AHEAD_MAX:
        return received_at
    return device_time


def is_late(seen: datetime, now: datetime) -> bool:
    """Tell whether an object was seen so long ago that it may be gone."""
    return now - seen > LATE_AFTER
