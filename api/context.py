"""What belongs to one request, or to one WebSocket connection."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import strawberry
from strawberry.dataloader import DataLoader

from api.doors import Doors
from api.language import Language
from api.refusals import Unauthenticated
from bus.lookups import Companion
from domain.crossings.measured import MEASURED_MAX
from domain.organisation.layout import Lane
from domain.organisation.traffic import PermittedTraffic
from domain.registrations.measurements import Measurement
from domain.registrations.model import Reading, Registration
from domain.registrations.passage import Passage
from domain.shared.actors import Actor
from domain.shared.messages import Command

READINGS_BATCH = 25
REGISTRATIONS_BATCH = 400
COMPANIONS_BATCH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, for what purpose, and until when the token speaks for them."""

    actor: Actor
    expires_at: datetime


class Context:
    """What belongs to one request, or to one WebSocket connection."""

    def __init__(self, doors: Doors, language: Language, caller: Caller | None = None) -> None:
        """Begin; a WebSocket's caller is known only after its first message."""
        self.doors = doors
        self.language = language
        self.caller = caller
        self.passages = DataLoader[str, Passage | None](self._passages, max_batch_size=READINGS_BATCH, cache=False)
        self.readings = DataLoader[str, list[Reading]](self._readings, max_batch_size=READINGS_BATCH, cache=False)
        self.companions = DataLoader[str, Sequence[Companion]](
            self._companions, max_batch_size=COMPANIONS_BATCH, cache=False
        )
        self.measurements = DataLoader[str, Sequence[Measurement]](
            self._measurements, max_batch_size=REGISTRATIONS_BATCH, cache=False
        )
        self.permitted = DataLoader[tuple[str, str], Sequence[PermittedTraffic]](self._permitted, cache=False)
        self.registrations = DataLoader[str, Registration | None](
            self._registrations, max_batch_size=REGISTRATIONS_BATCH, cache=False
        )

    @property
    def actor(self) -> Actor:
        """Who asks.

        Raises:
            Unauthenticated: nobody has proved who it is.
        """
        if self.caller is None:
            raise Unauthenticated
        return self.caller.actor

    async def dispatch(self, command: Command, key: object | None = None) -> Any:
        """Dispatch a command of the caller; see `Dispatcher.dispatch`."""
        return await self.doors.dispatcher.dispatch(command, self.actor, None if key is None else str(key))

    async def _registrations(self, registration_ids: list[str]) -> list[Registration | None]:
        found = {each.id: each for each in await self.doors.views.registrations_of(registration_ids)}
        return [found.get(each) for each in registration_ids]

    async def _measurements(self, registration_ids: list[str]) -> list[Sequence[Measurement]]:
        views = self.doors.views
        found = await views.entities_beside(Measurement, "registration_id", registration_ids, MEASURED_MAX)
        return [found[each] for each in registration_ids]

    async def _permitted(self, lanes: list[tuple[str, str]]) -> list[Sequence[PermittedTraffic]]:
        """Return what was decided of the posts of lanes, each by site and code; of one of no post nothing."""
        decided: dict[str, Sequence[PermittedTraffic]] = {"": ()}
        found: list[Sequence[PermittedTraffic]] = []
        for site, code in lanes:
            lane = next(iter(await self.doors.views.every_entity(Lane, site=site, code=code)), None)
            post = "" if lane is None else lane.post
            if post not in decided:
                decided[post] = await self.doors.views.every_entity(PermittedTraffic, post=post)
            found.append(decided[post])
        return found

    async def _companions(self, registration_ids: list[str]) -> list[Sequence[Companion]]:
        found = await self.doors.views.companions(registration_ids)
        return [found[each] for each in registration_ids]

    async def _passages(self, registration_ids: list[str]) -> list[Passage | None]:
        return list(await self.doors.views.passages(registration_ids))

    async def _readings(self, registration_ids: list[str]) -> list[list[Reading]]:
        found: dict[str, list[Reading]] = {each: [] for each in registration_ids}
        for reading in await self.doors.views.readings(list(found)):
            found.setdefault(reading.registration_id, []).append(reading)
        return [found[each] for each in registration_ids]


Info = strawberry.Info[Context, None]


def context_of(info: Any) -> Context:
    """Return the context from the bare information of graphql-core."""
    return cast("Context", info.context)
