"""Trains of a day, from a seed: as they really are, as the railway declares them, and as a portal reads them.

What a train is differs from what is declared or read in planted anomalies alone, and each says what must be found.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from stdnum import iso6346, luhn

INBOUND, OUTBOUND = "inbound", "outbound"
_TRAINS: Mapping[str, tuple[tuple[int, int], ...]] = {
    INBOUND: ((31, 61), (31, 61), (31, 61), (31, 61), (31, 62)),
    OUTBOUND: ((26, 20), (26, 20), (26, 20), (25, 19), (25, 19), (25, 19)),
}
"""Wagons and containers of each train: one day of Małaszewicze, September 2025 (rmf24, 2025-09-25)."""
_EVERY = timedelta(hours=3, minutes=40)
_A_WAGON = timedelta(seconds=2)
_OWNERS = ("MSCU", "CSQU", "TASU", "MSKU", "TGHU")
_KINDS_1520 = "4246"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wagon:
    """A wagon and the containers on it."""

    code: str
    containers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the portal reads of one wagon: ``code`` may be misread."""

    code: str
    containers: tuple[str, ...]
    place: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTrain:
    """A train of the day.

    Attributes:
        portal_number: by which the portal calls it.
        declared: from the head; None where no list is declared.
        readings: in the order in which the train passes.
        late: place of the wagon whose reading comes after the end of the train.
        repeated: place of the wagon whose reading is sent twice.
        ends: whether the portal tells of its end.
        planted: by kind of difference, the codes that must be found.
        misread: the declared codes that must be offered for what was misread.
        told: the anomalies in words.
    """

    number: str
    portal_number: str
    direction: str
    track: str
    at: datetime
    declared: tuple[Wagon, ...] | None
    readings: tuple[Reading, ...]
    is_reversed: bool = False
    late: int | None = None
    repeated: int | None = None
    ends: bool = True
    planted: Mapping[str, frozenset[str]] = field(default_factory=dict)
    misread: frozenset[str] = frozenset()
    told: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """By which its alarms call it."""
        return self.portal_number if self.declared is None else self.number


def trains_of_a_day(midnight: datetime, seed: int) -> Sequence[DayTrain]:
    """Return the trains of the day that began at ``midnight``, by time, with an anomaly of each kind planted."""
    chance = random.Random(f"malaszewicze/{seed}")  # noqa: S311 - repeatable, not secret
    codes = _Codes(chance)
    inbound, outbound = (list(_as_declared(way, midnight, codes)) for way in (INBOUND, OUTBOUND))
    inbound[0] = _with_missing(inbound[0], codes, chance)
    inbound[1] = replace(_with_extra(inbound[1], chance), ends=False, told=("a wagon not on the list", "no end told"))
    inbound[2] = _swapped(inbound[2], chance)
    inbound[3] = _with_moved_container(_misread(inbound[3], chance), chance)
    inbound[4] = _reversed(inbound[4])
    outbound[0] = _with_missing_container(outbound[0], codes, chance)
    outbound[1] = replace(outbound[1], late=7, told=("a reading that comes late",))
    outbound[2] = replace(outbound[2], repeated=5, told=("a reading sent twice",))
    outbound[3] = replace(
        outbound[3],
        declared=None,
        planted={"train_undeclared": frozenset()},
        told=("no list declared",),
    )
    outbound[4] = replace(outbound[4], portal_number="9" + outbound[4].portal_number)
    return sorted((*inbound, *outbound), key=lambda train: train.at)


