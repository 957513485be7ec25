"""Merging: which readings are of one vehicle at one checkpoint."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.identifiers.identifier import Identifier

CLOCK_AHEAD_MAX = timedelta(seconds=60)
LATE_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearby:
    """An earlier reading at the checkpoint, within the merge window of a new one."""

    passage_id: str
    registration_id: str
    canonical: str
    folded: str
    country: str | None
    seen_at: datetime


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


def seat(plate: Identifier, nearby: Iterable[Nearby]) -> Seat:
    """Find the passage of a reading by single linkage: near in time and at most one edit apart in the folded plate."""
    linked = sorted(
        (n for n in nearby if one_edit_apart(plate.folded, n.folded)), key=lambda n: (n.seen_at, n.passage_id)
    )
    if not linked:
        return Seat(joined=None)
    first = linked[0]
    others = {n.passage_id: n for n in linked if n.passage_id != first.passage_id}
    return Seat(
        joined=first,
        others=tuple(others.values()),
        known=any((n.canonical, n.country) == (plate.canonical, plate.country) for n in linked),
    )


def one_edit_apart(left: str, right: str) -> bool:
    """Tell whether two texts are equal or one insertion, deletion or substitution apart."""
    if left == right:
        return True
    short, long = sorted((left, right), key=len)
    if len(long) - len(short) > 1:
        return False
    split = _equal_head(short, long)
    return short[split + (len(short) == len(long)) :] == long[split + 1 :]


def _equal_head(left: Sequence[str], right: Sequence[str]) -> int:
    for index, (a, b) in enumerate(zip(left, right, strict=False)):
        if a != b:
            return index
    return min(len(left), len(right))


def seen_at(device_time: datetime | None, received_at: datetime) -> datetime:
    """Return when an object was seen: the device's time unless it is absent or ahead of ours by over a minute."""
    if device_time is None or device_time - received_at > CLOCK_AHEAD_MAX:
        return received_at
    return device_time


def is_late(seen: datetime, now: datetime) -> bool:
    """Tell whether an object was seen so long ago that it may be gone."""
    return now - seen > LATE_AFTER
