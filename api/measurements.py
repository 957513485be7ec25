"""Looking at what was measured, and at trains that portals saw, at every node."""

from datetime import datetime
from typing import Annotated

import strawberry

from api import entities
from api.context import Info
from api.fields import look
from api.objects.measurements import Measurement, TrainSighting
from api.paging import USUAL_PAGE, After, Connection, First, Id, connection, window
from api.rules import ANALYST, OFFICER, open_to
from api.times import optional_utc
from domain.registrations import measurements, model
from domain.registrations.views import Times

LOOK = open_to(OFFICER, ANALYST, personal=True)


@strawberry.type
class MeasurementsQuery:
    """What can be looked up."""

    @look(Measurement | None, LOOK, "One measurement, or null.")
    async def measurement(self, info: Info, id_: Id) -> measurements.Measurement | None:
        return await entities.one(info, measurements.Measurement, "Measurement", id_)

    @look(Connection[Measurement], LOOK, "Weighings and measurements of radiation, newest on record first.")
    async def measurements(
        self,
        info: Info,
        *,
        first: First = USUAL_PAGE,
        after: After = None,
        node: Annotated[str | None, strawberry.argument(description="Only of the site of this code.")] = None,
        checkpoint: Annotated[str | None, strawberry.argument(description="Only at this checkpoint.")] = None,
        since: Annotated[datetime | None, strawberry.argument(description="Only those made then or later.")] = None,
        until: Annotated[datetime | None, strawberry.argument(description="Only those made before.")] = None,
    ) -> Connection[measurements.Measurement]:
        asked = window("Measurement", first, after)
        times = Times(since=optional_utc(since, "since"), until=optional_utc(until, "until"))
        page = await info.context.doors.views.measurements(asked, node=node, checkpoint=checkpoint, times=times)
        return connection(page, asked, lambda each: each.id)

    @look(TrainSighting | None, LOOK, "What a portal said once of a train that it saw, or null.")
    async def train_sighting(self, info: Info, id_: Id) -> model.TrainSighting | None:
        return await entities.one(info, model.TrainSighting, "TrainSighting", id_)

    @look(Connection[TrainSighting], LOOK, "Trains that portals saw, newest on record first.")
    async def train_sightings(
        self,
        info: Info,
        *,
        first: First = USUAL_PAGE,
        after: After = None,
        node: Annotated[str | None, strawberry.argument(description="Only of the site of this code.")] = None,
        checkpoint: Annotated[str | None, strawberry.argument(description="Only at this checkpoint.")] = None,
        train: Annotated[str | None, strawberry.argument(description="Only of this number of the portal's.")] = None,
        track: Annotated[str | None, strawberry.argument(description="Only on this track.")] = None,
    ) -> Connection[model.TrainSighting]:
        wanted = {"node": node, "checkpoint": checkpoint, "train": train, "track": track}
        return await entities.listed(info, model.TrainSighting, "TrainSighting", first, after, **wanted)
