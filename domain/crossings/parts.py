"""What a crossing is made of: members, goods, documents, weights, checks, and where and when it is."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from domain.organisation.events import Position


class MemberRole(StrEnum):
    """As what a registered object takes part in a crossing."""

    CAR = "car"
    BUS = "bus"
    MOTORCYCLE = "motorcycle"
    TRUCK = "truck"
    TRACTOR = "tractor"
    TRAILER = "trailer"
    SEMITRAILER = "semitrailer"
    CONTAINER = "container"
    WAGON = "wagon"
    LOCOMOTIVE = "locomotive"
    DRIVER = "driver"
    CREW = "crew"
    PASSENGER = "passenger"
    PEDESTRIAN = "pedestrian"


PERSONS: Final = frozenset({MemberRole.DRIVER, MemberRole.CREW, MemberRole.PASSENGER, MemberRole.PEDESTRIAN})
RAILWAY: Final = frozenset({MemberRole.WAGON, MemberRole.LOCOMOTIVE})
CONTAINERS: Final = frozenset({MemberRole.CONTAINER})
VEHICLES: Final = frozenset(MemberRole) - PERSONS - RAILWAY - CONTAINERS
FIT: Final = {"person": PERSONS, "vehicle": VEHICLES, "container": CONTAINERS, "wagon": RAILWAY}
"""The roles that an object may have, by the kind of its registration."""


class DocumentKind(StrEnum):
    """What kind of paper it is. Travel documents are with the registrations of their holders, never here."""

    MRN = "mrn"
    GRN = "grn"
    TIR = "tir"
    CMR = "cmr"
    INVOICE = "invoice"
    VEHICLE_PAPERS = "vehicle_papers"
    PERMIT = "permit"
    CERTIFICATE = "certificate"
    OTHER = "other"


class Outcome(StrEnum):
    """What a check or a control came to: a result as transit declares it, or the decision not to make it."""

    A1 = "a1"
    A2 = "a2"
    A3 = "a3"
    B1 = "b1"
    WAIVED = "waived"
    OVERRIDDEN = "overridden"


RESULTS: Final = frozenset({Outcome.A1, Outcome.A2, Outcome.A3, Outcome.B1})


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A registered object that takes part. Who or what it is stands in its registration alone."""

    registration_id: str
    role: MemberRole
    seals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsLine:
    """Goods of one kind.

    Attributes:
        number: within the crossing, never given twice; 0 until it is given.
        code: of the tariff (HS, CN or TARIC); empty when it is not known.
        packages, gross_kg: None when they are not known.
        un_number: of dangerous goods; empty for others.
        doubts: which of ``code`` and ``un_number`` is not of the shape that it should have.
    """

    number: int = 0
    code: str = ""
    description: str
    packages: int | None = None
    gross_kg: float | None = None
    un_number: str = ""
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A paper that was shown.

    Attributes:
        number: within the crossing, never given twice; 0 until it is given.
        text: its number as given.
        canonical: the form in which two spellings of it are equal.
        check: whether shape or check digit agrees; ``none`` where there is nothing to check by.
    """

    number: int = 0
    kind: DocumentKind
    text: str
    canonical: str = ""
    check: str = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What a scale said, or a declaration.

    Attributes:
        number: within the crossing, never given twice; 0 until it is given.
        axles_kg: of each axle, from the front; empty when they were not weighed one by one.
    """

    number: int = 0
    total_kg: float
    axles_kg: tuple[float, ...] = ()
    measured: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What somebody has found, or decided, of one requirement of the clearance, or of a control.

    Attributes:
        shown: number of the certificate or licence that was shown, if any.
    """

    requirement: str
    outcome: Outcome
    by: str
    at: datetime
    reason: str = ""
    shown: str = ""

    @property
    def satisfies(self) -> bool:
        """Whether nothing stands against a release any more."""
        return self.outcome is not Outcome.B1


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a crossing is made of, or what one act has put into it or taken out of it.

    Attributes:
        at: when the objects were there.
        empty: the vehicle carries no goods.
        cash_eur: cash that was declared, in euros.
        pets: how many pets travel along.
    """

    members: tuple[Member, ...] = ()
    goods: tuple[GoodsLine, ...] = ()
    documents: tuple[Document, ...] = ()
    weights: tuple[Weight, ...] = ()
    checks: tuple[Check, ...] = ()
    lane: str | None = None
    direction: str | None = None
    at: datetime | None = None
    position: Position | None = None
    empty: bool | None = None
    cash_eur: int | None = None
    pets: int | None = None

    def changed(self, put: "Parts", took: "Parts") -> "Parts":
        """Return them with one act done: what it took is gone, what it put is there."""
        return Parts(
            members=_listed(self.members, put.members, took.members),
            goods=_numbered(self.goods, put.goods, took.goods),
            documents=_numbered(self.documents, put.documents, took.documents),
            weights=_numbered(self.weights, put.weights, took.weights),
            checks=_listed(self.checks, put.checks, took.checks),
            **{name: _single(name, self, put, took) for name in SINGLE},
        )

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers given to goods, documents and weights."""
        of_all = (self.goods, self.documents, self.weights)
        return tuple(part.number for parts in of_all for part in parts)


SINGLE: Final = ("lane", "direction", "at", "position", "empty", "cash_eur", "pets")
NOTHING: Final = Parts()


def renumbered(put: Parts, first: int) -> Parts:
    """Return parts in which whatever has no number yet has one, from ``first`` on."""
    free = iter(range(first, first + len(put.numbers)))
    given: dict[str, Any] = {
        name: tuple(part if part.number else replace(part, number=next(free)) for part in getattr(put, name))
        for name in ("goods", "documents", "weights")
    }
    return replace(put, **given)


def _listed(present: tuple[Any, ...], put: tuple[Any, ...], took: tuple[Any, ...]) -> tuple[Any, ...]:
    return (*(each for each in present if each not in took), *put)


def _numbered(present: tuple[Any, ...], put: tuple[Any, ...], took: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(sorted(_listed(present, put, took), key=lambda part: int(part.number)))


def _single(name: str, present: Parts, put: Parts, took: Parts) -> Any:
    if getattr(put, name) is not None:
        return getattr(put, name)
    return None if getattr(took, name) is not None else getattr(present, name)
