"""Shifts and their hand-overs, and what is at a post now."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from api.context import Info
from api.fields import computed
from api.objects.crossings import Crossing
from api.objects.lens import Node, described, id_of, lens
from api.objects.occurrences import Occurrence
from api.objects.trains import Train
from api.objects.visits import Visit
from domain.crossings import model as crossings
from domain.occurrences import model as occurrences
from domain.shifts import model
from domain.shifts.model import ShiftState
from domain.trains import model as trains
from domain.visits import model as visits

strawberry.enum(ShiftState, description="How far a shift has come.")


@lens(model.HandOver, description="What is left to do when a shift ends.")
class HandOver:
    """What is left to do."""

    notes: str = described("What the officer says to the next.")
    complete: bool = described("Nothing had to be left out because it was too much.")

    @computed(list[Crossing], "The crossings that were under way, as they stand now.")
    async def crossings(self, info: Info) -> Sequence[crossings.Crossing]:
        """Return them in one look."""
        return await info.context.doors.views.entities_of(crossings.Crossing, _left(self).crossings)

    @computed(list[Occurrence], "The occurrences that had not ended, as they stand now.")
    async def occurrences(self, info: Info) -> Sequence[occurrences.Occurrence]:
        """Return them in one look."""
        return await info.context.doors.views.entities_of(occurrences.Occurrence, _left(self).occurrences)

    @computed(list[Train], "The trains that were here and not decided on, as they stand now.")
    async def trains(self, info: Info) -> Sequence[trains.Train]:
        """Return them in one look."""
        return await info.context.doors.views.entities_of(trains.Train, _left(self).trains)

    @computed(list[Visit], "The visits of which something odd was not accounted for, as they stand now.")
    async def visits(self, info: Info) -> Sequence[visits.Visit]:
        """Return them in one look."""
        return await info.context.doors.views.entities_of(visits.Visit, _left(self).visits)


@lens(model.Shift, description="An officer's time at a site.")
class Shift(Node):
    """A shift."""

    id: strawberry.ID = id_of("Shift")
    node: str = described("Code of the site.")
    officer: str = described("Whose it is.")
    state: ShiftState = described("How far it has come.")
    opened_at: datetime = described("When it began.")
    due_at: datetime = described("When it usually ends: after twelve hours.")
    closed_at: datetime | None = described("When it ended; null while it lasts.")
    hand_over: HandOver | None = described("What was left to do; null while it lasts.")
    taken_by: str = described("Who went on with that; empty while nobody has.")
    taken_at: datetime | None = described("When that was.")


def _left(shown: object) -> model.HandOver:
    assert isinstance(shown, model.HandOver)  # noqa: S101 - a lens shows the model itself
    return shown
