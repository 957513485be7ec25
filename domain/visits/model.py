"""A visit: where a vehicle was seen in a terminal, what it weighed there, and what was odd about it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.identifiers.edits import one_edit_apart


class AnomalyKind(StrEnum):
    """What is odd about a visit."""

    SKIPPED = "skipped"
    OUT_OF_ORDER = "out_of_order"
    TOO_SLOW = "too_slow"
    TURNED_BACK = "turned_back"
    LEFT_WITHOUT_RELEASE = "left_without_release"
    WEIGHT_CHANGED = "weight_changed"
    TRAILER_CHANGED = "trailer_changed"
    TRACTOR_CHANGED = "tractor_changed"


class VisitState(StrEnum):
    """How far a visit has come."""

    OPEN = "open"
    LEFT = "left"
    CLOSED = "closed"
    UNSEEN = "unseen"
    JOINED = "joined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A vehicle, or a part of one, was registered at a checkpoint.

    Attributes:
        id: of the registration.
        plate: as it was read, canonical; ``folded`` is the form in which it is compared.
    """

    id: str
    checkpoint: str
    at: datetime
    direction: str
    plate: str
    folded: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two registrations at one checkpoint proved to be of a tractor and the trailer behind it; both by id."""

    tractor: str
    trailer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What a scale said of the vehicle of a registration.

    Attributes:
        id: of the weighing.
    """

    id: str
    registration_id: str
    gross_kg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """By how much two weighings of one vehicle may differ: by so many kilograms, or so much of the heavier one."""

    kg: float = 400.0
    per_cent: float = 2.0

    def allows(self, one: float, other: float) -> bool:
        """Tell whether two weighings may be of one vehicle with one load."""
        return abs(one - other) <= max(self.kg, max(one, other) * self.per_cent / 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomaly:
    """Something odd about a visit, as it is known so far.

    Attributes:
        checkpoint: what was skipped, where it is odd, or where the leg begins on which the vehicle is too slow.
        detail: what was expected and what was found: plates, kilograms, minutes.
        plate: by which the vehicle was known when it was found.
        as_of: until when it was known that the vehicle had not been seen, when it was found.
        explained_at: when a later reading showed that there is nothing odd; it is raised again if that turns out wrong.
        accounted_by: the officer who knows the reason, which is ``reason``.
    """

    kind: AnomalyKind
    checkpoint: str
    detail: str = ""
    plate: str = ""
    found_at: datetime | None = None
    as_of: datetime | None = None
    explained_at: datetime | None = None
    accounted_by: str = ""
    accounted_at: datetime | None = None
    reason: str = ""

    @property
    def key(self) -> str:
        """What tells it from the others of its visit."""
        return f"{self.kind.value}:{self.checkpoint}"

    @property
    def stands(self) -> bool:
        """Whether nothing has explained it."""
        return self.explained_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """The way of a vehicle, with what it draws, through a terminal in one direction.

    Attributes:
        node: the site, which alone may change it.
        tractor: the plate it is known by first, folded; of what it draws, ``trailer``, empty while there is none known.
        checkpoint: where it was seen last.
        heard_at: when the site heard of it last.
        closed_by: the officer, with ``reason``; empty when it left, was not seen any more, or was joined.
        joined_into: the visit of which it turned out to be a part.
    """

    id: str
    node: str
    direction: str
    tractor: str
    trailer: str = ""
    checkpoint: str
    opened_at: datetime
    last_at: datetime
    heard_at: datetime
    state: VisitState = VisitState.OPEN
    closed_at: datetime | None = None
    closed_by: str = ""
    reason: str = ""
    joined_into: str | None = None
    points: tuple[Point, ...] = ()
    pairs: tuple[Pair, ...] = ()
    weights: tuple[Weight, ...] = ()
    anomalies: tuple[Anomaly, ...] = ()

    @property
    def known_until(self) -> datetime:
        """Until when it is known where the vehicle was, or that it was nowhere."""
        return max((self.last_at, *(one.as_of for one in self.anomalies if one.as_of is not None)))

    @property
    def label(self) -> str:
        """The plate by which an officer would call the vehicle."""
        return next((point.plate for point in self.points if point.folded == self.tractor), self.points[0].plate)

    @property
    def plates(self) -> str:
        """All plates that were read of it, folded, with a space between two."""
        return " ".join(sorted({point.folded for point in self.points}))

    @property
    def overdue(self) -> bool:
        """Whether it should have been seen further on by now; never once it is over."""
        late = self.anomaly(f"{AnomalyKind.TOO_SLOW}:{self.checkpoint}")
        return self.state is VisitState.OPEN and late is not None and late.stands

    @property
    def standing(self) -> tuple[Anomaly, ...]:
        """What is odd and not explained, whether or not an officer has accounted for it."""
        return tuple(one for one in self.anomalies if one.stands)

    def with_facts(
        self, points: Iterable[Point], pairs: Iterable[Pair], weights: Iterable[Weight], heard_at: datetime
    ) -> "Visit":
        """Return it with more of what is known: each once, in the order of time, whatever the order they came in."""
        once = {point.id: point for point in (*self.points, *points)}
        known = tuple(sorted(once.values(), key=lambda point: (point.at, point.checkpoint, point.id)))
        paired = tuple(sorted({*self.pairs, *pairs}, key=lambda pair: (pair.tractor, pair.trailer)))
        drawn = {pair.trailer for pair in paired}
        trailers = list(dict.fromkeys(point.folded for point in known if point.id in drawn))
        tractors = (point.folded for point in known if not near_any(point.folded, trailers))
        return replace(
            self,
            points=known,
            pairs=paired,
            weights=tuple({each.id: each for each in (*self.weights, *weights)}.values()),
            tractor=next(tractors, self.tractor),
            trailer=next(iter(trailers), ""),
            checkpoint=known[-1].checkpoint,
            opened_at=known[0].at,
            last_at=known[-1].at,
            heard_at=max(self.heard_at, heard_at),
        )

    def without(self, parted: Iterable[Pair], mistaken: Collection[str] = ()) -> "Visit":
        """Return it without pairs that are none, their trailers and what these weighed, and others' weighings."""
        gone = {pair.trailer for pair in parted}
        left = tuple(point for point in self.points if point.id not in gone)
        pairs = tuple(pair for pair in self.pairs if pair.trailer not in gone)
        weights = tuple(
            weight for weight in self.weights if weight.id not in mistaken and weight.registration_id not in gone
        )
        return replace(self, points=left, pairs=pairs, weights=weights).with_facts((), (), (), self.heard_at)

    def knows(self, registration_id: str) -> bool:
        """Tell whether a registration is one of its points."""
        return any(point.id == registration_id for point in self.points)

    def has_read(self, folded: str) -> bool:
        """Tell whether this very plate, folded, was read of it."""
        return any(point.folded == folded for point in self.points)

    def with_anomaly(self, anomaly: Anomaly) -> "Visit":
        """Return it with an anomaly, in place of what was said of the same one before."""
        others = (one for one in self.anomalies if one.key != anomaly.key)
        return replace(self, anomalies=tuple(sorted((*others, anomaly), key=lambda one: one.key)))

    def anomaly(self, key: str) -> Anomaly | None:
        """Return the anomaly of this key, or None."""
        return next((one for one in self.anomalies if one.key == key), None)


UNSEEN_AFTER = timedelta(days=1)
"""A visit of which nothing was seen for so long is closed."""


def near_any(folded: str, known: Iterable[str]) -> bool:
    """Tell whether a folded plate is equal to one of those known, or one edit apart."""
    return any(one_edit_apart(folded, other) for other in known)