class _Codes:
    """Codes of wagons and containers whose check digit holds; none is given twice."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._given: set[str] = set()

    def wagon(self) -> str:
        if self._chance.random() < 0.5:  # noqa: PLR2004 - half of them are of the 1520 mm network
            body = f"{self._chance.choice(_KINDS_1520)}{self._chance.randrange(10**6):06}"
        else:
            body = f"3351{self._chance.randrange(10**7):07}"
        return self._fresh(body + luhn.calc_check_digit(body)) or self.wagon()

    def container(self) -> str:
        body = f"{self._chance.choice(_OWNERS)}{self._chance.randrange(10**6):06}"
        return self._fresh(body + iso6346.calc_check_digit(body)) or self.container()

    def _fresh(self, code: str) -> str | None:
        if code in self._given:
            return None
        self._given.add(code)
        return code


def _as_declared(direction: str, midnight: datetime, codes: _Codes) -> Iterator[DayTrain]:
    first, track = (440_101, "1") if direction == INBOUND else (440_202, "2")
    for place, (wagons, containers) in enumerate(_TRAINS[direction]):
        at = midnight + timedelta(minutes=25 if direction == INBOUND else 95) + place * _EVERY
        number, consist = str(first + 2 * place), tuple(_consist(wagons, containers, codes))
        yield DayTrain(
            number=number,
            portal_number=number,
            direction=direction,
            track=track,
            at=at,
            declared=consist,
            readings=tuple(_read(consist, at)),
        )


def _consist(wagons: int, containers: int, codes: _Codes) -> Iterator[Wagon]:
    """Yield wagons; the containers stand on the first of them, two each as long as there are enough."""
    each = 2 if containers > wagons else 1
    for place in range(wagons):
        here = min(each, max(containers - each * place, 0))
        yield Wagon(code=codes.wagon(), containers=tuple(codes.container() for _ in range(here)))


def _read(consist: Sequence[Wagon], at: datetime) -> Iterator[Reading]:
    for place, wagon in enumerate(consist, 1):
        yield Reading(code=wagon.code, containers=wagon.containers, place=place, at=at + place * _A_WAGON)


def _list(train: DayTrain) -> list[Wagon]:
    return list(train.declared or ())


def _with_missing(train: DayTrain, codes: _Codes, chance: random.Random) -> DayTrain:
    wagon, declared = Wagon(code=codes.wagon()), _list(train)
    declared.insert(chance.randrange(3, len(declared) - 3), wagon)
    return replace(
        train,
        declared=tuple(declared),
        planted={"wagon_missing": frozenset({wagon.code})},
        told=("a wagon that did not come",),
    )


def _with_extra(train: DayTrain, chance: random.Random) -> DayTrain:
    declared = _list(train)
    wagon = declared.pop(chance.randrange(3, len(declared) - 3))
    planted = {"wagon_extra": frozenset({wagon.code}), "container_extra": frozenset(wagon.containers)}
    return replace(train, declared=tuple(declared), planted=planted)


def _swapped(train: DayTrain, chance: random.Random) -> DayTrain:
    declared, first = _list(train), chance.randrange(2, 8)
    second = first + chance.randrange(6, 12)
    declared[first], declared[second] = declared[second], declared[first]
    moved = frozenset({declared[first].code, declared[second].code})
    return replace(train, declared=tuple(declared), planted={"wagon_moved": moved}, told=("two wagons swapped",))


def _misread(train: DayTrain, chance: random.Random) -> DayTrain:
    at = chance.randrange(2, len(train.readings) - 2)
    was, digit = train.readings[at], chance.randrange(1, 7)
    wrong = str((int(was.code[digit]) + 1) % 10)
    read = replace(was, code=f"{was.code[:digit]}{wrong}{was.code[digit + 1 :]}")
    return replace(
        train,
        readings=(*train.readings[:at], read, *train.readings[at + 1 :]),
        misread=frozenset({was.code}),
        told=(*train.told, "a number misread"),
    )


def _with_moved_container(train: DayTrain, chance: random.Random) -> DayTrain:
    declared, at = _list(train), chance.randrange(2, 12)
    source, target = declared[at], declared[at + 9]
    moved = source.containers[0]
    declared[at] = replace(source, containers=source.containers[1:])
    declared[at + 9] = replace(target, containers=(*target.containers, moved))
    return replace(
        train,
        declared=tuple(declared),
        planted={"container_moved": frozenset({moved})},
        told=(*train.told, "a container on another wagon"),
    )


def _with_missing_container(train: DayTrain, codes: _Codes, chance: random.Random) -> DayTrain:
    declared, at, code = _list(train), chance.randrange(2, 12), codes.container()
    declared[at] = replace(declared[at], containers=(*declared[at].containers, code))
    return replace(
        train,
        declared=tuple(declared),
        planted={"container_missing": frozenset({code})},
        told=("a container that did not come",),
    )


def _reversed(train: DayTrain) -> DayTrain:
    readings = tuple(_read(_list(train)[::-1], train.at))
    return replace(train, readings=readings, is_reversed=True, told=("read from its end",))
