"""Simulated vehicles in the proportions of the eastern border.

Vehicles a day by kind and direction: averages of the Border Guard's counts, January to April 2026 (dane.gov.pl,
dataset 2708, CC0). Countries are plausible shares, for which there is no public count.
"""

import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from domain.identifiers.edits import one_edit_apart
from domain.identifiers.identifier import fold

UA_LETTERS = "ABCEHIKMOPTX"
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
DIGITS = "0123456789"
LOOK_ALIKES = {"0": "O", "O": "0", "8": "B", "B": "8", "1": "I", "I": "1", "5": "S", "S": "5", "2": "Z", "Z": "2"}
MISREAD_SHARE = 0.15
NEAR = 500
"""So many vehicles, one after the other, have plates that no camera confuses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Vehicles of one kind in one direction, a day."""

    kind: str
    direction: str
    per_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PostTraffic:
    """What passes a post, and where from."""

    flows: tuple[Flow, ...]
    countries: Mapping[str, int]

    @property
    def per_day(self) -> int:
        """Vehicles a day."""
        return sum(flow.per_day for flow in self.flows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """One vehicle on its way through a post."""

    plate: str
    country: str
    kind: str
    direction: str


POSTS: Mapping[str, PostTraffic] = {
    "koroszczyn": PostTraffic(
        flows=(
            Flow(kind="Big Truck", direction="inbound", per_day=527),
            Flow(kind="Big Truck", direction="outbound", per_day=519),
        ),
        countries={"PL": 30, "BY": 22, "LT": 18, "KZ": 12, "LV": 6, "DE": 5, "TR": 4, "RO": 3},
    ),
    "dorohusk": PostTraffic(
        flows=(
            Flow(kind="Sedan", direction="inbound", per_day=10),
            Flow(kind="Sedan", direction="outbound", per_day=11),
            Flow(kind="Bus", direction="inbound", per_day=39),
            Flow(kind="Bus", direction="outbound", per_day=39),
            Flow(kind="Big Truck", direction="inbound", per_day=555),
            Flow(kind="Big Truck", direction="outbound", per_day=579),
        ),
        countries={"UA": 68, "PL": 22, "LT": 4, "RO": 3, "DE": 2, "LV": 1},
    ),
}

# @ is a letter, # a digit, % a letter that Ukrainian plates use.
_SHAPES = {
    "PL": ("@@#####", "@@@####", "@@####@"),
    "BY": ("@@####7", "####@@1"),
    "LT": ("@@@###",),
    "LV": ("@@####",),
    "KZ": ("###@@@01",),
    "DE": ("B@@####",),
    "TR": ("34@@@##",),
    "RO": ("B###@@@",),
    "UA": ("%%####%%",),
}


class Traffic:
    """The vehicles of one post, the same for the same seed. No two of them ever have one plate."""

    def __init__(self, post: str, seed: int) -> None:
        """Draw vehicles of ``post``."""
        self._traffic = POSTS[post]
        self._random = random.Random(f"{post}/{seed}")  # noqa: S311 - repeatable, not secret
        self._drawn: set[str] = set()
        self._near: deque[str] = deque(maxlen=NEAR)

    def vehicle(self) -> Vehicle:
        """Return the next vehicle."""
        flow = self._random.choices(self._traffic.flows, [flow.per_day for flow in self._traffic.flows])[0]
        countries = self._traffic.countries
        country = self._random.choices(list(countries), list(countries.values()))[0]
        return Vehicle(plate=self._plate(country), country=country, kind=flow.kind, direction=flow.direction)

    def misread(self, plate: str) -> str:
        """Return what a camera makes of a plate: now and then a look-alike in one place."""
        return plate if self._random.random() > MISREAD_SHARE else self.look_alike(plate)

    def look_alike(self, plate: str) -> str:
        """Return a plate with a look-alike in one place; the plate itself if it has none."""
        places = [place for place, sign in enumerate(plate) if sign in LOOK_ALIKES]
        if not places:
            return plate
        place = self._random.choice(places)
        return plate[:place] + LOOK_ALIKES[plate[place]] + plate[place + 1 :]

    def readings(self) -> int:
        """Return how often a camera reports the same vehicle."""
        return self._random.choices((1, 2, 3), (70, 22, 8))[0]

    def _plate(self, country: str) -> str:
        while True:
            plate = "".join(self._character(sign) for sign in self._random.choice(_SHAPES[country]))
            folded = fold(plate)
            if folded not in self._drawn and not any(one_edit_apart(folded, other) for other in self._near):
                self._drawn.add(folded)
                self._near.append(folded)
                return plate

    def _character(self, sign: str) -> str:
        alphabet = {"@": LETTERS, "#": DIGITS, "%": UA_LETTERS}.get(sign)
        return sign if alphabet is None else self._random.choice(alphabet)
