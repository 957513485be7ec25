"""Look-ups among a year of registrations: at a centre on PostgreSQL, and at a site on SQLite.

Asked are the views that GraphQL asks, one after another, of objects drawn from what crosses: who crosses often is asked
for often. Beside each stands, in the same run, one registration fetched by its id: no look-up can be quicker. The data
is made once, by `bench.year`, which may run ahead of this: what is measured takes a few minutes.
"""

import random
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from adapters.database.postgres import PostgresDatabase
from adapters.database.session import Database
from adapters.database.sqlite import SqliteDatabase
from adapters.database.views import DatabaseViews
from bench.report import Figure, figure
from bench.year import ROWS, SITE_FILE, SITE_ROWS, draw, draw_sqlite, year
from domain.registrations.lookups import Search, part_of
from domain.registrations.model import ObjectKind, Registration
from domain.shared.views import Window

ASKED: Final = 100
ROUNDS: Final = 3
PAGE: Final = Window(limit=50)
HISTORY_AIM: Final = 20.0  # ms
SEARCH_AIM: Final = 150.0  # ms
_FETCH: Final = "one by its id"
_HISTORY: Final = "history of an object"

Ask = Callable[[Registration], Awaitable[object]]
Times = Mapping[str, Sequence[float]]
"""Milliseconds of each question, by what was asked."""


async def measure() -> Sequence[Figure]:
    """Return p50 and p99 of every look-up, at the centre and at a site."""
    async with year() as url:
        centre = await _rounds(PostgresDatabase(url), await draw(url, ASKED * ROUNDS))
    site = await _rounds(SqliteDatabase(SITE_FILE), draw_sqlite(SITE_FILE, ASKED * ROUNDS))
    return [*_figures(f"centre, {ROWS:,}", centre), *_figures(f"site, {SITE_ROWS:,}", site)]


async def _rounds(database: PostgresDatabase | SqliteDatabase, drawn: Sequence[str]) -> Sequence[Times]:
    await database.open()
    try:
        return await _asked_in_rounds(database, drawn)
    finally:
        await database.close()


async def _asked_in_rounds(database: Database, drawn: Sequence[str]) -> Sequence[Times]:
    views = DatabaseViews(database, "centre", logs=None)  # type: ignore[arg-type] # logs are not asked
    questions = _questions(views)
    known = [one for each in drawn if (one := await views.registration(each))]
    await _asked(questions, known[:20])
    return [await _asked(questions, known[each::ROUNDS]) for each in range(ROUNDS)]


async def _asked(questions: Mapping[str, Ask], of: Sequence[Registration]) -> Times:
    times: dict[str, list[float]] = {name: [] for name in questions}
    for one in of:
        for name, ask in questions.items():
            begun = time.perf_counter()
            await ask(one)
            times[name].append((time.perf_counter() - begun) * 1000)
    return times


def _questions(views: DatabaseViews) -> Mapping[str, Ask]:
    chance = random.Random(1)  # noqa: S311 - repeatable, not secret

    def search(part: Callable[[Registration], str], **wanted: Any) -> Ask:
        return lambda one: views.found(PAGE, Search(part=part_of(part(one)), **wanted))

    def middle_of(size: int) -> Callable[[Registration], str]:
        return lambda one: one.label[(start := chance.randrange(len(one.label) - size + 1)) : start + size]

    def surname(one: Registration) -> str:
        return one.traveller.surname if one.traveller else "KOWALSKI"

    return {
        _FETCH: lambda one: views.registration(one.id),
        _HISTORY: lambda one: views.history(PAGE, one.identifiers[0].kind, one.label),
        "card of an object": lambda one: views.card(one.identifiers[0].kind, one.label, datetime.now(UTC)),
        "companions of one": lambda one: views.companions([one.id]),
        "search by a rare part, 6 characters": search(middle_of(6)),
        "search by a middling part, 4 characters": search(middle_of(4)),
        "search by a common part, 3 characters": search(middle_of(3)),
        "search by a part that is nowhere": search(lambda one: f"QX{one.label[-2:]}QX"),
        "search by a surname": search(surname),
        "search by 4 characters at one site": search(middle_of(4), node="grzechotki", kind=ObjectKind.VEHICLE),
        "registrations of one site": lambda _: views.registrations(PAGE, node="grzechotki"),
    }


def _figures(place: str, rounds: Sequence[Times]) -> list[Figure]:
    return [
        figure(
            f"{place}: {name}, p{percent}",
            [_percentile(each[name], percent) for each in rounds],
            unit="ms",
            better="lower",
            aim=None if percent != 99 or name == _FETCH else HISTORY_AIM if name == _HISTORY else SEARCH_AIM,
            baseline=[_percentile(each[_FETCH], percent) for each in rounds],
        )
        for name in rounds[0]
        for percent in (50, 99)
    ]


def _percentile(times: Sequence[float], percent: int) -> float:
    return statistics.quantiles(times, n=100)[percent - 1]
