"""The parts of ``registration`` on PostgreSQL: one for each month, by the time inside the ids, and one for all others.

A wrong clock makes ids of any time, and a node that joins brings old ones: they stand in the other part, where they are
found as well, only slower. A part that is made later takes over what stands there of its month.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Self

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.shared.ids import first_id

MONTHS_BACK: Final = 12
MONTHS_AHEAD: Final = 3
_PART: Final = re.compile(r"registration_(other|y\d{4}m\d{2})")
_YEAR = 12
_LOCK: Final = 0x0CA1F5


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Month:
    """A month of UTC."""

    year: int
    month: int

    @classmethod
    def of(cls, at: datetime) -> Self:
        """Return the month of a time."""
        return cls(year=at.astimezone(UTC).year, month=at.astimezone(UTC).month)

    @property
    def part(self) -> str:
        """Name of the part with the registrations of this month."""
        return f"registration_y{self.year:04}m{self.month:02}"

    @property
    def first_id(self) -> str:
        """The least id that was made in this month."""
        return first_id(datetime(self.year, self.month, 1, tzinfo=UTC))

    def plus(self, months: int) -> Self:
        """Return the month so many months later, or earlier."""
        whole = self.year * _YEAR + self.month - 1 + months
        return type(self)(year=whole // _YEAR, month=whole % _YEAR + 1)


def is_part(table: str) -> bool:
    """Tell whether a table is a part of another."""
    return _PART.fullmatch(table) is not None


def months_around(at: datetime) -> Sequence[Month]:
    """Return the months that have a part of their own."""
    return [Month.of(at).plus(each) for each in range(-MONTHS_BACK, MONTHS_AHEAD + 1)]


async def make(engine: AsyncEngine) -> None:
    """Make the parts that are missing, each by itself: of a year back and of three months ahead."""
    async with engine.connect() as connection:
        now = (await connection.execute(text("SELECT now()"))).scalar_one()
    for month in months_around(now):
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            await connection.run_sync(_make, month)


def _make(connection: Connection, month: Month) -> None:
    name, first, end = month.part, month.first_id, month.plus(1).first_id
    if connection.execute(text("SELECT to_regclass(:name)"), {"name": name}).scalar_one() is not None:
        return
    within = f"id >= '{first}' AND id < '{end}'"
    for statement in (
        f"CREATE TABLE {name} (LIKE registration INCLUDING COMMENTS)",
        f"INSERT INTO {name} SELECT * FROM registration_other WHERE {within}",  # noqa: S608 - a name and ids of our own making
        f"DELETE FROM registration_other WHERE {within}",  # noqa: S608 - the same
        f"ALTER TABLE registration ATTACH PARTITION {name} FOR VALUES FROM ('{first}') TO ('{end}')",
    ):
        connection.execute(text(statement))
