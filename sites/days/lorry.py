"""A lorry on its way through a terminal, before devices tell of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta


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


def plate(prefix: str, number: int) -> str:
    """Return a plate that differs from the others of its prefix below 2401 in three characters at least."""
    digits = [number // 7**place % 7 for place in range(4)]
    checks = (sum(digits) % 7, sum(place * digit for place, digit in enumerate(digits, 1)) % 7)
    return prefix + "".join(str(digit) for digit in (*digits, *checks))
