"""What traffic the posts permit: looked at, at every node; decided and ended at the centre alone."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from api import entities
from api.context import Info
from api.fields import ask, look
from api.ids import local_id
from api.mutations import Input, idempotency_key
from api.objects.organisation_traffic import PermittedTraffic, TrafficStanding
from api.objects.organisation_words import TrafficKind, VehicleClass
from api.organisation import LOOK, WRITE
from api.paging import Id
from api.problems import AnyProblem
from api.times import optional_utc, utc
from domain.organisation import traffic
from domain.organisation.commands import EndPermittedTraffic, PermitTraffic
from domain.organisation.places import Post


@strawberry.type(description="What a post permits at a time.")
class PermittedNow:
    """What a post permits at a time."""

    at: datetime = strawberry.field(description="When.")
    standings: list[traffic.Standing] = strawberry.field(
        graphql_type=list[TrafficStanding], description="What holds, by direction and kind: at most sixty."
    )


@strawberry.type
class TrafficQuery:
    """What can be looked up."""

    @look(PermittedTraffic | None, LOOK, "One decision on what a post permits, or null.")
    async def permitted_traffic(self, info: Info, id_: Id) -> traffic.PermittedTraffic | None:
        return await entities.one(info, traffic.PermittedTraffic, "PermittedTraffic", id_)

    @look(PermittedNow | None, LOOK, "What a post permits now, or at another time; null: there is no such post.")
    async def permitted_now(
        self,
        info: Info,
        post: Annotated[str, strawberry.argument(description="Code of the post.")],
        at: Annotated[datetime | None, strawberry.argument(description="When; null for now.")] = None,
    ) -> PermittedNow | None:
        doors = info.context.doors
        when = optional_utc(at, "at") or doors.clock.now()
        if await doors.views.entity(Post, post) is None:
            return None
        decided = await doors.views.every_entity(traffic.PermittedTraffic, post=post)
        return PermittedNow(at=when, standings=list(traffic.standing(decided, when)))


@strawberry.input(description="What a post permits from a time on, or that it is closed.")
class TrafficPermitInput:
    """What a post permits."""

    idempotency_key: UUID = idempotency_key()
    post: str = strawberry.field(description="Code of the post.")
    directions: list[str] = strawberry.field(
        default_factory=list, description="`inbound`, `outbound`; none named is both."
    )
    kinds: list[TrafficKind] = strawberry.field(default_factory=list, description="None named is every one.")
    classes: list[VehicleClass] = strawberry.field(default_factory=list, description="None named is every one.")
    countries: list[str] = strawberry.field(
        default_factory=list, description="Of registration, two letters; none named is every one."
    )
    max_kg: int | None = strawberry.field(default=None, description="Heavier vehicles may not pass; null: all may.")
    heavier_empty: bool = strawberry.field(
        default=False, description="Heavier ones may pass when they are empty; with `maxKg` 0 empty ones alone may."
    )
    closed: bool = strawberry.field(default=False, description="Nothing of it may pass.")
    valid_from: datetime = strawberry.field(description="From when on it holds.")
    valid_until: datetime | None = strawberry.field(
        default=None, description="From then on it is as was decided before; null: until further notice."
    )
    decree: str = strawberry.field(description="Its legal basis.")


@strawberry.input(description="Which decision ends, when, and why.")
class PermittedTrafficEndInput:
    """Which decision ends."""

    idempotency_key: UUID = idempotency_key()
    permitted_traffic_id: strawberry.ID = strawberry.field(description="The decision.")
    at: datetime | None = strawberry.field(
        default=None, description="When it ends; null for now, or for its beginning: then it never holds."
    )
    reason: str = strawberry.field(description="Why it ends.")


@strawberry.type(description="It is decided; all nodes hear of it.")
class PermittedTrafficSuccess:
    """It is decided."""

    permitted_traffic: traffic.PermittedTraffic = strawberry.field(
        graphql_type=PermittedTraffic, description="The decision as it stands now."
    )


PermittedTrafficResult = Annotated[
    PermittedTrafficSuccess | AnyProblem,
    strawberry.union("PermittedTrafficResult", description="The decision, or why not."),
]


@strawberry.type
class TrafficMutation:
    """What can be asked."""

    @ask(PermittedTrafficResult, WRITE, "Decide what traffic a post permits, or that it is closed.")
    async def traffic_permit(self, info: Info, wish: Input[TrafficPermitInput]) -> PermittedTrafficSuccess:
        permitted = traffic.PermittedTraffic(
            post=wish.post,
            directions=tuple(wish.directions),
            kinds=tuple(wish.kinds),
            classes=tuple(wish.classes),
            countries=tuple(wish.countries),
            max_kg=wish.max_kg,
            heavier_empty=wish.heavier_empty,
            closed=wish.closed,
            valid_from=utc(wish.valid_from, "validFrom"),
            valid_until=optional_utc(wish.valid_until, "validUntil"),
            decree=wish.decree,
        )
        answer = await info.context.dispatch(PermitTraffic(permitted=permitted), wish.idempotency_key)
        return PermittedTrafficSuccess(permitted_traffic=answer)

    @ask(PermittedTrafficResult, WRITE, "Have what was decided end. What was decided before holds again.")
    async def permitted_traffic_end(self, info: Info, wish: Input[PermittedTrafficEndInput]) -> PermittedTrafficSuccess:
        command = EndPermittedTraffic(
            permitted_id=local_id(wish.permitted_traffic_id, "PermittedTraffic", "permittedTrafficId"),
            at=optional_utc(wish.at, "at"),
            reason=wish.reason,
        )
        answer = await info.context.dispatch(command, wish.idempotency_key)
        return PermittedTrafficSuccess(permitted_traffic=answer)
