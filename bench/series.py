"""Series of pushes as cameras at lanes send them, and the watchlist they are matched against."""

import itertools
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from domain.identifiers.plates import plate
from domain.organisation.model import Device, digest
from domain.watchlist.model import Category, Criterion, Entry, EntryState
from sites.demo.cameras import SHAPES, Shot, Sight
from sites.demo.traffic import Traffic

SITE = "koroszczyn"
CAMERAS_PER_FORMAT = 32
SOUGHT_SHARE = 0.005
SOUGHT = 10_000
PER_ENTRY = 5
KEY = "a key that only the cameras of this bench have"
_BEGUN_AGO = timedelta(hours=12)
_HEADWAY = timedelta(seconds=8)
_AGAIN_AFTER = timedelta(seconds=2)
_DRAWN_OF_ONE = 20

Shape = Callable[[Sight], Shot]


@dataclass(frozen=True, slots=True)
class Pushed:
    """A push of a camera; ``sought`` tells whether the watchlist has the vehicle as it is painted."""

    device: str
    format: str
    shot: Shot
    sought: bool

    def request(self) -> bytes:
        """Return the push as an HTTP request."""
        head = (
            f"POST /devices/{self.device}/push HTTP/1.1\r\nHost: site\r\nAuthorization: Bearer {KEY}\r\n"
            f"Content-Type: {self.shot.content_type}\r\nContent-Length: {len(self.shot.body)}\r\n\r\n"
        )
        return head.encode() + self.shot.body


class Series:
    """Pushes of 64 cameras, each at a lane of its own; never one twice."""

    def __init__(self, *, sought_share: float = SOUGHT_SHARE, seed: int = 1) -> None:
        """Let ``sought_share`` of the vehicles be sought."""
        self._random = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self._sought_share = sought_share
        self._sought = itertools.cycle(self._random.sample(sought_plates(), SOUGHT))
        self._cameras = {form: [self._camera(form, n) for n in range(CAMERAS_PER_FORMAT)] for form in SHAPES}
        self._turns = {form: itertools.cycle(cameras) for form, cameras in self._cameras.items()}

    def of_shape(self, form: str, shape: Shape, size: int) -> list[Pushed]:
        """Return the next ``size`` pushes in one shape."""
        return [next(self._turns[form])(shape) for _ in range(size)]

    def mixed(self, size: int) -> list[Pushed]:
        """Return the next ``size`` pushes in all shapes by turns."""
        shapes = itertools.cycle([(form, shape) for form, shapes in SHAPES.items() for shape in shapes])
        return [next(self._turns[form])(shape) for form, shape in itertools.islice(shapes, size)]

    def _camera(self, form: str, number: int) -> Callable[[Shape], Pushed]:
        code = device_code(form, number)
        sights = self._sights(code, number)

        def push(shape: Shape) -> Pushed:
            sight, sought = next(sights)
            return Pushed(code, form, shape(sight), sought)

        return push

    def _sights(self, code: str, seed: int) -> Iterator[tuple[Sight, bool]]:
        at = datetime.now(UTC) - _BEGUN_AGO
        numbers = itertools.count()
        for traffic in _lane_traffic(seed):
            vehicle = traffic.vehicle()
            sought = self._random.random() < self._sought_share
            painted = next(self._sought) if sought else vehicle.plate
            for again in range(traffic.readings()):
                sight = Sight(
                    camera=code,
                    number=next(numbers),
                    plate=traffic.misread(painted),
                    country=vehicle.country,
                    kind=vehicle.kind,
                    confidence=0.93,
                    at=at + again * _AGAIN_AFTER,
                )
                yield sight, sought
            at += _HEADWAY


def _lane_traffic(seed: int) -> Iterator[Traffic]:
    """Yield whence to draw the next vehicle: a few of each, since the time to draw one grows with those drawn."""
    for hour in itertools.count():
        yield from itertools.repeat(Traffic(SITE, seed + hour * 1_000), _DRAWN_OF_ONE)


def device_code(form: str, number: int) -> str:
    """Return the code of a camera."""
    return f"{form.replace('_', '-')}-{number}"


def devices() -> Sequence[Device]:
    """Return all cameras."""
    return [
        Device(
            code=device_code(form, number),
            site=SITE,
            lane=device_code(form, number),
            checkpoint=device_code(form, number),
            direction="inbound",
            format=form,
            key_digest=digest(KEY),
        )
        for form in SHAPES
        for number in range(CAMERAS_PER_FORMAT)
    ]


@cache
def sought_plates() -> Sequence[str]:
    """Return the plates on the watchlist."""
    drawn = (Traffic("dorohusk", seed).vehicle().plate for seed in itertools.count())
    return tuple(itertools.islice(_distinct(drawn), SOUGHT))


def _distinct(plates: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for each in plates:
        if each not in seen:
            seen.add(each)
            yield each


def watchlist(new_id: Callable[[], str]) -> Iterator[Entry]:
    """Yield active entries that seek these plates, several each."""
    now = datetime.now(UTC)
    plates = sought_plates()
    for start in range(0, SOUGHT, PER_ENTRY):
        yield Entry(
            id=new_id(),
            title="Stolen lorry",
            category=Category.SEIZE,
            priority=1,
            legal_basis="art. 15",
            instructions="Stop it and call the shift leader.",
            scope="pl",
            valid_until=now + timedelta(days=30),
            criteria=tuple(
                Criterion(id=new_id(), identifier=plate(raw, None)) for raw in plates[start : start + PER_ENTRY]
            ),
            author="anna",
            created_at=now,
            state=EntryState.ACTIVE,
            approver="bogdan",
            approved_at=now,
        )
