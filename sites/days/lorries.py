"""A day of lorries in a terminal, drawn from a seed: what its devices say, and what is odd about whom."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Final

from sites.days.terminal import INBOUND, LONGEST, OUTBOUND, SCALES, post_code

DAY: Final = timedelta(hours=22)
_QUIET: Final = timedelta(seconds=20)
_BEHIND: Final = timedelta(seconds=3)
_ENDS: Final = timedelta(hours=5)
_OFTEN, _SELDOM = 0.1, 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a device says once.

    Attributes:
        number: the same when it is said again.
        heard_at: when it comes in; it was seen at ``at``.
        kg: of a scale; None of a camera.
    """

    device: str
    number: int
    plate: str
    at: datetime
    heard_at: datetime
    kg: int | None = None


@dataclass(slots=True, kw_only=True)
class Stay:
    """A lorry at a checkpoint, before it is told by devices."""

    checkpoint: str
    direction: str
    after: timedelta
    tractor: str
    trailer: str
    kg: int


@dataclass(slots=True, kw_only=True)
class Lorry:
    """A lorry on its way through the terminal.

    Attributes:
        odd: the keys of the anomalies that were planted.
    """

    number: int
    plate: str
    began_at: datetime
    stays: list[Stay]
    odd: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """A day: all that devices say, in the order in which it comes in, and what was planted, by plate.

    ``noise`` counts all pushes, and those that come in late.
    """

    said: Sequence[Said]
    planted: Mapping[str, tuple[str, ...]]
    noise: Mapping[str, int] = field(default_factory=dict)


def draw(seed: int, vehicles: int, ended_at: datetime) -> Traffic:
    """Draw a day of so many lorries that ends at a time.

    Each kind of anomaly is planted on at least one of them; misread, repeated and late readings on many.
    """
    random = Random(seed)  # noqa: S311 - a simulation
    lorries = [_lorry(random, number, vehicles, ended_at) for number in range(vehicles)]
    chosen = random.sample(lorries, max(len(_ODD) * max(1, vehicles // 100), len(_ODD)))
    for number, lorry in enumerate(chosen):
        _ODD[number % len(_ODD)](lorry)
    said = list(_told(random, lorries))
    said.sort(key=lambda one: (one.heard_at, one.device, one.number))
    planted = {lorry.plate: tuple(sorted(lorry.odd)) for lorry in lorries if lorry.odd}
    late = sum(one.heard_at - one.at > timedelta(minutes=1) for one in said)
    return Traffic(said=said, planted=planted, noise={"pushes": len(said), "late": late})


def plate(prefix: str, number: int) -> str:
    """Return a plate that differs from the others of its prefix below 2401 in three characters at least."""
    digits = [number // 7**place % 7 for place in range(4)]
    checks = (sum(digits) % 7, sum(place * digit for place, digit in enumerate(digits, 1)) % 7)
    return prefix + "".join(str(digit) for digit in (*digits, *checks))


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
    """Yield what devices say of the lorries, which keep a distance from each other at each checkpoint."""
    taken: dict[str, list[datetime]] = {}
    number = 0
    for lorry in lorries:
        at = lorry.began_at
        misread = random.randrange(len(lorry.stays)) if random.random() < _OFTEN else None
        for place, stay in enumerate(lorry.stays):
            at = _free(at + stay.after, taken.setdefault(stay.checkpoint, []))
            for one in _of_stay(stay, at):
                number += 1
                read = _misread(random, one.plate) if place == misread and one.kg is None else one.plate
                told = replace(one, number=number, plate=read)
                late = random.random() < _SELDOM
                yield replace(told, heard_at=at + timedelta(seconds=random.randrange(120, 3000))) if late else told
                if random.random() < _SELDOM:
                    yield replace(told, heard_at=told.heard_at + timedelta(seconds=random.randrange(3, 600)))


def _free(at: datetime, taken: list[datetime]) -> datetime:
    while any(abs(at - other) < _QUIET for other in taken):
        at += _QUIET
    taken.append(at)
    return at


def _of_stay(stay: Stay, at: datetime) -> Iterator[Said]:
    front = post_code(stay.checkpoint, stay.direction, "front")
    rear = post_code(stay.checkpoint, stay.direction, "rear")
    behind = at + _BEHIND
    yield Said(device=front, number=0, plate=stay.tractor, at=at, heard_at=at)
    if stay.checkpoint in SCALES:
        scale = post_code(stay.checkpoint, stay.direction, "scale")
        yield Said(device=scale, number=0, plate=stay.tractor, at=at, heard_at=at, kg=stay.kg)
    yield Said(device=rear, number=0, plate=stay.trailer, at=behind, heard_at=behind)


def _misread(random: Random, read: str) -> str:
    place = random.randrange(2, len(read))
    return read[:place] + random.choice([digit for digit in "0123456789" if digit != read[place]]) + read[place + 1 :]


def _place(lorry: Lorry, *codes: str) -> int:
    return next(place for place, stay in enumerate(lorry.stays) if stay.checkpoint in codes)


def _skip(lorry: Lorry) -> None:
    del lorry.stays[_place(lorry, "xray")]
    lorry.odd = ("skipped:xray",)


def _leave(lorry: Lorry) -> None:
    del lorry.stays[_place(lorry, "desk")]
    lorry.odd = ("skipped:desk", f"left_without_release:{lorry.stays[-1].checkpoint}")


def _swap(lorry: Lorry) -> None:
    xray, desk = _place(lorry, "xray"), _place(lorry, "desk")
    first, second = sorted((xray, desk))
    lorry.stays[first], lorry.stays[second] = lorry.stays[second], lorry.stays[first]
    lorry.odd = (f"out_of_order:{lorry.stays[second].checkpoint}",)


def _dawdle(lorry: Lorry) -> None:
    place = _place(lorry, "scale-road")
    lorry.stays[place].after = LONGEST + timedelta(minutes=15)
    lorry.odd = (f"too_slow:{lorry.stays[place - 1].checkpoint}",)


def _vanish(lorry: Lorry) -> None:
    del lorry.stays[_place(lorry, "road") + 1 :]
    lorry.odd = ("too_slow:road",)


def _turn(lorry: Lorry) -> None:
    back = INBOUND if lorry.stays[0].direction == OUTBOUND else OUTBOUND
    del lorry.stays[3:]
    lorry.stays += [replace(stay, direction=back) for stay in (lorry.stays[1], lorry.stays[0])]
    lorry.odd = (f"turned_back:{lorry.stays[1].checkpoint}",)


def _unload(lorry: Lorry) -> None:
    scales = [stay for stay in lorry.stays if stay.checkpoint in SCALES]
    scales[-1].kg -= 4_000
    lorry.odd = (f"weight_changed:{scales[-1].checkpoint}",)


def _other_trailer(lorry: Lorry) -> None:
    for stay in lorry.stays[-3:]:
        stay.trailer = plate("WN", lorry.number)
    lorry.odd = (f"trailer_changed:{lorry.stays[-3].checkpoint}",)


def _other_tractor(lorry: Lorry) -> None:
    lorry.stays[-1].tractor = plate("WT", lorry.number)
    lorry.odd = (f"tractor_changed:{lorry.stays[-1].checkpoint}",)


_ODD: Final[Sequence[Callable[[Lorry], None]]] = (
    _skip,
    _leave,
    _swap,
    _dawdle,
    _vanish,
    _turn,
    _unload,
    _other_trailer,
    _other_tractor,
)
