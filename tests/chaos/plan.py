"""What shall be done to a topology, and when: drawn from a seed, the same for the same seed."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sites.demo.node import Plan
from tests.chaos.faults import FAULTS

APART = 2.0
"""Seconds from one strike to the next, on average: faults last as long, so one or several stand at a time."""
FIRST_AT = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """One fault.

    Attributes:
        at: seconds after the beginning.
        kind: one of `FAULTS`.
        node: whom it hits.
        lasts: seconds.
        chance: from 0 to 1, for what else the fault has to choose.
    """

    at: float
    kind: str
    node: str
    lasts: float
    chance: float

    def __str__(self) -> str:
        """Say it in a line."""
        return f"{self.at:7.2f} s  {self.kind} at {self.node} for {self.lasts:.2f} s"


def draw(seed: int, seconds: float, kinds: Sequence[str], plans: Mapping[str, Plan]) -> Sequence[Strike]:
    """Return the strikes of so many seconds: each kind that some node knows before any comes again."""
    chance = random.Random(f"chaos/{seed}")  # noqa: S311 - repeatable, not secret
    targets = {kind: [code for code in plans if FAULTS[kind].hits(plans, code)] for kind in kinds}
    order = _shuffled(chance, [kind for kind in kinds if targets[kind]])
    strikes = []
    at = FIRST_AT
    while at < seconds:
        kind = next(order)
        strikes.append(
            Strike(
                at=round(at, 2),
                kind=kind,
                node=chance.choice(targets[kind]),
                lasts=round(chance.uniform(*FAULTS[kind].lasts), 2),
                chance=chance.random(),
            )
        )
        at += chance.expovariate(1 / APART)
    return strikes


def _shuffled(chance: random.Random, kinds: Sequence[str]) -> Iterator[str]:
    while True:
        yield from chance.sample(kinds, len(kinds))
