"""A day of lorries in a terminal, drawn from a seed: what its devices say, and what is odd about whom."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Final

from sites.days.lorry import Lorry, Stay, plate
from sites.days.odd_lorries import ODD
from sites.days.terminal import INBOUND, OUTBOUND, REAR_ONLY, SCALES, post_code

DAY: Final = timedelta(hours=22)
_QUIET: Final = timedelta(seconds=20)
_BEHIND: Final = timedelta(seconds=3)
_WAITS: Final = timedelta(minutes=3)
_KNOWN_AFTER, _OTHERS_BEFORE = 2, 3
_ENDS: Final = timedelta(hours=5)
_OFTEN, _SELDOM = 0.1, 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a device says once.

    Attributes:
        number: the same when it is said again.
        heard_at: when it comes in; it was seen at ``at``.
        plate: empty where a scale could not read it.
        kg: of a scale; None of a camera.
    """

    device: str
    number: int
    plate: str
    at: datetime
    heard_at: datetime
    kg: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """A day: all that devices say, in the order in which it comes in, and what was planted, by plate.

    ``noise`` counts all pushes, and those that come in late.
    """

    said: Sequence[Said]
    planted: Mapping[str, tuple[str, ...]]
    noise: Mapping[str, int] = field(default_factory=dict)


def draw(seed: int, vehicles: int, ended_at: datetime) -> Traffic:
    """Draw a day of so many lorries that ends at a time, when the last of them comes.

    Each kind of anomaly is planted on at least one of them. Many are misread, told twice or late, meet another at a
    checkpoint, or are seen by a rear camera alone.
    """
    random = Random(seed)  # noqa: S311 - a simulation
    lorries = [_lorry(random, number, vehicles, ended_at) for number in range(vehicles - 1)]
    chosen = random.sample(lorries, max(len(ODD) * max(1, vehicles // 100), len(ODD)))
    for number, lorry in enumerate(chosen):
        ODD[number % len(ODD)](lorry)
    said = [*_told(random, lorries), *_coming(vehicles - 1, ended_at)]
    said.sort(key=lambda one: (one.heard_at, one.device, one.number))
    planted = {lorry.plate: tuple(sorted(lorry.odd)) for lorry in lorries if lorry.odd}
    late = sum(one.heard_at - one.at > timedelta(minutes=1) for one in said)
    return Traffic(said=said, planted=planted, noise={"pushes": len(said), "late": late})


def _lorry(random: Random, number: int, vehicles: int, ended_at: datetime) -> Lorry:
    direction = (OUTBOUND, INBOUND)[number % 2]
    way = ["pre-gate", "gate", random.choice(("scale-1", "scale-2")), "xray", "desk"]
    way += ["special"] if random.random() < _OFTEN else []
    way += ["road", "scale-road", "border"]
    if direction == INBOUND:
        way.reverse()
    kg = random.randrange(14_000, 40_000, 20)
    stays = [
        Stay(
            checkpoint=checkpoint,
            direction=direction,
            after=timedelta(seconds=random.randrange(240, 1200)),
            tractor=plate("LU", number),
            trailer=plate("PZ", number),
            kg=kg + random.randrange(-100, 101, 20),
        )
        for checkpoint in way
    ]
    began = ended_at - DAY + (DAY - _ENDS) * (number / vehicles)
    return Lorry(number=number, plate=stays[0].tractor, began_at=began, stays=stays)


def _told(random: Random, lorries: Sequence[Lorry]) -> Iterator[Said]:
    """Yield what devices say of the lorries, which keep a distance from each other in each lane of a checkpoint."""
    taken: dict[tuple[str, str], list[datetime]] = {}
    number = 0
    for lorry in lorries:
        at = lorry.began_at
        misread = random.randrange(len(lorry.stays)) if random.random() < _OFTEN else None
        unseen = _unseen(random, lorry)
        for place, stay in enumerate(lorry.stays):
            at = _free(at + stay.after, stay, taken)
            for one in _of_stay(stay, at, seen=place != unseen, read=random.random() >= _OFTEN):
                number += 1
                read = _misread(random, one.plate) if place == misread and one.kg is None else one.plate
                told = replace(one, number=number, plate=read)
                late = random.random() < _SELDOM
                yield replace(told, heard_at=at + timedelta(seconds=random.randrange(120, 3000))) if late else told
                if random.random() < _SELDOM:
                    yield replace(told, heard_at=told.heard_at + timedelta(seconds=random.randrange(3, 600)))


def _coming(number: int, at: datetime) -> Iterator[Said]:
    """Yield what devices say of a lorry that has just come."""
    stay = Stay(
        checkpoint="pre-gate",
        direction=OUTBOUND,
        after=timedelta(0),
        tractor=plate("LU", number),
        trailer=plate("PZ", number),
        kg=0,
    )
    yield from _of_stay(stay, at - _BEHIND)


def _unseen(random: Random, lorry: Lorry) -> int | None:
    """Return the place at which no front camera sees the lorry: its trailer is known by then, and stays the same."""
    places = range(_KNOWN_AFTER, len(lorry.stays) - _OTHERS_BEFORE)
    return random.choice(places) if places and random.random() < _OFTEN else None


def _free(at: datetime, stay: Stay, taken: dict[tuple[str, str], list[datetime]]) -> datetime:
    """Return when a lorry can be at a checkpoint: it meets whoever comes towards it there at about that time."""
    back = INBOUND if stay.direction == OUTBOUND else OUTBOUND
    coming = taken.setdefault((stay.checkpoint, back), [])
    at = min((met for met in coming if at <= met <= at + _WAITS), default=at)
    mine = taken.setdefault((stay.checkpoint, stay.direction), [])
    while any(abs(at - other) < _QUIET for other in mine):
        at += _QUIET
    mine.append(at)
    return at


def _of_stay(stay: Stay, at: datetime, *, seen: bool = True, read: bool = True) -> Iterator[Said]:
    """Yield what devices say of a lorry: whether a front camera sees it, and whether a scale can read its plate."""
    front, rear, scale = (post_code(stay.checkpoint, stay.direction, what) for what in ("front", "rear", "scale"))
    behind = at + _BEHIND
    if seen and stay.checkpoint not in REAR_ONLY:
        yield Said(device=front, number=0, plate=stay.tractor, at=at, heard_at=at)
    if stay.checkpoint in SCALES:
        yield Said(device=scale, number=0, plate=stay.tractor if read else "", at=at, heard_at=at, kg=stay.kg)
    yield Said(device=rear, number=0, plate=stay.trailer, at=behind, heard_at=behind)


def _misread(random: Random, read: str) -> str:
    place = random.randrange(2, len(read))
    return read[:place] + random.choice([digit for digit in "0123456789" if digit != read[place]]) + read[place + 1 :]
