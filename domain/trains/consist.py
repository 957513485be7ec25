"""The declared list: read, refused where it cannot be, and told where it is hard to believe."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from domain.identifiers.containers import CONTAINER
from domain.identifiers.identifier import Identifier
from domain.identifiers.kind import IdentifierUnreadable, Kind
from domain.identifiers.wagons import WAGON
from domain.shared.texts import optional
from domain.trains.commands import WagonListed
from domain.trains.errors import (
    ConsistCodeUnreadable,
    ConsistLengthImpossible,
    ContainerTwice,
    WagonMassImpossible,
    WagonTwice,
)
from domain.trains.model import DeclaredContainer, DeclaredWagon

WAGONS_MAX, CONTAINERS_MAX = 200, 8
WAGON_KG_MAX, CONTAINER_KG_MAX = 200_000.0, 60_000.0
_OF_1520 = 8
_PASSENGERS = "0"

Why = Literal["check_digit", "length", "characters", "shape", "passenger_coach"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """What is hard to believe of a list: places from 1; ``container`` is None where it is about the wagon itself."""

    wagon: int
    container: int | None
    code: str
    why: str


def consist(listed: Sequence[WagonListed]) -> tuple[DeclaredWagon, ...]:
    """Return a list as it is put on record. The facts of a refusal name the places, as wagon or wagon/container.

    Raises:
        ConsistLengthImpossible, ConsistCodeUnreadable, WagonTwice, ContainerTwice, WagonMassImpossible, TextTooLong: it
            cannot be the list of a train.
    """
    if not 1 <= len(listed) <= WAGONS_MAX or any(len(wagon.containers) > CONTAINERS_MAX for wagon in listed):
        raise ConsistLengthImpossible(path=("wagons",), wagons=len(listed))
    _refuse_unreadable(listed)
    wagons = tuple(map(_wagon, listed))
    _refuse_masses(wagons)
    _refuse_twice(((str(at), wagon.code) for at, wagon in enumerate(wagons, 1)), WagonTwice)
    _refuse_twice(((place, each.code) for place, each in _containers(wagons)), ContainerTwice)
    return wagons


def doubts(wagons: Sequence[DeclaredWagon]) -> Iterator[Doubt]:
    """Yield what is hard to believe of a list, in its order."""
    for at, wagon in enumerate(wagons, 1):
        if wagon.code.check == "fails":
            yield Doubt(wagon=at, container=None, code=wagon.code.canonical, why=wagon.code.why or "")
        if len(wagon.code.canonical) == _OF_1520 and wagon.code.canonical.startswith(_PASSENGERS):
            yield Doubt(wagon=at, container=None, code=wagon.code.canonical, why="passenger_coach")
        for beside, container in enumerate(wagon.containers, 1):
            if container.code.check == "fails":
                yield Doubt(wagon=at, container=beside, code=container.code.canonical, why=container.code.why or "")


def _wagon(listed: WagonListed) -> DeclaredWagon:
    return DeclaredWagon(
        code=WAGON.read(listed.code),
        goods=optional(listed.goods, "goods"),
        mass_kg=listed.mass_kg,
        containers=tuple(
            DeclaredContainer(code=CONTAINER.read(each.code), goods=optional(each.goods, "goods"), mass_kg=each.mass_kg)
            for each in listed.containers
        ),
    )


def _refuse_unreadable(listed: Sequence[WagonListed]) -> None:
    places = [str(at) for at, wagon in enumerate(listed, 1) if not _can(WAGON, wagon.code)]
    places += [
        f"{at}/{beside}"
        for at, wagon in enumerate(listed, 1)
        for beside, each in enumerate(wagon.containers, 1)
        if not _can(CONTAINER, each.code)
    ]
    if places:
        raise ConsistCodeUnreadable(path=("wagons",), places=places)


def _can(kind: Kind, raw: str) -> bool:
    try:
        kind.read(raw)
    except IdentifierUnreadable:
        return False
    return True


def _refuse_masses(wagons: Sequence[DeclaredWagon]) -> None:
    places = [str(at) for at, wagon in enumerate(wagons, 1) if not _is_mass(wagon.mass_kg, WAGON_KG_MAX)]
    places += [place for place, each in _containers(wagons) if not _is_mass(each.mass_kg, CONTAINER_KG_MAX)]
    if places:
        raise WagonMassImpossible(path=("wagons",), places=places)


def _is_mass(mass_kg: float | None, most: float) -> bool:
    return mass_kg is None or 0 < mass_kg <= most


def _refuse_twice(codes: Iterable[tuple[str, Identifier]], refusal: Callable[..., WagonTwice | ContainerTwice]) -> None:
    found = [(place, code.canonical) for place, code in codes]
    count = Counter(code for _, code in found)
    twice = [(place, code) for place, code in found if count[code] > 1]
    if twice:
        places, same = [place for place, _ in twice], dict.fromkeys(code for _, code in twice)
        raise refusal(path=("wagons",), places=places, codes=tuple(same))


def _containers(wagons: Sequence[DeclaredWagon]) -> Iterator[tuple[str, DeclaredContainer]]:
    for at, wagon in enumerate(wagons, 1):
        for beside, container in enumerate(wagon.containers, 1):
            yield f"{at}/{beside}", container
